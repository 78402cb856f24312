from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from annotation import durable
from annotation.intake import actions, first_pass, jobs, merging, reading
from annotation.intake.models import ImportFile, RejectedRow
from annotation.intake.options import BadOption
from annotation.intake.queries import rejections_of
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.tasks import bulk
from annotation.tasks.models import Answer, AnswerRevision, Completion, Prompt, PromptGroup, Task, TaskState
from annotation.tasks.splits import group_key_of, split_of
from tests.annotation.intake.readers.reading import lines_of
from tests.factories import answer_task, make_demonstration_task, make_prompt

pytestmark = pytest.mark.django_db

Importer = Callable[..., ImportFile]

RANKING = {
    "kind": "ranking",
    "text": "What is a lease?",
    "completions": [{"id": "a", "text": "A contract."}, {"id": "b", "text": "A dog."}, {"id": "c", "text": "A tax."}],
    "tiers": [["a"], ["c", "b"]],
    "annotator": "judge-a",
    "rationale": "Only one is true.",
}
COMPARISON = {
    "kind": "comparison",
    "text": "What is a lease?",
    "completions": RANKING["completions"][:2],
    "preferred": "a",
    "strength": 2,
    "annotator": "judge-a",
}
DEMONSTRATION = {"kind": "demonstration", "text": "Why?", "completion": "So.", "annotator": "judge-a"}


def counts(row: ImportFile) -> dict[str, int]:
    return {name: number for name, number in row.counts.items() if number}


def make_protocol(project: Project, preset: str, **config: Any) -> Protocol:
    owner = User.objects.get(is_owner=True)
    return project_actions.create_protocol(
        project=project, actor=owner, preset=preset, config=config, now=timezone.now()
    )


def everything() -> list[int]:
    models = (Prompt, PromptGroup, Completion, Task, Answer, AnswerRevision, User)
    return [model.objects.count() for model in models]


def test_a_ranking_comes_in_whole(bring_in: Importer, project: Project, ranking_protocol: Protocol) -> None:
    row = bring_in(lines_of(RANKING | {"created_at": "2026-05-01T12:00:00+02:00"}))
    assert (row.state, row.error, row.progress_done) == ("done", "", row.size_bytes)
    assert counts(row) == {"read": 1, "prompts": 1, "completions": 3, "rankings": 1, "tasks": 1}
    task = Task.objects.get()
    assert (task.protocol, task.state, task.required_answers, task.answers_count) == (
        ranking_protocol, "closed", 1, 1,
    )  # fmt: skip
    assert task.closed_at is not None
    answer = task.answers.get()
    a, b, c = Completion.objects.order_by("pk")
    assert [a.text, b.text, c.text] == ["A contract.", "A dog.", "A tax."]
    assert answer.payload == {"tiers": [[a.pk], [b.pk, c.pk]], "all_bad": False, "rationale": "Only one is true."}
    assert answer.revisions.get().payload == answer.payload
    assert answer.submitted_at == datetime.fromisoformat("2026-05-01T12:00:00+02:00")
    assert answer.protocol_version == ranking_protocol.versions.get()
    assert (answer.source_kind, answer.is_spare, answer.seconds) == ("import", False, None)
    assert answer.annotator.external_id == "judge-a"
    assert (answer.annotator.email, answer.annotator.is_active) == (None, False)
    assert not answer.annotator.has_usable_password()


def test_a_prompt_keeps_its_group_and_gets_its_groups_split(bring_in: Importer, project: Project) -> None:
    bring_in(
        lines_of(
            {"kind": "prompt", "text": "One?", "group": "g", "tags": ["x", 'y"{}']}, {"kind": "prompt", "text": "Two?"}
        )
    )
    one, two = Prompt.objects.order_by("pk")
    assert (one.group.key, one.group.split, one.tags) == ("g", split_of("g"), ["x", 'y"{}'])
    assert two.group.key == group_key_of(two.messages)
    assert (one.source_kind, one.source_label) == ("import", "file.jsonl")


