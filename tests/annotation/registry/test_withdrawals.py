"""Words are taken back: out of the queue, of agreement and of new releases at once, and told to all made of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from annotation.assignment import actions as assignment_actions
from annotation.assignment.models import Claim
from annotation.exports import actions as export_actions
from annotation.exports import queries, snapshot
from annotation.exports.models import Release
from annotation.exports.queries import StaleData
from annotation.exports.selection import InvalidSelection, Selection
from annotation.followups.actions import follow_some
from annotation.people.models import User, Withdrawal
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.quality import actions as quality_actions
from annotation.quality import comparing
from annotation.quality.models import AnswerAgreement
from annotation.registry import actions, withdrawals
from annotation.registry.models import ModelVersion, TrainingRun
from annotation.tasks.actions import TaskNotOpenable, open_tasks_for
from annotation.tasks.briefs import open_briefs
from annotation.tasks.models import Answer, Completion, Prompt, Task
from tests.factories import answer_task, make_ranking_task
from tests.people import NOW
from tests.runs import finish_run, order_run

LATER = NOW + timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("own_folders")


@pytest.fixture
def both(ranking_protocol: Protocol, annotator: User, reviewer: User) -> list[Task]:
    """Eight rankings by the annotator and the reviewer each."""
    tasks = [make_ranking_task(ranking_protocol, f"Name tree {i}.", required_answers=2) for i in range(8)]
    for task in tasks:
        for person in (annotator, reviewer):
            answer_task(task, person)
    return tasks


@pytest.fixture
def frozen(both: list[Task], project: Project, owner: User) -> Release:
    return freeze(project, owner, "Spring")


def freeze(project: Project, owner: User, name: str) -> Release:
    row = export_actions.request_release(project=project, name=name, selection={}, actor=owner, now=NOW)
    export_actions.freeze(release_id=row.pk)
    row.refresh_from_db()
    assert row.state == "done"
    return row


def records(release: Release) -> int:
    return sum(sum(splits.values()) for splits in release.counts.values())


def withdraw(project: Project, person: User, actor: User | None = None) -> Withdrawal:
    return withdrawals.withdraw_work(project=project, person=person, actor=actor or person, now=LATER)


def test_withdrawn_work_is_in_nothing_new(
    both: list[Task], project: Project, annotator: User, reviewer: User, owner: User
) -> None:
    comparing.compare_changed(now=NOW)
    assert AnswerAgreement.objects.count() == 16
    row = withdraw(project, annotator)
    assert (row.kind, row.answers, row.person, row.actor) == ("work", 8, annotator, annotator)
    assert set(Answer.objects.filter(annotator=annotator).values_list("state", "withdrawal")) == {("struck", row.pk)}
    assert set(Answer.objects.filter(annotator=reviewer).values_list("state", "withdrawal")) == {("submitted", None)}
    assert not AnswerAgreement.objects.exists()
    # Their tasks want somebody else's answer instead.
    assert set(Task.objects.values_list("state", "answers_count")) == {("open", 1)}
    release = freeze(project, owner, "After")
    assert records(release) == 8
    assert release.left_out == {"withdrawn_answer": 8}
    assert release.stale_at is None


def test_withdrawing_twice_does_it_once(both: list[Task], project: Project, annotator: User) -> None:
    assert withdraw(project, annotator) == withdraw(project, annotator)
    assert Withdrawal.objects.count() == 1


def test_who_has_nothing_withdraws_nothing(project: Project, annotator: User) -> None:
    with pytest.raises(withdrawals.NothingToWithdraw):
        withdraw(project, annotator)


def test_only_oneself_or_a_manager(
    both: list[Task], project: Project, annotator: User, researcher: User, manager: User
) -> None:
    with pytest.raises(NotAllowed):
        withdraw(project, annotator, researcher)
    assert withdraw(project, annotator, manager).actor == manager


def test_who_has_left_withdraws_too_and_from_an_archived_project(
    both: list[Task], project: Project, annotator: User, owner: User
) -> None:
    project.memberships.filter(user=annotator).delete()
    project_actions.archive_project(project=project, actor=owner, now=NOW)
    assert withdraw(project, annotator).answers == 8


def test_other_projects_keep_their_answers(both: list[Task], annotator: User, owner: User) -> None:
    other = project_actions.create_project(actor=owner, name="Another", now=NOW)
    kept = answer_task(make_ranking_task(other.protocols.get(kind="ranking"), "Name a bird."), annotator)
    withdraw(both[0].protocol.project, annotator)
    kept.refresh_from_db()
    assert kept.withdrawal is None


def test_work_done_after_a_withdrawal_stays(both: list[Task], project: Project, annotator: User) -> None:
    row = withdraw(project, annotator)
    fresh = answer_task(make_ranking_task(both[0].protocol, "Name a bird."), annotator)
    Answer.objects.filter(pk=fresh.pk).update(submitted_at=LATER + timedelta(seconds=1))
    withdrawals.settle(now=LATER + timedelta(hours=1))
    fresh.refresh_from_db()
    row.refresh_from_db()
    assert (fresh.withdrawal, row.settled_at) == (None, LATER + timedelta(hours=1))


def test_drafts_go_and_claims_end(ranking_protocol: Protocol, both: list[Task], annotator: User) -> None:
    task = make_ranking_task(ranking_protocol, "Name a river.")
    claim = assignment_actions.claim_next(protocol=ranking_protocol, actor=annotator, now=NOW)
    assert claim is not None
    Claim.objects.filter(pk=claim.pk).update(draft={"rationale": "mine"})
    withdraw(ranking_protocol.project, annotator)
    claim.refresh_from_db()
    task.refresh_from_db()
    assert (claim.state, claim.draft, task.claims_count, task.state) == ("released", None, 0, "open")


def test_a_release_and_its_models_become_stale_and_are_handed_out_no_more(
    frozen: Release, project: Project, annotator: User, owner: User
) -> None:
    Release.objects.update(counts={"rankings": {"train": 5, "validation": 0, "test": 0}})
    frozen.refresh_from_db()
    manifest = frozen.manifest
    model = finish_run(order_run(project, owner, frozen, "reward"))
    waiting = order_run(project, owner, frozen, "reward")
    row = withdraw(project, annotator)
    for stale in (frozen, model, waiting):
        stale.refresh_from_db()
    assert frozen.stale_at == model.stale_at == LATER
    assert list(frozen.staleness.values_list("withdrawal", "answers")) == [(row.pk, 8)]
    assert list(model.staleness.values_list("withdrawal", flat=True)) == [row.pk]
    assert frozen.manifest == manifest
    assert (waiting.state, "withdrawn" in waiting.error) == ("cancelled", True)
    for asked in (
        lambda: queries.file_of(frozen, "train/rankings.parquet"),
        lambda: queries.stored_prefix(frozen),
        lambda: order_run(project, owner, frozen, "reward"),
        lambda: actions.retry_run(run=waiting, actor=owner, now=LATER),
    ):
        with pytest.raises(StaleData, match="withdrawn"):
            asked()


def test_models_that_begin_with_a_stale_one_are_stale(
    frozen: Release,
    both: list[Task],
    project: Project,
    annotator: User,
    reviewer: User,
    owner: User,
    make_model: Callable[..., ModelVersion],
) -> None:
    first = make_model()
    run = actions.request_run(
        project=project,
        actor=owner,
        release_id=first.release_id,
        stage="sft",
        start={"model": first.pk},
        config={},
        now=NOW,
    )
    second = finish_run(run)
    ModelVersion.objects.filter(pk=first.pk).update(release=frozen)
    withdraw(project, annotator)
    second.refresh_from_db()
    assert (second.stale_at, second.deployable, second.may_serve) == (LATER, True, False)
    with pytest.raises(StaleData):
        actions.request_run(
            project=project,
            actor=owner,
            release_id=second.release_id,
            stage="sft",
            start={"model": second.pk},
            config={},
            now=NOW,
        )


def test_a_model_finished_after_a_withdrawal_is_stale_from_the_first(
    frozen: Release, project: Project, annotator: User, owner: User
) -> None:
    Release.objects.update(counts={"rankings": {"train": 5, "validation": 0, "test": 0}})
    run = order_run(project, owner, frozen, "reward")
    withdraw(project, annotator)
    # Its worker has not noticed yet.
    TrainingRun.objects.filter(pk=run.pk).update(state="queued")
    model = finish_run(run)
    model.refresh_from_db()
    assert model.stale_at is not None


def test_a_prompt_is_withdrawn_with_all_on_it(
    both: list[Task], frozen: Release, project: Project, annotator: User, manager: User, owner: User
) -> None:
    prompt = both[0].prompt
    assert prompt is not None
    Prompt.objects.filter(pk=prompt.pk).update(author=annotator)
    prompt.refresh_from_db()
    row = withdrawals.withdraw_prompt(prompt=prompt, actor=annotator, now=LATER)
    assert (row.kind, row.answers) == ("prompt", 2)
    assert withdrawals.withdraw_prompt(prompt=prompt, actor=manager, now=LATER) == row
    both[0].refresh_from_db()
    frozen.refresh_from_db()
    assert (both[0].state, frozen.stale_at) == ("cancelled", LATER)
    assert not Prompt.objects.visible_to(owner).filter(pk=prompt.pk).exists()
    assert not Completion.objects.visible_to(owner).filter(prompt=prompt).exists()
    assert not Task.objects.visible_to(owner).filter(pk=both[0].pk).exists()
    with pytest.raises(TaskNotOpenable):
        open_tasks_for(protocol=both[0].protocol, prompt_ids=[prompt.pk], actor=owner, now=LATER)
    with pytest.raises(NotAllowed):
        withdrawals.withdraw_prompt(prompt=both[1].prompt, actor=annotator, now=LATER)  # type: ignore[arg-type]


def test_what_was_made_of_an_answer_goes_with_it(
    project: Project, owner: User, annotator: User, reviewer: User
) -> None:
    """A written prompt is a prompt for others; both ways to take it back take the other along."""
    writing = project_actions.create_protocol(project=project, preset="prompt_write", config={}, actor=owner, now=NOW)
    open_briefs(protocol=writing, briefs=[{"text": "On trees."}, {"text": "On birds."}], actor=owner, now=NOW)
    written = [
        answer_task(task, annotator, {"style": "plain", "text": f"Name one: {task.pk}", "shots": []})
        for task in writing.tasks.order_by("pk")
    ]
    follow_some(now=LATER + timedelta(seconds=1))
    made = [Prompt.objects.get(tasks__follows=answer) for answer in written]
    answered = answer_task(made[1].tasks.get(), reviewer)
    first = withdrawals.withdraw_prompt(prompt=made[0], actor=annotator, now=LATER)
    written[0].refresh_from_db()
    assert written[0].withdrawal == first
    second = withdraw(project, annotator)
    withdrawals.settle(now=LATER + timedelta(seconds=10))
    for row in (written[1], made[1], answered):
        row.refresh_from_db()
        assert row.withdrawal == second, row


def test_one_answer_is_taken_back_alone(
    frozen: Release, both: list[Task], project: Project, annotator: User, researcher: User, manager: User, owner: User
) -> None:
    Release.objects.update(counts={"rankings": {"train": 5, "validation": 0, "test": 0}})
    model = finish_run(order_run(project, owner, frozen, "reward"))
    answer = both[3].answers.get(annotator=annotator)
    with pytest.raises(NotAllowed):
        withdrawals.withdraw_answer(answer=answer, actor=researcher, now=LATER)
    row = withdrawals.withdraw_answer(answer=answer, actor=annotator, now=LATER, reason="Ranked in a hurry.")
    assert withdrawals.withdraw_answer(answer=answer, actor=manager, now=LATER) == row
    assert (row.kind, row.answers, row.person, row.answer_ref) == ("answer", 1, annotator, answer.pk)
    assert list(Answer.objects.exclude(withdrawal=None)) == [answer]
    both[3].refresh_from_db()
    assert (both[3].state, both[3].answers_count) == ("open", 1)
    frozen.refresh_from_db()
    model.refresh_from_db()
    assert (frozen.stale_at, model.stale_at) == (LATER, LATER)
    assert frozen.staleness.get().answers == 1
    # Nothing of it is found later, and all the rest can be taken back still.
    withdrawals.settle(now=LATER + timedelta(hours=1))
    assert Answer.objects.exclude(withdrawal=None).count() == 1
    assert withdraw(project, annotator).answers == 7


def test_what_one_answer_became_goes_with_it_and_a_reopened_claim_too(
    project: Project, annotator: User, reviewer: User, owner: User
) -> None:
    writing = project_actions.create_protocol(project=project, preset="prompt_write", config={}, actor=owner, now=NOW)
    open_briefs(protocol=writing, briefs=[{"text": "On trees."}, {"text": "On birds."}], actor=owner, now=NOW)
    written = [
        answer_task(task, annotator, {"style": "plain", "text": f"Name one: {task.pk}", "shots": []})
        for task in writing.tasks.order_by("pk")
    ]
    follow_some(now=LATER)
    made = [Prompt.objects.get(tasks__follows=answer) for answer in written]
    answered = [answer_task(prompt.tasks.get(), reviewer) for prompt in made]
    claim = assignment_actions.reopen(answer=written[0], actor=annotator, now=LATER)
    Claim.objects.filter(pk=claim.pk).update(draft={"text": "Name two."})
    row = withdrawals.withdraw_answer(answer=written[0], actor=annotator, now=LATER)
    claim.refresh_from_db()
    assert (claim.state, claim.draft) == ("released", None)
    assert set(Answer.objects.filter(withdrawal=row)) == {written[0], answered[0]}
    assert list(Prompt.objects.filter(withdrawal=row)) == [made[0]]
    assert set(made[0].tasks.values_list("state", flat=True)) == {"cancelled"}
    assert not Answer.objects.filter(pk__in=[written[1].pk, answered[1].pk], withdrawal__isnull=False).exists()


def test_a_spammer_is_struck_out_and_can_be_restored(
    frozen: Release, project: Project, annotator: User, manager: User
) -> None:
    struck = withdrawals.strike_out(project=project, annotator=annotator, actor=manager, now=LATER, reason="spam")
    frozen.refresh_from_db()
    assert (struck, frozen.stale_at) == (8, LATER)
    row = Withdrawal.objects.get()
    assert (row.kind, row.answers, row.hides_texts, row.settled_at) == ("strike", 8, False, LATER)
    assert withdrawals.strike_out(project=project, annotator=annotator, actor=manager, now=LATER) == 0
    answer = Answer.objects.filter(annotator=annotator)[0]
    quality_actions.review_answer(answer=answer, revision=1, verdict="restore", actor=manager, now=LATER)
    answer.refresh_from_db()
    assert (answer.state, answer.withdrawal) == ("submitted", None)


def test_a_strike_of_a_persons_work_is_taken_back_with_all_its_marks(
    frozen: Release, project: Project, annotator: User, manager: User, reviewer: User
) -> None:
    comparing.compare_changed(now=NOW)
    how: dict[str, Any] = {"project": project, "now": LATER}
    withdrawals.strike_out(annotator=annotator, actor=manager, **how)
    single = Answer.objects.filter(annotator=annotator).order_by("pk")[0]
    quality_actions.review_answer(answer=single, revision=1, verdict="restore", actor=manager, now=LATER)
    assert Task.objects.filter(state="open").count() == 7
    (strike,) = withdrawals.strikes_in(project, person=annotator.pk)
    assert (strike.answers, strike.left) == (8, 7)  # type: ignore[attr-defined]
    assert not withdrawals.strikes_in(project, person=reviewer.pk)

    assert withdrawals.undo_strike(strike=strike, actor=reviewer, **how) == 7

    answers = Answer.objects.filter(annotator=annotator)
    assert set(answers.values_list("state", "withdrawal", "is_spare")) == {("submitted", None, False)}
    assert set(Task.objects.values_list("state", "answers_count")) == {("closed", 2)}
    assert [single.reviews.count(), answers.last().reviews.get(verdict="restore").reviewer] == [2, reviewer]  # type: ignore[union-attr]
    frozen.refresh_from_db()
    assert (frozen.stale_at, frozen.staleness.count()) == (None, 0)
    assert not withdrawals.strikes_in(project)
    assert withdrawals.undo_strike(strike=strike, actor=reviewer, **how) == 0


def test_what_another_withdrawal_marks_stays_marked_when_a_strike_is_taken_back(
    frozen: Release, both: list[Task], project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    withdrawals.strike_out(project=project, annotator=annotator, actor=manager, now=LATER)
    strike = Withdrawal.objects.get()
    withdrawals.withdraw_prompt(prompt=both[0].prompt, actor=manager, now=LATER)  # type: ignore[arg-type]
    assert withdrawals.undo_strike(project=project, strike=strike, actor=manager, now=LATER) == 7
    assert set(both[0].answers.values_list("state", "withdrawal__kind")) == {("struck", "prompt")}
    frozen.refresh_from_db()
    assert frozen.stale_at == LATER
    assert frozen.staleness.get().withdrawal.kind == "prompt"


def test_who_was_struck_out_can_still_withdraw_and_is_not_brought_back(
    both: list[Task], project: Project, annotator: User, manager: User
) -> None:
    withdrawals.strike_out(project=project, annotator=annotator, actor=manager, now=LATER)
    strike = Withdrawal.objects.get()
    row = withdraw(project, annotator)
    assert (row.kind, row.answers) == ("work", 8)
    assert withdrawals.undo_strike(project=project, strike=strike, actor=manager, now=LATER) == 0
    assert set(Answer.objects.filter(annotator=annotator).values_list("state", "withdrawal")) == {("struck", row.pk)}
    assert withdraw(project, annotator) == row


def test_nobody_takes_back_the_strike_of_their_own_work(
    both: list[Task], project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    withdrawals.strike_out(project=project, annotator=reviewer, actor=manager, now=LATER)
    strike = Withdrawal.objects.get()
    with pytest.raises(quality_actions.OwnAnswer):
        withdrawals.undo_strike(project=project, strike=strike, actor=reviewer, now=LATER)
    with pytest.raises(NotAllowed):
        withdrawals.undo_strike(project=project, strike=strike, actor=annotator, now=LATER)
    assert Answer.objects.filter(state="struck").count() == 8


def test_taking_a_strike_back_costs_the_same_however_much_was_struck(
    both: list[Task],
    project: Project,
    annotator: User,
    manager: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    withdrawals.strike_out(project=project, annotator=annotator, actor=manager, now=LATER)
    strike = Withdrawal.objects.get()
    with django_assert_max_num_queries(26):
        assert withdrawals.undo_strike(project=project, strike=strike, actor=manager, now=LATER) == 8


def test_what_was_withdrawn_is_not_restored(both: list[Task], project: Project, annotator: User, manager: User) -> None:
    withdraw(project, annotator)
    answer = Answer.objects.filter(annotator=annotator)[0]
    with pytest.raises(quality_actions.AnswerWithdrawn):
        quality_actions.review_answer(answer=answer, revision=1, verdict="restore", actor=manager, now=LATER)


def test_a_corrected_release_holds_the_rest_as_it_was_and_lists_tombstones(
    frozen: Release, both: list[Task], project: Project, annotator: User, reviewer: User, owner: User
) -> None:
    with pytest.raises(export_actions.ReleaseNotStale):
        export_actions.request_correction(release=frozen, actor=owner, now=LATER)
    withdraw(project, annotator)
    # Newer answers are no part of a correction.
    answer_task(make_ranking_task(both[0].protocol, "Name a bird."), reviewer)
    frozen.refresh_from_db()
    corrected = export_actions.request_correction(release=frozen, actor=owner, now=LATER)
    assert corrected == export_actions.request_correction(release=frozen, actor=owner, now=LATER)
    export_actions.freeze(release_id=corrected.pk)
    corrected.refresh_from_db()
    assert (corrected.state, corrected.name, corrected.stale_at) == ("done", "Spring corrected", None)
    assert records(corrected) == 8
    assert corrected.left_out == {"withdrawn_answer": 8}
    kept = set(corrected.members.values_list("answer_revision", "split"))
    assert kept < set(frozen.members.values_list("answer_revision", "split"))
    assert corrected.manifest["corrects"] == {
        "release": "Spring",
        "digest_sha256": frozen.digest_sha256,
        "tombstones": 8,
    }
    with default_storage.open(f"releases/{corrected.digest_sha256}/tombstones.jsonl") as stream:
        stones = [json.loads(line) for line in stream]
    gone = frozen.members.exclude(answer_revision__in=[pk for pk, _ in kept]).order_by("answer_revision")
    assert [int(stone["record_id"]) for stone in stones] == list(gone.values_list("answer_revision", flat=True))
    assert {(stone["kind"], stone["withdrawn_at"]) for stone in stones} == {("work", "2026-11-23T13:00:00Z")}


def test_only_a_stale_release_of_the_project_is_corrected(frozen: Release, project: Project, owner: User) -> None:
    for number in (frozen.pk, 10**9):
        with pytest.raises(InvalidSelection):
            export_actions.parse_selection(project=project, selection={"corrects": number})
    for wrong in ("1", True, 0, 2**70):
        with pytest.raises(InvalidSelection):
            Selection.parse({"corrects": wrong})


def test_files_go_after_a_while_and_the_manifest_stays(frozen: Release, project: Project, annotator: User) -> None:
    place = f"releases/{frozen.digest_sha256}"
    withdraw(project, annotator)
    withdrawals.tidy(clock=lambda: LATER + timedelta(days=29))
    assert default_storage.exists(f"{place}/manifest.json")
    withdrawals.tidy(clock=lambda: LATER + timedelta(days=31))
    assert not default_storage.exists(place)
    frozen.refresh_from_db()
    assert (frozen.purged_at, frozen.manifest["digest_sha256"]) == (LATER + timedelta(days=31), frozen.digest_sha256)


def test_a_late_task_over_a_withdrawn_prompt_is_cancelled(both: list[Task], owner: User) -> None:
    prompt = both[0].prompt
    assert prompt is not None
    withdrawals.withdraw_prompt(prompt=prompt, actor=owner, now=LATER)
    Task.objects.filter(pk=both[0].pk).update(state="open")
    withdrawals.tidy(clock=lambda: LATER)
    both[0].refresh_from_db()
    assert both[0].state == "cancelled"


def test_statements_do_not_grow_with_the_work(
    both: list[Task],
    ranking_protocol: Protocol,
    project: Project,
    annotator: User,
    reviewer: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(45) as few:
        withdraw(project, annotator)
    for i in range(30):
        answer_task(make_ranking_task(ranking_protocol, f"Name bird {i}."), reviewer)
    with django_assert_max_num_queries(len(few)):
        withdrawals.withdraw_work(project=project, person=reviewer, actor=reviewer, now=LATER)


@pytest.mark.django_db(transaction=True)
def test_a_release_that_is_being_written_meanwhile_is_marked(
    both: list[Task], project: Project, annotator: User, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words are taken back by another connection once the freeze has read them, and before it ends."""
    written = snapshot.write

    def slow(*args: Any, **named: Any) -> Any:
        result = written(*args, **named)
        aside(lambda: withdraw(project, annotator))
        return result

    monkeypatch.setattr(snapshot, "write", slow)
    release = freeze(project, owner, "Meanwhile")
    assert release.stale_at is not None
    assert release.staleness.get().answers == 8
    with pytest.raises(StaleData):
        queries.handed_out(release)


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_waits_for_a_freeze_that_is_ending_and_finds_it(
    both: list[Task], project: Project, annotator: User, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotation.exports import staleness

    marked, others = staleness.mark_frozen, []

    def ending(*args: Any, **named: Any) -> None:
        marked(*args, **named)
        thread = threading.Thread(target=lambda: run_aside(lambda: withdraw(project, annotator)))
        thread.start()
        others.append(thread)
        thread.join(0.3)
        assert thread.is_alive(), "it did not wait"

    monkeypatch.setattr(staleness, "mark_frozen", ending)
    release = freeze(project, owner, "Meanwhile")
    others[0].join(20)
    release.refresh_from_db()
    assert release.stale_at == LATER


def aside(work: Callable[[], object]) -> None:
    """Do it through a connection of its own, and wait for it."""
    thread = threading.Thread(target=lambda: run_aside(work))
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def run_aside(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()
