from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from django.http import StreamingHttpResponse
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from tests.factories import answer_task, make_demonstration_task

ClientOf = Callable[[User | None], APIClient]
TODAY = {"from": "2026-11-23", "to": "2026-11-23"}


@pytest.fixture
def worked(demonstration_protocol: Protocol, annotator: User, reviewer: User) -> None:
    """An hour of the annotator's and half an hour of the reviewer's."""
    for person, seconds in ((annotator, 3600), (reviewer, 1800)):
        answer_task(make_demonstration_task(demonstration_protocol, f"For {person}?"), person, seconds=seconds)


def lines_of(answer: StreamingHttpResponse) -> list[list[str]]:
    return list(csv.reader(answer.getvalue().decode().splitlines()))


def test_a_manager_gets_everybodys_hours_as_a_file(
    project: Project, worked: None, manager: User, client_of: ClientOf
) -> None:
    answer = client_of(manager).get(f"/api/projects/{project.pk}/hours.csv", TODAY)
    assert (answer.streaming, answer["Content-Type"]) == (True, "text/csv; charset=utf-8")
    assert answer["Content-Disposition"] == f'attachment; filename="hours-{project.pk}-2026-11-23-2026-11-23.csv"'
    work = "Write the ideal answer"
    assert lines_of(answer) == [
        ["date", "person", "email", "protocol", "answers", "skips", "active_seconds", "active_hours"],
        ["2026-11-23", "Annotator Person", "annotator@example.com", work, "1", "0", "3600.0", "1.0"],
        ["2026-11-23", "Reviewer Person", "reviewer@example.com", work, "1", "0", "1800.0", "0.5"],
    ]


def test_a_name_is_no_formula(
    project: Project, worked: None, manager: User, annotator: User, client_of: ClientOf
) -> None:
    User.objects.filter(pk=annotator.pk).update(name="=HYPERLINK(0)")
    answer = client_of(manager).get(f"/api/projects/{project.pk}/hours.csv", TODAY)
    assert {line[1] for line in lines_of(answer)[1:]} == {"'=HYPERLINK(0)", "Reviewer Person"}


@pytest.mark.parametrize("who", ["researcher", "reviewer", "annotator"])
def test_others_see_their_own_hours_alone(
    project: Project, worked: None, everybody: dict[str, User], client_of: ClientOf, who: str
) -> None:
    browser, address = client_of(everybody[who]), f"/api/projects/{project.pk}/hours"
    own = [] if who == "researcher" else [everybody[who].pk]
    assert [row["id"] for row in browser.get(f"{address}/", TODAY).json()["people"]] == own
    mine = {line[2] for line in lines_of(browser.get(f"{address}.csv", TODAY))[1:]}
    assert mine == {everybody[who].email for _ in own}


def test_the_last_thirty_days_are_shown_unless_asked_otherwise(
    project: Project, manager: User, client_of: ClientOf
) -> None:
    body = client_of(manager).get(f"/api/projects/{project.pk}/hours/", {"to": "2026-11-30"}).json()
    assert (body["first"], body["last"], body["people"]) == ("2026-11-01", "2026-11-30", [])


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-13-01"}, "to"),
        ({"from": "2026-11-24", "to": "2026-11-23"}, "from"),
        ({"from": "2024-11-24", "to": "2026-11-23"}, "from"),
        ({"to": "0001-01-01"}, "to"),
        ({"to": "9999-12-31"}, "to"),
    ],
)
def test_an_impossible_range_names_the_field(
    project: Project, manager: User, client_of: ClientOf, days: dict[str, str], field: str
) -> None:
    for address in ("hours/", "hours.csv"):
        answer = client_of(manager).get(f"/api/projects/{project.pk}/{address}", days)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
