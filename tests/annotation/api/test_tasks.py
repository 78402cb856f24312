from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Task
from tests.factories import answer_task, make_completion, make_demonstration_task, make_prompt, make_ranking_task
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def address(project: Project) -> str:
    return f"/api/projects/{project.pk}/"


def test_tasks_are_opened_once_for_prompts_with_completions(
    ranking_protocol: Protocol, researcher: User, client_of: ClientOf, address: str
) -> None:
    prompt = make_prompt(ranking_protocol.project)
    for text in ("A contract.", "A dog."):
        make_completion(prompt, text)
    browser = client_of(researcher)
    body = {"protocol": ranking_protocol.pk, "prompts": [prompt.pk], "required_answers": 3, "priority": 5}
    assert browser.post(f"{address}tasks/", body).json() == {"opened": 1, "already_there": 0}
    assert browser.post(f"{address}tasks/", body).json() == {"opened": 0, "already_there": 1}
    (listed,) = browser.get(f"{address}tasks/").json()["results"]
    assert (listed["required_answers"], listed["priority"], listed["state"]) == (3, 5, "open")
    assert (listed["excerpt"], listed["protocol"]["kind"]) == ("What is a lease?", "ranking")
    assert listed["brief"] is None


def test_tasks_are_opened_for_briefs_and_listed(
    project: Project, owner: User, researcher: User, client_of: ClientOf, address: str
) -> None:
    protocol = project_actions.create_protocol(project=project, preset="prompt_write", actor=owner, now=NOW)
    browser = client_of(researcher)
    body = {"protocol": protocol.pk, "briefs": [{"text": "On housing."}, {"style": "few_shot"}], "copies": 2}
    assert browser.post(f"{address}tasks/", body | {"language": "nb"}).json() == {"opened": 4, "already_there": 0}
    listed = browser.get(f"{address}tasks/").json()["results"]
    assert {(task["excerpt"], task["prompt_id"], task["language"]) for task in listed} == {
        ("On housing.", None, "nb"),
        ("", None, "nb"),
    }
    assert {"style": "few_shot", "text": "", "use_case": ""} in [task["brief"] for task in listed]
    for wrong in ({"prompts": [1]}, {"briefs": [{"style": "haiku"}]}, {"briefs": []}, {"copies": 0}):
        assert browser.post(f"{address}tasks/", body | wrong).status_code == 400


@pytest.mark.parametrize("count", [0, 1])
def test_a_ranking_of_one_is_refused(
    ranking_protocol: Protocol, researcher: User, client_of: ClientOf, address: str, count: int
) -> None:
    prompt = make_prompt(ranking_protocol.project)
    for number in range(count):
        make_completion(prompt, f"Completion {number}.")
    body = {"protocol": ranking_protocol.pk, "prompts": [prompt.pk]}
    answer = client_of(researcher).post(f"{address}tasks/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "task_not_openable")
    assert f"not {count} as for prompt {prompt.pk}" in answer.json()["detail"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompts": []},
        {"copies": 2},
        {"language": "nb"},
        {"prompts": [10**30]},
        {"prompts": ["x"]},
        {"required_answers": 0},
        {"priority": 10**6},
    ],
)
def test_an_impossible_order_is_refused(
    demonstration_protocol: Protocol, researcher: User, client_of: ClientOf, address: str, wrong: dict[str, Any]
) -> None:
    body = {"protocol": demonstration_protocol.pk, "prompts": [make_prompt(demonstration_protocol.project).pk]} | wrong
    assert client_of(researcher).post(f"{address}tasks/", body).status_code == 400
    assert not Task.objects.exists()


def test_prompts_and_protocols_of_another_project_are_refused(
    demonstration_protocol: Protocol, outsider: User, researcher: User, client_of: ClientOf, address: str
) -> None:
    elsewhere = Project.objects.get(memberships__user=outsider)
    foreign, mine = make_prompt(elsewhere), make_prompt(demonstration_protocol.project)
    browser = client_of(researcher)
    body = {"protocol": demonstration_protocol.pk, "prompts": [mine.pk, foreign.pk]}
    assert browser.post(f"{address}tasks/", body).status_code == 400
    body = {"protocol": elsewhere.protocols.all()[0].pk, "prompts": [mine.pk]}
    assert browser.post(f"{address}tasks/", body).status_code == 404
    assert not Task.objects.exists()


def test_only_an_open_task_is_cancelled(
    demonstration_protocol: Protocol, researcher: User, client_of: ClientOf, address: str
) -> None:
    task = make_demonstration_task(demonstration_protocol)
    browser = client_of(researcher)
    assert browser.post(f"{address}tasks/{task.pk}/cancel/").json()["state"] == "cancelled"
    again = browser.post(f"{address}tasks/{task.pk}/cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "task_not_cancellable")
    assert len(browser.get(f"{address}tasks/?state=cancelled").json()["results"]) == 1
    assert browser.get(f"{address}tasks/?state=open&protocol={demonstration_protocol.pk}").json()["results"] == []


@pytest.mark.parametrize(
    "asked", ["state=asleep", "state=%00", "protocol=x", "protocol=²", "protocol=-1", "protocol=" + "9" * 5000]
)
def test_an_impossible_filter_is_refused(owner: User, client_of: ClientOf, address: str, asked: str) -> None:
    assert client_of(owner).get(f"{address}tasks/?{asked}").status_code == 400


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_costs_the_same_however_long(
    ranking_protocol: Protocol,
    owner: User,
    annotator: User,
    client_of: ClientOf,
    address: str,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        answer_task(make_ranking_task(ranking_protocol, f"Question {number}?"), annotator)
    browser = client_of(owner)
    with django_assert_num_queries(5):
        assert len(browser.get(f"{address}tasks/").json()["results"]) == count
