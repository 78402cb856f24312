"""What goes wrong is told as problem details (RFC 9457), whatever it was and wherever it was noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework.test import APIClient

from annotation.api import errors
from annotation.api.body import BODY_BYTES
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks.actions import cancel_task
from tests.factories import make_demonstration_task
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]


def problem_in(answer: HttpResponse, status: int) -> dict[str, Any]:
    """Return the problem after checking its form. Source: RFC 9457, section 3."""
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content)
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert body["status"] == status
    assert all(isinstance(body[name], str) and body[name] for name in ("type", "title", "detail", "code"))
    for row in body.get("errors", []):
        assert set(row) == {"field", "message"}
    return body


@pytest.fixture
def browser(owner: User, client_of: ClientOf) -> APIClient:
    return client_of(owner)


def test_400_names_each_field(browser: APIClient) -> None:
    body = problem_in(browser.post("/api/tokens/", {"scopes": ["read", "fly"]}), 400)
    assert [row["field"] for row in body["errors"]] == ["name", "scopes[1]"]
    assert body["detail"] == "Some fields are not right: name, scopes[1]"


def test_401_says_how_to_sign_in(db: None) -> None:
    answer = APIClient().get("/api/me/")
    assert problem_in(answer, 401)["code"] == "not_authenticated"
    assert answer["WWW-Authenticate"] == "Bearer"


def test_403_names_what_is_not_allowed(project: Project, annotator: User, client_of: ClientOf) -> None:
    body = problem_in(client_of(annotator).get(f"/api/projects/{project.pk}/members/"), 403)
    assert (body["code"], "manage members" in body["detail"]) == ("not_allowed", True)


@pytest.mark.parametrize(
    "address",
    [
        "/api/nothing/",
        "/api/",
        "/api/projects/0/",
        "/api/projects/99999999999999999999999999/",
        "/api/projects/x/",
        "/api/tokens/not-a-uuid/",
        "/_allauth/browser/v1/nothing",
    ],
)
def test_404_is_a_problem_wherever_it_is_noticed(browser: APIClient, address: str) -> None:
    assert problem_in(browser.get(address), 404)["code"] == "not_found"


def test_405_406_and_415(browser: APIClient) -> None:
    assert problem_in(browser.delete("/api/projects/"), 405)["code"] == "method_not_allowed"
    assert problem_in(browser.get("/api/me/", headers={"Accept": "image/png"}), 406)["code"] == "not_acceptable"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml"):
        answer = browser.generic("POST", "/api/projects/", b"name=x", content_type=kind)
        assert problem_in(answer, 415)["code"] == "unsupported_media_type"


def test_409_keeps_what_was_there(browser: APIClient, demonstration_protocol: Protocol, owner: User) -> None:
    task = make_demonstration_task(demonstration_protocol)
    cancel_task(task=task, actor=owner, now=NOW)
    address = f"/api/projects/{demonstration_protocol.project_id}/tasks/{task.pk}/cancel/"
    assert problem_in(browser.post(address), 409)["code"] == "task_not_cancellable"


def test_410_is_a_link_that_is_over(db: None) -> None:
    assert problem_in(APIClient().get("/api/invitations/unknown/"), 410)["code"] == "invitation_not_usable"


def test_429_says_how_long_to_wait(db: None) -> None:
    answers = [APIClient().get("/api/invitations/unknown/") for _ in range(61)]
    assert problem_in(answers[-1], 429)["code"] == "throttled"
    assert int(answers[-1]["Retry-After"]) > 0


def test_500_tells_no_secrets(
    owner: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(user: User) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr("annotation.projects.queries.projects_of", broken)
    browser = client_of(owner)
    browser.raise_request_exception = False
    body = problem_in(browser.get("/api/projects/"), 500)
    assert "42" not in str(body)
    assert "the secret is 42" in caplog.text


def test_every_row_of_the_table_has_a_status_and_a_code() -> None:
    for status, code in errors.TABLE.values():
        assert 400 <= status < 600
        assert code.replace("_", "").isalpha()


# Bodies

BAD_BODIES = {
    "not JSON": b"{",
    "nothing": b"",
    "NaN": b'{"name": NaN}',
    "infinity": b'{"name": -Infinity}',
    "a number too large for a float": b'{"name": 1e999}',
    "a number too long": b'{"name": ' + b"9" * 5000 + b"}",
    "invalid UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "NUL": b'{"name": "a\\u0000b"}',
    "NUL in a key": b'{"na\\u0000me": "x"}',
    "NUL deep inside": b'{"name": [[{"x": ["\\u0000"]}]]}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "a raw control character": b'{"name": "a\x07b"}',
    "too deep": b"[" * 200_000,
    "a comment": b'{"name": "x"} // yes',
    "two values": b"{}{}",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_cannot_be_read_or_stored_is_refused(browser: APIClient, body: bytes) -> None:
    answer = browser.generic("POST", "/api/projects/", body, content_type="application/json")
    problem_in(answer, 400)
    assert not Project.objects.exists()


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"5", b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(browser: APIClient, body: bytes) -> None:
    problem_in(browser.generic("POST", "/api/projects/", body, content_type="application/json"), 400)


def test_a_body_too_large_is_refused_with_413(browser: APIClient) -> None:
    body = b'{"name": "' + b"x" * BODY_BYTES + b'"}'
    answer = browser.generic("POST", "/api/projects/", body, content_type="application/json")
    problem = problem_in(answer, 413)
    assert (problem["code"], "8 MB" in problem["detail"]) == ("body_too_large", True)


def test_surrogate_pairs_and_line_separators_are_text(browser: APIClient) -> None:
    body = b'{"name": "Assistant", "description": "\\ud83e\\uded0\\u2028x"}'
    answer = browser.generic("POST", "/api/projects/", body, content_type="application/json; charset=utf-8")
    assert answer.json()["description"] == "\U0001fad0\u2028x"


# Cross-site requests


def test_a_session_needs_a_csrf_token_and_a_stranger_has_none(owner: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(owner, backend="annotation.people.sessions.Backend")
    refused = browser.post("/api/projects/", {"name": "Assistant"})
    assert "CSRF" in problem_in(refused, 403)["detail"]
    token = browser.get("/api/session/").cookies["csrftoken"].value
    assert browser.post("/api/projects/", {"name": "A"}, headers={"X-CSRFToken": "x" * 32}).status_code == 403
    assert browser.post("/api/projects/", {"name": "A"}, headers={"X-CSRFToken": token}).status_code == 201


def test_signing_in_needs_a_csrf_token_too(owner: User) -> None:
    browser, address = APIClient(enforce_csrf_checks=True), "/_allauth/browser/v1/auth/login"
    words = {"email": "owner@example.com", "password": "pemberley-1813"}
    assert problem_in(browser.post(address, words), 403)["code"] == "csrf_failed"
    token = browser.get("/api/session/").cookies["csrftoken"].value
    assert browser.post(address, words, headers={"X-CSRFToken": token}).status_code == 200


def test_a_host_that_is_not_ours_is_refused(db: None) -> None:
    answer = APIClient().get("/api/session/", headers={"Host": "evil.example"})
    assert problem_in(answer, 400)["code"] == "bad_request"
