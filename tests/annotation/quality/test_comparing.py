from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.quality.comparing import compare_changed
from annotation.quality.models import AgreementReport, AnswerAgreement
from annotation.tasks.actions import cancel_task
from annotation.tasks.models import Task
from annotation.tasks.recording import Given, revise_answer
from tests.annotation.quality.conftest import Rank
from tests.factories import answer_task, make_demonstration_task, make_judge
from tests.people import NOW

Question = Callable[..., Task]


@pytest.fixture
def adaptive(ranking_protocol: Protocol) -> Protocol:
    ranking_protocol.agreement_floor, ranking_protocol.maximum_answers = 0.6, 3
    ranking_protocol.save()
    return ranking_protocol


def test_answers_are_compared_once_there_are_two(
    question: Question, rank: Rank, annotator: User, reviewer: User, ranking_protocol: Protocol
) -> None:
    task = question()
    first = rank(task, annotator, 0, 1, 2)
    assert compare_changed(now=NOW) == 0
    second = rank(task, reviewer, 0, 2, 1)
    assert compare_changed(now=NOW) == 1
    rows = {row.answer_id: row for row in AnswerAgreement.objects.all()}
    assert rows.keys() == {first.pk, second.pk}
    row = rows[first.pk]
    assert (row.agreement, row.level, row.others, row.compared) == (pytest.approx(2 / 3), "mixed", 1, 3)
    assert (row.task, row.annotator, row.protocol, row.week) == (task, annotator, ranking_protocol, date(2026, 11, 23))
    assert compare_changed(now=NOW) == 0
    assert AgreementReport.objects.get().changes == 1


def test_another_answer_makes_all_of_them_be_compared_again(
    question: Question, rank: Rank, annotator: User, reviewer: User, manager: User
) -> None:
    task = question(required_answers=3)
    first = rank(task, annotator)
    rank(task, reviewer)
    compare_changed(now=NOW)
    assert first.agreement.agreement == 1
    rank(task, manager, 2, 1, 0)
    assert compare_changed(now=NOW) == 1
    assert AnswerAgreement.objects.get(answer=first).agreement == 0.5


def test_another_form_of_an_answer_makes_all_of_them_be_compared_again(
    question: Question, rank: Rank, annotator: User, reviewer: User
) -> None:
    task = question()
    mine, theirs = rank(task, annotator), rank(task, reviewer, 2, 1, 0)
    compare_changed(now=NOW)
    assert mine.agreement.agreement == 0
    given = Given(
        payload=theirs.payload,
        shown_order=mine.shown_order,
        protocol_version=mine.protocol_version,
        guideline_version=None,
    )
    revise_answer(answer=mine, given=given, now=NOW)
    assert compare_changed(now=NOW) == 1
    assert AnswerAgreement.objects.get(answer=theirs).agreement == 1


def test_spares_and_texts_are_not_compared(
    question: Question, rank: Rank, demonstration_protocol: Protocol, annotator: User, reviewer: User, manager: User
) -> None:
    ranked, written = question(), make_demonstration_task(demonstration_protocol, required_answers=2)
    for person in (annotator, reviewer):
        rank(ranked, person)
        answer_task(written, person)
    spare = rank(ranked, manager, 2, 1, 0)
    assert compare_changed(now=NOW) == 2
    assert AnswerAgreement.objects.count() == 2
    assert not AnswerAgreement.objects.filter(answer=spare).exists()
    assert compare_changed(now=NOW) == 0


