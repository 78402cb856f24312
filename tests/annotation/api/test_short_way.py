"""The short way and the framework's long way keep one contract: the same requests, the same answers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.api import short_way
from annotation.api.hand_over import Submit
from annotation.assignment.models import Claim
from annotation.people import actions as people_actions
from annotation.people import presumed
from annotation.people.models import ApiToken, User
from annotation.projects.models import Protocol
from annotation.tasks.models import Answer
from tests.factories import make_ranking_task
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]

GOOD = {"payload": {"tiers": [["c2"], ["c1"], ["c3"]]}, "seconds": 4.5, "idempotency_key": str(uuid.uuid4())}
# The framework understands this as well; the short way does not care to.
LONG = {"HTTP_ACCEPT": "application/json, text/plain"}


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note for each request whether it went the short way."""
    ways: list[bool] = []
    shortly = short_way.ShortWay.shortly

    def noting(*args: Any) -> Any:
        reply = shortly(*args)
        ways.append(reply is not None)
        return reply

    monkeypatch.setattr(short_way.ShortWay, "shortly", noting)
    return ways


@pytest.fixture
def bearer(annotator: User) -> dict[str, str]:
    _, token = people_actions.create_token(
        actor=annotator, name="Mine", scopes=["read", "write"], expires_in_days=1, now=timezone.now()
    )
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def address(claim: Claim) -> str:
    return f"/api/work/claims/{claim.pk}/submit/"


def shape(body: Any) -> Any:
    """Return what kinds of values a body holds."""
    if isinstance(body, dict):
        return {name: shape(part) for name, part in body.items()}
    return [shape(part) for part in body] if isinstance(body, list) else type(body)


def test_an_answer_is_stored_and_the_next_task_told_alike(
    claim: Claim, ranking_protocol: Protocol, annotator: User, client_of: ClientOf, taken: list[bool]
) -> None:
    for question in ("And a loan?", "And a deposit?"):
        make_ranking_task(ranking_protocol, question)
    browser = client_of(annotator)
    short = browser.post(address(claim), GOOD)
    again = {**GOOD, "idempotency_key": str(uuid.uuid4())}
    long = browser.post(f"/api/work/claims/{short.json()['next']['id']}/submit/", again, **LONG)
    assert (short.status_code, long.status_code, taken) == (200, 200, [True, False])
    assert shape(short.json()) == shape(long.json())
    assert dict(short.headers) | {"Content-Length": ""} == dict(long.headers) | {"Content-Length": ""}
    told = short.json()["answer"]["submitted_at"]
    assert told.endswith("Z")
    assert datetime.fromisoformat(told) == Answer.objects.get(pk=short.json()["answer"]["id"]).submitted_at
    # Sent again under its key it is told the same, either way.
    first, second = browser.post(address(claim), GOOD).json(), browser.post(address(claim), GOOD, **LONG).json()
    assert first == second
    assert first["answer"] == short.json()["answer"]


