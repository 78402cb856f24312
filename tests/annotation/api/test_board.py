from __future__ import annotations

from collections.abc import Callable

from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.assignment.models import Claim
from annotation.people.models import User
from annotation.projects.models import Project

ClientOf = Callable[[User | None], APIClient]


def test_a_manager_sees_who_works_on_what(
    project: Project, claim: Claim, manager: User, annotator: User, client_of: ClientOf
) -> None:
    body = client_of(manager).get(f"/api/projects/{project.pk}/board/").json()
    (held,) = body["claims"]
    assert (held["id"], held["person"]) == (str(claim.pk), {"id": annotator.pk, "name": annotator.name})
    assert (held["excerpt"], held["shown_at"], held["is_expiring"]) == ("What is a lease?", None, False)
    totals = {row["protocol"]["kind"]: row["total"] for row in body["protocols"]}
    assert (totals["ranking"]["open"], totals["ranking"]["in_flight"], totals["ranking"]["missing"]) == (1, 1, 1)
    assert (totals["demonstration"]["open"], totals["demonstration"]["answers_per_hour"]) == (0, None)


def test_a_board_that_has_not_changed_is_not_sent_again(
    project: Project, claim: Claim, manager: User, client_of: ClientOf
) -> None:
    browser, address = client_of(manager), f"/api/projects/{project.pk}/board/"
    first = browser.get(address)
    again = browser.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Claim.objects.filter(pk=claim.pk).update(state="released")
    assert browser.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_board_costs_the_same_however_much_there_is(
    project: Project,
    claim: Claim,
    manager: User,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Session and person, the project, their role, and the four of the board."""
    browser = client_of(manager)
    with django_assert_num_queries(8):
        browser.get(f"/api/projects/{project.pk}/board/")
