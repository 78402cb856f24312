"""A file is uploaded once, looked at, read otherwise, and comes in only when somebody confirms it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from annotation import durable
from annotation.intake import actions, checking, dry_runs, first_pass, merging, reading
from annotation.intake.models import ImportFile, RejectedRow
from annotation.intake.options import BadOption
from annotation.intake.queries import rejections_of
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.tasks.models import Answer, Completion, Prompt, PromptGroup, Task
from tests.annotation.intake.readers.reading import lines_of

pytestmark = pytest.mark.django_db

RANKING = {
    "kind": "ranking",
    "text": "What is a lease?",
    "completions": [{"id": "a", "text": "A contract."}, {"id": "b", "text": "A dog."}],
    "tiers": [["a"], ["b"]],
    "annotator": "judge-a",
}
DATA = lines_of(
    {"kind": "prompt", "text": "Why?"},
    {"kind": "demonstration", "text": "Why?", "completion": "So.", "annotator": "judge-a"},
    RANKING,
    {"kind": "prompt"},
)

DryRun = Callable[..., ImportFile]


def received(project: Project, actor: User, data: bytes, format: str = "auto", **options: Any) -> ImportFile:
    return actions.receive_file(
        actor=actor,
        project=project,
        file=ContentFile(data),
        file_name="file.jsonl",
        format=format,
        options=options,
        dry_run=True,
        now=timezone.now(),
    )


def work_on(row: ImportFile) -> ImportFile:
    actions.run_import(import_file_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    return row


@pytest.fixture
def dry_run(project: Project, owner: User) -> DryRun:
    return lambda data, format="auto", **options: work_on(received(project, owner, data, format, **options))


def counts(row: ImportFile) -> dict[str, int]:
    return {name: number for name, number in row.counts.items() if number}


def everything() -> list[int]:
    models = (Prompt, PromptGroup, Completion, Task, Answer, Protocol, User)
    return [model.objects.count() for model in models]


def test_a_dry_run_counts_what_would_come_in_and_writes_none_of_it(dry_run: DryRun) -> None:
    before = everything()
    row = dry_run(DATA)
    assert (row.state, row.error, row.is_dry_run, row.found_format) == ("done", "", True, "bennet")
    assert counts(row) == {
        "read": 4, "prompts": 2, "waiting": 1, "demonstrations": 1, "rankings": 1, "rejected": 1,
    }  # fmt: skip
    assert row.rejected_by_reason == {"bad_text": 1} or len(row.rejected_by_reason) == 1
    assert [rejected.line for rejected in rejections_of(row)] == [4]
    assert everything() == before


def test_a_document_is_no_prompt_and_waits_for_nobody(dry_run: DryRun) -> None:
    row = dry_run(b'{"text": "Once upon a time."}\n{"text": "The end."}\n')
    assert counts(row) == {"read": 2, "documents": 2}


def test_what_a_dry_run_foretold_comes_to_pass_once_confirmed(dry_run: DryRun, owner: User) -> None:
    row = dry_run(DATA)
    foretold = counts(row)
    dry_runs.confirm_import(import_file=row, actor=owner, now=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.counts, row.is_dry_run) == ("queued", {}, False)
    work_on(row)
    assert row.state == "done"
    told = ("read", "prompts", "demonstrations", "rankings", "rejected")
    assert {name: row.counts[name] for name in told} == {name: foretold[name] for name in told}
    assert [rejected.line for rejected in rejections_of(row)] == [4]
    assert RejectedRow.objects.count() == 1


def test_prompts_that_are_there_already_are_told_from_new_ones(dry_run: DryRun, owner: User) -> None:
    first = dry_run(DATA)
    dry_runs.confirm_import(import_file=first, actor=owner, now=timezone.now())
    work_on(first)
    again = counts(dry_run(DATA + lines_of({"kind": "prompt", "text": "Who?"})))
    assert (again["prompts"], again["known_prompts"]) == (1, 2)


def test_a_prompt_counts_once_however_far_apart_its_rows(dry_run: DryRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH_ROWS", 2)
    same = [{"kind": "prompt", "text": "Why?"}] * 5
    assert counts(dry_run(lines_of(*same))) == {"read": 5, "prompts": 1, "waiting": 5}


def test_what_its_protocol_would_take_from_nobody_is_foretold(dry_run: DryRun, project: Project, owner: User) -> None:
    project_actions.create_protocol(project=project, actor=owner, preset="pair_strength", now=timezone.now())
    comparison = RANKING | {"kind": "comparison", "preferred": "a", "strength": 9}
    del comparison["tiers"]
    row = dry_run(lines_of(comparison, comparison | {"strength": 1}))
    assert row.rejected_by_reason == {"unlike_protocol": 1}
    assert counts(row)["comparisons"] == 1


def test_a_file_that_needs_a_protocol_nobody_may_make_says_so(project: Project, join: Callable[..., User]) -> None:
    researcher = join("researcher", "rita")
    comparison = {"kind": "comparison", "preferred": "a", "strength": 1} | {
        name: RANKING[name] for name in ("text", "completions", "annotator")
    }
    row = work_on(received(project, researcher, lines_of(comparison)))
    assert row.state == "failed"
    assert "Ask a manager" in row.error


def test_a_file_read_otherwise_is_looked_at_anew(dry_run: DryRun, owner: User) -> None:
    row = dry_run(b"question,reply\nWhy?,So.\n")
    assert (row.state, row.counts.get("read")) == ("failed", None)
    columns = {"prompt_column": "question", "completion_column": "reply"}
    dry_runs.revise_import(import_file=row, actor=owner, now=timezone.now(), options=columns)
    row.refresh_from_db()
    assert (row.state, row.error, row.format, row.options) == ("queued", "", "auto", columns)
    work_on(row)
    assert (row.state, row.found_format, counts(row)) == ("done", "csv", {"read": 1, "prompts": 1, "demonstrations": 1})
    with pytest.raises(BadOption):
        dry_runs.revise_import(import_file=row, actor=owner, now=timezone.now(), format="pdf")


def test_a_worker_on_a_file_that_is_read_otherwise_meanwhile_writes_nothing_more(
    project: Project, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = received(project, owner, DATA)

    def revise(*args: Any) -> None:
        dry_runs.revise_import(import_file=row, actor=owner, now=timezone.now(), options={"open_tasks": False})

    monkeypatch.setattr(first_pass, "forget_earlier_attempts", revise)
    work_on(row)
    assert (row.state, row.counts) == ("queued", {})
    assert not RejectedRow.objects.exists()


def test_a_confirmed_file_is_neither_changed_nor_dropped(dry_run: DryRun, owner: User) -> None:
    row = dry_run(DATA)
    dry_runs.confirm_import(import_file=row, actor=owner, now=timezone.now())
    for change in (dry_runs.confirm_import, dry_runs.revise_import):
        with pytest.raises(dry_runs.AlreadyConfirmed):
            change(import_file=row, actor=owner, now=timezone.now())
    with pytest.raises(dry_runs.AlreadyConfirmed):
        dry_runs.discard_import(import_file=row, actor=owner)


def test_only_who_may_import_confirms_changes_and_drops(dry_run: DryRun, reviewer: User) -> None:
    row = dry_run(DATA)
    now = timezone.now()
    for attempt in (
        lambda: dry_runs.confirm_import(import_file=row, actor=reviewer, now=now),
        lambda: dry_runs.revise_import(import_file=row, actor=reviewer, now=now),
        lambda: dry_runs.discard_import(import_file=row, actor=reviewer),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_a_dropped_file_is_gone(dry_run: DryRun, owner: User) -> None:
    row = dry_run(DATA)
    dry_runs.discard_import(import_file=row, actor=owner)
    assert not ImportFile.objects.exists()
    assert not RejectedRow.objects.exists()
    assert not default_storage.exists(row.stored_name)


def test_what_nobody_confirms_is_swept_after_a_day(dry_run: DryRun, owner: User) -> None:
    old, young, confirmed = dry_run(DATA), dry_run(DATA), dry_run(DATA)
    dry_runs.confirm_import(import_file=confirmed, actor=owner, now=timezone.now())
    ImportFile.objects.exclude(pk=young.pk).update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    assert dry_runs.forget_unconfirmed(now=timezone.now()) == 1
    assert set(ImportFile.objects.all()) == {young, confirmed}
    assert [default_storage.exists(row.stored_name) for row in (old, young, confirmed)] == [False, True, True]


def test_what_was_skipped_stands_in_the_report_and_beside_what_was_rejected(dry_run: DryRun, owner: User) -> None:
    task = {"id": 1, "data": {"prompt": "Why?", "answer1": "So.", "answer2": "No."}}
    cancelled = {"was_cancelled": True, "result": [], "completed_by": 1}
    row = dry_run(lines_of(task | {"annotations": [cancelled]}), "label_studio")
    assert row.skipped_by_reason
    assert [(left.line, left.is_skipped) for left in rejections_of(row)] == [(1, True)]
    dry_runs.confirm_import(import_file=row, actor=owner, now=timezone.now())
    work_on(row)
    assert [(left.line, left.is_skipped) for left in rejections_of(row)] == [(1, True)]


def test_a_killed_dry_run_goes_on(project: Project, owner: User) -> None:
    row = received(project, owner, DATA)
    durable.start(ImportFile, row.pk, now=timezone.now())
    ImportFile.objects.filter(pk=row.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    assert durable.due(ImportFile, now=timezone.now()) == [row.pk]
    assert work_on(row).state == "done"
    assert row.attempt == 2


def test_fitting_names_what_merging_knows() -> None:
    assert set(checking.JUDGED) <= set(merging.PROTOCOL_KIND)