def test_a_closed_task_that_agrees_too_little_asks_for_more_up_to_the_most(
    adaptive: Protocol, question: Question, rank: Rank, annotator: User, reviewer: User, manager: User, owner: User
) -> None:
    task = question()
    rank(task, annotator, 0, 1, 2)
    rank(task, reviewer, 2, 1, 0)
    for _ in range(2):
        compare_changed(now=NOW)
        task.refresh_from_db()
        assert (task.state, task.required_answers) == ("open", 3)
    rank(task, manager, 1, 0, 2)
    compare_changed(now=NOW)
    task.refresh_from_db()
    assert (task.state, task.required_answers, task.answers_count) == ("closed", 3, 3)
    assert rank(task, owner).is_spare


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)])
def test_a_task_that_agrees_enough_stays_closed(
    adaptive: Protocol, question: Question, rank: Rank, annotator: User, reviewer: User, order: tuple[int, ...]
) -> None:
    task = question()
    rank(task, annotator)
    rank(task, reviewer, *order)
    compare_changed(now=NOW)
    task.refresh_from_db()
    assert (task.state, task.required_answers) == ("closed", 2)


@pytest.mark.parametrize("missing", ["agreement_floor", "maximum_answers"])
def test_without_floor_or_most_nobody_is_asked(
    adaptive: Protocol, question: Question, rank: Rank, annotator: User, reviewer: User, missing: str
) -> None:
    Protocol.objects.update(**{missing: None})
    task = question()
    rank(task, annotator)
    rank(task, reviewer, 2, 1, 0)
    compare_changed(now=NOW)
    assert Task.objects.get().state == "closed"


def test_gold_cancelled_open_and_imported_tasks_ask_for_nobody(
    adaptive: Protocol, question: Question, rank: Rank, annotator: User, reviewer: User, owner: User
) -> None:
    gold, cancelled, still_open, imported = (question(f"Question {number}?") for number in range(4))
    Task.objects.filter(pk=gold.pk).update(purpose="gold")
    Task.objects.filter(pk__in=[cancelled.pk, still_open.pk]).update(required_answers=3)
    for task in (gold, cancelled, still_open, imported):
        rank(task, annotator)
        rank(task, reviewer, 2, 1, 0)
    cancel_task(task=cancelled, actor=owner, now=NOW)
    imported.answers.update(source_kind="import")
    compare_changed(now=NOW)
    assert dict(Task.objects.values_list("pk", "state")) == {
        gold.pk: "closed",
        cancelled.pk: "cancelled",
        still_open.pk: "open",
        imported.pk: "closed",
    }


def test_a_batch_costs_the_same_however_many_tasks_it_has(
    question: Question,
    rank: Rank,
    annotator: User,
    reviewer: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        task = question(f"Question {number}?")
        rank(task, annotator)
        rank(task, reviewer)
    compare_changed(now=NOW, limit=1)
    with django_assert_num_queries(9) as first:
        assert compare_changed(now=NOW, limit=1) == 1
    with django_assert_num_queries(len(first)):
        assert compare_changed(now=NOW) == 3


def test_what_is_to_compare_is_found_in_its_own_index(project: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, given = Task.objects.to_compare().order_by("pk").values("pk")[:5].query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", given)
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "tasks_to_compare" in plan
    assert "Filter" not in plan


@pytest.mark.django_db(transaction=True)
def test_two_workers_compare_each_task_once_and_ask_once(
    adaptive: Protocol, question: Question, rank: Rank, annotator: User, reviewer: User
) -> None:
    for number in range(12):
        task = question(f"Question {number}?")
        rank(task, annotator)
        rank(task, reviewer, 2, 1, 0)
    gate = threading.Barrier(4)

    def work(_: int) -> int:
        try:
            gate.wait()
            return sum(iter(lambda: compare_changed(now=NOW, limit=2), 0))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 12
    assert AnswerAgreement.objects.count() == 24
    assert set(Task.objects.values_list("required_answers", "state")) == {(3, "open")}


def test_judges_of_a_file_are_compared_too(question: Question, rank: Rank) -> None:
    task = question()
    for number in range(2):
        rank(task, make_judge(source="pandalm", external_id=str(number), name=f"Judge {number}"))
    assert compare_changed(now=NOW) == 1
    assert AnswerAgreement.objects.filter(agreement=1).count() == 2