def test_what_nobody_has_answered_opens_tasks_unless_told_otherwise(bring_in: Importer, project: Project) -> None:
    Protocol.objects.filter(project=project).update(required_answers=3)
    unanswered = {key: RANKING[key] for key in ("text", "completions")} | {"kind": "completions"}
    data = lines_of({"kind": "prompt", "text": "Why?"}, unanswered)
    assert counts(bring_in(data, open_tasks=False)) == {"read": 2, "prompts": 2, "completions": 3}
    assert counts(bring_in(data)) == {"read": 2, "tasks": 2}
    assert counts(bring_in(data)) == {"read": 2, "duplicates": 2}
    demonstration, ranking = Task.objects.order_by("protocol__kind")
    assert (demonstration.state, demonstration.required_answers, demonstration.completions.count()) == ("open", 3, 0)
    assert (ranking.state, ranking.required_answers, ranking.completions.count()) == ("open", 3, 3)


def test_several_judges_share_one_task(bring_in: Importer) -> None:
    other = RANKING | {
        "annotator": "judge-b",
        "completions": RANKING["completions"][::-1],
        "tiers": [["b", "c"], ["a"]],
    }
    row = bring_in(lines_of(RANKING, other))
    assert counts(row) == {"read": 2, "prompts": 1, "completions": 3, "rankings": 2, "tasks": 1}
    task = Task.objects.get()
    assert (task.state, task.required_answers, task.answers_count) == ("closed", 2, 2)
    row = bring_in(lines_of(RANKING | {"annotator": "judge-c"}))
    task.refresh_from_db()
    assert (task.state, task.required_answers, task.answers_count) == ("closed", 3, 3)


def test_a_comparison_comes_in_with_all_it_says(bring_in: Importer, project: Project) -> None:
    flags = {"a": {"acceptable": True}, "b": {"acceptable": False}}
    given = COMPARISON | {"outputs": flags, "seconds": 8.5, "rationale": "Only one is true."}
    protocol = make_protocol(project, "pair_strength", completion_flags=["acceptable"])
    row = bring_in(lines_of(given))
    assert counts(row) == {"read": 1, "prompts": 1, "completions": 2, "comparisons": 1, "tasks": 1}
    answer = Answer.objects.get()
    a, b = Completion.objects.order_by("pk").values_list("pk", flat=True)
    assert answer.payload == {
        "preferred": a,
        "strength": 2,
        "both_bad": False,
        "rationale": "Only one is true.",
        "edit": None,
        "outputs": {str(a): {"acceptable": True}, str(b): {"acceptable": False}},
        "tiers": [[a], [b]],
        "all_bad": False,
    }
    assert (answer.task.protocol, answer.seconds, answer.shown_order) == (protocol, 8.5, [])
    revision = answer.revisions.get()
    assert (revision.payload, revision.seconds) == (answer.payload, 8.5)


def test_a_judgement_with_its_sides_changed_is_the_same_judgement(bring_in: Importer, project: Project) -> None:
    make_protocol(project, "pair_strength")
    changed = COMPARISON | {"completions": COMPARISON["completions"][::-1]}
    assert counts(bring_in(lines_of(COMPARISON, changed)))["duplicates"] == 1
    tie = {"preferred": None, "strength": 0, "annotator": "judge-b"}
    assert counts(bring_in(lines_of(COMPARISON | tie, changed | tie)))["duplicates"] == 1
    assert (Task.objects.count(), Answer.objects.count()) == (1, 2)


def test_what_its_protocol_would_take_from_nobody_is_turned_away_whole(bring_in: Importer, project: Project) -> None:
    make_protocol(project, "pair_strength")
    make_protocol(project, "label", options=["safe", "harmful"], multiple=False)
    labels = {"kind": "labels", "text": "Why?", "labels": ["safe"], "annotator": "judge-a"}
    wrong = [
        COMPARISON | {"strength": 4},
        COMPARISON | {"outputs": {"a": {"unknown": True}}},
        labels | {"labels": ["funny"]},
        labels | {"labels": ["safe", "harmful"]},
    ]
    before = everything()
    row = bring_in(lines_of(*wrong))
    assert counts(row) == {"read": 4, "rejected": 4}
    assert row.rejected_by_reason == {"unlike_protocol": 4}
    refused = [(r.line, r.field) for r in rejections_of(row)]
    assert refused == [(1, "strength"), (2, "outputs.1.unknown"), (3, "labels[0]"), (4, "labels")]
    assert all(r.message.endswith(".") for r in rejections_of(row))
    assert everything() == before
    assert counts(bring_in(lines_of(labels))) == {"read": 1, "prompts": 1, "tasks": 1, "labels": 1}
    assert Answer.objects.get().payload == {"labels": ["safe"], "rationale": ""}


