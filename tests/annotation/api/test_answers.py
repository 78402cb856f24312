from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.quality.comparing import compare_changed
from annotation.quality.models import Review
from annotation.quality.reporting import compute_report
from annotation.tasks.models import Answer, Task
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]


@pytest.fixture
def address(project: Project) -> str:
    return f"/api/projects/{project.pk}/answers/"


@pytest.fixture
def pair(ranking_protocol: Protocol, annotator: User, manager: User) -> list[Answer]:
    """Two answers to one ranking task that disagree in everything, and are compared."""
    task = make_ranking_task(ranking_protocol, required_answers=2)
    shown = list(task.task_completions.order_by("position").values_list("completion_id", flat=True))
    orders = (shown, shown[::-1])
    people = (annotator, manager)
    answers = [
        answer_task(task, who, {"tiers": [[pk] for pk in order]}) for who, order in zip(people, orders, strict=True)
    ]
    compare_changed(now=NOW)
    return answers


def review(browser: APIClient, address: str, answer: Answer, verdict: str, **more: Any) -> Any:
    return browser.post(f"{address}{answer.pk}/review/", {"verdict": verdict, "revision": 1} | more)


def test_answers_are_shown_whole_with_who_and_when_and_the_order_shown(
    ranking_protocol: Protocol, annotator: User, reviewer: User, client_of: ClientOf, address: str
) -> None:
    task = make_ranking_task(ranking_protocol)
    answer = answer_task(task, annotator)
    (listed,) = client_of(reviewer).get(address).json()["results"]
    assert listed["annotator"] == {"id": annotator.pk, "name": annotator.name}
    assert (listed["payload"], listed["shown_order"]) == (answer.payload, answer.shown_order)
    assert (listed["protocol_version"], listed["guideline_version"], listed["seconds"]) == (1, None, 12.5)
    assert (listed["state"], listed["agreement"]) == ("submitted", None)
    detail = client_of(reviewer).get(f"{address}{answer.pk}/").json()
    assert sorted(row["id"] for row in detail["completions"]) == sorted(answer.shown_order)
    assert (detail["reviews"], detail["others"], detail["review_note"]) == ([], [], "")


def test_agreement_stands_beside_an_answer_and_the_others_to_its_task(
    pair: list[Answer], reviewer: User, client_of: ClientOf, address: str, manager: User
) -> None:
    mine, theirs = pair
    detail = client_of(reviewer).get(f"{address}{mine.pk}/").json()
    assert detail["agreement"] == 0
    assert [(other["id"], other["annotator"]["id"], other["agreement"]) for other in detail["others"]] == [
        (theirs.pk, manager.pk, 0)
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", 3),
        ("agreement=disagrees", 2),
        ("agreement=agrees", 0),
        ("kind=demonstration", 1),
        ("state=submitted&q=contract", 3),
        ("q=loan", 1),
        ("since=2026-11-23&until=2026-11-23", 3),
        ("since=2026-11-24", 0),
        ("until=2999-12-31", 3),
        ("flag=all_bad", 0),
        ("guideline=1", 0),
        ("annotator=999999", 0),
    ],
)
def test_answers_are_filtered(
    pair: list[Answer],
    demonstration_protocol: Protocol,
    annotator: User,
    reviewer: User,
    client_of: ClientOf,
    address: str,
    asked: str,
    found: int,
) -> None:
    answer_task(make_demonstration_task(demonstration_protocol, "What is a loan contract?"), annotator)
    pair[0].task.prompt.__class__.objects.filter(pk=pair[0].task.prompt_id).update(
        messages=[{"role": "user", "content": "Which contract?"}]
    )
    assert len(client_of(reviewer).get(f"{address}?{asked}").json()["results"]) == found


