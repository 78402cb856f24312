from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects.models import Membership, Project, Protocol
from annotation.tasks.models import Task
from tests.factories import make_demonstration_task

ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def address(project: Project) -> str:
    return f"/api/projects/{project.pk}/tasks/"


def test_tasks_are_assigned_listed_and_taken_back(
    demonstration_protocol: Protocol, annotator: User, researcher: User, client_of: ClientOf, address: str
) -> None:
    first, second = (make_demonstration_task(demonstration_protocol, text) for text in ("Why?", "How?"))
    browser = client_of(researcher)
    body = {"protocol": demonstration_protocol.pk, "tasks": [first.pk]}
    assigned = browser.post(f"{address}assign/", body | {"people": [annotator.pk]}, "json")
    assert (assigned.status_code, assigned.json()) == (200, {"tasks": 1, "own_texts": 0})
    listed = {row["id"]: (row["assigned_to"], row["team"]) for row in browser.get(address).json()["results"]}
    assert listed == {first.pk: ([annotator.pk], ""), second.pk: (None, "")}
    assert browser.post(f"{address}unassign/", body, "json").json() == {"tasks": 1, "own_texts": 0}
    assert not Task.objects.exclude(assigned_to=None).exists()


def test_a_filter_and_a_team(
    demonstration_protocol: Protocol, annotator: User, manager: User, client_of: ClientOf, address: str
) -> None:
    for text in ("Why?", "Why not?", "How?"):
        make_demonstration_task(demonstration_protocol, text)
    Membership.objects.filter(user=annotator).update(team="night")
    body = {"protocol": demonstration_protocol.pk, "text": "Why", "count": 1, "team": "night", "each": "all"}
    assert client_of(manager).post(f"{address}assign/", body, "json").json()["tasks"] == 1
    assert [task.prompt.messages[0]["content"] for task in Task.objects.filter(team="night")] == ["Why?"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "people"),
        ({"people": [10**30]}, "people"),
        ({"people": ["x"]}, "people[0]"),
        ({"people": list(range(201))}, "people"),
        ({"team": "nobody"}, "team"),
        ({"people": [1], "each": "some"}, "each"),
        ({"people": [1], "tasks": []}, "tasks"),
        ({"people": [1], "count": 0}, "count"),
        ({"people": [1], "language": "x" * 17}, "language"),
        ({"people": [1], "text": "x" * 201}, "text"),
    ],
)
def test_a_wrong_field_is_named(
    demonstration_protocol: Protocol,
    researcher: User,
    client_of: ClientOf,
    address: str,
    wrong: dict[str, Any],
    field: str,
) -> None:
    make_demonstration_task(demonstration_protocol)
    body = {"protocol": demonstration_protocol.pk} | wrong
    refused = client_of(researcher).post(f"{address}assign/", body, "json")
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_a_protocol_of_another_project_is_not_there(
    outsider: User, researcher: User, client_of: ClientOf, address: str
) -> None:
    foreign = Project.objects.get(memberships__user=outsider).protocols.all()[0]
    for verb in ("assign", "unassign"):
        body = {"protocol": foreign.pk, "people": [researcher.pk]}
        assert client_of(researcher).post(f"{address}{verb}/", body, "json").status_code == 404


def test_numbers_that_no_column_holds_name_nothing(
    demonstration_protocol: Protocol, annotator: User, researcher: User, client_of: ClientOf, address: str
) -> None:
    make_demonstration_task(demonstration_protocol)
    body = {"protocol": demonstration_protocol.pk, "people": [annotator.pk], "tasks": [10**30, -1]}
    assert client_of(researcher).post(f"{address}assign/", body, "json").json() == {"tasks": 0, "own_texts": 0}
    assert client_of(researcher).post(f"{address}assign/", body | {"protocol": 10**30}, "json").status_code == 404
