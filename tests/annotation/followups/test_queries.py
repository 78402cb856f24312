from __future__ import annotations

from django.db import connection

from annotation.followups import queries
from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.tasks.models import Answer
from tests.annotation.followups.conftest import Demonstrate
from tests.factories import answer_task, make_demonstration_task


def test_only_answers_that_something_is_to_follow_wait(
    demonstration_protocol: Protocol, demonstrate: Demonstrate, annotator: User
) -> None:
    answer_task(make_demonstration_task(demonstration_protocol, "What is a loan?"), annotator)
    assert not queries.is_anything_waiting()
    answer = demonstrate()
    assert queries.waiting(10) == [answer.pk]
    Answer.objects.update(followed_revision=1)
    assert not queries.is_anything_waiting()


def test_waiting_answers_stand_in_small_indexes(writing: Protocol) -> None:
    """What a sweep costs does not grow with the answers that have been followed."""

    def plan_of(rows: object) -> str:
        sql, given = rows.values("pk")[:10].query.sql_with_params()  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute(f"EXPLAIN {sql}", given)
            return "\n".join(line for (line,) in cursor.fetchall())

    assert "answers_to_follow" in plan_of(queries.to_follow([writing.versions.get().pk]))
    assert "answers_to_take_back" in plan_of(Answer.objects.to_take_back())
