"""Sign-in, sign-out, passwords, links and tokens, as a browser or a program meets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.people import actions
from annotation.people.models import ApiToken, User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project
from tests.factories import make_judge
from tests.people import NOW

SIGN_IN = "/_allauth/browser/v1/auth/"
PASSWORD = "pemberley-1813"
ClientOf = Callable[[User | None], APIClient]


def sign_in(email: str, password: str = PASSWORD) -> tuple[APIClient, int]:
    browser = APIClient()
    return browser, browser.post(SIGN_IN + "login", {"email": email, "password": password}).status_code


def signed_in(browser: APIClient) -> bool:
    return browser.get("/api/session/").json()["signed_in"]


def test_a_person_signs_in_and_out(annotator: User) -> None:
    browser, status = sign_in("Annotator@example.com")
    assert status == 200
    assert browser.get("/api/session/").json()["me"]["email"] == "annotator@example.com"
    assert browser.delete(SIGN_IN + "session").status_code == 401
    assert not signed_in(browser)


@pytest.mark.parametrize(("email", "password"), [("annotator@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_wrong_words_let_nobody_in_and_tell_nothing(annotator: User, email: str, password: str) -> None:
    browser = APIClient()
    answer = browser.post(SIGN_IN + "login", {"email": email, "password": password})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "email_password_mismatch"
    assert not signed_in(browser)


def test_guessing_passwords_is_slowed_down(annotator: User) -> None:
    guess = {"email": "annotator@example.com", "password": "wrong"}
    answers = [APIClient().post(SIGN_IN + "login", guess).json()["errors"][0]["code"] for _ in range(12)]
    assert (answers[0], answers[-1]) == ("email_password_mismatch", "too_many_login_attempts")
    assert sign_in("annotator@example.com")[1] == 400, "not even the right one, for a while"


def test_judges_and_people_shut_out_do_not_sign_in(annotator: User, client_of: ClientOf) -> None:
    browser = client_of(annotator)
    User.objects.filter(pk=annotator.pk).update(is_active=False)
    assert sign_in("annotator@example.com")[1] != 200
    assert browser.get("/api/me/").status_code == 401, "an open session ends too"


@pytest.mark.parametrize("address", ["auth/signup", "account/email", "account/password/change", "auth/code/request"])
def test_nobody_signs_up_or_changes_an_address(annotator: User, client_of: ClientOf, address: str) -> None:
    for browser in (APIClient(), client_of(annotator)):
        body = {"email": "eve@example.com", "password": "netherfield-1813"}
        answer = browser.post(f"/_allauth/browser/v1/{address}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not User.objects.filter(email="eve@example.com").exists()


# Passwords


def test_a_forgotten_password_is_reset_by_mail(annotator: User) -> None:
    browser = APIClient()
    assert browser.post(SIGN_IN + "password/request", {"email": "annotator@example.com"}).status_code == 200
    (message,) = mail.outbox
    assert message.to == ["annotator@example.com"]
    key = re.search(r"http://localhost:8000/reset-password/(\S+)", message.body)
    assert key
    reset_with(browser, key[1])
    assert sign_in("annotator@example.com")[1] == 400


def reset_with(browser: APIClient, key: str) -> None:
    """Set a new password by a key, see it work, and see that the key works once."""
    found = browser.get(SIGN_IN + "password/reset", headers={"X-Password-Reset-Key": key})
    assert found.status_code == 200
    weak = browser.post(SIGN_IN + "password/reset", {"key": key, "password": "short"})
    assert weak.status_code == 400
    new = {"key": key, "password": "netherfield-1813"}
    assert browser.post(SIGN_IN + "password/reset", new).status_code in (200, 401)
    assert sign_in("annotator@example.com", "netherfield-1813")[1] == 200
    assert APIClient().post(SIGN_IN + "password/reset", new).status_code == 400


@pytest.mark.parametrize("key", ["", "-", "-x", "1", "1-", "1-x", "zzzzzzzzzzzzzz-x", "\x7f-x", "9" * 300 + "-x"])
def test_a_wrong_reset_key_is_refused(annotator: User, key: str) -> None:
    assert APIClient().get(SIGN_IN + "password/reset", headers={"X-Password-Reset-Key": key}).status_code == 400
    new = {"key": key, "password": "netherfield-1813"}
    assert APIClient().post(SIGN_IN + "password/reset", new).status_code == 400


def test_a_reset_link_is_shown_to_the_owner_for_copying(annotator: User, owner: User, client_of: ClientOf) -> None:
    link = client_of(owner).post(f"/api/people/{annotator.pk}/reset-link/").json()["link"]
    assert link.startswith("http://localhost:8000/reset-password/")
    reset_with(APIClient(), link.rpartition("/")[2])
    assert mail.outbox == []


def test_the_site_writes_to_nobody_it_does_not_know(annotator: User) -> None:
    User.objects.filter(pk=annotator.pk).update(is_active=False)
    for email in ("stranger@example.com", "annotator@example.com"):
        assert APIClient().post(SIGN_IN + "password/request", {"email": email}).status_code == 200
    assert mail.outbox == []


def test_no_reset_link_for_judges_and_people_shut_out(annotator: User, owner: User, client_of: ClientOf) -> None:
    judge = make_judge(source="hh", external_id="7", name="Judge 7")
    User.objects.filter(pk=annotator.pk).update(is_active=False)
    for person in (judge, annotator):
        assert client_of(owner).post(f"/api/people/{person.pk}/reset-link/").status_code == 404


def test_a_changed_password_ends_the_other_sessions(annotator: User, client_of: ClientOf) -> None:
    here, there = client_of(annotator), client_of(annotator)
    new = {"current_password": PASSWORD, "new_password": "netherfield-1813"}
    assert here.post("/api/me/password/", new).status_code == 200
    assert signed_in(here)
    assert not signed_in(there)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"current_password": "wrong", "new_password": "netherfield-1813"}, "current_password"),
        ({"current_password": PASSWORD, "new_password": "short"}, "new_password"),
        ({"current_password": PASSWORD}, "new_password"),
    ],
)
def test_a_refused_password_names_its_field(
    annotator: User, client_of: ClientOf, body: dict[str, str], field: str
) -> None:
    answer = client_of(annotator).post("/api/me/password/", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


# Links that sign in


def test_the_owner_arrives_by_link_once(db: None) -> None:
    owner = actions.ensure_owner()
    token = actions.create_sign_in_link(user=owner, now=timezone.now())
    browser = APIClient()
    me = browser.post("/api/sign-in-links/redeem/", {"token": token}).json()
    assert (me["is_owner"], me["has_password"]) == (True, False)
    assert signed_in(browser)
    assert browser.post("/api/me/password/", {"new_password": PASSWORD}).json()["has_password"]
    again = APIClient().post("/api/sign-in-links/redeem/", {"token": token})
    assert (again.status_code, again.json()["code"]) == (410, "link_not_usable")


@pytest.mark.parametrize("token", ["", "unknown", "x" * 201, "a\x00b"])
def test_a_wrong_link_signs_nobody_in(db: None, token: str) -> None:
    browser = APIClient()
    assert browser.post("/api/sign-in-links/redeem/", {"token": token}).status_code in (400, 410)
    assert not signed_in(browser)


def test_guessing_links_is_slowed_down(db: None) -> None:
    answers = [APIClient().post("/api/sign-in-links/redeem/", {"token": "guess"}) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [410] * 60 + [429]
    assert answers[-1].json()["code"] == "throttled"
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


# Oneself


def test_anybody_may_ask_who_they_are(annotator: User, project: Project, client_of: ClientOf) -> None:
    nobody = APIClient().get("/api/session/")
    assert nobody.json() == {"signed_in": False, "me": None, "email_enabled": False, "product_version": "0.1.0"}
    assert "csrftoken" in nobody.cookies
    me = client_of(annotator).get("/api/session/").json()["me"]
    assert me["memberships"] == [{"project": {"id": project.pk, "name": "Assistant"}, "role": "annotator"}]


def test_one_changes_ones_name_and_language(annotator: User, client_of: ClientOf) -> None:
    browser = client_of(annotator)
    assert browser.patch("/api/me/", {"name": "Åse", "language": "nb"}).json()["name"] == "Åse"
    for wrong in ({"language": "xx"}, {"name": ""}, {"name": "a\x00b"}):
        assert browser.patch("/api/me/", wrong).status_code == 400
    browser.patch("/api/me/", {"is_owner": True, "email": "eve@example.com"})
    annotator.refresh_from_db()
    assert (annotator.is_owner, annotator.email, annotator.language) == (False, "annotator@example.com", "nb")


def test_ones_keys_follow_one_to_another_browser(annotator: User, outsider: User, client_of: ClientOf) -> None:
    chosen = {"raise": ["w"], "tie": []}
    assert client_of(annotator).patch("/api/me/", {"shortcuts": chosen}).json()["shortcuts"] == chosen
    assert client_of(annotator).patch("/api/me/", {"name": "Ada"}).json()["shortcuts"] == chosen
    assert client_of(annotator).get("/api/session/").json()["me"]["shortcuts"] == chosen
    assert client_of(outsider).get("/api/me/").json()["shortcuts"] == {}
    for wrong in ({"raise": ["no key"]}, {"raise": "w"}, ["w"], {"Not a name": []}):
        refused = client_of(annotator).patch("/api/me/", {"shortcuts": wrong})
        assert (refused.status_code, refused.json()["errors"][0]["field"].split(".")[0]) == (400, "shortcuts")
    assert client_of(annotator).patch("/api/me/", {"shortcuts": {}}).json()["shortcuts"] == {}


def test_who_one_is_costs_the_same_in_many_projects(
    owner: User, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = client_of(owner)
    for number in range(5):
        project_actions.create_project(actor=owner, name=f"Project {number}", now=NOW)
    with django_assert_num_queries(4):
        assert len(browser.get("/api/me/").json()["memberships"]) == 5


# Tokens


def make_token(browser: APIClient, *scopes: str) -> dict[str, str]:
    made = browser.post("/api/tokens/", {"name": "CI", "scopes": scopes, "expires_in_days": 7})
    assert made.status_code == 201
    return made.json()


def program(text: str, prefix: str = "Bearer") -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"{prefix} {text}")
    return client


def test_a_token_is_shown_once_works_and_is_revoked(annotator: User, client_of: ClientOf) -> None:
    browser = client_of(annotator)
    made = make_token(browser, "read", "write")
    (listed,) = browser.get("/api/tokens/").json()
    assert "token" not in listed
    assert listed == {name: value for name, value in made.items() if name != "token"}
    assert made["token"] not in str(ApiToken.objects.values().get())
    script = program(made["token"])
    assert script.get("/api/me/").json()["email"] == "annotator@example.com"
    assert browser.delete(f"/api/tokens/{made['id']}/").status_code == 204
    assert script.get("/api/me/").status_code == 401


def test_a_tokens_last_use_is_seen(annotator: User, client_of: ClientOf) -> None:
    browser = client_of(annotator)
    script = program(make_token(browser, "read")["token"])
    assert browser.get("/api/tokens/").json()[0]["last_used_at"] is None
    script.get("/api/me/")
    first = browser.get("/api/tokens/").json()[0]["last_used_at"]
    script.get("/api/me/")
    assert first
    assert browser.get("/api/tokens/").json()[0]["last_used_at"] == first


def test_a_token_that_reads_does_not_write_and_the_other_way_round(annotator: User, client_of: ClientOf) -> None:
    reader = program(make_token(client_of(annotator), "read")["token"])
    writer = program(make_token(client_of(annotator), "write")["token"])
    assert reader.get("/api/me/").status_code == 200
    refused = reader.patch("/api/me/", {"name": "New"})
    assert refused.status_code == 403
    assert "only read" in refused.json()["detail"]
    assert writer.patch("/api/me/", {"name": "New"}).status_code == 200
    assert writer.get("/api/me/").status_code == 403


def test_an_old_token_and_one_of_a_person_shut_out_are_refused(annotator: User, client_of: ClientOf) -> None:
    script = program(make_token(client_of(annotator), "read")["token"])
    User.objects.filter(pk=annotator.pk).update(is_active=False)
    assert script.get("/api/me/").status_code == 401
    User.objects.filter(pk=annotator.pk).update(is_active=True)
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert script.get("/api/me/").status_code == 401


@pytest.mark.parametrize("text", ["wrong", "", "two words", "\xff\xfe", "a\x00b", "x" * 5000])
def test_a_wrong_token_is_told_as_a_problem(db: None, text: str) -> None:
    answer = program(text).get("/api/me/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_token_needs_no_csrf_and_starts_no_session(annotator: User, client_of: ClientOf) -> None:
    token = make_token(client_of(annotator), "write")["token"]
    sessions = Session.objects.count()
    script = APIClient(enforce_csrf_checks=True)
    answer = script.patch("/api/me/", {"name": "New"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert "sessionid" not in answer.cookies
    assert Session.objects.count() == sessions


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"scopes": []}, {"scopes": ["admin"]}, {"expires_in_days": 0}, {"expires_in_days": 367}],
)
def test_an_impossible_token_is_refused(annotator: User, client_of: ClientOf, wrong: dict[str, object]) -> None:
    asked = {"name": "CI", "scopes": ["read"], "expires_in_days": 7} | wrong
    answer = client_of(annotator).post("/api/tokens/", asked)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith(next(iter(wrong)))


# The owner's list


def test_the_owner_lists_people_without_judges_and_shuts_one_out(
    owner: User, annotator: User, client_of: ClientOf
) -> None:
    make_judge(source="hh", external_id="7", name="Judge 7")
    browser = client_of(owner)
    assert [row["email"] for row in browser.get("/api/people/").json()["results"]] == [annotator.email, owner.email]
    assert browser.patch(f"/api/people/{annotator.pk}/", {"is_active": False}).json()["is_active"] is False
    assert browser.patch(f"/api/people/{owner.pk}/", {"is_active": False}).status_code == 400
    assert browser.patch(f"/api/people/{annotator.pk + 999}/", {"is_active": False}).status_code == 404
