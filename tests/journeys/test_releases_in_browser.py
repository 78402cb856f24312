"""A researcher builds a release, tags it, compares it and has it in another shape; an annotator takes words back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from annotation.exports.models import Release, ReleaseTag
from annotation.people.models import User, Withdrawal
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project, Protocol
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.journeys.browser import IN_BROWSER, chromium, make_person, sign_in
from tests.journeys.site import Site, running_site

pytestmark = IN_BROWSER

# Where pictures of each step go, for whoever wants to look at them.
PICTURES = os.environ.get("JOURNEY_PICTURES", "")


@pytest.fixture
def owner(transactional_db: None) -> User:
    return make_person("olivia@example.com", is_owner=True)


@pytest.fixture
def ada() -> User:
    return make_person("ada@example.com")


@pytest.fixture
def project(owner: User, ada: User) -> Project:
    project = project_actions.create_project(actor=owner, name="Assistant", now=timezone.now())
    membership.add_member(project=project, actor=owner, user=ada, role="annotator", now=timezone.now())
    for number in range(12):
        task = make_demonstration_task(_of(project, "demonstration"), f"What is river number {number} called?")
        answer_task(task, ada, now=timezone.now())
        task = make_ranking_task(_of(project, "ranking"), f"How long is river number {number}?")
        answer_task(task, owner, now=timezone.now())
    return project


@pytest.fixture
def site(project: Project, database_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database_url, tmp_path) as running:
        yield running


def test_a_release_from_its_first_filter_to_its_correction(
    site: Site, project: Project, owner: User, ada: User
) -> None:
    wrong: list[str] = []
    with chromium() as browser:
        page = opened(browser, site, owner, wrong)
        page.goto(f"{site.address}/projects/{project.pk}/releases")
        freeze(page, "Rankings alone", protocol=_of(project, "ranking").name)
        page.goto(f"{site.address}/projects/{project.pk}/releases")
        freeze(page, "Everything")
        tag_and_compare(page)
        lines = write_pairs(page)
        picture(page, "1-release")
        take_back(opened(browser, site, ada, wrong), site)
        page.reload()
        expect(page.get_by_text("Words in this release were taken back")).to_be_visible()
        expect(page.get_by_role("region", name="Releases")).to_contain_text("holds words that were taken back")
        # The lineage says why.
        expect(page.get_by_role("region", name="Releases")).to_contain_text("12 answers taken back by those")
        picture(page, "3-stale")
        page.get_by_role("button", name="Freeze the corrected release").click()
        expect(page.get_by_text("Asked for: corrects")).to_be_visible()
        expect(page.get_by_text("Frozen", exact=True)).to_be_visible()
        page.goto(f"{site.address}/projects/{project.pk}/duplicates")
        page.get_by_role("button", name="Look for them").click()
        expect(page.get_by_text("In several splits").or_(page.get_by_text("24 prompts")).first).to_be_visible()
        picture(page, "4-duplicates")
    assert {"prompt", "chosen", "rejected"} <= set(json.loads(lines.splitlines()[0]))
    first, second, third = Release.objects.order_by("pk")
    assert ReleaseTag.objects.get(name="stable").release_id == second.pk
    assert (first.stale_at, third.stale_at) == (None, None)
    assert second.stale_at is not None
    assert sum(third.counts["demonstrations"].values()) == 0
    assert Withdrawal.objects.get().answers == 12
    assert wrong == []


def freeze(page: Page, name: str, protocol: str = "") -> None:
    expect(page.get_by_role("table", name="Ties")).to_be_visible()
    if protocol:
        page.get_by_role("combobox", name="Protocols").click()
        page.get_by_role("option", name=protocol).click()
        page.keyboard.press("Escape")
        expect(page.get_by_role("row", name="Demonstrations").first).to_contain_text("0")
    page.get_by_role("textbox", name="Name").fill(name)
    picture(page, f"0-builder-{name.split()[0]}")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text("Frozen", exact=True)).to_be_visible()


def tag_and_compare(page: Page) -> None:
    page.get_by_role("textbox", name="Tag").fill("stable")
    page.get_by_role("button", name="Put").click()
    expect(page.get_by_role("button", name="Take away the tag stable")).to_be_visible()
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name="Rankings alone").click()
    expect(page.get_by_role("row", name="Added")).to_contain_text("12")
    expect(page.get_by_role("row", name="The same in both")).to_contain_text("12")
    page.get_by_role("button", name="Read").click()
    expect(page.get_by_text("Human feedback collected in the project Assistant")).to_be_visible()


def write_pairs(page: Page) -> str:
    page.get_by_role("button", name="Write TRL preference").first.click()
    dialog = page.get_by_role("dialog")
    picture(page, "0-view")
    dialog.get_by_role("button", name="Write").click()
    link = page.get_by_role("link", name="train.jsonl").first
    expect(link).to_be_visible()
    with page.expect_download() as sent:
        link.click()
    return Path(sent.value.path()).read_text()


def take_back(page: Page, site: Site) -> None:
    """As an annotator: see what was given, and take all of it back."""
    page.goto(f"{site.address}/my-data")
    page.get_by_role("button", name="Take back all of it").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Your 12 answers leave the project")).to_be_visible()
    picture(page, "2-my-data")
    dialog.get_by_role("button", name="Take back all of it").click()
    expect(page.get_by_text("all my work")).to_be_visible()


def opened(browser: Browser, site: Site, user: User, wrong: list[str]) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    sign_in(context, site, user)
    page = context.new_page()
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return page


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def _of(project: Project, kind: str) -> Protocol:
    return project.protocols.get(kind=kind)