WRONG: dict[str, Any] = {
    "no ranking": {**GOOD, "payload": {"tiers": [["c2"], ["c9"]]}},
    "a list for a payload": {**GOOD, "payload": []},
    "nothing": {},
    "a negative time": {**GOOD, "seconds": -1},
    "a text for a key": {**GOOD, "idempotency_key": "first"},
    "nulls": dict.fromkeys(GOOD),
    "a list": [1],
    "nonsense evidence": {**GOOD, "evidence": {"pastes": [{"characters": "many"}]}},
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_alike(body: Any, claim: Claim, annotator: User, client_of: ClientOf) -> None:
    same_answers(client_of(annotator), address(claim), body)


RAW = {
    "no JSON": b"{",
    "a NUL": b'{"payload": {"rationale": "\\u0000"}}',
    "half a pair": b'{"payload": {"rationale": "\\ud800"}}',
    "no UTF-8": b'{"payload": "\xff"}',
    "not a number": b'{"seconds": NaN}',
    "no body": b"",
    "too much": json.dumps({**GOOD, "payload": {"rationale": "x" * (8 * 2**20)}}).encode(),
}


@pytest.mark.parametrize("body", RAW.values(), ids=RAW.keys())
def test_what_cannot_be_read_is_told_alike(body: bytes, claim: Claim, annotator: User, client_of: ClientOf) -> None:
    browser = client_of(annotator)
    short, long = (browser.generic("POST", address(claim), body, "application/json", **extra) for extra in ({}, LONG))
    assert short.status_code in (400, 413)
    assert (short.status_code, short.json(), headers(short)) == (long.status_code, long.json(), headers(long))


def test_who_may_not_is_told_alike(
    claim: Claim, annotator: User, outsider: User, reviewer: User, owner: User, client_of: ClientOf, taken: list[bool]
) -> None:
    for person in (None, outsider, reviewer, owner):
        same_answers(client_of(person), address(claim), GOOD, ok=False)
    assert not Answer.objects.filter(task=claim.task).exists()
    unguarded = APIClient(enforce_csrf_checks=True)
    unguarded.force_login(annotator)
    assert same_answers(unguarded, address(claim), GOOD) == 403
    ended = {**GOOD, "idempotency_key": str(uuid.uuid4())}
    assert client_of(annotator).post(address(claim), GOOD).status_code == 200
    assert same_answers(client_of(annotator), address(claim), ended) == 409
    assert same_answers(client_of(annotator), f"/api/work/claims/{uuid.uuid4()}/submit/", GOOD) == 404


def test_tokens_are_held_to_their_scopes(claim: Claim, annotator: User, taken: list[bool]) -> None:
    for scopes, status in ((["read"], 403), (["read", "write"], 200)):
        _, token = people_actions.create_token(
            actor=annotator, name=scopes[-1], scopes=scopes, expires_in_days=1, now=NOW
        )
        client = APIClient(enforce_csrf_checks=True)
        bearer = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
        assert same_answers(client, address(claim), GOOD, ok=status == 200, **bearer) == status
    assert taken == [False, False, True, False]
    for header in ("Bearer", "Bearer x", "Bearer a b", "Basic YTpi", f"bearer {token}x", "Bearer \xe6"):
        assert same_answers(APIClient(), address(claim), GOOD, HTTP_AUTHORIZATION=header) in (401, 403)


def test_an_inactive_person_is_nobody(claim: Claim, annotator: User, client_of: ClientOf) -> None:
    browser = client_of(annotator)
    User.objects.filter(pk=annotator.pk).update(is_active=False)
    assert same_answers(browser, address(claim), GOOD) in (401, 403)


def shut_out(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def give_a_new_password(person: User) -> None:
    person.set_password("rosings-1813")
    person.save(update_fields=["password"])


def end_the_sessions(person: User) -> None:
    Session.objects.all().delete()


def let_the_sessions_run_out(person: User) -> None:
    Session.objects.all().update(expire_date=timezone.now() - timedelta(seconds=1))


def revoke_the_tokens(person: User) -> None:
    ApiToken.objects.filter(user=person).delete()


def let_the_tokens_run_out(person: User) -> None:
    ApiToken.objects.filter(user=person).update(expiry=timezone.now() - timedelta(seconds=1))


def let_the_tokens_only_read(person: User) -> None:
    ApiToken.objects.filter(user=person).update(scopes=["read"])


BY_SESSION = (shut_out, give_a_new_password, end_the_sessions, let_the_sessions_run_out)
BY_TOKEN = (shut_out, revoke_the_tokens, let_the_tokens_run_out, let_the_tokens_only_read)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note how often Django or knox are asked who somebody is."""
    noted: list[str] = []
    for module, name in ((presumed, "visitor"), (short_way, "_bearer")):
        ask = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args, ask=ask, name=name: (noted.append(name), ask(*args))[1])
    return noted


def test_who_was_known_is_known_again(
    claim: Claim, annotator: User, client_of: ClientOf, bearer: dict[str, str], asked: list[str]
) -> None:
    browser = client_of(annotator)
    first, *others = [browser.post(address(claim), GOOD).json() for _ in range(3)]
    assert [first, first] == others
    assert asked == ["visitor"]
    for _ in range(3):
        assert APIClient().post(address(claim), GOOD, **bearer).json() == first
    assert asked == ["visitor", "_bearer"]
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("change", BY_SESSION, ids=lambda change: change.__name__)
def test_a_session_that_is_no_longer_good_is_refused_at_once(
    change: Callable[[User], None], claim: Claim, ranking_protocol: Protocol, annotator: User, client_of: ClientOf
) -> None:
    make_ranking_task(ranking_protocol, "And a loan?")
    browser = client_of(annotator)
    following = browser.post(address(claim), GOOD).json()["next"]["id"]
    assert browser.post(address(claim), GOOD).status_code == 200
    change(annotator)
    again = {**GOOD, "idempotency_key": str(uuid.uuid4())}
    assert same_answers(browser, f"/api/work/claims/{following}/submit/", again) in (401, 403)
    assert Claim.objects.get(pk=following).state == "open"
    assert Answer.objects.count() == 1


@pytest.mark.parametrize("change", BY_TOKEN, ids=lambda change: change.__name__)
def test_a_token_that_is_no_longer_good_is_refused_at_once(
    change: Callable[[User], None], claim: Claim, annotator: User, bearer: dict[str, str]
) -> None:
    client = APIClient(enforce_csrf_checks=True)
    for _ in range(2):
        assert client.post(address(claim), GOOD, **bearer).status_code == 200
    change(annotator)
    assert same_answers(client, address(claim), GOOD, **bearer) in (401, 403)


def test_somebody_else_at_the_same_browser_is_somebody_else(
    claim: Claim, annotator: User, reviewer: User, client_of: ClientOf
) -> None:
    browser = client_of(annotator)
    assert [browser.post(address(claim), GOOD).status_code for _ in range(2)] == [200, 200]
    browser.force_login(reviewer)
    assert same_answers(browser, address(claim), GOOD) == 404


def test_a_mistake_on_the_way_is_answered_as_anywhere(
    claim: Claim, annotator: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Submit, "act", stumble)
    browser = client_of(annotator)
    browser.raise_request_exception = False
    assert same_answers(browser, address(claim), GOOD) == 500


KEY = str(uuid.uuid4())
USUAL: list[Any] = [
    {**GOOD, "showing": KEY, "step_seconds": {"ranking": 3, "": 0.5}},
    {**GOOD, "showing": None, "seconds": 0},
    {**GOOD, "idempotency_key": KEY.upper()},
    {**GOOD, "idempotency_key": KEY.replace("-", "")},
    {**GOOD, "seconds": "4.5", "step_seconds": {"a": "1"}},
    {**GOOD, "evidence": {"pastes": [{"characters": 3, "at_seconds": 1}]}, "unknown": 1},
    {**GOOD, "payload": {"a": None, "b": [1, {"c": " "}]}},
    {**GOOD, "seconds": 10**400},
    {**GOOD, "seconds": True},
    {**GOOD, "step_seconds": None},
    {**GOOD, "step_seconds": [1]},
    {**GOOD, "step_seconds": {"a": -1}},
    {**GOOD, "showing": 5},
    {**GOOD, "showing": ""},
    *WRONG.values(),
]


@pytest.mark.parametrize("body", USUAL, ids=range(len(USUAL)))
def test_a_body_is_understood_as_by_the_serializer(body: Any) -> None:
    understood = [outcome(accept, body) for accept in (short_way.accepted, Submit.Input().run_validation)]
    assert understood[0] == understood[1]


def outcome(accept: Callable[[Any], Any], body: Any) -> Any:
    try:
        return dict(accept(body))
    except Exception as error:
        return type(error)


def test_a_forged_request_is_refused_after_good_ones(claim: Claim, annotator: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(annotator)
    browser.cookies["csrftoken"] = secret = "a" * 32
    for _ in range(2):
        assert browser.post(address(claim), GOOD, HTTP_X_CSRFTOKEN=secret).status_code == 200
    for wrong in (
        {},
        {"HTTP_X_CSRFTOKEN": "b" * 32},
        {"HTTP_X_CSRFTOKEN": secret, "HTTP_ORIGIN": "https://evil.example"},
    ):
        assert same_answers(browser, address(claim), GOOD, **wrong) == 403


def same_answers(client: APIClient, at: str, body: Any, *, ok: bool = False, **extra: Any) -> int:
    """Send a request both ways, compare the answers and return their status."""
    short, long = client.post(at, body, **extra), client.post(at, body, **extra, **LONG)
    assert (short.status_code < 400) is ok, short.json()
    assert (short.status_code, short.json(), headers(short)) == (long.status_code, long.json(), headers(long))
    return int(short.status_code)


def headers(reply: Any) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name != "Content-Length"}