@pytest.mark.parametrize(
    "asked",
    [
        "annotator=me",
        "state=lost",
        "agreement=yes",
        "kind=x",
        "flag=A b",
        "since=yesterday",
        "since=0001-01-01",
        "until=9999-12-31",
        "guideline=x",
        "protocol=²",
    ],
)
def test_an_impossible_filter_is_refused_by_name(reviewer: User, client_of: ClientOf, address: str, asked: str) -> None:
    answer = client_of(reviewer).get(f"{address}?{asked}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, asked.partition("=")[0])


def test_a_written_prompt_is_an_answer_to_a_brief_and_not_to_a_prompt(
    project: Project, owner: User, annotator: User, reviewer: User, client_of: ClientOf, address: str
) -> None:
    protocol = project_actions.create_protocol(project=project, actor=owner, now=NOW, preset="prompt_write")
    brief = {"style": "plain", "text": "Something about leases.", "use_case": ""}
    task = Task.objects.create(
        protocol=protocol, brief=brief, content_sha256="b" * 64, required_answers=1, created_at=NOW
    )
    answer = answer_task(task, annotator, {"style": "plain", "text": "What is a lease?"})
    browser = client_of(reviewer)
    (listed,) = browser.get(f"{address}?q=lease").json()["results"]
    assert (listed["prompt_id"], listed["messages"]) == (None, [])
    assert browser.get(f"{address}{answer.pk}/").json()["brief"] == brief
    review(browser, address, answer, "return", reason="Too plain.")
    (back,) = client_of(annotator).get("/api/work/returned/").json()["results"]
    assert (back["messages"], back["payload"]["text"]) == ([], "What is a lease?")


def test_neighbours_follow_the_filter(
    pair: list[Answer], manager: User, reviewer: User, client_of: ClientOf, address: str
) -> None:
    mine, theirs = pair
    browser = client_of(reviewer)
    assert browser.get(f"{address}{mine.pk}/neighbours/").json() == {"newer": theirs.pk, "older": None}
    only = f"?annotator={mine.annotator_id}"
    assert browser.get(f"{address}{mine.pk}/neighbours/{only}").json() == {"newer": None, "older": None}


def test_people_who_answered(pair: list[Answer], reviewer: User, client_of: ClientOf, address: str) -> None:
    names = [person["name"] for person in client_of(reviewer).get(f"{address}people/").json()["results"]]
    assert names == ["Annotator Person", "Manager Person"]


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
    with django_assert_num_queries(4):
        assert len(browser.get(address).json()["results"]) == count


# Reviews


def test_an_answer_goes_back_to_its_author_with_the_reason_and_to_nobody_else(
    pair: list[Answer], reviewer: User, annotator: User, manager: User, client_of: ClientOf, address: str
) -> None:
    mine, _ = pair
    detail = review(client_of(reviewer), address, mine, "return", reason="Look at c2 again.").json()
    assert (detail["state"], detail["reviews"][0]["reason"]) == ("returned", "Look at c2 again.")
    assert detail["reviews"][0]["reviewer"]["name"] == reviewer.name
    (back,) = client_of(annotator).get("/api/work/returned/").json()["results"]
    assert (back["id"], back["review_note"]) == (mine.pk, "Look at c2 again.")
    assert back["payload"]["tiers"] == [["c1"], ["c2"], ["c3"]]
    assert "reviewer" not in back
    assert client_of(manager).get("/api/work/returned/").json()["results"] == []


def test_a_verdict_sent_again_adds_nothing(
    pair: list[Answer],
    reviewer: User,
    client_of: ClientOf,
    address: str,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    browser = client_of(reviewer)
    with django_capture_on_commit_callbacks() as callbacks:
        first, again = (review(browser, address, pair[0], "strike").json() for _ in range(2))
    assert first["reviews"] == again["reviews"]
    assert len(callbacks) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"verdict": "return"}, 400, "bad_field"),
        ({"verdict": "praise"}, 400, "invalid"),
        ({"verdict": "accept", "revision": 2}, 409, "answer_changed"),
        ({"verdict": "accept", "revision": 0}, 400, "invalid"),
        ({"verdict": "strike", "reason": "x" * 2001}, 400, "invalid"),
    ],
)
def test_what_makes_no_review(
    pair: list[Answer],
    reviewer: User,
    client_of: ClientOf,
    address: str,
    body: dict[str, Any],
    status: int,
    code: str,
) -> None:
    answer = review(client_of(reviewer), address, pair[0], **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Review.objects.exists()


def test_nobody_reviews_their_own(pair: list[Answer], manager: User, client_of: ClientOf, address: str) -> None:
    mine = next(answer for answer in pair if answer.annotator == manager)
    answer = review(client_of(manager), address, mine, "accept")
    assert (answer.status_code, answer.json()["code"]) == (403, "own_answer")


def test_answers_of_another_project_are_not_there(
    pair: list[Answer], outsider: User, client_of: ClientOf, address: str
) -> None:
    elsewhere = Project.objects.get(memberships__user=outsider)
    other = f"/api/projects/{elsewhere.pk}/answers/"
    browser = client_of(outsider)
    assert browser.get(f"{other}{pair[0].pk}/").status_code == 404
    assert review(browser, other, pair[0], "strike").status_code == 404
    strikes = browser.post(f"{other}strikes/", {"annotator": pair[0].annotator_id})
    assert strikes.status_code == 404
    assert set(Answer.objects.values_list("state", flat=True)) == {"submitted"}


def test_one_persons_work_is_counted_and_then_struck(
    pair: list[Answer], annotator: User, reviewer: User, client_of: ClientOf, address: str, ranking_protocol: Protocol
) -> None:
    browser = client_of(reviewer)
    asked = f"annotator={annotator.pk}&protocol={ranking_protocol.pk}&since=2026-11-23"
    assert browser.get(f"{address}strikes/?{asked}").json() == {"answers": 1}
    assert browser.get(f"{address}strikes/?annotator={annotator.pk}&since=2026-11-24").json() == {"answers": 0}
    body = {"annotator": annotator.pk, "protocol": ranking_protocol.pk, "since": "2026-11-23", "reason": "Spam."}
    assert browser.post(f"{address}strikes/", body).json() == {"answers": 1}
    assert browser.get(f"{address}strikes/?{asked}").json() == {"answers": 0}
    assert browser.get(f"{address}?state=struck").json()["results"][0]["id"] == pair[0].pk

    made = f"/api/projects/{ranking_protocol.project_id}/strikes/"
    (strike,) = browser.get(f"{made}?annotator={annotator.pk}").json()["results"]
    assert (strike["left"], strike["reason"], strike["actor"]["id"]) == (1, "Spam.", reviewer.pk)
    assert [browser.post(f"{made}{strike['id']}/undo/").json() for _ in range(2)] == [{"answers": 1}, {"answers": 0}]
    assert browser.get(made).json() == {"results": []}
    assert browser.get(f"{address}?state=struck").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"annotator": 10**12}, 404),
        ({"annotator": "x"}, 400),
        ({"since": "soon"}, 400),
        ({"protocol": 0}, 404),
    ],
)
def test_strikes_that_name_nothing_are_refused(
    pair: list[Answer], reviewer: User, client_of: ClientOf, address: str, body: dict[str, Any], status: int
) -> None:
    body = body if "annotator" in body or not body else {"annotator": pair[0].annotator_id} | body
    assert client_of(reviewer).post(f"{address}strikes/", body).status_code == status
    assert not Review.objects.exists()


