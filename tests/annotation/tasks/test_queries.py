from __future__ import annotations

import pytest
from django.db import connection

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks import queries
from annotation.tasks.models import Answer, Completion, Prompt, Task
from tests.factories import answer_task, make_demonstration_task, make_prompt, make_ranking_task


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


@pytest.mark.parametrize(("state", "index"), [("open", "task_queue"), ("closed", "tasks_ended")])
def test_a_list_by_state_reads_no_other_tasks(
    project: Project,
    demonstration_protocol: Protocol,
    annotator: User,
    reviewer: User,
    state: str,
    index: str,
) -> None:
    done, _ = (make_demonstration_task(demonstration_protocol, text) for text in ("Done?", "Open?"))
    answer_task(done, annotator)
    found = queries.tasks_of(project, reviewer, state=state).order_by("-pk")
    assert [task.state for task in found] == [state]
    with connection.cursor() as cursor:
        # Of a handful of tasks any index will do: the planner has to know of many, most of them in the other state.
        cursor.execute(
            "INSERT INTO tasks_task SELECT (jsonb_populate_record(task, jsonb_build_object("
            "'id', task.id + number, 'content_sha256', lpad(number::text, 64, '0')))).*"
            " FROM tasks_task task, generate_series(1000, 4000) number WHERE task.state <> %s",
            [state],
        )
        cursor.execute("ANALYZE tasks_task, projects_protocol")
    assert index in found.explain()
    # Told which protocols there are: a join would hide from the planner how many tasks it will find.
    assert str(found.query).count("projects_project") == 0


def test_a_list_of_tasks_is_empty_for_those_who_may_not_read_them(
    project: Project, demonstration_protocol: Protocol, annotator: User, outsider: User
) -> None:
    make_demonstration_task(demonstration_protocol)
    assert [queries.tasks_of(project, user).count() for user in (annotator, outsider)] == [0, 0]
