"""A write that is sent again under its Idempotency-Key is done once, whatever happened to the first reply."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.urls import get_resolver
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from annotation.api import idempotency
from annotation.api.idempotency import Repeat, repeat_of, takes_key
from annotation.assignment.models import Claim
from annotation.exports.models import Release
from annotation.operations.jobs import forget_old_replies
from annotation.people.models import ApiToken, StoredReply, User
from annotation.projects.models import Invitation, Project, Protocol
from annotation.tasks.models import Prompt
from tests.annotation.api.test_schema import schema as schema_fixture
from tests.architecture.test_endpoints_are_guarded import METHODS, walked
from tests.factories import answer_task, make_demonstration_task
from tests.guards import nameless

ClientOf = Callable[[User | None], APIClient]
WRITES = tuple(method for method in METHODS if method != "get")
# The names under which replies show what is shown once.
SECRETS = {"token", "link", "key", "secret", "password"}

schema = schema_fixture


def ask(browser: APIClient, path: str, body: object, key: object, method: str = "post") -> HttpResponse:
    return getattr(browser, method)(path, body, headers={"Idempotency-Key": str(key)})


@pytest.fixture
def prompts(project: Project) -> str:
    return f"/api/projects/{project.pk}/prompts/"


# The same request


def test_the_same_request_gets_the_same_reply_and_is_done_once(owner: User, client_of: ClientOf) -> None:
    browser, key = client_of(owner), uuid.uuid4()
    first = ask(browser, "/api/projects/", {"name": "Once"}, key)
    assert first.status_code == 201
    assert "Idempotent-Replayed" not in first.headers
    again = ask(browser, "/api/projects/", {"name": "Once"}, key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Project.objects.filter(name="Once").count() == 1


def test_without_the_key_it_is_done_again_and_nothing_is_asked_or_kept(
    owner: User, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client_of(owner)
    browser.patch("/api/me/", {"name": "Olivia"})
    with django_assert_num_queries(7):
        assert browser.patch("/api/me/", {"name": "Olivia"}).status_code == 200
    monkeypatch.setattr(idempotency, "_answer_once", None)
    with django_assert_num_queries(7):
        assert browser.patch("/api/me/", {"name": "Olivia"}).status_code == 200
    assert not StoredReply.objects.exists()


def test_every_writing_method_takes_a_key(
    project: Project, owner: User, demonstration_protocol: Protocol, annotator: User, client_of: ClientOf
) -> None:
    browser, key = client_of(owner), uuid.uuid4()
    member = f"/api/projects/{project.pk}/members/{project.memberships.get(user=annotator).pk}/"
    assert [ask(browser, member, None, key, "delete").status_code for _ in range(2)] == [204, 204]
    assert browser.delete(member).status_code == 404
    key = uuid.uuid4()
    names = [ask(browser, "/api/me/", {"name": "Olive"}, key, "patch").json()["name"] for _ in range(2)]
    assert names == ["Olive", "Olive"]


def test_the_key_may_stand_in_quotes_as_the_draft_writes_it(owner: User, client_of: ClientOf) -> None:
    key = uuid.uuid4()
    for text in (f'"{key}"', str(key)):
        assert ask(client_of(owner), "/api/projects/", {"name": "Once"}, text).status_code == 201
    assert Project.objects.filter(name="Once").count() == 1


def test_a_browser_that_must_show_where_it_comes_from_is_answered_too(owner: User) -> None:
    """The framework looks for its token in the body first, as in a form's."""
    browser, key = APIClient(enforce_csrf_checks=True), uuid.uuid4()
    browser.force_login(owner, backend="annotation.people.sessions.Backend")
    browser.get("/api/session/")
    headers = {"X-CSRFToken": browser.cookies["csrftoken"].value, "Idempotency-Key": str(key)}
    for _ in range(2):
        assert browser.post("/api/projects/", {"name": "Once"}, headers=headers).status_code == 201
    assert Project.objects.filter(name="Once").count() == 1


