"""The annotator's day in Chromium: join, write, reload, rank by keyboard alone and by mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.tasks.models import Answer
from tests.factories import make_demonstration_task, make_ranking_task
from tests.journeys.browser import IN_BROWSER, PASSWORD, eventually
from tests.journeys.site import Site, running_site

ANSWER = "Water it from below.\n\n- Give it **light**\n- Pinch the tips"

pytestmark = IN_BROWSER


@pytest.fixture
def invitation(transactional_db: None) -> str:
    """A project with two tasks of each kind, and the link of an invitation to it."""
    now = timezone.now()
    owner = User.objects.create_user("owner@example.com", None, name="Olivia Owner", is_owner=True)
    project = project_actions.create_project(actor=owner, name="Assistant", now=now)
    for text in ("How do I keep basil alive?", "What is a semicolon for?"):
        make_demonstration_task(project.protocols.get(kind="demonstration"), text)
        make_ranking_task(
            project.protocols.get(kind="ranking"),
            text,
            [f"First thought on: {text}", f"Second thought on: {text}", f"Third thought on: {text}"],
        )
    project_actions.publish_guideline(
        protocol=project.protocols.get(kind="ranking"), markdown="# Truth first\n\nThen *help*.", actor=owner, now=now
    )
    _, token = membership.invite(project=project, email="ada@example.com", role="annotator", actor=owner, now=now)
    return token


@pytest.fixture
def site(invitation: str, database_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database_url, tmp_path) as running:
        yield running


def test_an_annotator_joins_writes_and_ranks(site: Site, invitation: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))

    join(page, site, invitation)
    write(page)
    rank_by_keyboard(page)
    rank_by_mouse(page)

    assert wrong == []
    answers = Answer.objects.filter(annotator__email="ada@example.com").order_by("pk")
    assert [answer.task.protocol.kind for answer in answers] == ["demonstration", "ranking", "ranking"]
    seconds = [answer.seconds for answer in answers]
    assert all(0 <= s < 60 for s in seconds if s is not None), seconds
    assert seconds[0], seconds


def join(page: Page, site: Site, invitation: str) -> None:
    page.goto(f"{site.address}/invitation/{invitation}")
    page.get_by_label("Name").fill("Ada Annotator")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Accept and enter").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def write(page: Page) -> None:
    """Write half an answer, lose the page, find it again, preview it and hand it in by keyboard."""
    start(page, "Write the ideal answer")
    editor = page.get_by_role("textbox", name="Your answer")
    editor.fill(ANSWER)
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.reload()
    expect(editor).to_have_value(ANSWER)
    page.get_by_text("Preview", exact=True).click()
    expect(page.locator("strong", has_text="light")).to_be_visible()
    page.get_by_text("Write", exact=True).click()
    editor.press("Control+Enter")
    expect(page.get_by_text("What is a semicolon for?")).to_be_visible()
    expect(editor).to_have_value("")
    answer = handed_in(1)
    assert answer.payload == {"completion": ANSWER}
    page.get_by_role("button", name="Give back").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def rank_by_keyboard(page: Page) -> None:
    """Put the third first, tie the others, undo and redo the tie, and submit: without touching the mouse."""
    start(page, "Rank completions")
    expect(page.get_by_role("button", name="Completion 3")).to_be_visible()
    page.keyboard.press("g")
    expect(page.get_by_role("heading", name="Truth first")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Truth first")).to_be_hidden()

    # The order shown is not a ranking yet: submitting it asks first.
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Go on ranking")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Is this your ranking?")).to_be_hidden()

    for key in ("Shift+Digit3", "1", "Shift+Digit2", "="):
        page.keyboard.press(key)
    expect(page.get_by_text("Rank 2, tied", exact=True)).to_have_count(2)
    page.keyboard.press("u")
    expect(page.get_by_text("Rank 2, tied", exact=True)).to_have_count(0)
    page.keyboard.press("Shift+U")
    expect(page.get_by_text("Rank 2, tied", exact=True)).to_have_count(2)
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Rank 2, tied", exact=True)).to_have_count(2)

    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Rank 2, tied", exact=True)).to_have_count(0)
    answer = handed_in(2)
    first, second, third = answer.shown_order
    assert [set(tier) for tier in answer.payload["tiers"]] == [{third}, {first, second}]


def rank_by_mouse(page: Page) -> None:
    """Drag the last one above the first, and submit with the button; that was the last task."""
    board = page.get_by_role("button", name="Completion")
    expect(board).to_have_count(3)
    last, first = board.nth(2).bounding_box(), board.nth(0).bounding_box()
    assert last is not None
    assert first is not None
    page.mouse.move(last["x"] + 30, last["y"] + last["height"] / 2)
    page.mouse.down()
    page.mouse.move(first["x"] + 30, first["y"] + first["height"], steps=8)
    page.mouse.move(first["x"] + 30, first["y"] - 6, steps=8)
    page.mouse.up()
    expect(board.nth(0)).to_have_accessible_name(re.compile("^Completion 3 "))
    # The drag library swallows clicks for 50 ms after a drop, lest the drop be one; the page's timers fire in order.
    page.evaluate("() => new Promise((done) => setTimeout(done, 60))")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("That was the last one")).to_be_visible()
    answer = handed_in(3)
    first_shown, second_shown, third_shown = answer.shown_order
    assert answer.payload["tiers"] == [[third_shown], [first_shown], [second_shown]]


def handed_in(count: int) -> Answer:
    """Return Ada's newest answer once she has so many: the screen moves on before the server has stored it."""
    answers = Answer.objects.filter(annotator__email="ada@example.com")
    eventually(answers.count, count)
    return answers.latest("pk")


def start(page: Page, protocol: str) -> None:
    button = page.get_by_role("button", name="Start")
    # The innermost box that holds both the protocol's name and a button to start it.
    box = page.locator("div").filter(has=page.get_by_text(protocol, exact=True)).filter(has=button).last
    box.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()
