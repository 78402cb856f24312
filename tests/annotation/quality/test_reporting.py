from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.quality import queries, reporting
from annotation.quality.comparing import compare_changed
from annotation.quality.models import AgreementFigure, AgreementReport, Scope
from annotation.tasks.models import Task
from tests.annotation.quality.conftest import Rank
from tests.people import NOW

Question = Callable[..., Task]


@pytest.fixture
def compared(question: Question, rank: Rank, annotator: User, reviewer: User, manager: User) -> None:
    """Three tasks: all alike; the manager the other way round; and one that two have answered half alike."""
    for number, (last, people) in enumerate([((0, 1, 2), 3), ((2, 1, 0), 3), ((0, 2, 1), 2)]):
        task = question(f"Question {number}?", required_answers=people)
        for person in (annotator, reviewer, manager)[: people - 1]:
            rank(task, person)
        rank(task, (annotator, reviewer, manager)[people - 1], *last)
    compare_changed(now=NOW)


def figure(protocol: Protocol, scope: str = Scope.PROTOCOL, **one: object) -> AgreementFigure:
    return AgreementFigure.objects.get(protocol=protocol, scope=scope, **one)


def test_a_protocols_figures_by_hand(compared: None, ranking_protocol: Protocol) -> None:
    assert reporting.compute_report(protocol_id=ranking_protocol.pk, now=NOW)
    whole = figure(ranking_protocol)
    assert (whole.tasks, whole.answers) == (3, 8)
    # Pairs of answers: three alike; one alike and two opposite; one of 2/3. Three pairs of completions in each.
    assert whole.agreement == whole.strict == pytest.approx((3 + 1 + 2 / 3) / 7)
    assert whole.tau_b == pytest.approx((3 + 1 - 2 + 1 / 3) / 7)
    assert whole.agreement_low <= whole.agreement <= whole.agreement_high
    # 24 judgements of pairs; whichever comes first, they use both values alike. Opposite ones met: of three pairs
    # each of the second task's, 2·2/2 of 3 coincidences a pair, and of one pair of the third's, both.
    assert whole.alpha == pytest.approx(1 - ((3 * 2 + 2) / 24) / (2 * 12 * 12 / (24 * 23)))


def test_everybody_is_measured_against_the_others(
    compared: None, ranking_protocol: Protocol, annotator: User, manager: User
) -> None:
    reporting.compute_report(protocol_id=ranking_protocol.pk, now=NOW)
    mine, theirs = (figure(ranking_protocol, Scope.ANNOTATOR, annotator=person) for person in (annotator, manager))
    assert (mine.answers, theirs.answers) == (3, 2)
    # With two others on the first task, one of two on the second, 2/3 with one on the third.
    assert mine.agreement == pytest.approx((2 + 1 + 2 / 3) / 5)
    assert theirs.agreement == pytest.approx(2 / 4)
    assert theirs.alpha is None


def test_figures_by_guideline_and_week(
    question: Question, rank: Rank, annotator: User, reviewer: User, ranking_protocol: Protocol, owner: User
) -> None:
    for number, last in enumerate([(2, 1, 0), (0, 1, 2)]):
        task = question(f"Question {number}?")
        rank(task, annotator)
        late = rank(task, reviewer, *last)
        guideline = project_actions.publish_guideline(
            protocol=ranking_protocol, markdown="# Look twice", actor=owner, now=NOW
        )
    type(late).objects.filter(pk=late.pk).update(submitted_at=NOW + timedelta(days=7))
    compare_changed(now=NOW)
    reporting.compute_report(protocol_id=ranking_protocol.pk, now=NOW)
    by_guideline = AgreementFigure.objects.filter(scope=Scope.GUIDELINE)
    assert dict(by_guideline.values_list("guideline_version__number", "agreement")) == {
        None: 0,
        guideline.number - 1: 1,
    }
    weeks = dict(AgreementFigure.objects.filter(scope=Scope.WEEK).values_list("week", "agreement"))
    assert weeks == {date(2026, 11, 23): pytest.approx(1 / 3), date(2026, 11, 30): 1}


