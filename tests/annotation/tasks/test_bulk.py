from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import DataError, connection
from pytest_django import DjangoAssertNumQueries

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks import bulk
from annotation.tasks.bulk import AnswerOutcome, NewAnswer, NewCompletion, NewPrompt, NewTask
from annotation.tasks.models import Answer, AnswerRevision, Completion, Prompt, PromptGroup, Task
from tests.factories import make_completion, make_prompt, make_ranking_task, user_says

pytestmark = pytest.mark.django_db


def prompts(*texts: str) -> list[NewPrompt]:
    return [NewPrompt(user_says(text)) for text in texts]


def test_prompts_are_those_that_the_single_verb_would_make(project: Project, now: datetime) -> None:
    there = make_prompt(project, "One?")
    written = bulk.add_prompts(project, prompts("Two?", "One?", "Two?", 'Three "{},\\?'), now=now)
    assert [row.is_new for row in written] == [True, False, False, True]
    assert written[1].id == there.pk
    assert written[0].id == written[2].id
    assert make_prompt(project, "Two?").pk == written[0].id
    assert Prompt.objects.get(pk=written[3].id).messages == user_says('Three "{},\\?')
    assert PromptGroup.objects.count() == 3


def test_completions_differ_by_prompt_text_and_source(project: Project, now: datetime) -> None:
    one, two = make_prompt(project, "One?"), make_prompt(project, "Two?")
    there = make_completion(one, "Yes.", "model-a")
    written = bulk.add_completions(
        [
            NewCompletion(one.pk, "Yes.", "model", "model-a"),
            NewCompletion(one.pk, "Yes.", "model", "model-b", "digest"),
            NewCompletion(two.pk, "Yes.", "model", "model-a"),
            NewCompletion(one.pk, "No.", "import"),
        ],
        now=now,
    )
    assert [row.is_new for row in written] == [False, True, True, True]
    assert written[0].id == there.pk
    assert Completion.objects.get(pk=written[1].id).model_sha256 == "digest"
    assert Completion.objects.get(pk=written[2].id).prompt == two


def test_tasks_are_opened_once_in_the_order_shown(ranking_protocol: Protocol, now: datetime) -> None:
    there = make_ranking_task(ranking_protocol, completions=("A", "B"), required_answers=3)
    a, b = there.completions.order_by("pk").values_list("pk", flat=True)
    c = make_completion(there.prompt, "C").pk
    new = NewTask(
        ranking_protocol.pk, there.prompt_id, 2, [c, a], priority=5, queue_key=7, selection={"policy": "all", "p": 1}
    )
    written = bulk.open_tasks([NewTask(ranking_protocol.pk, there.prompt_id, 1, [b, a]), new, new], now=now)
    assert [row.is_new for row in written] == [False, True, False]
    assert written[0].id == there.pk
    task = Task.objects.get(pk=written[1].id)
    assert (task.state, task.required_answers, task.priority, task.queue_key) == ("open", 2, 5, 7)
    assert (task.selection, task.purpose) == ({"policy": "all", "p": 1}, "work")
    assert list(task.task_completions.order_by("position").values_list("completion_id", flat=True)) == [c, a]
    there.refresh_from_db()
    assert there.required_answers == 3


def test_answers_are_written_once_with_a_revision_and_counted(
    ranking_protocol: Protocol, annotator: User, reviewer: User, now: datetime
) -> None:
    task = make_ranking_task(ranking_protocol, completions=("A", "B"), required_answers=2)
    version = ranking_protocol.versions.get().pk
    payload, other = {"tiers": [[1], [2]]}, {"tiers": [[2], [1]]}
    first = NewAnswer(task.pk, annotator.pk, payload, version, now)
    assert bulk.add_answers([first], now=now) == [AnswerOutcome.NEW]
    task.refresh_from_db()
    assert (task.state, task.answers_count) == ("open", 1)
    contradiction = NewAnswer(task.pk, annotator.pk, other, version, now)
    second = NewAnswer(task.pk, reviewer.pk, other, version, now)
    outcomes = bulk.add_answers([first, contradiction, second, second], now=now)
    assert outcomes == [
        AnswerOutcome.DUPLICATE, AnswerOutcome.CONTRADICTION, AnswerOutcome.NEW, AnswerOutcome.DUPLICATE,
    ]  # fmt: skip
    task.refresh_from_db()
    assert (task.state, task.answers_count, task.required_answers, task.closed_at) == ("closed", 2, 2, now)
    assert list(AnswerRevision.objects.values_list("number", flat=True)) == [1, 1]
    assert Answer.objects.get(annotator=annotator).payload == payload


def test_empty_batches_are_nothing(project: Project, now: datetime) -> None:
    assert bulk.add_prompts(project, [], now=now) == []
    assert bulk.add_completions([], now=now) == []
    assert bulk.open_tasks([], now=now) == []
    assert bulk.add_answers([], now=now) == []


def test_a_text_too_long_for_its_column_is_refused_not_cut(project: Project, now: datetime) -> None:
    with pytest.raises(DataError):
        bulk.add_prompts(project, [NewPrompt(user_says("One?"), source_label="x" * 201)], now=now)


def test_the_number_of_statements_does_not_follow_the_number_of_rows(
    project: Project, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):
        bulk.add_prompts(project, prompts("One?"), now=now)
    with django_assert_num_queries(4):
        bulk.add_prompts(project, prompts(*(f"Question {number}?" for number in range(300))), now=now)


def forget_statistics() -> None:
    """Leave the planner nothing of what other tests had in these tables: autovacuum may have looked at any moment."""
    if connection.pg_version < 180000:  # type: ignore[attr-defined]
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_clear_attribute_stats(schemaname, tablename, attname, inherited) FROM pg_stats"
            " WHERE schemaname = 'public' AND tablename LIKE 'tasks%'"
        )
        cursor.execute(
            "SELECT pg_clear_relation_stats('public', relname) FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND relname LIKE 'tasks%'"
        )


def test_a_batch_costs_the_same_however_many_rows_are_there(
    project: Project, ranking_protocol: Protocol, annotator: User, now: datetime
) -> None:
    """The planner has no statistics of what this transaction wrote, and yet the look-ups must not scan it."""
    version = ranking_protocol.versions.get().pk
    forget_statistics()

    def write_batch(number: int) -> None:
        texts = [f"Question {number} {place}?" for place in range(400)]
        written = bulk.add_prompts(project, prompts(*texts), now=now)
        given = [NewCompletion(prompt.id, text, "import") for prompt in written for text in ("A", "B")]
        ids = [row.id for row in bulk.add_completions(given, now=now)]
        pairs = zip(written, ids[::2], ids[1::2], strict=True)
        tasks = [NewTask(ranking_protocol.pk, prompt.id, 1, [first, second]) for prompt, first, second in pairs]
        opened = bulk.open_tasks(tasks, now=now)
        answers = [NewAnswer(task.id, annotator.pk, {"tiers": []}, version, now) for task in opened]
        assert set(bulk.add_answers(answers, now=now)) == {AnswerOutcome.NEW}

    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if "LATERAL" in sql:
            with connection.connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + sql, params)
                plans.extend(line for (line,) in cursor.fetchall())
        return execute(sql, params, many, context)

    for number in range(5):
        write_batch(number)
    with connection.execute_wrapper(explain):
        write_batch(5)
    scans = [line.strip() for line in plans if "Scan" in line and "Function Scan" not in line]
    assert len(scans) == 5, scans
    assert all("one_" in line and line.startswith("->  Index") for line in scans), scans
