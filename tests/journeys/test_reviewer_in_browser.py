"""A reviewer's morning in Chromium, by keyboard alone: accept, send back with a reason, strike, and take it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project
from annotation.tasks.models import Answer, Task
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.journeys.browser import IN_BROWSER, eventually, make_person, sign_in
from tests.journeys.site import WebServer

pytestmark = IN_BROWSER

MENDED = "It joins two thoughts; like this."


@pytest.fixture
def project(transactional_db: None) -> Project:
    """A project in which Ada has written two texts and made a ranking, the text on basil last."""
    now = timezone.now()
    owner, ada = make_person("owner@example.com", is_owner=True), make_person("ada@example.com")
    project = project_actions.create_project(actor=owner, name="Assistant", now=now)
    for person, role in ((ada, "annotator"), (make_person("rita@example.com"), "reviewer")):
        membership.add_member(project=project, user=person, role=role, actor=owner, now=now)
    write = project.protocols.get(kind="demonstration")
    answer_task(make_ranking_task(project.protocols.get(kind="ranking"), "Which is best?"), ada, now=now)
    for text in ("What is a semicolon for?", "How do I keep basil alive?"):
        answer_task(make_demonstration_task(write, text), ada, {"completion": f"Well: {text}"}, now=now)
    return project


@pytest.fixture
def rita(project: Project, web: WebServer, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=web.site.address, viewport={"width": 1280, "height": 900})
    sign_in(context, web.site, User.objects.get(email="rita@example.com"))
    yield context.new_page()
    context.close()


def test_a_reviewer_decides_by_keyboard_and_the_author_hears_why(
    project: Project, rita: Page, web: WebServer, browser: Browser
) -> None:
    ranking, semicolon, basil = Answer.objects.order_by("pk")
    keys = rita.keyboard
    panel = rita.get_by_role("complementary", name="Review")

    rita.goto(f"/projects/{project.pk}/answers")
    rita.get_by_role("link", name="How do I keep basil alive?").press("Enter")
    expect(rita.get_by_text("Well: How do I keep basil alive?")).to_be_visible()
    keys.press("a")
    expect(panel.get_by_text("Accepted", exact=True)).to_be_visible()

    keys.press("j")
    expect(rita.get_by_text("Well: What is a semicolon for?")).to_be_visible()
    keys.press("r")
    expect(rita.get_by_role("textbox", name="Reason")).to_be_focused()
    keys.type("Give an example.")
    keys.press("Control+Enter")
    expect(panel.get_by_text("Give an example.")).to_be_visible()
    # While it fades, the dialog still has the keys.
    expect(rita.get_by_role("dialog")).to_have_count(0)

    keys.press("j")
    expect(rita.get_by_text("Which is best?").first).to_be_visible()
    keys.press("s")
    expect(panel.get_by_text("Struck", exact=True)).to_be_visible()
    eventually(lambda: Task.objects.get(pk=ranking.task_id).state, "open")
    keys.press("u")
    eventually(lambda: Task.objects.get(pk=ranking.task_id).state, "closed")
    keys.press("k")
    expect(rita.get_by_text("Well: What is a semicolon for?")).to_be_visible()

    states = [Answer.objects.get(pk=answer.pk).state for answer in (basil, semicolon, ranking)]
    assert states == ["accepted", "returned", "submitted"]
    the_author_mends_it(web, browser)
    keys.press("k")
    keys.press("j")
    rita.reload()
    expect(rita.get_by_text(MENDED)).to_be_visible()
    keys.press("a")
    eventually(lambda: Answer.objects.get(pk=semicolon.pk).state, "accepted")


def the_author_mends_it(web: WebServer, browser: Browser) -> None:
    """Ada finds what came back, with the reason, and hands it in anew."""
    context = browser.new_context(base_url=web.site.address)
    sign_in(context, web.site, User.objects.get(email="ada@example.com"))
    page = context.new_page()
    page.goto("/work")
    expect(page.get_by_text("Give an example.")).to_be_visible()
    page.get_by_role("button", name="Reopen").click()
    editor = page.get_by_role("textbox", name="Your answer")
    expect(editor).to_have_value("Well: What is a semicolon for?")
    editor.fill(MENDED)
    editor.press("Control+Enter")
    eventually(lambda: Answer.objects.filter(payload={"completion": MENDED}, state="submitted").exists())
    context.close()