def test_one_task_has_figures_and_no_interval(
    question: Question, rank: Rank, annotator: User, reviewer: User, ranking_protocol: Protocol
) -> None:
    task = question()
    rank(task, annotator)
    rank(task, reviewer)
    compare_changed(now=NOW)
    reporting.compute_report(protocol_id=ranking_protocol.pk, now=NOW)
    whole = figure(ranking_protocol)
    assert (whole.agreement, whole.alpha, whole.agreement_low, whole.alpha_high) == (1, 1, None, None)


def test_a_report_is_computed_when_answers_changed_and_it_is_old_enough(
    compared: None, question: Question, rank: Rank, annotator: User, reviewer: User, ranking_protocol: Protocol
) -> None:
    pk = ranking_protocol.pk
    assert reporting.take_due(now=NOW) == [pk]
    assert reporting.take_due(now=NOW) == []
    assert reporting.compute_report(protocol_id=pk, now=NOW)
    assert not reporting.compute_report(protocol_id=pk, now=NOW)
    later = NOW + timedelta(seconds=30)
    assert reporting.take_due(now=later) == []
    task = question("And what is a loan?")
    rank(task, annotator)
    rank(task, reviewer)
    compare_changed(now=later)
    assert reporting.take_due(now=later) == []
    AgreementReport.objects.update(cost_seconds=10)
    assert reporting.take_due(now=NOW + timedelta(seconds=100)) == []
    assert reporting.take_due(now=NOW + timedelta(seconds=200)) == [pk]
    # Its message is lost: the sweep sends another after a while.
    assert reporting.take_due(now=NOW + timedelta(seconds=261)) == [pk]


def test_a_report_that_saw_less_does_not_replace_one_that_saw_more(compared: None, ranking_protocol: Protocol) -> None:
    report = AgreementReport.objects.get()
    reporting.compute_report(protocol_id=ranking_protocol.pk, now=NOW)
    before = figure(ranking_protocol).pk
    AgreementReport.objects.update(computed_changes=report.changes + 1)
    assert not reporting.compute_report(protocol_id=ranking_protocol.pk, now=NOW)
    assert figure(ranking_protocol).pk == before
    assert not reporting.compute_report(protocol_id=ranking_protocol.pk + 999, now=NOW)


@pytest.mark.parametrize("people", [2, 5])
def test_computing_costs_two_reading_queries_however_many_there_are(
    question: Question,
    rank: Rank,
    join: Callable[..., User],
    ranking_protocol: Protocol,
    people: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    task = question(required_answers=people)
    for number in range(people):
        rank(task, join("annotator", f"annotator{number}"))
    compare_changed(now=NOW)
    # The report twice, two sums, figures deleted and written, the report written, and the transaction.
    with django_assert_num_queries(9):
        reporting.compute_report(protocol_id=ranking_protocol.pk, now=NOW)


@pytest.mark.parametrize(
    ("role", "sees"),
    [("manager", 1), ("researcher", 1), ("reviewer", 1), ("annotator", 0), ("chat_user", 0), ("outsider", 0)],
)
def test_those_who_may_see_reports(
    compared: None, ranking_protocol: Protocol, project: Project, everybody: dict[str, User], role: str, sees: int
) -> None:
    reporting.compute_report(protocol_id=ranking_protocol.pk, now=NOW)
    assert AgreementFigure.objects.visible_to(everybody[role]).filter(scope=Scope.PROTOCOL).count() == sees


def test_reports_of_a_project_come_in_two_queries(
    compared: None,
    ranking_protocol: Protocol,
    project: Project,
    manager: User,
    reviewer: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    reporting.compute_report(protocol_id=ranking_protocol.pk, now=NOW)
    with django_assert_num_queries(2):
        (report,) = queries.reports_of(project, reviewer)
    assert (report["protocol"], report["is_current"], report["computed_at"]) == (ranking_protocol, True, NOW)
    assert [row.answers for row in report["annotators"]] == [3, 3, 2]
    assert report["overall"].tasks == 3


def test_nothing_to_report_before_answers_are_compared(
    project: Project, demonstration_protocol: Protocol, annotator: User, reviewer: User
) -> None:
    assert queries.reports_of(project, reviewer) == []
    assert reporting.take_due(now=NOW) == []
    assert not reporting.compute_report(protocol_id=demonstration_protocol.pk, now=NOW)
