from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects import actions
from annotation.projects.models import Project, Protocol
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]


def test_a_protocol_shows_its_newest_configuration_and_guideline(
    project: Project, ranking_protocol: Protocol, manager: User, client_of: ClientOf
) -> None:
    browser, address = client_of(manager), f"/api/projects/{project.pk}/protocols/{ranking_protocol.pk}/"
    assert browser.get(address).json()["guideline"] is None
    for text in ("# Old", "# New"):
        assert browser.post(f"{address}guidelines/", {"markdown": text}).status_code == 201
    changed = browser.patch(address, {"config": {"allow_ties": False}, "required_answers": 3}).json()
    assert (changed["version"], changed["config"]["allow_ties"], changed["required_answers"]) == (2, False, 3)
    assert (changed["guideline"]["number"], changed["guideline"]["markdown"]) == (2, "# New")
    numbers = [row["number"] for row in browser.get(f"{address}guidelines/").json()["results"]]
    assert numbers == [2, 1]
    assert browser.patch(address, {"config": {"allow_ties": False}}).json()["version"] == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"config": {"colour": "red"}}, "invalid_config"),
        ({"config": {"allow_ties": "no"}}, "invalid_config"),
        ({"config": "x"}, "invalid"),
        ({"lease_seconds": 1}, "bad_field"),
        ({"required_answers": 0}, "invalid"),
        ({"state": "asleep"}, "invalid"),
    ],
)
def test_an_impossible_change_says_what_is_wrong(
    ranking_protocol: Protocol, owner: User, client_of: ClientOf, body: dict[str, object], code: str
) -> None:
    address = f"/api/projects/{ranking_protocol.project_id}/protocols/{ranking_protocol.pk}/"
    answer = client_of(owner).patch(address, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"]


def test_a_list_of_protocols_costs_the_same_however_long(
    project: Project, owner: User, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        actions.create_protocol(project=project, kind="ranking", name=f"Another {number}", actor=owner, now=NOW)
    browser = client_of(owner)
    with django_assert_num_queries(6):
        assert len(browser.get(f"/api/projects/{project.pk}/protocols/").json()["results"]) == 7