def test_a_missing_protocol_is_made_from_its_preset_and_used_again(bring_in: Importer, project: Project) -> None:
    bring_in(lines_of(COMPARISON))
    made = project.protocols.get(kind="comparison")
    assert (made.name, made.preset) == ("Compare two answers", "pair_strength")
    bring_in(lines_of(COMPARISON | {"annotator": "judge-b"}))
    assert Answer.objects.filter(task__protocol=made).count() == 2


def test_a_format_gets_a_protocol_that_fits_it(bring_in: Importer, project: Project) -> None:
    make_protocol(project, "pair_strength")
    item = {"instruction": "Why?", "response1": "So.", "response2": "", "cmp_key": "m_n", "annotator1": 1}
    bring_in(lines_of(item))
    protocol = Task.objects.get().protocol
    assert protocol.name == "PandaLM: Compare two answers"
    assert protocol.versions.get().config["strength_levels"] == 1
    bring_in(lines_of({"data": {"prompt": "How?", "answer1": "a", "answer2": "b"}}))
    assert Task.objects.filter(protocol=protocol).count() == 2


def test_a_ranking_goes_where_nothing_else_is_asked(bring_in: Importer, project: Project) -> None:
    project.protocols.filter(kind="ranking").delete()
    make_protocol(project, "instructgpt_rank")
    bring_in(lines_of(RANKING))
    assert Task.objects.get().protocol.preset == "rank"


def test_an_archived_protocol_gets_nothing_more(bring_in: Importer, ranking_protocol: Protocol) -> None:
    Protocol.objects.filter(pk=ranking_protocol.pk).update(state="archived")
    bring_in(lines_of(RANKING))
    assert Task.objects.get().protocol != ranking_protocol


