"""Django admin: the owner of the site looks at every row, and nobody changes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from annotation.assignment import actions as assignment_actions
from annotation.operations.admin import PRIVATE_ROOMS, SECRET_FIELDS, ReadOnlyAdmin
from annotation.people import actions as people_actions
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project, Protocol
from annotation.registry.models import Served
from tests.factories import answer_task, make_ranking_task
from tests.people import NOW

ALL = [model for model in apps.get_models() if model.__module__.startswith("annotation.")]
PRIVATE = [model for model in ALL if model.__module__.startswith(PRIVATE_ROOMS)]
OURS = [model for model in ALL if model not in PRIVATE]


@pytest.fixture
def browser(owner: User) -> Client:
    client = Client()
    client.force_login(owner, backend="annotation.people.sessions.Backend")
    return client


@pytest.fixture
def filled(ranking_protocol: Protocol, annotator: User, reviewer: User, owner: User) -> None:
    """A row of every kind that this room's lower neighbours make."""
    answer_task(make_ranking_task(ranking_protocol), reviewer)
    make_ranking_task(ranking_protocol, "Which?")
    assignment_actions.claim_next(protocol=ranking_protocol, actor=annotator, now=NOW)
    project_actions.publish_guideline(protocol=ranking_protocol, markdown="# How", actor=owner, now=NOW)
    membership.invite(project=ranking_protocol.project, email="x@example.com", role="manager", actor=owner, now=NOW)
    people_actions.create_sign_in_link(user=annotator, now=NOW)
    people_actions.create_token(actor=annotator, name="CI", scopes=["read"], expires_in_days=7, now=NOW)


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_all_models_of_ours_are_there_and_every_page_is_read_only() -> None:
    assert set(OURS) <= set(admin.site._registry)
    assert all(isinstance(shown, ReadOnlyAdmin) for shown in admin.site._registry.values())


def test_what_people_say_to_a_model_is_not_there_nor_what_opens_one() -> None:
    assert {model.__name__ for model in PRIVATE} >= {"Conversation", "Turn", "Appeal"}
    assert not set(PRIVATE) & set(admin.site._registry)
    assert "key" not in admin.site._registry[Served].get_fields(HttpRequest())


def test_the_owner_looks_at_every_list_and_row(browser: Client, filled: None) -> None:
    assert browser.get("/admin/").status_code == 200
    for model in OURS:
        assert browser.get(address(model, "changelist")).status_code == 200, model
        if row := model._default_manager.first():
            page = browser.get(address(model, "change", row.pk))
            assert page.status_code == 200, model
            assert b'name="_save"' not in page.content


def test_what_signs_somebody_in_or_names_them_is_not_shown(browser: Client, filled: None, project: Project) -> None:
    for model in OURS:
        row = model._default_manager.first()
        secrets = [getattr(row, name) for name in SECRET_FIELDS if hasattr(row, name)]
        pages = [browser.get(address(model, "changelist"))]
        pages += [browser.get(address(model, "change", row.pk))] if row and row.pk not in secrets else []
        for page in pages:
            assert not [secret for secret in secrets if secret in page.content.decode()], model


def test_nobody_adds_changes_or_deletes(browser: Client, project: Project) -> None:
    for model in OURS:
        assert browser.get(address(model, "add")).status_code == 403
        assert browser.post(address(model, "add"), {}).status_code == 403
    row = address(Project, "change", project.pk)
    assert browser.post(row, {"name": "Mine"}).status_code == 403
    assert browser.post(address(Project, "delete", project.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [project.pk], "post": "yes"}
    browser.post(address(Project, "changelist"), chosen)
    assert Project.objects.get(pk=project.pk).name == "Assistant"


@pytest.mark.parametrize("who", ["manager", "annotator", "outsider", "anonymous"])
def test_nobody_but_the_owner_comes_in(
    who: str, everybody: dict[str, User | None], client_of: Callable[[User | None], APIClient]
) -> None:
    browser = client_of(everybody[who])
    for page in ("/admin/", address(User, "changelist")):
        answer = browser.get(page)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")
