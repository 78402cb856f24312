from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from annotation.assignment import actions as assignment_actions
from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.quality import actions, queries
from annotation.quality.actions import AnswerChanged, NotReturnable, OwnAnswer, TooManyToStrike
from annotation.quality.comparing import compare_changed
from annotation.quality.models import AgreementReport, AnswerAgreement, Review
from annotation.tasks.actions import cancel_task
from annotation.tasks.models import Answer, Task
from tests.annotation.quality.conftest import Rank
from tests.factories import answer_task, make_demonstration_task, make_judge
from tests.people import NOW

Question = Callable[..., Task]
Decide = Callable[..., Review]


@pytest.fixture
def decide(reviewer: User) -> Decide:
    """Return a function by which the reviewer decides about an answer."""

    def decided(answer: Answer, verdict: str, reason: str = "", actor: User = reviewer, revision: int = 1) -> Review:
        return actions.review_answer(
            answer=answer, revision=revision, verdict=verdict, reason=reason, actor=actor, now=NOW
        )

    return decided


@pytest.fixture
def task(demonstration_protocol: Protocol) -> Task:
    return make_demonstration_task(demonstration_protocol)


@pytest.fixture
def answer(task: Task, annotator: User) -> Answer:
    return answer_task(task, annotator)


def counts(task: Task) -> tuple[str, int]:
    task.refresh_from_db()
    return task.state, task.answers_count


# One answer


@pytest.mark.parametrize(
    ("verdict", "state"),
    [("accept", "accepted"), ("return", "returned"), ("strike", "struck"), ("restore", "submitted")],
)
def test_a_verdict_sets_the_state_and_is_written_down(
    answer: Answer, decide: Decide, reviewer: User, verdict: str, state: str
) -> None:
    review = decide(answer, verdict, "See the guideline.")
    answer.refresh_from_db()
    assert answer.state == state
    assert answer.review_note == ("See the guideline." if verdict == "return" else "")
    assert (review.answer, review.revision, review.reviewer, review.created_at) == (answer, 1, reviewer, NOW)


def test_a_struck_answer_leaves_all_counts_and_its_task_is_for_others(
    task: Task, answer: Answer, decide: Decide, annotator: User, manager: User
) -> None:
    assert counts(task) == ("closed", 1)
    decide(answer, "strike")
    assert counts(task) == ("open", 0)
    assert task.closed_at is None
    claim = assignment_actions.claim_next
    assert claim(protocol=task.protocol, actor=annotator, now=NOW) is None
    assert claim(protocol=task.protocol, actor=manager, now=NOW) is not None


def test_a_spare_takes_the_place_of_a_struck_answer(task: Task, answer: Answer, decide: Decide, manager: User) -> None:
    spare = answer_task(task, manager)
    decide(answer, "strike")
    spare.refresh_from_db()
    assert (spare.is_spare, counts(task)) == (False, ("closed", 1))


def test_what_is_struck_is_no_spare_to_be_promoted(
    task: Task, answer: Answer, decide: Decide, manager: User, owner: User
) -> None:
    first, second = answer_task(task, manager), answer_task(task, owner)
    decide(first, "strike")
    assert counts(task) == ("closed", 1)
    decide(answer, "strike")
    assert list(Answer.objects.filter(is_spare=False, state="submitted")) == [second]


def test_the_undo_of_a_strike_counts_again_or_is_a_spare(
    task: Task, answer: Answer, decide: Decide, manager: User
) -> None:
    decide(answer, "strike")
    decide(answer, "restore")
    answer.refresh_from_db()
    assert (answer.state, answer.is_spare, counts(task)) == ("submitted", False, ("closed", 1))
    decide(answer, "strike")
    answer_task(task, manager)
    decide(answer, "accept")
    answer.refresh_from_db()
    assert (answer.state, answer.is_spare, counts(task)) == ("accepted", True, ("closed", 1))
    assert [review.verdict for review in Review.objects.order_by("pk")] == ["strike", "restore", "strike", "accept"]


