from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks import queries
from annotation.tasks.models import Answer, Completion, Prompt, Task
from tests.factories import answer_task, make_demonstration_task, make_prompt, make_ranking_task
from tests.people import NOW


@pytest.mark.parametrize(
    ("role", "sees"), [("manager", 1), ("researcher", 1), ("reviewer", 1), ("annotator", 0), ("chat_user", 0)]
)
def test_rows_are_seen_by_those_who_run_the_project(
    ranking_protocol: Protocol, everybody: dict[str, User], role: str, sees: int
) -> None:
    make_ranking_task(ranking_protocol, completions=("A.", "B."))
    user = everybody[role]
    assert Prompt.objects.visible_to(user).count() == sees
    assert Task.objects.visible_to(user).count() == sees
    assert Completion.objects.visible_to(user).count() == 2 * sees


def test_an_outsider_sees_nothing_and_the_owner_all(
    ranking_protocol: Protocol, outsider: User, owner: User, annotator: User
) -> None:
    answer_task(make_ranking_task(ranking_protocol), annotator)
    for model in (Prompt, Task, Completion, Answer):
        assert not model.objects.visible_to(outsider).exists()
        assert model.objects.visible_to(owner).exists()


def test_annotators_see_their_own_answers_alone(
    demonstration_protocol: Protocol, annotator: User, reviewer: User
) -> None:
    task = make_demonstration_task(demonstration_protocol, required_answers=2)
    mine = answer_task(task, annotator)
    answer_task(task, reviewer)
    assert list(Answer.objects.visible_to(annotator)) == [mine]
    assert Answer.objects.visible_to(reviewer).count() == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [("LEASE", 1), ("blåbær", 1), ('"quoted"', 1), ("user", 0), ("content", 0), ("%", 1), ("100% ", 1), ("nothing", 0)],
)
def test_prompts_are_found_by_what_is_said_in_them(project: Project, owner: User, text: str, found: int) -> None:
    for said in ("What is a lease?", "Hvor vokser blåbær?", 'Why is it "quoted"?', "Is 100% sure?"):
        make_prompt(project, said)
    assert queries.prompts_of(project, owner, text=text).count() == found


def test_progress_counts_and_costs_the_same_however_much_there_is(
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
    with django_assert_num_queries(8):
        report = queries.project_progress(project, now=NOW)
    assert (report["prompts"], report["completions"], report["answers"], report["people"]) == (5, 3, 4, 1)
    assert sum(report["splits"].values()) == 5
    wrote, ranked = report["protocols"]
    assert (wrote["tasks_open"], wrote["tasks_closed"], wrote["tasks_total"], wrote["answers"]) == (0, 4, 4, 4)
    assert (ranked["tasks_open"], ranked["tasks_total"], ranked["answers_today"]) == (1, 1, 0)
    assert wrote["answers_today"] == 3
    assert [day["count"] for day in wrote["answers_per_day"]] == [0] * 13 + [3]
    assert wrote["answers_per_day"][-1]["date"] == NOW.date()
