from __future__ import annotations

from datetime import timedelta

from pytest_django import DjangoAssertNumQueries

from annotation.assignment.pace import DAYS_SHOWN, pace_of
from annotation.people.models import User
from annotation.projects.models import Protocol
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.people import NOW


def answer(protocol: Protocol, person: User, *, days_ago: int, times: int, seconds: float = 600) -> None:
    for number in range(times):
        task = make_demonstration_task(protocol, f"{days_ago} days ago, question {number}?")
        answer_task(task, person, now=NOW - timedelta(days=days_ago), seconds=seconds)


def test_today_stands_beside_ones_own_usual_day(demonstration_protocol: Protocol, annotator: User) -> None:
    """Days of 1, 3 and 8 answers, at 12, 6 and 4 an hour, have 3 and 6 as their medians; today is not among them."""
    for days_ago, times, seconds in ((1, 1, 300), (2, 3, 600), (30, 8, 900), (0, 2, 1800)):
        answer(demonstration_protocol, annotator, days_ago=days_ago, times=times, seconds=seconds)
    pace = pace_of(annotator, now=NOW)
    assert (pace.usual_answers, pace.usual_per_hour) == (3, 6)
    assert (pace.today.answers, pace.today.seconds, pace.today.answers_per_hour) == (2, 3600, 2)
    assert [day.answers for day in pace.days] == [0] * (DAYS_SHOWN - 3) + [3, 1, 2]
    assert (pace.days[0].date, pace.days[-1].date) == ((NOW - timedelta(days=13)).date(), NOW.date())


def test_the_first_day_has_nothing_to_be_beside(demonstration_protocol: Protocol, annotator: User) -> None:
    answer(demonstration_protocol, annotator, days_ago=0, times=1)
    pace = pace_of(annotator, now=NOW)
    assert (pace.usual_answers, pace.usual_per_hour, pace.today.answers) == (None, None, 1)
    assert pace.days[0].answers_per_hour is None


def test_what_is_long_past_or_anothers_is_no_measure(
    demonstration_protocol: Protocol, annotator: User, reviewer: User
) -> None:
    answer(demonstration_protocol, annotator, days_ago=61, times=5)
    answer(demonstration_protocol, reviewer, days_ago=1, times=5)
    pace = pace_of(annotator, now=NOW)
    assert (pace.usual_answers, sum(day.answers for day in pace.days)) == (None, 0)


def test_one_protocol_by_itself(demonstration_protocol: Protocol, ranking_protocol: Protocol, annotator: User) -> None:
    answer(demonstration_protocol, annotator, days_ago=0, times=2)
    answer_task(make_ranking_task(ranking_protocol), annotator)
    assert pace_of(annotator, now=NOW).today.answers == 3
    assert pace_of(annotator, now=NOW, protocol=ranking_protocol.pk).today.answers == 1


def test_pace_costs_one_query(
    demonstration_protocol: Protocol, annotator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    answer(demonstration_protocol, annotator, days_ago=3, times=3)
    with django_assert_num_queries(1):
        pace_of(annotator, now=NOW)