def test_a_cancelled_task_stays_cancelled(task: Task, decide: Decide, annotator: User, owner: User) -> None:
    Task.objects.filter(pk=task.pk).update(required_answers=2)
    answer = answer_task(task, annotator)
    cancel_task(task=task, actor=owner, now=NOW)
    decide(answer, "strike")
    assert counts(task) == ("cancelled", 0)


def test_a_returned_answer_still_counts(task: Task, answer: Answer, decide: Decide) -> None:
    decide(answer, "return", "Too short.")
    assert counts(task) == ("closed", 1)


def test_the_same_verdict_sent_again_adds_nothing(answer: Answer, decide: Decide, manager: User) -> None:
    first = decide(answer, "return", "Too short.")
    assert decide(answer, "return", " Too short. ") == first
    assert decide(answer, "return", "Still too short.") != first
    assert decide(answer, "return", "Still too short.", actor=manager) != first
    assert Review.objects.count() == 3


def test_only_reviewers_and_managers_review(
    answer: Answer, decide: Decide, researcher: User, chat_user: User, outsider: User, owner: User, manager: User
) -> None:
    for person in (researcher, chat_user, outsider):
        with pytest.raises(NotAllowed):
            decide(answer, "accept", actor=person)
    for person in (owner, manager):
        decide(answer, "accept", actor=person)


def test_nobody_reviews_their_own(task: Task, decide: Decide, reviewer: User) -> None:
    mine = answer_task(task, reviewer)
    for verdict in ("accept", "return", "strike", "restore"):
        with pytest.raises(OwnAnswer):
            decide(mine, verdict, "Mine.")
    assert not Review.objects.exists()


def test_a_form_that_was_not_read_is_not_reviewed(answer: Answer, decide: Decide) -> None:
    Answer.objects.update(revision=2)
    with pytest.raises(AnswerChanged, match="form 2"):
        decide(answer, "accept")
    assert decide(answer, "accept", revision=2).revision == 2


@pytest.mark.parametrize(
    ("verdict", "reason", "field"),
    [
        ("return", "", "reason"),
        ("return", " \n", "reason"),
        ("strike", "x" * 2001, "reason"),
        ("praise", "", "verdict"),
    ],
)
def test_what_makes_no_verdict(answer: Answer, decide: Decide, verdict: str, reason: str, field: str) -> None:
    with pytest.raises(BadField) as error:
        decide(answer, verdict, reason)
    assert error.value.field == field


def test_imported_answers_are_struck_and_never_returned(task: Task, decide: Decide) -> None:
    answer = answer_task(task, make_judge(source="pandalm", external_id="1", name="Judge 1"))
    Answer.objects.update(source_kind="import")
    with pytest.raises(NotReturnable):
        decide(answer, "return", "Too short.")
    assert decide(answer, "strike").verdict == "strike"


def test_agreement_follows_what_was_struck(
    question: Question, rank: Rank, decide: Decide, annotator: User, manager: User, owner: User
) -> None:
    task = question(required_answers=3)
    odd = rank(task, annotator, 2, 1, 0)
    for person in (manager, owner):
        rank(task, person)
    compare_changed(now=NOW)
    assert AnswerAgreement.objects.get(answer=odd).agreement == 0
    before = AgreementReport.objects.get().changes
    decide(odd, "strike")
    assert not AnswerAgreement.objects.exists()
    assert AgreementReport.objects.get().changes == before + 1
    assert compare_changed(now=NOW) == 1
    assert set(AnswerAgreement.objects.values_list("agreement", flat=True)) == {1}
    decide(odd, "restore")
    compare_changed(now=NOW)
    assert AnswerAgreement.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_strikes_at_once_strike_once(answer: Answer, task: Task, decide: Decide, manager: User) -> None:
    spare = answer_task(task, manager)
    gate = threading.Barrier(4)

    def strike(_: int) -> None:
        try:
            gate.wait()
            decide(answer, "strike", "Spam.")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(strike, range(4)))
    spare.refresh_from_db()
    assert (Review.objects.count(), spare.is_spare, counts(task)) == (1, False, ("closed", 1))


