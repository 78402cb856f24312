from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks import overview
from annotation.tasks.models import ProjectCount
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.people import NOW


def test_a_small_project_is_counted_at_every_look(
    project: Project,
    demonstration_protocol: Protocol,
    ranking_protocol: Protocol,
    annotator: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(3):
        answer_task(make_demonstration_task(demonstration_protocol, f"Question {number}?"), annotator)
    answer_task(make_demonstration_task(demonstration_protocol, "Long ago?"), annotator, now=NOW - timedelta(days=14))
    make_ranking_task(ranking_protocol)
    with django_assert_num_queries(10):
        found = overview.overview_of(project, now=NOW)
    report = found.shown
    assert (found.is_due, ProjectCount.objects.count()) == (False, 0)
    assert (report["prompts"], report["completions"], report["answers"], report["people"]) == (5, 3, 4, 1)
    assert sum(report["splits"].values()) == 5
    wrote, ranked = report["protocols"]
    assert (wrote["tasks_open"], wrote["tasks_closed"], wrote["tasks_total"], wrote["answers"]) == (0, 4, 4, 4)
    assert (ranked["tasks_open"], ranked["tasks_total"], ranked["answers_today"]) == (1, 1, 0)
    assert wrote["answers_today"] == 3
    assert [day["count"] for day in wrote["answers_per_day"]] == [0] * 13 + [3]
    assert wrote["answers_per_day"][-1]["date"] == NOW.date()


@pytest.fixture
def large_project(
    project: Project, demonstration_protocol: Protocol, annotator: User, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """A project whose counts are expensive, looked at once."""
    monkeypatch.setattr(overview, "CHEAP_SECONDS", 0.0)
    answer_task(make_demonstration_task(demonstration_protocol, "First?"), annotator)
    assert overview.overview_of(project, now=NOW).shown["answers"] == 1
    ProjectCount.objects.update(cost_seconds=2.0)
    return project


def test_a_large_project_is_not_counted_by_those_who_look(
    large_project: Project,
    demonstration_protocol: Protocol,
    annotator: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    answer_task(make_demonstration_task(demonstration_protocol, "Second?"), annotator)
    with django_assert_num_queries(3) as asked:
        found = overview.overview_of(large_project, now=NOW + timedelta(seconds=99))
    # Tasks are as they are now; what would have to be counted is as it was.
    assert (found.shown["protocols"][0]["tasks_closed"], found.shown["answers"]) == (2, 1)
    assert found.shown["counted_at"] == NOW
    assert not found.is_due
    assert not any("tasks_answer" in query["sql"] or "tasks_prompt" in query["sql"] for query in asked)


def test_a_worker_is_asked_once_a_minute_to_count_anew(
    large_project: Project, demonstration_protocol: Protocol, annotator: User
) -> None:
    answer_task(make_demonstration_task(demonstration_protocol, "Second?"), annotator)
    later = NOW + timedelta(seconds=101)
    assert overview.overview_of(large_project, now=later).is_due
    asked = [overview.take_hint(project=large_project, now=later + timedelta(seconds=after)) for after in (0, 59, 61)]
    assert asked == [True, False, True]

    overview.count_project(project_id=large_project.pk, now=later)

    found = overview.overview_of(large_project, now=later)
    assert (found.shown["answers"], found.shown["counted_at"], found.is_due) == (2, later, False)


def test_what_has_become_cheap_is_no_longer_kept(large_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "CHEAP_SECONDS", 60.0)
    overview.count_project(project_id=large_project.pk, now=NOW)
    assert not ProjectCount.objects.exists()
    overview.count_project(project_id=0, now=NOW)
