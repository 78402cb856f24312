"""Who gets what from the addresses on people, projects, prompts, tasks and work: one row an endpoint and request.

In each row: owner, manager, researcher, reviewer, annotator, chat user, outsider, anonymous. What a person may not
see is 404, what they see and may not do 403, and 401 asks them to sign in.
"""

from __future__ import annotations

from typing import Any

from tests.annotation.api.conftest import AskAll
from tests.guards import each, guards

ALL = "200 200 200 200 200 200 200 200"
SIGNED_IN = "200 200 200 200 200 200 200 401"
OWNER = "200 403 403 403 403 403 403 401"
MEMBERS = "200 200 200 200 200 200 404 401"
MANAGERS = "200 200 403 403 403 403 404 401"
READERS = "200 200 200 200 403 403 404 401"
REVIEWERS = "200 200 403 200 403 403 404 401"
RUNNERS = "200 200 200 403 403 403 404 401"
# Only the person whose claim it is; nobody else learns that it exists.
ITS_HOLDER = "404 404 404 404 200 404 404 401"

RANKED = {"tiers": [["c2"], ["c1", "c3"]]}


def replaced(row: str, success: int) -> str:
    return row.replace("200", str(success))


TABLE: list[tuple[str, str, Any]] = [
    ("GET /healthz", ALL, None),
    ("GET /readyz", ALL, None),
    ("GET /api/schema/", ALL, None),
    ("GET /api/docs/", ALL, None),
    ("GET /api/session/", ALL, None),
    # Sign-in
    ("GET /_allauth/browser/v1/config", ALL, None),
    ("GET /_allauth/browser/v1/auth/session", SIGNED_IN, None),
    ("DELETE /_allauth/browser/v1/auth/session", "401 401 401 401 401 401 401 401", None),
    (
        "POST /_allauth/browser/v1/auth/login",
        "400 400 400 400 400 400 400 400",
        {"email": "owner@example.com", "password": "not-this-one"},
    ),
    ("POST /_allauth/browser/v1/auth/password/request", ALL, {"email": "owner@example.com"}),
    ("GET /_allauth/browser/v1/auth/password/reset", "400 400 400 400 400 400 400 400", None),
    (
        "POST /_allauth/browser/v1/auth/password/reset",
        "400 400 400 400 400 400 400 400",
        {"key": "1-wrong", "password": "netherfield-1813"},
    ),
    ("POST /api/sign-in-links/redeem/", ALL, {"token": "{sign_in_token}"}),
    # One's own
    ("GET /api/me/", SIGNED_IN, None),
    ("PATCH /api/me/", SIGNED_IN, {"name": "New Name"}),
    (
        "POST /api/me/password/",
        SIGNED_IN,
        {"current_password": "pemberley-1813", "new_password": "netherfield-1813"},
    ),
    ("GET /api/me/content/", SIGNED_IN, None),
    ("PUT /api/me/content/", SIGNED_IN, {"agreed": ["hate"]}),
    ("GET /api/tokens/", SIGNED_IN, None),
    ("POST /api/tokens/", replaced(SIGNED_IN, 201), {"name": "CI", "scopes": ["read"]}),
    ("DELETE /api/tokens/{token}/", "404 404 404 404 204 404 404 401", None),
    # The owner's
    ("GET /api/people/", OWNER, None),
    ("PATCH /api/people/{person}/", OWNER, {"is_active": False}),
    ("POST /api/people/{person}/reset-link/", OWNER, None),
    # Invitations: the link's holder joins; whoever is signed in joins as themselves or becomes the new person.
    ("GET /api/invitations/{invitation_token}/", ALL, None),
    (
        "POST /api/invitations/{invitation_token}/accept/",
        ALL,
        {"name": "New Person", "password": "netherfield-1813"},
    ),
    ("GET /api/projects/{project}/invitations/", MANAGERS, None),
    (
        "POST /api/projects/{project}/invitations/",
        replaced(MANAGERS, 201),
        {"email": "x@example.com", "role": "manager"},
    ),
    ("DELETE /api/projects/{project}/invitations/{invitation}/", replaced(MANAGERS, 204), None),
    # Projects
    ("GET /api/projects/", SIGNED_IN, None),
    ("POST /api/projects/", replaced(OWNER, 201), {"name": "Another"}),
    ("GET /api/projects/{project}/", MEMBERS, None),
    ("PATCH /api/projects/{project}/", MANAGERS, {"description": "New."}),
    ("POST /api/projects/{project}/archive/", MANAGERS, None),
    ("POST /api/projects/{project}/unarchive/", MANAGERS, None),
    ("GET /api/projects/{project}/progress/", READERS, None),
    ("GET /api/projects/{project}/board/", READERS, None),
    ("GET /api/projects/{project}/hours/", MEMBERS, None),
    ("GET /api/projects/{project}/hours.csv", MEMBERS, None),
    ("GET /api/projects/{project}/members/", MANAGERS, None),
    ("PATCH /api/projects/{project}/members/{member}/", MANAGERS, {"role": "manager"}),
    ("DELETE /api/projects/{project}/members/{member}/", replaced(MANAGERS, 204), None),
    ("GET /api/projects/{project}/protocols/", MEMBERS, None),
    (
        "POST /api/projects/{project}/protocols/",
        replaced(MANAGERS, 201),
        {"kind": "ranking", "name": "Another"},
    ),
    ("GET /api/projects/{project}/protocols/{ranking}/", MEMBERS, None),
    ("PATCH /api/projects/{project}/protocols/{ranking}/", MANAGERS, {"state": "paused"}),
    ("GET /api/projects/{project}/protocols/{ranking}/guidelines/", MEMBERS, None),
    (
        "POST /api/projects/{project}/protocols/{ranking}/guidelines/",
        replaced(MANAGERS, 201),
        {"markdown": "# How to rank"},
    ),
    (
        "POST /api/projects/{project}/protocols/{ranking}/duplicate/",
        replaced(MANAGERS, 201),
        {"name": "Copy"},
    ),
    ("GET /api/kinds/", SIGNED_IN, None),
    ("GET /api/presets/", SIGNED_IN, None),
    # The work as rows
    ("GET /api/projects/{project}/prompts/", READERS, None),
    ("POST /api/projects/{project}/prompts/", replaced(RUNNERS, 201), {"text": "A new question?"}),
    ("GET /api/projects/{project}/prompts/{prompt}/", READERS, None),
    ("GET /api/projects/{project}/duplicates/", READERS, None),
    ("POST /api/projects/{project}/duplicates/", replaced(RUNNERS, 202), None),
    ("GET /api/projects/{project}/duplicates/clusters/", READERS, None),
    ("GET /api/projects/{project}/protocols/{ranking}/label-studio/", RUNNERS, None),
    ("GET /api/projects/{project}/tasks/", READERS, None),
    (
        "POST /api/projects/{project}/tasks/",
        replaced(RUNNERS, 201),
        {"protocol": "{ranking}", "prompts": ["{prompt}"]},
    ),
    (
        "POST /api/projects/{project}/tasks/assign/",
        RUNNERS,
        {"protocol": "{ranking}", "people": ["{person}"]},
    ),
    ("POST /api/projects/{project}/tasks/unassign/", RUNNERS, {"protocol": "{ranking}"}),
    ("POST /api/projects/{project}/tasks/{task}/cancel/", RUNNERS, None),
    ("GET /api/projects/{project}/answers/", READERS, None),
    ("GET /api/projects/{project}/answers/people/", READERS, None),
    ("GET /api/projects/{project}/answers/{answer}/", READERS, None),
    ("GET /api/projects/{project}/answers/{answer}/neighbours/", READERS, None),
    # The reviewer wrote this answer, so they do not review it.
    (
        "POST /api/projects/{project}/answers/{answer}/review/",
        "200 200 403 403 403 403 404 401",
        {"verdict": "accept", "revision": 1},
    ),
    ("GET /api/projects/{project}/answers/strikes/?annotator={answerer}", REVIEWERS, None),
    (
        "POST /api/projects/{project}/answers/strikes/",
        "200 200 403 403 403 403 404 401",
        {"annotator": "{answerer}"},
    ),
    ("GET /api/projects/{project}/strikes/", REVIEWERS, None),
    ("POST /api/projects/{project}/strikes/{strike}/undo/", REVIEWERS, None),
    ("GET /api/projects/{project}/agreement/", READERS, None),
    # The work as work
    ("GET /api/work/", SIGNED_IN, None),
    ("GET /api/work/answers/", SIGNED_IN, None),
    ("GET /api/work/returned/", SIGNED_IN, None),
    # The reviewer's own answer.
    ("POST /api/work/answers/{answer}/reopen/", "404 404 404 201 404 404 404 401", None),
    ("GET /api/work/pace/", SIGNED_IN, None),
    ("GET /api/work/guidelines/", SIGNED_IN, None),
    ("GET /api/work/guidelines/{demonstration}/", MEMBERS, None),
    ("POST /api/work/guidelines/{demonstration}/read/", MEMBERS, {"number": 1}),
    # Advice for whoever does work in some project, the outsider's own too.
    ("POST /api/work/lint/", "200 200 403 200 200 403 200 401", {"text": "As an AI, I write."}),
    ("POST /api/work/claims/", "204 204 403 204 201 403 404 401", {"protocol": "{ranking}"}),
    ("GET /api/work/claims/{claim}/", ITS_HOLDER, None),
    ("POST /api/work/claims/{claim}/shown/", ITS_HOLDER, None),
    ("POST /api/work/claims/{claim}/heartbeat/", ITS_HOLDER, None),
    ("PUT /api/work/claims/{claim}/draft/", ITS_HOLDER, {"payload": RANKED, "seconds": 3}),
    (
        "POST /api/work/claims/{claim}/submit/",
        ITS_HOLDER,
        {"payload": RANKED, "seconds": 3, "idempotency_key": "{idempotency_key}"},
    ),
    ("POST /api/work/claims/{claim}/skip/", ITS_HOLDER, {"reason": "unclear"}),
    ("POST /api/work/claims/{claim}/release/", replaced(ITS_HOLDER, 204), None),
]


@guards(*(endpoint.partition("?")[0] for endpoint, _, _ in TABLE))
def test_everybody_gets_what_they_may(ask_all: AskAll) -> None:
    found = {endpoint: ask_all(endpoint, body) for endpoint, _, body in TABLE}
    assert found == {endpoint: each(statuses) for endpoint, statuses, _ in TABLE}
