from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from annotation.api import invitations
from annotation.people.models import User
from annotation.projects.models import Invitation, Project

ClientOf = Callable[[User | None], APIClient]
NEW = {"name": "New Person", "password": "netherfield-1813"}


@pytest.fixture
def link(project: Project, manager: User, client_of: ClientOf) -> Callable[..., str]:
    """Return a function that invites somebody and returns the API's address of the invitation."""

    def invite(email: str = "New@example.com", role: str = "annotator") -> str:
        made = client_of(manager).post(f"/api/projects/{project.pk}/invitations/", {"email": email, "role": role})
        assert made.status_code == 201
        assert made.json()["emailed"] is False
        link: str = made.json()["link"]
        assert link.startswith("http://localhost:8000/invitation/")
        return f"/api/invitations/{link.rpartition('/')[2]}/"

    return invite


def test_a_new_person_joins_and_is_signed_in(link: Callable[..., str], project: Project) -> None:
    address, browser = link(), APIClient()
    assert browser.get(address).json() == {
        "email": "new@example.com",
        "project": {"name": "Assistant"},
        "role": "annotator",
        "invited_by_name": "Manager Person",
        "has_account": False,
    }
    me = browser.post(f"{address}accept/", NEW).json()
    assert me["memberships"] == [{"project": {"id": project.pk, "name": "Assistant"}, "role": "annotator"}]
    assert browser.get("/api/me/").json()["email"] == "new@example.com"


def test_the_link_is_shown_once_and_stored_as_a_hash(
    link: Callable[..., str], project: Project, manager: User, client_of: ClientOf
) -> None:
    token = link().split("/")[3]
    assert token not in str(Invitation.objects.values().get())
    (listed,) = client_of(manager).get(f"/api/projects/{project.pk}/invitations/").json()["results"]
    assert "link" not in listed
    assert token not in str(listed)


def test_the_link_is_mailed_where_the_site_sends_mail(
    project: Project,
    manager: User,
    client_of: ClientOf,
    settings: Settings,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.EMAIL_URL = "smtp://localhost"
    body = {"email": "new@example.com", "role": "reviewer"}
    with django_capture_on_commit_callbacks(execute=True):
        made = client_of(manager).post(f"/api/projects/{project.pk}/invitations/", body).json()
        assert mail.outbox == []
    assert made["emailed"] is True
    assert mail.outbox[0].to == ["new@example.com"]
    assert made["link"] in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_no_mail_goes_out_for_an_invitation_that_was_not_kept(
    project: Project, manager: User, client_of: ClientOf, settings: Settings
) -> None:
    settings.EMAIL_URL = "smtp://localhost"
    invite = partial(client_of(manager).post, f"/api/projects/{project.pk}/invitations/")
    with transaction.atomic():
        assert invite({"email": "lost@example.com", "role": "reviewer"}).status_code == 201
        transaction.set_rollback(True)
    assert (mail.outbox, Invitation.objects.count()) == ([], 0)
    key = {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())}
    kept = [invite({"email": "kept@example.com", "role": "reviewer"}, **key).status_code for _ in range(2)]
    # A link is shown once: sent again the request is refused, and mails nothing.
    assert kept == [201, 409]
    assert [message.to for message in mail.outbox] == [["kept@example.com"]]


def test_a_mail_that_fails_takes_no_invitation_with_it(
    project: Project,
    manager: User,
    client_of: ClientOf,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.EMAIL_URL = "smtp://localhost"

    def fail(*_: object) -> int:
        raise OSError("no such host")

    monkeypatch.setattr(invitations, "send_mail", fail)
    body = {"email": "new@example.com", "role": "reviewer"}
    with django_capture_on_commit_callbacks(execute=True):
        made = client_of(manager).post(f"/api/projects/{project.pk}/invitations/", body)
    assert (made.status_code, Invitation.objects.count()) == (201, 1)


def test_somebody_with_an_account_must_be_signed_in_as_that_account(
    link: Callable[..., str], outsider: User, annotator: User, client_of: ClientOf
) -> None:
    address = link(outsider.email)
    assert APIClient().get(address).json()["has_account"] is True
    for browser in (APIClient(), client_of(annotator)):
        refused = browser.post(f"{address}accept/", NEW)
        assert refused.status_code == 403
        assert outsider.email in refused.json()["detail"]
    browser = client_of(outsider)
    assert len(browser.post(f"{address}accept/", {}).json()["memberships"]) == 2


def test_who_is_signed_in_and_opens_a_new_persons_link_becomes_the_new_person(
    link: Callable[..., str], annotator: User, client_of: ClientOf
) -> None:
    browser = client_of(annotator)
    assert browser.post(f"{link()}accept/", NEW).json()["email"] == "new@example.com"
    assert browser.get("/api/me/").json()["email"] == "new@example.com"


def test_a_used_old_revoked_or_unknown_link_is_gone(
    link: Callable[..., str], project: Project, manager: User, client_of: ClientOf
) -> None:
    used, old, revoked = link("a@example.com"), link("b@example.com"), link("c@example.com")
    APIClient().post(f"{used}accept/", NEW)
    Invitation.objects.filter(email="b@example.com").update(expires_at=timezone.now() - timedelta(seconds=1))
    address = f"/api/projects/{project.pk}/invitations/{Invitation.objects.get(email='c@example.com').pk}/"
    assert client_of(manager).delete(address).status_code == 204
    assert client_of(manager).delete(address).status_code == 410
    for gone in (used, old, revoked, "/api/invitations/unknown/", "/api/invitations/%00/", "/api/invitations/%ff/"):
        for answer in (APIClient().get(gone), APIClient().post(f"{gone}accept/", NEW)):
            assert (answer.status_code, answer.json()["code"]) == (410, "invitation_not_usable")
    assert set(User.objects.filter(email__endswith="@example.com").values_list("email", flat=True)) & {
        "a@example.com",
        "b@example.com",
        "c@example.com",
    } == {"a@example.com"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": ""}, "name"), ({"password": "short"}, "password"), ({"password": "password123"}, "password")],
)
def test_a_new_person_needs_a_name_and_a_strong_password(
    link: Callable[..., str], wrong: dict[str, str], field: str
) -> None:
    address = link()
    answer = APIClient().post(f"{address}accept/", NEW | wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert APIClient().post(f"{address}accept/", NEW).status_code == 200, "the link is still good"


@pytest.mark.parametrize("body", [{"email": "x", "role": "annotator"}, {"email": "x@example.com", "role": "king"}, {}])
def test_an_impossible_invitation_is_refused(
    project: Project, manager: User, client_of: ClientOf, body: dict[str, str]
) -> None:
    assert client_of(manager).post(f"/api/projects/{project.pk}/invitations/", body).status_code == 400


def test_another_projects_invitation_is_not_revoked(
    link: Callable[..., str], outsider: User, client_of: ClientOf
) -> None:
    link()
    elsewhere = Project.objects.get(memberships__user=outsider)
    address = f"/api/projects/{elsewhere.pk}/invitations/{Invitation.objects.get().pk}/"
    assert client_of(outsider).delete(address).status_code == 404
