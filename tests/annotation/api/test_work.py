"""The annotator's day through the API. Whose turn it is, leases and races are in tests/annotation/assignment."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.assignment import actions as assignment_actions
from annotation.assignment.models import Claim
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project, Protocol
from annotation.tasks import actions as task_actions
from annotation.tasks.briefs import open_briefs
from annotation.tasks.models import Answer, Task
from tests.factories import answer_task, make_completion, make_demonstration_task, make_prompt, make_ranking_task
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]
STRICT = {"tiers": [["c2"], ["c1"], ["c3"]]}


@pytest.fixture
def browser(annotator: User, client_of: ClientOf) -> APIClient:
    return client_of(annotator)


def claim_in(protocol: Protocol, browser: APIClient) -> dict[str, Any]:
    answer = browser.post("/api/work/claims/", {"protocol": protocol.pk})
    assert answer.status_code == 201
    return answer.json()


def submit(browser: APIClient, claim: Any, payload: object, **body: object) -> Any:
    pk = claim["id"] if isinstance(claim, dict) else claim.pk
    body = {"payload": payload, "seconds": 4.5, "idempotency_key": str(uuid.uuid4())} | body
    return browser.post(f"/api/work/claims/{pk}/submit/", body)


def test_a_day_from_the_queue_to_the_list_of_ones_answers(
    demonstration_protocol: Protocol, browser: APIClient, owner: User
) -> None:
    project_actions.publish_guideline(protocol=demonstration_protocol, markdown="# How", actor=owner, now=NOW)
    for text in ("One?", "Two?"):
        make_demonstration_task(demonstration_protocol, text)
    queues = {queue["protocol"]["kind"]: queue for queue in browser.get("/api/work/").json()["queues"]}
    assert (queues["demonstration"]["available"], queues["ranking"]["available"]) == (True, False)
    claim = claim_in(demonstration_protocol, browser)
    assert (claim["kind"], claim["state"], claim["shown_at"], claim["guideline"]["number"]) == (
        "demonstration",
        "open",
        None,
        1,
    )
    assert claim["messages"] == [{"role": "user", "content": "One?"}]
    address = f"/api/work/claims/{claim['id']}/"
    assert browser.post(f"{address}shown/").json()["shown_at"]
    draft = {"payload": {"completion": "A lea"}, "seconds": 2}
    assert browser.put(f"{address}draft/", draft).json()["saved_at"]
    assert browser.get(address).json()["draft"] == {"completion": "A lea"}
    assert [held["id"] for held in browser.get("/api/work/").json()["claims"]] == [claim["id"]]
    sent = submit(browser, claim, {"completion": "A lease is a contract."}).json()
    assert sent["answer"]["is_spare"] is False
    assert sent["next"]["messages"][0]["content"] == "Two?"
    assert submit(browser, sent["next"], {"completion": "Two."}).json()["next"] is None
    mine = browser.get("/api/work/answers/").json()["results"]
    assert [row["payload"]["completion"] for row in mine] == ["Two.", "A lease is a contract."]
    assert browser.post("/api/work/claims/", {"protocol": demonstration_protocol.pk}).status_code == 204
    (queue,) = [row for row in browser.get("/api/work/").json()["queues"] if row["protocol"]["kind"] == "demonstration"]
    assert (queue["available"], queue["answered_by_me"], queue["answered_today"]) == (False, 2, 2)


def test_a_ranking_is_stored_of_completions_in_the_order_shown(claim: Claim, browser: APIClient) -> None:
    tied = {"tiers": [["c3"], ["c1", "c2"]], "all_bad": True, "rationale": "None is good."}
    assert submit(browser, claim, tied).status_code == 200
    answer = Answer.objects.get()
    first, second, third = claim.shown_order
    assert answer.payload == tied | {"tiers": [[third], [first, second]]}
    assert (answer.shown_order, answer.seconds) == (claim.shown_order, 4.5)
    assert browser.get("/api/work/answers/").json()["results"][0]["payload"] == tied


FOUR = {f"c{place}": {"overall_quality": place} for place in range(1, 5)}


@pytest.mark.parametrize(
    ("preset", "completions", "payload"),
    [
        ("demo_write", 0, {"completion": "A contract.", "turns": []}),
        ("prompt_write", 0, {"style": "plain", "text": "What is a lease?", "shots": [], "use_case": ""}),
        ("instructgpt_rank", 4, {"tiers": [["c4"], ["c2", "c3"], ["c1"]], "use_case": "chat", "outputs": FOUR}),
        ("pair_strength", 2, {"preferred": "c2", "strength": 3, "edit": {"of": "c2", "text": "Better."}}),
        ("demo_score", 1, {"score": 7}),
        ("label", 0, {"labels": ["safe"]}),
    ],
)
def test_work_of_every_kind_is_handed_out_and_in(
    project: Project,
    owner: User,
    browser: APIClient,
    preset: str,
    completions: int,
    payload: dict[str, Any],
) -> None:
    protocol = project_actions.create_protocol(project=project, preset=preset, actor=owner, now=NOW)
    prompt = make_prompt(project)
    for number in range(completions):
        make_completion(prompt, f"Completion {number}.")
    if preset == "prompt_write":
        open_briefs(protocol=protocol, briefs=[{"text": "On housing."}], actor=owner, now=NOW)
    else:
        task_actions.open_tasks_for(protocol=protocol, prompt_ids=[prompt.pk], actor=owner, now=NOW)
    claim, payload = claim_in(protocol, browser), dict(payload)
    assert [row["label"] for row in claim["completions"]] == [f"c{place + 1}" for place in range(completions)]
    assert bool(claim["brief"]) != bool(claim["messages"])
    assert submit(browser, claim, payload | {"colour": "red"}).json()["errors"][0]["field"] == "colour"
    assert submit(browser, claim, payload).status_code == 200
    (mine,) = browser.get("/api/work/answers/").json()["results"]
    for label, rated in payload.pop("outputs", {}).items():
        assert mine["payload"]["outputs"][label].items() >= rated.items()
    assert mine["payload"].items() >= payload.items()
    assert (mine["kind"], mine["messages"]) == (protocol.kind, claim["messages"])


def test_an_answer_sent_twice_is_stored_once(claim: Claim, browser: APIClient) -> None:
    key = str(uuid.uuid4())
    first, again = (submit(browser, claim, STRICT, idempotency_key=key).json() for _ in range(2))
    assert first["answer"] == again["answer"]
    other = submit(browser, claim, STRICT)
    assert (other.status_code, other.json()["code"]) == (409, "claim_ended")
    assert Answer.objects.count() == 1


def test_a_lost_reply_is_told_again_whole(
    claim: Claim,
    ranking_protocol: Protocol,
    owner: User,
    browser: APIClient,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """The next task as well, as it was handed out: with its guideline, in its order, and without its makers' names."""
    project_actions.publish_guideline(protocol=ranking_protocol, markdown="# How", actor=owner, now=NOW)
    make_ranking_task(ranking_protocol, "Who are you?", completions=["I am ChatGPT.", "Nobody.", "Elizabeth."])
    key = str(uuid.uuid4())
    first = submit(browser, claim, STRICT, idempotency_key=key).json()
    assert first["next"]["guideline"] == {"number": 1, "markdown": "# How"}
    assert "I am ▇▇▇." in [completion["text"] for completion in first["next"]["completions"]]
    with django_assert_max_num_queries(COSTS["again"]):
        assert submit(browser, claim, STRICT, idempotency_key=key).json() == first
    # With what was written meanwhile.
    browser.put(f"/api/work/claims/{first['next']['id']}/draft/", {"payload": {"rationale": "Half"}, "seconds": 7})
    again = submit(browser, claim, STRICT, idempotency_key=key).json()["next"]
    assert (again["draft"], again["draft_seconds"]) == ({"rationale": "Half"}, 7)
    assert browser.get(f"/api/work/claims/{first['next']['id']}/").json() == again


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"tiers": [["c1"], ["c2"]]}, "tiers"),
        ({"tiers": [["c1"], ["c2"], ["c3"], ["c1"]]}, "tiers"),
        ({"tiers": [["c1"], ["c2"], ["c3"], ["c4"]]}, "tiers"),
        ({"tiers": [["c1", "c2", "c3"], []]}, "tiers"),
        ({"tiers": "c1"}, "tiers"),
        ({}, "tiers"),
        (STRICT | {"winner": "c1"}, "winner"),
        (STRICT | {"all_bad": "no"}, "all_bad"),
        (STRICT | {"rationale": "x" * 5001}, "rationale"),
        (STRICT | {"rationale": "a\x1bb"}, "rationale"),
        ([], "payload"),
        ("c1", "payload"),
        (None, "payload"),
    ],
)
def test_a_payload_that_is_no_answer_names_its_field(
    claim: Claim, browser: APIClient, payload: object, field: str
) -> None:
    answer = submit(browser, claim, payload)
    assert answer.status_code == 400
    assert [row["field"].partition(".")[0] for row in answer.json()["errors"]] == [field]
    assert not Answer.objects.exists()
    assert submit(browser, claim, STRICT).status_code == 200, "the claim is still held"


