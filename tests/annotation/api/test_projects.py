from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects import actions
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import ROLE_VERBS, VERBS
from annotation.tasks.models import ProjectCount
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]


def test_the_owner_makes_a_project_and_its_people_see_what_they_may_do(
    owner: User, project: Project, annotator: User, client_of: ClientOf
) -> None:
    made = client_of(owner).post("/api/projects/", {"name": "Another", "description": "For tenants."})
    assert made.status_code == 201
    assert (made.json()["my_role"], made.json()["permissions"]) == ("manager", sorted(VERBS))
    (seen,) = client_of(annotator).get("/api/projects/").json()["results"]
    assert (seen["id"], seen["my_role"], seen["permissions"]) == (
        project.pk,
        "annotator",
        sorted(ROLE_VERBS["annotator"]),
    )


def test_the_owner_sees_projects_they_are_not_in(owner: User, project: Project, client_of: ClientOf) -> None:
    project.memberships.all().delete()
    seen = client_of(owner).get(f"/api/projects/{project.pk}/").json()
    assert (seen["my_role"], seen["permissions"]) == (None, sorted(VERBS))


def test_a_taken_name_is_a_conflict(owner: User, project: Project, client_of: ClientOf) -> None:
    answer = client_of(owner).post("/api/projects/", {"name": "Assistant"})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
    assert client_of(owner).patch(f"/api/projects/{project.pk}/", {"name": "  "}).status_code == 400


@pytest.mark.parametrize("count", [1, 6])
def test_a_list_of_projects_costs_the_same_however_long(
    owner: User, client_of: ClientOf, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        actions.create_project(actor=owner, name=f"Project {number}", now=NOW)
    browser = client_of(owner)
    with django_assert_num_queries(3):
        assert len(browser.get("/api/projects/").json()["results"]) == count


def test_pages_follow_each_other_without_a_gap(owner: User, client_of: ClientOf) -> None:
    for number in range(5):
        actions.create_project(actor=owner, name=f"Project {number}", now=NOW)
    browser, address, names = client_of(owner), "/api/projects/?page_size=2", []
    while address:
        page = browser.get(address).json()
        assert len(page["results"]) <= 2
        names += [row["name"] for row in page["results"]]
        address = page["next"]
    assert names == [f"Project {number}" for number in (4, 3, 2, 1, 0)]
    assert browser.get(page["previous"]).json()["results"][0]["name"] == "Project 2"


def test_a_page_holds_at_most_two_hundred(owner: User, client_of: ClientOf) -> None:
    Project.objects.bulk_create(
        Project(name=f"Project {number}", created_by=owner, created_at=NOW) for number in range(203)
    )
    browser = client_of(owner)
    assert len(browser.get("/api/projects/?page_size=100000").json()["results"]) == 200
    for odd in ("0", "-1", "x", ""):
        assert len(browser.get(f"/api/projects/?page_size={odd}").json()["results"]) == 50


# Base64 of p=abc, p=NUL, p=1' OR 1 and a number with 30 digits, and what is no base64.
@pytest.mark.parametrize(
    "cursor", ["cD1hYmM=", "cD0A", "cD0xJyBPUiAx", "cD0xMTExMTExMTExMTExMTExMTExMTExMTExMTExMTEx", "ø"]
)
def test_a_made_up_cursor_is_not_found(owner: User, client_of: ClientOf, cursor: str) -> None:
    answer = client_of(owner).get("/api/projects/", {"cursor": cursor})
    assert answer.status_code == 404
    assert "cursor" in answer.json()["detail"].lower()


# Members


def test_members_are_listed_changed_and_removed(
    project: Project, manager: User, annotator: User, client_of: ClientOf
) -> None:
    browser, address = client_of(manager), f"/api/projects/{project.pk}/members/"
    row = browser.get(address).json()["results"][0]
    assert (row["user"], row["role"]) == (
        {"id": annotator.pk, "name": annotator.name, "email": annotator.email},
        "annotator",
    )
    changed = browser.patch(f"{address}{row['id']}/", {"role": "reviewer", "qualifications": ["law"]}).json()
    assert (changed["role"], changed["qualifications"]) == ("reviewer", ["law"])
    moved = browser.patch(f"{address}{row['id']}/", {"languages": ["nb", "en"], "team": "Night"}).json()
    assert (moved["role"], moved["languages"], moved["team"]) == ("reviewer", ["en", "nb"], "Night")
    assert browser.patch(f"{address}{row['id']}/", {"languages": ["?"]}).json()["code"] == "bad_field"
    assert browser.patch(f"{address}{row['id']}/", {"role": "king"}).status_code == 400
    assert browser.delete(f"{address}{row['id']}/").status_code == 204
    assert client_of(annotator).get(f"/api/projects/{project.pk}/").status_code == 404


def test_the_last_manager_stays(project: Project, owner: User, client_of: ClientOf) -> None:
    address = f"/api/projects/{project.pk}/members/{project.memberships.get().pk}/"
    for answer in (client_of(owner).delete(address), client_of(owner).patch(address, {"role": "annotator"})):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_manager")


def test_rows_of_another_project_are_not_found(
    project: Project, ranking_protocol: Protocol, outsider: User, client_of: ClientOf
) -> None:
    """The manager of one project cannot reach another's rows through their own project's address."""
    elsewhere = Project.objects.get(memberships__user=outsider)
    browser, address = client_of(outsider), f"/api/projects/{elsewhere.pk}"
    member = project.memberships.get().pk
    assert browser.patch(f"{address}/members/{member}/", {"role": "annotator"}).status_code == 404
    assert browser.get(f"{address}/protocols/{ranking_protocol.pk}/").status_code == 404
    assert browser.patch(f"{address}/protocols/{ranking_protocol.pk}/", {"state": "paused"}).status_code == 404
    assert browser.post(f"{address}/protocols/{ranking_protocol.pk}/guidelines/", {"markdown": "x"}).status_code == 404


def test_a_list_of_members_costs_the_same_however_long(
    project: Project,
    everybody: dict[str, User],
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = client_of(everybody["owner"])
    with django_assert_num_queries(4):
        assert len(browser.get(f"/api/projects/{project.pk}/members/").json()["results"]) == 6


def test_progress_is_shown_to_those_who_read(project: Project, reviewer: User, client_of: ClientOf) -> None:
    body = client_of(reviewer).get(f"/api/projects/{project.pk}/progress/").json()
    assert (body["prompts"], body["splits"]) == (0, {"train": 0, "validation": 0, "test": 0})
    assert [len(protocol["answers_per_day"]) for protocol in body["protocols"]] == [14, 14]


def test_looking_at_a_large_project_asks_a_worker_to_count_it(
    project: Project,
    reviewer: User,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr("annotation.tasks.overview.CHEAP_SECONDS", 0.0)
    asked: list[dict[str, int]] = []
    monkeypatch.setattr("annotation.api.projects.count_project.delay", lambda **given: asked.append(given))
    browser, address = client_of(reviewer), f"/api/projects/{project.pk}/progress/"
    browser.get(address)
    ProjectCount.objects.update(counted_at=timezone.now() - timedelta(days=1))
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert browser.get(address).json()["counted_at"] is not None
    assert asked == [{"project_id": project.pk}]
