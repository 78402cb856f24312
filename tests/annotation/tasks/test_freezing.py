from __future__ import annotations

from datetime import timedelta

from pytest_django import DjangoAssertNumQueries

from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.tasks.freezing import freeze_answers
from annotation.tasks.models import Answer, AnswerRevision
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW


def test_answers_are_frozen_once_in_one_statement(
    demonstration_protocol: Protocol, annotator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, second, third = (
        answer_task(make_demonstration_task(demonstration_protocol, f"Question {number}?"), annotator)
        for number in range(3)
    )
    pinned = AnswerRevision.objects.filter(answer__in=[first, second]).values("pk")
    with django_assert_num_queries(1):
        assert freeze_answers(pinned, now=NOW) == 2
    every = AnswerRevision.objects.values("pk")
    assert freeze_answers(every, now=NOW + timedelta(days=1)) == 1
    frozen = dict(Answer.objects.values_list("pk", "frozen_at"))
    assert frozen == {first.pk: NOW, second.pk: NOW, third.pk: NOW + timedelta(days=1)}