def test_ids_of_completions_are_no_labels(claim: Claim, browser: APIClient) -> None:
    for ids in (claim.shown_order, [str(pk) for pk in claim.shown_order]):
        assert submit(browser, claim, {"tiers": [ids]}).status_code == 400


def test_a_tie_is_refused_where_the_protocol_wants_none(
    ranking_protocol: Protocol, browser: APIClient, owner: User
) -> None:
    make_ranking_task(ranking_protocol)
    project_actions.change_protocol(protocol=ranking_protocol, actor=owner, now=NOW, config={"allow_ties": False})
    claim = claim_in(ranking_protocol, browser)
    answer = submit(browser, claim, {"tiers": [["c1", "c2"], ["c3"]]})
    assert (answer.status_code, "no ties" in answer.json()["errors"][0]["message"]) == (400, True)
    assert submit(browser, claim, STRICT).status_code == 200
    assert Answer.objects.get().protocol_version.number == 2


@pytest.mark.parametrize("text", ["", "  \n", "x" * 20_001])
def test_a_demonstration_is_neither_empty_nor_endless(
    demonstration_protocol: Protocol, browser: APIClient, text: str
) -> None:
    make_demonstration_task(demonstration_protocol)
    answer = submit(browser, claim_in(demonstration_protocol, browser), {"completion": text})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "completion")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"seconds": -1}, "seconds"),
        ({"seconds": "NaN"}, "seconds"),
        ({"seconds": "Infinity"}, "seconds"),
        ({"seconds": None}, "seconds"),
        ({"idempotency_key": "x"}, "idempotency_key"),
    ],
)
def test_what_comes_with_an_answer_is_checked_too(
    claim: Claim, browser: APIClient, wrong: dict[str, object], field: str
) -> None:
    answer = submit(browser, claim, STRICT, **wrong)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not Answer.objects.exists()


