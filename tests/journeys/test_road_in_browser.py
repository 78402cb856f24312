"""The whole road on one page: raw text, ideal answers, rankings and labels come out as a chat behind a filter."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotation.people.models import User
from annotation.processes import programs
from annotation.projects import actions as project_actions
from annotation.projects.models import Project
from tests.journeys.browser import IN_BROWSER, PASSWORD, chromium, make_person, sign_in
from tests.journeys.site import Person, Site, running_site, started

pytestmark = [*IN_BROWSER, pytest.mark.road, pytest.mark.training, pytest.mark.timeout(600)]

DEMO = Path(__file__).resolve().parents[2] / "annotation" / "operations" / "demo"
PICTURES = os.environ.get("JOURNEY_PICTURES", "")
# Two minutes on two processors that do nothing else; a busy machine may take more.
PATIENCE_SECONDS = 480


@pytest.fixture
def owner(transactional_db: None) -> User:
    return make_person("olivia@example.com", is_owner=True)


@pytest.fixture
def project(owner: User) -> Project:
    return project_actions.create_project(actor=owner, name="Assistant", now=timezone.now())


@pytest.fixture
def site(project: Project, database_url: str, tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        running = stack.enter_context(running_site(database_url, tmp_path))
        log = stack.enter_context((tmp_path / "models.log").open("wb"))
        stack.enter_context(started(programs.serving().guarded, running.environment, log))
        yield running


def test_the_road_is_walked_from_raw_text_to_moderated_chat(
    site: Site, project: Project, owner: User, record_property: Callable[[str, object], None]
) -> None:
    bring_in(site, project)
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
        sign_in(context, site, owner)
        page = context.new_page()
        page.goto(f"{site.address}/projects/{project.pk}/road")
        road = page.get_by_role("navigation", name="Stations of the road")
        expect(road.get_by_role("link", name="Chat")).to_contain_text("Ahead")
        expect(page.get_by_text("126 of 10,000–100,000 ideal answers")).to_be_visible()

        began = time.monotonic()
        page.get_by_role("button", name="Walk it").click()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        picture(page, "under-way")
        # Whoever leaves meanwhile finds it further on.
        page.reload()
        expect(page.get_by_text("The road is walked")).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
        record_property("road_seconds", round(time.monotonic() - began))
        picture(page, "walked")
        for station in ("Foundation model", "Assistant (SFT)", "Reward model", "Refined assistant (RL)", "Chat"):
            expect(road.get_by_role("link", name=station)).to_contain_text("Reached")

        page.get_by_role("link", name="Talk to it").first.click()
        page.get_by_role("button", name="New conversation").click()
        page.get_by_role("textbox", name="Write to rl-1").fill("How do I keep basil alive?")
        page.keyboard.press("Enter")
        # So small a filter may refuse it; otherwise the model answers. Either is told, and nothing fails.
        answered = page.get_by_role("button", name="Answer again").or_(page.get_by_text("This was not passed on"))
        expect(answered.first).to_be_visible(timeout=60_000)
        expect(page.get_by_text("does not answer")).to_have_count(0)
        picture(page, "chat")


def bring_in(site: Site, project: Project) -> None:
    """Import what the demo project is made of."""
    person = Person(site)
    person.sign_in("olivia@example.com", PASSWORD)
    for name in ("demonstrations.jsonl", "rankings.jsonl", "moderation.jsonl", "text.txt"):
        how = (
            {"format": "text", "options": '{"text_unit": "paragraph"}'} if name == "text.txt" else {"format": "bennet"}
        )
        sent = person.upload(f"/api/projects/{project.pk}/imports/", name, (DEMO / name).read_bytes(), **how)
        person.until_ended(f"/api/projects/{project.pk}/imports/{sent['id']}/")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"road-{name}.png"), full_page=True)