# All of one person's work


@pytest.fixture
def work(demonstration_protocol: Protocol, question: Question, rank: Rank, annotator: User) -> list[Answer]:
    """Three texts a day apart and a ranking by the annotator."""
    tasks = [make_demonstration_task(demonstration_protocol, f"Question {number}?") for number in range(3)]
    texts = [answer_task(task, annotator, now=NOW + timedelta(days=day)) for day, task in enumerate(tasks)]
    return [*texts, rank(question(), annotator)]


def test_all_of_a_persons_work_is_struck_with_a_review_each(
    project: Project, work: list[Answer], annotator: User, reviewer: User, task: Task, manager: User
) -> None:
    other = answer_task(task, manager)
    strike = {"project": project, "annotator": annotator, "actor": reviewer, "now": NOW, "reason": "Spam."}
    assert actions.strike_work(**strike) == 4
    assert set(Answer.objects.values_list("annotator", "state")) == {
        (annotator.pk, "struck"),
        (manager.pk, "submitted"),
    }
    assert {(review.verdict, review.reason) for review in Review.objects.all()} == {("strike", "Spam.")}
    assert Task.objects.filter(state="open", answers_count=0).count() == 4
    assert counts(other.task) == ("closed", 1)
    assert actions.strike_work(**strike) == 0
    assert Review.objects.count() == 4


def test_work_is_struck_in_one_protocol_or_since_a_day(
    project: Project, work: list[Answer], annotator: User, reviewer: User, demonstration_protocol: Protocol
) -> None:
    who = {"project": project, "annotator": annotator}
    since = {"protocol": demonstration_protocol, "since": NOW + timedelta(days=1)}
    assert queries.work_of(**who, **since).count() == 2
    assert actions.strike_work(**who, **since, actor=reviewer, now=NOW) == 2
    assert queries.work_of(**who).count() == 2


def test_striking_has_its_limits(
    project: Project,
    work: list[Answer],
    annotator: User,
    reviewer: User,
    researcher: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(NotAllowed):
        actions.strike_work(project=project, annotator=annotator, actor=researcher, now=NOW)
    with pytest.raises(OwnAnswer):
        actions.strike_work(project=project, annotator=reviewer, actor=reviewer, now=NOW)
    monkeypatch.setattr(actions, "STRUCK_AT_ONCE", 3)
    with pytest.raises(TooManyToStrike, match="At most 3"):
        actions.strike_work(project=project, annotator=annotator, actor=reviewer, now=NOW)
    assert not Review.objects.exists()


def test_striking_costs_the_same_however_much_there_is(
    project: Project,
    work: list[Answer],
    annotator: User,
    reviewer: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(16):
        assert actions.strike_work(project=project, annotator=annotator, actor=reviewer, now=NOW) == 4


# What comes back to its author


def test_authors_get_back_what_was_returned_and_nothing_else(
    work: list[Answer], decide: Decide, annotator: User, manager: User, task: Task
) -> None:
    first, second, third, _ = work
    decide(first, "return", "Too short.")
    decide(second, "strike", "Spam.")
    decide(third, "accept")
    decide(answer_task(task, manager), "return", "Too long.")
    (back,) = queries.returned_to(annotator)
    assert (back, back.review_note, back.returned_at) == (first, "Too short.", NOW)
    decide(first, "restore")
    assert not queries.returned_to(annotator).exists()


def test_who_left_the_project_gets_nothing_back(answer: Answer, decide: Decide, annotator: User) -> None:
    decide(answer, "return", "Too short.")
    annotator.memberships.all().delete()
    assert not queries.returned_to(annotator).exists()