def test_a_claim_of_somebody_else_does_not_exist(claim: Claim, reviewer: User, client_of: ClientOf) -> None:
    other = client_of(reviewer)
    for answer in (submit(other, claim, STRICT), other.get(f"/api/work/claims/{claim.pk}/")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Answer.objects.exists()


def test_a_claim_given_back_takes_no_answer(claim: Claim, browser: APIClient) -> None:
    assert browser.post(f"/api/work/claims/{claim.pk}/release/").status_code == 204
    assert submit(browser, claim, STRICT).status_code == 409
    assert browser.put(f"/api/work/claims/{claim.pk}/draft/", {"payload": {}, "seconds": 1}).status_code == 409


def test_who_leaves_the_project_loses_its_work(claim: Claim, browser: APIClient, annotator: User, owner: User) -> None:
    member = claim.task.protocol.project.memberships.get(user=annotator)
    membership.remove_member(membership=member, actor=owner)
    assert submit(browser, claim, STRICT).status_code == 404
    assert browser.get("/api/work/").json() == {"queues": [], "claims": []}


def test_a_skipped_task_says_why_and_does_not_come_back(
    claim: Claim, browser: APIClient, ranking_protocol: Protocol
) -> None:
    address = f"/api/work/claims/{claim.pk}/skip/"
    assert browser.post(address, {"reason": "bored"}).status_code == 400
    answer = browser.post(address, {"reason": "harmful", "note": "It asks for harm."})
    assert answer.json() == {"next": None, "no_work": "for_others"}
    claim.refresh_from_db()
    assert (claim.state, claim.skip_reason, claim.skip_note) == ("skipped", "harmful", "It asks for harm.")
    assert browser.post("/api/work/claims/", {"protocol": ranking_protocol.pk}).status_code == 204


def test_paused_work_is_not_handed_out(ranking_protocol: Protocol, browser: APIClient, owner: User) -> None:
    make_ranking_task(ranking_protocol)
    project_actions.change_protocol(protocol=ranking_protocol, actor=owner, now=NOW, state="paused")
    answer = browser.post("/api/work/claims/", {"protocol": ranking_protocol.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "protocol_paused")


# What an annotator never learns


@pytest.fixture
def secrets(
    claim: Claim, annotator: User, reviewer: User, researcher: User, demonstration_protocol: Protocol, owner: User
) -> list[str]:
    """Fill the project, and return texts that must not reach the annotator."""
    other = make_demonstration_task(demonstration_protocol, "SECRET QUESTION of a task never claimed?")
    answer_task(other, reviewer, {"completion": "SECRET ANSWER of somebody else"})
    answer_task(make_ranking_task(claim.task.protocol, "Which?", ("SECRET A", "SECRET B")), researcher)
    claim.task.prompt.completions.update(source_label="SECRET MODEL", model_sha256="SECRET DIGEST")
    membership.invite(
        project=claim.task.protocol.project, email="secret@example.com", role="annotator", actor=owner, now=NOW
    )
    names = [person.name for person in (reviewer, researcher)] + [reviewer.email, researcher.email]
    return ["SECRET", "secret@example.com", *names, claim.task.protocol.project.pseudonym_key]


HIDDEN_FIELDS = {
    "source_kind", "source_label", "model_sha256", "source", "model", "completion_id", "shown_order", "selection",
    "purpose", "priority", "queue_key", "task", "task_id", "prompt", "prompt_id", "split", "group", "annotator",
    "required_answers_left", "answers_count", "claims_count",
}  # fmt: skip


def walk(value: Any, path: str = "") -> list[tuple[str, str, Any]]:
    """Return (path, name, value) of everything in a JSON document."""
    if isinstance(value, dict):
        return [row for name, part in value.items() for row in [(path, name, part), *walk(part, f"{path}.{name}")]]
    return [row for part in value for row in walk(part, f"{path}[]")] if isinstance(value, list) else []


def test_no_json_an_annotator_gets_tells_where_a_completion_comes_from_or_what_others_do(
    claim: Claim, browser: APIClient, annotator: User, secrets: list[str], ranking_protocol: Protocol
) -> None:
    """Every address the annotator may read, before and after an answer, word for word."""
    project = f"/api/projects/{ranking_protocol.project_id}/"
    claims = f"/api/work/claims/{claim.pk}/"
    reads = [
        "/api/session/", "/api/me/", "/api/tokens/", "/api/work/", "/api/work/answers/", claims,
        "/api/projects/", project,
        f"{project}protocols/", f"{project}protocols/{ranking_protocol.pk}/",
        f"{project}protocols/{ranking_protocol.pk}/guidelines/",
    ]  # fmt: skip
    got = [browser.get(address) for address in reads]
    got += [browser.post(f"{claims}shown/"), browser.post(f"{claims}heartbeat/")]
    got += [browser.put(f"{claims}draft/", {"payload": STRICT, "seconds": 1}), submit(browser, claim, STRICT)]
    got += [browser.get(address) for address in reads]
    ids = {*claim.shown_order, claim.task_id, claim.task.prompt_id}
    for answer in got:
        assert answer.status_code == 200, answer.request["PATH_INFO"]
        text, body = answer.content.decode(), answer.json()
        assert not [word for word in secrets if word in text], answer.request["PATH_INFO"]
        assert not HIDDEN_FIELDS & {name for _, name, _ in walk(body)}, answer.request["PATH_INFO"]
        shown = [row for path, name, rows in walk(body) if name == "completions" for row in rows]
        assert all(set(row) == {"label", "text"} for row in shown)
        assert [row["label"] for row in shown] == [f"c{place + 1}" for place in range(len(shown))] or "claims" in body
        payloads = json.dumps([part for _, name, part in walk(body) if name in ("payload", "draft")])
        assert not [pk for pk in ids if f"[{pk}]" in payloads or f'"{pk}"' in payloads]


@pytest.mark.parametrize(
    "rest",
    [
        "prompts/",
        "prompts/{prompt}/",
        "tasks/",
        "answers/",
        "answers/{answer}/",
        "members/",
        "invitations/",
        "progress/",
    ],
)
@pytest.mark.parametrize("role", ["annotator", "chat_user"])
def test_annotators_read_no_rows(
    rest: str, role: str, rows: dict[str, Any], everybody: Any, client_of: ClientOf
) -> None:
    answer = client_of(everybody[role]).get(f"/api/projects/{rows['project']}/" + rest.format(**rows))
    assert answer.status_code == 403
    assert set(answer.json()) == {"type", "title", "status", "detail", "code"}


def test_the_order_shown_differs_from_person_to_person(
    ranking_protocol: Protocol, join: Callable[..., User], client_of: ClientOf
) -> None:
    """So that the place of a completion tells nothing of its origin."""
    make_ranking_task(ranking_protocol, completions=[f"Text {n}" for n in range(9)], required_answers=6)
    orders = set()
    for number in range(6):
        claim = claim_in(ranking_protocol, client_of(join("annotator", f"person{number}")))
        orders.add(tuple(row["text"] for row in claim["completions"]))
    assert len(orders) == 6


def test_what_ran_out_half_written_is_brought_back_as_it_was(
    ranking_protocol: Protocol, browser: APIClient, reviewer: User, client_of: ClientOf
) -> None:
    for number in range(2):
        make_ranking_task(ranking_protocol, f"Question {number}?")
    written = claim_in(ranking_protocol, browser)
    browser.post(f"/api/work/claims/{written['id']}/shown/")
    kept = {"payload": {"rationale": "Half a thought"}, "seconds": 7}
    browser.put(f"/api/work/claims/{written['id']}/draft/", kept)
    untouched = claim_in(ranking_protocol, browser)
    assert untouched["id"] != written["id"]
    assignment_actions.expire_stale(now=timezone.now() + timedelta(hours=2))

    (left,) = browser.get("/api/work/").json()["claims"]
    assert (left["id"], left["state"], left["draft"]) == (written["id"], "expired", kept["payload"])
    assert (left["completions"], left["messages"]) == (written["completions"], written["messages"])
    assert client_of(reviewer).get("/api/work/").json()["claims"] == []

    # Two weeks later nobody is reminded of it, and once handed in it is no longer open.
    Claim.objects.update(ended_at=timezone.now() - timedelta(days=15))
    assert browser.get("/api/work/").json()["claims"] == []
    Claim.objects.update(ended_at=timezone.now())
    assert submit(browser, written, STRICT).status_code == 200
    assert [claim["state"] for claim in browser.get("/api/work/").json()["claims"]] == ["open"]


@pytest.mark.parametrize("count", [1, 8])
def test_open_work_costs_the_same_however_much_was_left(
    ranking_protocol: Protocol, browser: APIClient, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        make_ranking_task(ranking_protocol, f"Question {number}?")
        claim = claim_in(ranking_protocol, browser)
        browser.put(f"/api/work/claims/{claim['id']}/draft/", {"payload": {}, "seconds": 1})
        assignment_actions.expire_stale(now=timezone.now() + timedelta(hours=2))
        Task.objects.update(assigned_to=[0])
    # Two more for the second queue that has nothing: why not.
    with django_assert_max_num_queries(COSTS["work"] + 2):
        assert len(browser.get("/api/work/").json()["claims"]) == count


# What it costs, at most, in queries

COSTS = {"claim": 17, "work": 13, "shown": 12, "draft": 4, "submit": 30, "again": 9, "answers": 3}


@pytest.mark.parametrize("count", [2, 20])
def test_the_days_requests_cost_the_same_however_much_there_is(
    ranking_protocol: Protocol,
    annotator: User,
    browser: APIClient,
    count: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        answer_task(make_ranking_task(ranking_protocol, f"Done {number}?"), annotator)
        make_ranking_task(ranking_protocol, f"Open {number}?")
    with django_assert_max_num_queries(COSTS["claim"]):
        claim = claim_in(ranking_protocol, browser)
    with django_assert_max_num_queries(COSTS["work"]):
        assert len(browser.get("/api/work/").json()["claims"]) == 1
    with django_assert_max_num_queries(COSTS["shown"]):
        browser.post(f"/api/work/claims/{claim['id']}/shown/")
    with django_assert_max_num_queries(COSTS["draft"]):
        browser.put(f"/api/work/claims/{claim['id']}/draft/", {"payload": {}, "seconds": 1})
    with django_assert_max_num_queries(COSTS["submit"]):
        assert submit(browser, claim, STRICT).json()["next"]
    with django_assert_max_num_queries(COSTS["answers"]):
        assert len(browser.get("/api/work/answers/").json()["results"]) == count + 1
