from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects import actions
from annotation.projects.models import GuidelineReading, GuidelineVersion, Project, Protocol
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]
Publish = Callable[[str, str], GuidelineVersion]


@pytest.fixture
def publish(ranking_protocol: Protocol, owner: User) -> Publish:
    def published(markdown: str, note: str = "") -> GuidelineVersion:
        version = actions.publish_guideline(protocol=ranking_protocol, markdown=markdown, actor=owner, now=NOW)
        GuidelineVersion.objects.filter(pk=version.pk).update(change_note=note)
        return version

    return published


def test_a_newcomer_is_told_what_to_read_and_later_only_what_is_new(
    ranking_protocol: Protocol, annotator: User, publish: Publish, client_of: ClientOf
) -> None:
    browser, address = client_of(annotator), f"/api/work/guidelines/{ranking_protocol.pk}/"
    assert browser.get("/api/work/guidelines/").json() == []
    publish("# One", "")
    (news,) = browser.get("/api/work/guidelines/").json()
    assert (news["number"], news["read_number"], news["changes"]) == (1, None, [])

    assert browser.post(f"{address}read/", {"number": 1}).json()["read_number"] == 1
    for text, note in (("# Two", "Ties are welcome."), ("# Three", "Say why.")):
        publish(text, note)
    (news,) = browser.get("/api/work/guidelines/").json()
    assert (news["number"], news["read_number"]) == (3, 1)
    assert [(change["number"], change["change_note"]) for change in news["changes"]] == [
        (3, "Say why."),
        (2, "Ties are welcome."),
    ]
    detail = browser.get(address).json()
    assert (detail["newest"], detail["before"]) == (
        {"number": 3, "markdown": "# Three"},
        {"number": 1, "markdown": "# One"},
    )
    browser.post(f"{address}read/", {"number": 3})
    assert browser.get("/api/work/guidelines/").json()[0]["changes"] == []


def test_a_reading_is_kept_as_it_was_first(
    ranking_protocol: Protocol, annotator: User, publish: Publish, client_of: ClientOf
) -> None:
    publish("# One", "")
    address = f"/api/work/guidelines/{ranking_protocol.pk}/read/"
    for _ in range(2):
        assert client_of(annotator).post(address, {"number": 1}).status_code == 200
    reading = GuidelineReading.objects.get()
    GuidelineReading.objects.update(read_at=NOW)
    client_of(annotator).post(address, {"number": 1})
    assert (reading.user, GuidelineReading.objects.get().read_at) == (annotator, NOW)


@pytest.mark.parametrize("number", [0, 2, 2**40, "x", None])
def test_only_what_exists_can_have_been_read(
    ranking_protocol: Protocol, annotator: User, publish: Publish, client_of: ClientOf, number: object
) -> None:
    publish("# One", "")
    answer = client_of(annotator).post(f"/api/work/guidelines/{ranking_protocol.pk}/read/", {"number": number})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "number")


def test_a_protocol_without_a_guideline_has_none_to_read(
    ranking_protocol: Protocol, annotator: User, client_of: ClientOf
) -> None:
    assert client_of(annotator).get(f"/api/work/guidelines/{ranking_protocol.pk}/").status_code == 404


def test_another_persons_reading_is_not_ones_own(
    ranking_protocol: Protocol, annotator: User, reviewer: User, publish: Publish, client_of: ClientOf
) -> None:
    publish("# One", "")
    client_of(reviewer).post(f"/api/work/guidelines/{ranking_protocol.pk}/read/", {"number": 1})
    assert client_of(annotator).get("/api/work/guidelines/").json()[0]["read_number"] is None


def test_the_news_costs_the_same_however_many_protocols(
    project: Project,
    annotator: User,
    owner: User,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(4):
        protocol = actions.create_protocol(
            project=project, kind="ranking", name=f"Another {number}", actor=owner, now=NOW
        )
        actions.publish_guideline(protocol=protocol, markdown="# Text", actor=owner, now=NOW)
    browser = client_of(annotator)
    with django_assert_num_queries(5):
        assert len(browser.get("/api/work/guidelines/").json()) == 4