def test_who_may_not_make_protocols_is_told_which_to_ask_for(
    project: Project, researcher: User, receive: Importer
) -> None:
    row = receive(lines_of(COMPARISON))
    ImportFile.objects.filter(pk=row.pk).update(created_by=researcher)
    actions.run_import(import_file_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    assert row.state == "failed"
    assert "Ask a manager to make it from “Compare two answers”." in row.error
    assert Prompt.objects.count() == 0


def test_what_is_left_out_is_counted_by_reason(bring_in: Importer) -> None:
    data = {"prompt": "Why?", "answer1": "So.", "answer2": "Not so."}
    cancelled = {"was_cancelled": True, "result": []}
    row = bring_in(lines_of({"data": data, "annotations": [cancelled, cancelled], "drafts": [{}]}))
    assert (row.counts["skipped"], row.skipped_by_reason) == (3, {"cancelled_annotation": 2, "draft": 1})
    assert (row.counts["tasks"], Task.objects.get().state) == (1, TaskState.OPEN)


def test_a_file_twice_adds_nothing_under_any_name(bring_in: Importer) -> None:
    data = lines_of(RANKING, DEMONSTRATION, {"kind": "prompt", "text": "How?"}, DEMONSTRATION | {"annotator": None})
    bring_in(data)
    before = everything()
    row = bring_in(data, name="renamed.jsonl")
    assert counts(row) == {"read": 4, "duplicates": 4}
    assert everything() == before


def test_equal_rows_in_one_file_count_as_duplicates(bring_in: Importer) -> None:
    row = bring_in(lines_of(RANKING, DEMONSTRATION, RANKING, DEMONSTRATION, DEMONSTRATION))
    assert counts(row)["duplicates"] == 3
    assert Answer.objects.count() == 2


def test_a_judge_who_contradicts_themself_is_told_so(bring_in: Importer) -> None:
    row = bring_in(lines_of(DEMONSTRATION, DEMONSTRATION | {"completion": "Not so."}))
    assert counts(row) == {"read": 2, "prompts": 1, "tasks": 1, "demonstrations": 1, "rejected": 1}
    assert row.rejected_by_reason == {"contradiction": 1}
    refused = rejections_of(row).get()
    assert (refused.line, refused.field, refused.excerpt) == (2, "annotator", "Why?")
    assert Answer.objects.get().payload == {"completion": "So."}


def test_unnamed_judges_who_differ_are_different_people(bring_in: Importer) -> None:
    unnamed = {key: DEMONSTRATION[key] for key in ("kind", "text", "completion")}
    data = lines_of(unnamed, unnamed | {"completion": "Not so."}, unnamed, unnamed | {"completion": "Perhaps."})
    row = bring_in(data)
    assert counts(row) == {"read": 4, "prompts": 1, "tasks": 1, "demonstrations": 3, "duplicates": 1}
    assert counts(bring_in(data)) == {"read": 4, "duplicates": 4}
    people = Answer.objects.order_by("pk").values_list("annotator__external_id", flat=True)
    assert list(people) == ["unnamed-1", "unnamed-2", "unnamed-3"]


def test_judges_without_a_source_are_known_in_their_project_only(bring_in: Importer, project: Project) -> None:
    bring_in(lines_of(DEMONSTRATION, DEMONSTRATION | {"source": "study"}))
    sources = User.objects.filter(external_id="judge-a").order_by("source").values_list("source", flat=True)
    assert list(sources) == [f"project-{project.pk}", "study"]


def test_an_imported_answer_counts_on_a_task_that_people_work_on(
    bring_in: Importer, demonstration_protocol: Protocol, annotator: User
) -> None:
    task = make_demonstration_task(demonstration_protocol, "Why?", required_answers=2)
    answer_task(task, annotator)
    assert counts(bring_in(lines_of(DEMONSTRATION))) == {"read": 1, "demonstrations": 1}
    task.refresh_from_db()
    assert (task.state, task.required_answers, task.answers_count) == (TaskState.CLOSED, 2, 2)


def test_bad_rows_are_told_by_line_and_good_rows_come_in(bring_in: Importer) -> None:
    data = b'{"kind": "prompt", "text": "One?"}\n{"kind": "prompt", "text": NaN}\n\n{"kind": "prompt"}\n{broken\n'
    data += b'{"kind": "prompt", "text": "caf\xe9"}\n=cmd\n'
    row = bring_in(data)
    assert (row.state, counts(row)) == ("done", {"read": 6, "prompts": 1, "tasks": 1, "rejected": 5})
    assert row.rejected_by_reason == {"json_constant": 1, "missing_field": 1, "bad_json": 2, "not_utf8": 1}
    assert list(rejections_of(row).values_list("line", "reason")) == [
        (2, "json_constant"),
        (4, "missing_field"),
        (5, "bad_json"),
        (6, "not_utf8"),
        (7, "bad_json"),
    ]
    assert rejections_of(row).get(line=6).excerpt == '{"kind": "prompt", "text": "caf\N{REPLACEMENT CHARACTER}"}'


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (gzip.compress(lines_of(*[RANKING | {"text": f"Question {n}?"} for n in range(500)]))[:-20], "ends too early"),
        (lines_of(RANKING).decode().encode("utf-16"), "UTF-16"),
        (b"\n\n", "empty"),
        (b"prompt,completion\n", "holds no rows"),
        (b'prompt,completion\na,b\n"c,d\n', "never closed"),
        (gzip.compress(b"x" * 2**22), "larger than 2 MiB"),
    ],
)
def test_a_bad_file_fails_in_whole_and_leaves_nothing(
    bring_in: Importer, settings: Settings, data: bytes, sentence: str
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2**19
    before = everything()
    row = bring_in(data)
    assert row.state == "failed"
    assert sentence in row.error
    assert everything()[:-1] == before[:-1]


def test_a_file_over_the_limit_is_refused(project: Project, owner: User, settings: Settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2**20
    with pytest.raises(actions.UploadTooLarge, match="larger than 1 MiB"):
        receive_bytes(owner, project, b"x" * (2**20 + 1))
    assert not default_storage.exists("imports")
    assert receive_bytes(owner, project, b"x" * 2**20).size_bytes == 2**20


def receive_bytes(actor: User, project: Project, data: bytes, **more: object) -> ImportFile:
    file = ContentFile(data)
    return actions.receive_file(
        actor=actor, project=project, file=file, file_name="a.csv", now=timezone.now(), **more  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_received_file_is_stored_under_a_name_of_ours_with_its_digest(project: Project, owner: User) -> None:
    row = actions.receive_file(
        actor=owner,
        project=project,
        file=ContentFile(b"prompt\nHi\n"),
        file_name="..\\..\\etc/pass\nwd",
        now=timezone.now(),
    )
    assert row.file_name == "passwd"
    assert row.stored_name.startswith("imports/")
    assert row.sha256 == hashlib.sha256(b"prompt\nHi\n").hexdigest()
    with default_storage.open(row.stored_name) as stored:
        assert stored.read() == b"prompt\nHi\n"


def test_what_cannot_be_received_says_why(project: Project, owner: User, annotator: User) -> None:
    with pytest.raises(NotAllowed):
        receive_bytes(annotator, project, b"prompt\nHi\n")
    with pytest.raises(BadOption, match="format"):
        receive_bytes(owner, project, b"prompt\nHi\n", format="xlsx")
    with pytest.raises(BadOption, match="colour"):
        receive_bytes(owner, project, b"prompt\nHi\n", options={"colour": "red"})
    with pytest.raises(BadOption, match="empty"):
        receive_bytes(owner, project, b"")
    assert not ImportFile.objects.exists()


@pytest.mark.parametrize("kind", ["demonstration", "labels"])
def test_a_project_without_a_protocol_that_no_preset_can_be_is_told(
    bring_in: Importer, project: Project, kind: str
) -> None:
    project.protocols.filter(kind=kind).delete()
    row = bring_in(lines_of(RANKING, DEMONSTRATION, {"kind": "labels", "text": "Why?", "labels": ["safe"]}))
    assert (row.state, "no protocol of the kind" in row.error) == ("failed", True)
    assert not Prompt.objects.exists()


def test_limit_rows_reads_no_further(bring_in: Importer) -> None:
    data = lines_of(*({"kind": "prompt", "text": f"Question {number}?"} for number in range(50)))
    assert counts(bring_in(data, limit_rows=10)) == {"read": 10, "prompts": 10, "tasks": 10}


def test_batches_meet_without_a_seam(bring_in: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_pass, "BATCH_ROWS", 7)
    monkeypatch.setattr(reading, "BATCH_ROWS", 5)
    rows = [RANKING | {"annotator": f"judge-{number % 4}", "text": f"Question {number % 10}?"} for number in range(40)]
    row = bring_in(lines_of(*rows))
    assert counts(row) == {
        "read": 40, "prompts": 10, "completions": 30, "tasks": 10, "rankings": 20, "duplicates": 20,
    }  # fmt: skip
    assert set(Task.objects.values_list("state", "required_answers", "answers_count")) == {("closed", 2, 2)}


def test_a_cancelled_import_brings_nothing_in(receive: Importer, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    row = receive(lines_of(RANKING))
    add = merging.Merge.add

    def add_then_cancel(merge: merging.Merge, rows: list[merging.Row]) -> None:
        add(merge, rows)
        ImportFile.objects.filter(pk=row.pk).update(state="cancelled")

    monkeypatch.setattr(merging.Merge, "add", add_then_cancel)
    actions.run_import(import_file_id=row.pk, clock=timezone.now)
    assert not Prompt.objects.exists()


def test_cancel_and_retry(receive: Importer, owner: User, annotator: User, bring_in: Importer) -> None:
    row = receive(lines_of(RANKING))
    now = timezone.now()
    assert durable.due(ImportFile, now=now) == [row.pk]
    with pytest.raises(NotAllowed):
        actions.cancel_import(import_file=row, actor=annotator, now=now)
    actions.cancel_import(import_file=row, actor=owner, now=now)
    with pytest.raises(durable.JobNotEndable):
        actions.cancel_import(import_file=row, actor=owner, now=now)
    assert durable.due(ImportFile, now=now) == []
    actions.run_import(import_file_id=row.pk, clock=timezone.now)
    assert not Prompt.objects.exists()
    actions.retry_import(import_file=row, actor=owner, now=now)
    assert durable.due(ImportFile, now=now) == [row.pk]
    actions.run_import(import_file_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    assert (row.state, row.attempt, Prompt.objects.count()) == ("done", 1, 1)
    with pytest.raises(durable.JobNotRetryable):
        actions.retry_import(import_file=row, actor=owner, now=now)


def test_a_new_attempt_begins_anew_and_an_old_one_writes_no_more(receive: Importer) -> None:
    row = receive(b"{broken\n" + lines_of(RANKING), "bennet")
    now = timezone.now()
    first = durable.start(ImportFile, row.pk, now=now - timedelta(hours=1))
    assert first is not None
    tally = first_pass.read_through(first, clock=lambda: now - timedelta(hours=1))
    assert (tally.rows, RejectedRow.objects.count()) == (1, 1)
    actions.run_import(import_file_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    assert (row.state, row.attempt, row.lost_workers) == ("done", 2, 1)
    assert (row.counts["rejected"], RejectedRow.objects.count()) == (1, 1)
    with pytest.raises(durable.JobLost):
        first_pass.read_through(first, clock=timezone.now)


def test_an_unforeseen_error_fails_the_job_and_is_raised(receive: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    row = receive(lines_of(RANKING))
    monkeypatch.setattr(merging, "payload_of", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.run_import(import_file_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    assert (row.state, "unexpected error" in row.error, Prompt.objects.exists()) == ("failed", True, False)


def test_the_number_of_queries_follows_batches_not_rows(
    receive: Importer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    few = receive(lines_of(*(RANKING | {"text": f"Few {n}?"} for n in range(3))))
    many = receive(lines_of(*(RANKING | {"text": f"Many {n}?", "annotator": f"j{n}"} for n in range(900))))
    for row in (few, many):
        with django_assert_max_num_queries(45):
            actions.run_import(import_file_id=row.pk, clock=timezone.now)


def test_somebody_who_writes_the_same_prompt_meanwhile_is_met_at_the_next_try(
    receive: Importer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = receive(b"{broken\n" + lines_of(RANKING))
    flush, meanwhile = bulk.Writer.flush, ["What is a lease?"]

    def write_before_flush(writer: bulk.Writer) -> None:
        if meanwhile:
            make_prompt(project, meanwhile.pop())
        flush(writer)

    monkeypatch.setattr(bulk.Writer, "flush", write_before_flush)
    actions.run_import(import_file_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    assert (row.state, counts(row)) == (
        "done", {"read": 2, "prompts": 1, "completions": 3, "rankings": 1, "tasks": 1, "rejected": 1},
    )  # fmt: skip
    assert (Prompt.objects.count(), RejectedRow.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_rows_bring_them_in_once(receive: Importer) -> None:
    texts = [f"Question {number}?" for number in range(300)]
    given = [texts, texts[::-1]]
    rows = [receive(lines_of(*(RANKING | {"text": text} for text in order))) for order in given]

    def work(row: ImportFile) -> None:
        try:
            jobs.run_import(import_file_id=row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, rows))
    ended = [ImportFile.objects.get(pk=row.pk) for row in rows]
    assert [row.state for row in ended] == ["done", "done"]
    assert sorted(row.counts["rankings"] for row in ended) == [0, 300]
    assert sorted(row.counts["duplicates"] for row in ended) == [0, 300]
    assert (Prompt.objects.count(), Answer.objects.count(), Completion.objects.count()) == (300, 300, 900)