# Agreement


def test_figures_of_agreement_come_with_intervals(
    pair: list[Answer], project: Project, ranking_protocol: Protocol, reviewer: User, client_of: ClientOf
) -> None:
    address = f"/api/projects/{project.pk}/agreement/"
    assert client_of(reviewer).get(address).json() == {"results": []}
    compute_report(protocol_id=ranking_protocol.pk, now=NOW)
    (report,) = client_of(reviewer).get(address).json()["results"]
    assert (report["protocol"]["id"], report["is_current"]) == (ranking_protocol.pk, True)
    assert report["overall"]["agreement"] == {"value": 0, "low": None, "high": None}
    assert report["overall"]["tau_b"]["value"] == -1
    assert {row["annotator"]["name"] for row in report["annotators"]} == {"Annotator Person", "Manager Person"}
    assert [row["guideline"] for row in report["guidelines"]] == [None]
    assert [row["week"] for row in report["weeks"]] == ["2026-11-23"]


def test_annotators_read_nothing_of_others(
    pair: list[Answer], annotator: User, reviewer: User, client_of: ClientOf, address: str, project: Project
) -> None:
    mine, theirs = pair
    review(client_of(reviewer), address, theirs, "return", reason="Secret.")
    browser = client_of(annotator)
    for path in (
        address,
        f"{address}{theirs.pk}/",
        f"{address}{mine.pk}/",
        f"{address}{mine.pk}/neighbours/",
        f"{address}people/",
        f"{address}strikes/?annotator={theirs.annotator_id}",
        f"/api/projects/{project.pk}/agreement/",
    ):
        assert browser.get(path).status_code == 403, path
    for path in ("/api/work/", "/api/work/answers/", "/api/work/returned/"):
        said = browser.get(path).content.decode()
        assert "Secret." not in said
        assert "agreement" not in said
        assert str(theirs.payload["tiers"]) not in said
