from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks import actions, bulk
from annotation.tasks.models import Purpose, Tally, Task
from annotation.tasks.tallies import TaskCounts, fold_tallies, task_counts
from tests.factories import answer_task, make_demonstration_task, make_judge, make_prompt, make_ranking_task
from tests.people import NOW


def counts_of(protocol: Protocol, language: str = "") -> TaskCounts:
    """Return what the tallies say, once it is what counting says."""
    told = task_counts(Protocol.objects.filter(pk=protocol.pk)).get((protocol.pk, language), TaskCounts())
    tasks = Task.objects.filter(protocol=protocol, language=language, purpose=Purpose.WORK)
    opened = list(tasks.filter(state="open"))
    missing = sum(max(0, task.required_answers - task.answers_count) for task in opened)
    assert told == (len(opened), tasks.filter(state="closed").count(), missing)
    return told


def test_a_task_counts_from_its_opening_to_its_last_answer(
    demonstration_protocol: Protocol, annotator: User, reviewer: User
) -> None:
    task = make_demonstration_task(demonstration_protocol, required_answers=2)
    assert counts_of(demonstration_protocol) == (1, 0, 2)
    answer_task(task, annotator)
    assert counts_of(demonstration_protocol) == (1, 0, 1)
    answer_task(task, reviewer)
    assert counts_of(demonstration_protocol) == (0, 1, 0)


def test_steering_and_cancelling_count(demonstration_protocol: Protocol, annotator: User, owner: User) -> None:
    answered, other = (make_demonstration_task(demonstration_protocol, text) for text in ("One?", "Two?"))
    answer_task(answered, annotator)
    actions.steer_task(task=answered, required_answers=4, now=NOW)
    assert counts_of(demonstration_protocol) == (2, 0, 4)
    actions.cancel_task(task=other, actor=owner, now=NOW)
    assert counts_of(demonstration_protocol) == (1, 0, 3)


def test_a_task_that_becomes_gold_or_gets_a_language_moves(demonstration_protocol: Protocol) -> None:
    for text in ("One?", "Two?"):
        make_demonstration_task(demonstration_protocol, text)
    first, second = Task.objects.order_by("pk")
    Task.objects.filter(pk=first.pk).update(language="nb")
    assert counts_of(demonstration_protocol, "nb") == (1, 0, 1)
    Task.objects.filter(pk=second.pk).update(purpose=Purpose.GOLD)
    assert counts_of(demonstration_protocol) == (0, 0, 0)


def test_what_is_written_by_the_thousand_counts(project: Project, demonstration_protocol: Protocol) -> None:
    prompts = [make_prompt(project, f"Question {number}?").pk for number in range(5)]
    rows = [bulk.NewTask(demonstration_protocol.pk, prompt, required_answers=1) for prompt in prompts]
    written = bulk.open_tasks(rows, now=NOW)
    bulk.open_tasks(rows, now=NOW)
    assert counts_of(demonstration_protocol) == (5, 0, 5)
    judge = make_judge(source="file", external_id="1", name="Judge")
    version = demonstration_protocol.versions.get()
    answers = [
        bulk.NewAnswer(task.id, judge.pk, {"completion": "Yes."}, version.pk, submitted_at=NOW) for task in written[:3]
    ]
    bulk.add_answers(answers, now=NOW)
    assert counts_of(demonstration_protocol) == (2, 3, 2)
    Task.objects.filter(state="open").delete()
    assert counts_of(demonstration_protocol) == (0, 3, 0)


def test_a_claim_writes_no_tally(ranking_protocol: Protocol) -> None:
    task = make_ranking_task(ranking_protocol)
    before = Tally.objects.count()
    Task.objects.filter(pk=task.pk).update(claims_count=1, priority=3)
    assert Tally.objects.count() == before


def test_folding_leaves_one_row_for_each_protocol_and_language(
    demonstration_protocol: Protocol, ranking_protocol: Protocol, annotator: User
) -> None:
    for text in ("One?", "Two?", "Three?"):
        make_ranking_task(ranking_protocol, text)
        answer_task(make_demonstration_task(demonstration_protocol, text), annotator)
    fold_tallies()
    assert Tally.objects.count() == 2
    assert (counts_of(demonstration_protocol), counts_of(ranking_protocol)) == ((0, 3, 0), (3, 0, 3))
    (row,) = Tally.objects.filter(protocol=ranking_protocol)
    fold_tallies()
    assert Tally.objects.get(protocol=ranking_protocol) == row


def test_a_project_goes_with_its_tallies(demonstration_protocol: Protocol) -> None:
    """Deleted from the bottom up, as the database admin would: the tasks write their last rows in passing."""
    make_demonstration_task(demonstration_protocol)
    Task.objects.all().delete()
    demonstration_protocol.delete()
    assert not Tally.objects.filter(protocol_id=demonstration_protocol.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_folding_at_the_same_time_counts_nothing_twice(demonstration_protocol: Protocol) -> None:
    for number in range(20):
        make_demonstration_task(demonstration_protocol, f"Question {number}?")

    def fold(_: int) -> None:
        fold_tallies()
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fold, range(8)))
    assert counts_of(demonstration_protocol) == (20, 0, 20)