def test_an_empty_reply_comes_back_as_it_was(owner: User, client_of: ClientOf, annotator: User) -> None:
    browser, key = client_of(annotator), uuid.uuid4()
    token = browser.post("/api/tokens/", {"name": "CI", "scopes": ["read"]}).json()["id"]
    first, again = (ask(browser, f"/api/tokens/{token}/", None, key, "delete") for _ in range(2))
    assert (first.status_code, again.status_code, again.content) == (204, 204, b"")
    assert "Content-Type" not in again.headers


def test_a_program_with_a_token_has_keys_of_its_persons(owner: User, client_of: ClientOf) -> None:
    made = client_of(owner).post("/api/tokens/", {"name": "CI", "scopes": ["write"]}).json()
    program = APIClient(headers={"Authorization": f"Bearer {made['token']}"})
    key = uuid.uuid4()
    replies = [
        ask(browser, "/api/projects/", {"name": "Once"}, key) for browser in (program, program, client_of(owner))
    ]
    assert len({reply.content for reply in replies}) == 1
    client_of(owner).delete(f"/api/tokens/{made['id']}/")
    assert ask(program, "/api/projects/", {"name": "Once"}, key).status_code == 401


def test_a_job_is_enqueued_once_and_only_when_its_row_is_there(
    project: Project,
    owner: User,
    annotator: User,
    demonstration_protocol: Protocol,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    answer_task(make_demonstration_task(demonstration_protocol), annotator)
    path, key = f"/api/projects/{project.pk}/releases/", uuid.uuid4()
    with django_capture_on_commit_callbacks() as enqueued:
        replies = [ask(client_of(owner), path, {"name": "First", "selection": {}}, key) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [202, 202], replies[0].content
    assert Release.objects.count() == len(enqueued) == 1


# Another request


@pytest.mark.parametrize(
    ("path", "body", "method"),
    [
        ("/api/projects/", {"name": "Other"}, "post"),
        ("/api/projects/?page=2", {"name": "Once"}, "post"),
        ("/api/me/", {"name": "Once"}, "patch"),
    ],
)
def test_the_key_of_another_request_is_refused(
    owner: User, client_of: ClientOf, path: str, body: object, method: str
) -> None:
    browser, key = client_of(owner), uuid.uuid4()
    ask(browser, "/api/projects/", {"name": "Once"}, key)
    refused = ask(browser, path, body, key, method)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_two_people_may_have_the_same_key(owner: User, manager: User, client_of: ClientOf, prompts: str) -> None:
    key = uuid.uuid4()
    made = [ask(client_of(user), prompts, {"text": "Why?"}, key) for user in (owner, manager)]
    assert [reply.status_code for reply in made] == [201, 200]
    assert StoredReply.objects.filter(key=key).count() == 2


@pytest.mark.parametrize("key", ["", "1", "x" * 5000, "not-a-uuid", '"', "\x00"])
def test_a_key_that_is_no_uuid_is_refused(owner: User, client_of: ClientOf, key: str) -> None:
    refused = ask(client_of(owner), "/api/projects/", {"name": "Never"}, key)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"
    assert not Project.objects.filter(name="Never").exists()


def test_nobody_without_an_account_is_answered_from_memory(owner: User, client_of: ClientOf) -> None:
    key = uuid.uuid4()
    ask(client_of(owner), "/api/projects/", {"name": "Once"}, key)
    assert ask(APIClient(), "/api/projects/", {"name": "Once"}, key).status_code == 401
    forged = APIClient(enforce_csrf_checks=True)
    forged.force_login(owner, backend="annotation.people.sessions.Backend")
    assert ask(forged, "/api/projects/", {"name": "Once"}, key).status_code == 403


def test_reading_takes_no_key(owner: User, client_of: ClientOf) -> None:
    key = uuid.uuid4()
    client = client_of(owner)
    assert [ask(client, "/api/projects/", None, key, "get").status_code for _ in range(2)] == [200, 200]
    assert not StoredReply.objects.exists()


# Refusals and failures


def test_a_refusal_frees_the_key(owner: User, client_of: ClientOf) -> None:
    browser, key = client_of(owner), uuid.uuid4()
    assert ask(browser, "/api/projects/", {"name": ""}, key).status_code == 400
    assert ask(browser, "/api/projects/", {"name": "Right now"}, key).status_code == 201


def test_a_body_too_large_is_refused_as_without_a_key(owner: User, client_of: ClientOf) -> None:
    body = {"name": "x" * (idempotency.BODY_BYTES + 1)}
    assert ask(client_of(owner), "/api/projects/", body, uuid.uuid4()).json()["code"] == "body_too_large"
    large = {"name": "x" * (idempotency.BODY_BYTES - 100)}
    assert ask(client_of(owner), "/api/projects/", large, uuid.uuid4()).status_code == 400


def test_what_a_view_did_before_it_broke_is_undone(
    owner: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, key = client_of(owner), uuid.uuid4()
    browser.raise_request_exception = False

    class Broken:
        def __init__(self, *_: object, **__: object) -> None:
            raise RuntimeError("after the project was made")

    with monkeypatch.context() as broken:
        broken.setattr("annotation.api.projects.ProjectOut", Broken)
        assert ask(browser, "/api/projects/", {"name": "Twice?"}, key).status_code == 500
    assert not Project.objects.filter(name="Twice?").exists()
    assert ask(browser, "/api/projects/", {"name": "Twice?"}, key).status_code == 201
    assert Project.objects.filter(name="Twice?").count() == 1


# Secrets


def test_a_secret_is_kept_nowhere_and_not_made_twice(owner: User, client_of: ClientOf) -> None:
    browser, key = client_of(owner), uuid.uuid4()
    body = {"name": "CI", "scopes": ["read"]}
    first, again = (ask(browser, "/api/tokens/", body, key) for _ in range(2))
    assert first.status_code == 201
    assert (again.status_code, again.json()["code"]) == (409, "reply_not_kept")
    assert ApiToken.objects.count() == 1
    assert StoredReply.objects.get().body is None


def test_an_invitation_is_sent_once(project: Project, owner: User, client_of: ClientOf) -> None:
    browser, key = client_of(owner), uuid.uuid4()
    path, body = f"/api/projects/{project.pk}/invitations/", {"email": "new@example.com", "role": "annotator"}
    assert [ask(browser, path, body, key).status_code for _ in range(2)] == [201, 409]
    assert Invitation.objects.count() == 1


def test_a_password_is_not_to_be_read_out_of_what_is_kept(owner: User, client_of: ClientOf) -> None:
    body = {"current_password": "pemberley-1813", "new_password": "netherfield-1813"}
    assert ask(client_of(owner), "/api/me/password/", body, uuid.uuid4()).status_code == 200
    kept = StoredReply.objects.get()
    assert b"netherfield" not in bytes(kept.body or b"")
    # A plain hash of so short a body could be guessed; a keyed one cannot.
    assert len(kept.request_sha256) == 64


def test_every_reply_that_shows_a_secret_is_marked(schema: Any) -> None:
    views = {
        nameless(address): view.cls for address, view in walked(get_resolver().url_patterns) if hasattr(view, "cls")
    }
    shown = set()
    for path, item in schema["paths"].items():
        for method in set(item) & set(WRITES):
            for status, reply in item[method]["responses"].items():
                names = property_names(reply.get("content", {}), schema)
                if status.startswith("2") and names & SECRETS and takes_key(views.get(nameless(path)), method.upper()):
                    shown.add(path)
                    assert repeat_of(views[nameless(path)]) is Repeat.REFUSE, path
    assert {"/api/tokens/", "/api/people/{id}/reset-link/", "/api/projects/{project}/invitations/"} <= shown


def property_names(part: Any, schema: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*(property_names(item, schema) for item in part))
    if not isinstance(part, dict):
        return set()
    if reference := part.get("$ref"):
        _, _, section, name = reference.split("/")
        return property_names(schema["components"][section][name], schema)
    return set(part.get("properties", {})) | property_names(list(part.values()), schema)


def test_the_description_names_the_key_on_every_write_that_takes_it(schema: Any) -> None:
    views = {nameless(address): view for address, view in walked(get_resolver().url_patterns)}
    named = 0
    for path, item in schema["paths"].items():
        for method in set(item) & set(METHODS):
            view = getattr(views.get(nameless(path)), "cls", None)
            is_named = {"$ref": "#/components/parameters/IdempotencyKey"} in item[method].get("parameters", [])
            assert is_named == takes_key(view, method.upper()), (method, path)
            named += is_named
    assert named > 30


# The same instant


def test_the_same_request_at_the_same_instant_is_told_to_wait(transactional_db: None) -> None:
    owner = User.objects.create_user("owner@example.com", "pemberley-1813", name="Owner", is_owner=True)
    project = Project.objects.create(name="Assistant", created_by=owner, created_at=timezone.now())
    path, key = f"/api/projects/{project.pk}/", uuid.uuid4()
    replies: list[HttpResponse] = []

    def send() -> None:
        with closing(connections["default"]):
            browser = APIClient()
            browser.force_login(owner, backend="annotation.people.sessions.Backend")
            replies.append(ask(browser, path, {"description": "Sent twice."}, key, "patch"))

    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        first = threading.Thread(target=send)
        first.start()
        wait_for_a_blocked_query()
        send_in_thread(send)
        assert [reply.status_code for reply in replies] == [409]
        assert replies[0].json()["code"] == "still_at_work"
        assert replies[0].headers["Retry-After"] == "1"
    first.join(30)
    send_in_thread(send)
    assert [reply.status_code for reply in replies] == [409, 200, 200]
    assert replies[1].content == replies[2].content
    assert [reply.headers.get("Idempotent-Replayed") for reply in replies[1:]] == [None, "true"]


def test_many_at_the_same_instant_make_one_row(transactional_db: None) -> None:
    owner = User.objects.create_user("owner@example.com", "pemberley-1813", name="Owner", is_owner=True)
    project = Project.objects.create(name="Assistant", created_by=owner, created_at=timezone.now())
    body, path = {"text": "Sent by six tabs?"}, f"/api/projects/{project.pk}/prompts/"
    start, statuses = threading.Barrier(6), []
    key = uuid.uuid4()

    def send() -> None:
        with closing(connections["default"]):
            browser = APIClient()
            browser.force_login(owner, backend="annotation.people.sessions.Backend")
            start.wait(30)
            statuses.append(ask(browser, path, body, key).status_code)

    tabs = [threading.Thread(target=send) for _ in range(6)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(30)
    assert len(statuses) == 6
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Prompt.objects.count() == StoredReply.objects.count() == 1


def send_in_thread(send: Callable[[], None]) -> None:
    thread = threading.Thread(target=send)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def wait_for_a_blocked_query() -> None:
    blocked = """SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
                 WHERE NOT granted AND datname = current_database()"""
    for _ in range(300):
        with connection.cursor() as cursor:
            cursor.execute(blocked)
            if cursor.fetchone()[0]:
                return
        threading.Event().wait(0.05)
    raise AssertionError("The first request never came to the row")


# A day later


def test_a_day_later_the_key_is_forgotten(owner: User, client_of: ClientOf) -> None:
    ask(client_of(owner), "/api/projects/", {"name": "Yesterday"}, uuid.uuid4())
    ask(client_of(owner), "/api/projects/", {"name": "Today"}, uuid.uuid4())
    StoredReply.objects.filter(pk=StoredReply.objects.first().pk).update(
        created_at=timezone.now() - timedelta(hours=25)
    )
    forget_old_replies()
    assert StoredReply.objects.count() == 1


def test_a_claims_skip_is_not_done_twice(claim: Claim, annotator: User, client_of: ClientOf) -> None:
    key, path = uuid.uuid4(), f"/api/work/claims/{claim.pk}/skip/"
    first, again = (ask(client_of(annotator), path, {"reason": "unclear"}, key) for _ in range(2))
    assert (first.status_code, again.status_code, first.content) == (200, 200, again.content)
