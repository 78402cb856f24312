"""A manager brings judgements in from Label Studio in Chromium, divides what waits, and takes them out again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project
from annotation.tasks.models import Answer, Task
from tests.journeys.browser import IN_BROWSER, chromium, make_person, sign_in
from tests.journeys.site import Site, running_site

DATA = Path(os.environ.get("BENNET_DATA", "")) / "label_studio_rlhf"

pytestmark = [
    *IN_BROWSER,
    pytest.mark.skipif("BENNET_DATA" not in os.environ, reason="BENNET_DATA names no folder of real files"),
]


@pytest.fixture
def owner(transactional_db: None) -> User:
    return make_person("olivia@example.com", is_owner=True)


@pytest.fixture
def project(owner: User) -> Project:
    now = timezone.now()
    project = project_actions.create_project(actor=owner, name="Assistant", now=now)
    for name in ("ada", "bea"):
        person = make_person(f"{name}@example.com")
        membership.add_member(project=project, user=person, role="annotator", actor=owner, now=now)
    return project


@pytest.fixture
def site(project: Project, database_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database_url, tmp_path) as running:
        yield running


def test_judgements_come_in_are_divided_and_go_out_again(
    site: Site, project: Project, owner: User, tmp_path: Path
) -> None:
    at = f"{site.address}/projects/{project.pk}"
    wrong: list[str] = []
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        sign_in(context, site, owner)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        bring_in(page, at, "ls_input_data.json", waiting=32)
        assign_four(page, at)
        bring_in(page, at, "ls_output_data.json", waiting=0)
        out = take_out(page, at, tmp_path)
    given = json.loads((DATA / "ls_output_data.json").read_text())
    assert [(task["data"], choices(task)) for task in out] == [(task["data"], choices(task)) for task in given]
    assert wrong == []


def bring_in(page: Page, at: str, name: str, *, waiting: int) -> None:
    page.goto(f"{at}/imports")
    page.locator("input[type=file]").set_input_files(DATA / name)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="What came in")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("No row is left out.")).to_be_visible(timeout=30_000)
    assert Task.objects.filter(state="open").count() == waiting


def assign_four(page: Page, at: str) -> None:
    page.goto(f"{at}/tasks")
    for place in range(4):
        page.get_by_role("checkbox").nth(place).check()
    page.get_by_role("button", name="Assign 4 tasks").click()
    dialog = page.get_by_role("dialog", name="Whom are these tasks for?")
    dialog.get_by_role("combobox", name="People").click()
    for name in ("Ada", "Bea"):
        page.get_by_role("option", name=name).click()
    page.keyboard.press("Tab")
    dialog.get_by_role("switch", name="Deal them out in turn").check()
    dialog.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("4 tasks assigned.")).to_be_visible()
    expect(page.get_by_role("cell", name="Ada")).to_have_count(2)
    assert Task.objects.filter(assigned_to__len=1).count() == 4


def take_out(page: Page, at: str, tmp_path: Path) -> list[Any]:
    assert Answer.objects.filter(annotator__source="label-studio").count() == 32
    page.goto(f"{at}/releases")
    page.get_by_role("combobox", name="Protocol", exact=True).click()
    page.get_by_role("option", name="Label Studio: Compare two answers").click()
    with page.expect_download() as sent:
        page.get_by_role("link", name="Download").click()
    sent.value.save_as(tmp_path / "out.json")
    out: list[Any] = json.loads((tmp_path / "out.json").read_text())
    return out


def choices(task: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (given["completed_by"], given["created_at"], given["lead_time"], given["result"][0]["value"])
        for given in task["annotations"]
    ]
