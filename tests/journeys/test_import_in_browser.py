"""A manager drops a table with a bad row, names its columns, sees what annotators will see, and imports it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project
from annotation.tasks.models import Answer, Prompt
from tests.journeys.browser import IN_BROWSER, chromium, make_person, sign_in
from tests.journeys.site import Site, running_site

pytestmark = IN_BROWSER

TABLE = "question;good;bad\nWhy do leaves fall?;They cost more than they bring.;They are tired.\nNo answer?;;Nothing.\n"
# Where pictures of each step go, for whoever wants to look at them.
PICTURES = os.environ.get("JOURNEY_PICTURES", "")


@pytest.fixture
def owner(transactional_db: None) -> User:
    return make_person("olivia@example.com", is_owner=True)


@pytest.fixture
def project(owner: User) -> Project:
    return project_actions.create_project(actor=owner, name="Assistant", now=timezone.now())


@pytest.fixture
def site(project: Project, database_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database_url, tmp_path) as running:
        yield running


def test_a_table_is_mapped_looked_at_and_imported(site: Site, project: Project, owner: User) -> None:
    wrong: list[str] = []
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        sign_in(context, site, owner)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{site.address}/projects/{project.pk}/imports")
        drop(page, "table.csv", TABLE)
        expect(page.get_by_role("alert")).to_contain_text("There is no column 'prompt'")
        picture(page, "1-unmapped")
        choose(page, "Prompt column", "question")
        choose(page, "Chosen column", "good")
        choose(page, "Rejected column", "bad")
        expect(page.get_by_text("Recognised: CSV")).to_be_visible()
        picture(page, "2-mapped")
        desk = page.frame_locator("iframe[title=Preview]")
        expect(desk.get_by_text("Why do leaves fall?").first).to_be_visible()
        expect(desk.get_by_text("They are tired.").first).to_be_visible()
        expect(page.get_by_text("good is missing.").first).to_be_visible()
        assert not Prompt.objects.exists()
        page.get_by_role("button", name="Import", exact=True).click()
        expect(page.get_by_role("heading", name="What came in")).to_be_visible()
        with page.expect_download() as sent:
            page.get_by_role("link", name="Download as CSV").click()
        report = Path(sent.value.path()).read_text()
        picture(page, "3-imported")
    assert report.splitlines()[1].startswith("3,False,good,missing_field")
    assert [len(tier) for tier in Answer.objects.get().payload["tiers"]] == [1, 1]
    assert wrong == []


def drop(page: Page, name: str, text: str) -> None:
    """Drop a file as a person does, onto the field."""
    script = (
        "([name, text]) => { const files = new DataTransfer(); files.items.add(new File([text], name)); return files; }"
    )
    files = page.evaluate_handle(script, [name, text])
    page.get_by_text("Drop a file here").dispatch_event("drop", {"dataTransfer": files})


def choose(page: Page, column: str, name: str) -> None:
    page.get_by_role("combobox", name=column).click()
    page.get_by_role("option", name=name, exact=True).click()
    expect(page.get_by_role("combobox", name=column)).to_have_value(name)


def picture(page: Page, name: str) -> None:
    """Leave a picture of the page in both schemes and on a telephone, where somebody asked for them."""
    if not PICTURES:
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=f"{PICTURES}/{name}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 800})
    page.screenshot(path=f"{PICTURES}/{name}-phone.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
