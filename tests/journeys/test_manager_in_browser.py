"""A manager's day in Chromium: the board, a task given to somebody, a pause with people in mid-work, agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project
from annotation.quality.comparing import compare_changed
from annotation.quality.reporting import compute_report
from annotation.tasks.models import Answer, Task
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.journeys.browser import IN_BROWSER, eventually, make_person, sign_in
from tests.journeys.site import WebServer

pytestmark = IN_BROWSER

PEOPLE = {"ada@example.com": "annotator", "bob@example.com": "annotator", "mona@example.com": "manager"}


@pytest.fixture
def project(transactional_db: None) -> Project:
    """A project with two texts to be written, and a ranking that two people agree on."""
    now = timezone.now()
    owner = make_person("owner@example.com", is_owner=True)
    project = project_actions.create_project(actor=owner, name="Assistant", now=now)
    people = [make_person(email) for email in PEOPLE]
    for person, role in zip(people, PEOPLE.values(), strict=True):
        membership.add_member(project=project, user=person, role=role, actor=owner, now=now)
    for text in ("What is a semicolon for?", "How do I keep basil alive?"):
        make_demonstration_task(project.protocols.get(kind="demonstration"), text)
    ranked = make_ranking_task(project.protocols.get(kind="ranking"), "Which is best?", required_answers=2)
    for person in people[:2]:
        answer_task(ranked, person, now=now)
    compare_changed(now=now)
    compute_report(protocol_id=ranked.protocol_id, now=now)
    return project


@pytest.fixture
def page_of(project: Project, web: WebServer, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Return a function that opens a browser in which this person is signed in."""
    contexts = []

    def opened(email: str) -> Page:
        context = browser.new_context(base_url=web.site.address, viewport={"width": 1280, "height": 900})
        contexts.append(context)
        sign_in(context, web.site, User.objects.get(email=email))
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def test_a_manager_gives_out_watches_and_pauses(project: Project, page_of: Callable[[str], Page]) -> None:
    mona, ada, bob = (page_of(f"{name}@example.com") for name in ("mona", "ada", "bob"))
    home = f"/projects/{project.pk}"
    ada_id = User.objects.get(email="ada@example.com").pk

    # The text on basil is for Ada alone.
    mona.goto(f"{home}/tasks")
    row = mona.get_by_role("row", name="How do I keep basil alive?")
    row.get_by_role("checkbox").check()
    mona.get_by_role("button", name="Assign 1 task").click()
    dialog = mona.get_by_role("dialog")
    dialog.locator("input[aria-haspopup=listbox]").fill("Ada")
    mona.get_by_role("option", name="Ada").click()
    mona.keyboard.press("Escape")
    dialog.get_by_role("button", name="Assign", exact=True).click()
    expect(row.get_by_text("Ada")).to_be_visible()
    assert list(Task.objects.filter(assigned_to=[ada_id]).values_list("prompt__messages__0__content", flat=True)) == [
        "How do I keep basil alive?"
    ]

    begin_writing(bob)
    expect(bob.get_by_text("What is a semicolon for?")).to_be_visible()
    begin_writing(ada)
    expect(ada.get_by_text("How do I keep basil alive?")).to_be_visible()
    ada.get_by_role("textbox", name="Your answer").fill("Water it.")

    mona.goto(f"{home}/board")
    held = mona.get_by_role("table", name="At work now")
    for name, task in (("Ada", "How do I keep basil alive?"), ("Bob", "What is a semicolon for?")):
        expect(held.get_by_role("row", name=name).get_by_text(task)).to_be_visible()

    # Paused with both in mid-work: they are told apart from nobody, and finish.
    mona.goto(f"{home}/protocols/{project.protocols.get(kind='demonstration').pk}")
    mona.get_by_role("button", name="Pause").click()
    question = mona.get_by_role("dialog")
    expect(question.get_by_text("2 tasks are held right now.")).to_be_visible()
    question.get_by_role("button", name="Pause").click()
    expect(mona.get_by_role("button", name="Resume")).to_be_visible()
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("alert").or_(ada.get_by_role("status")).get_by_text("have paused this work")).to_be_visible()
    eventually(lambda: Answer.objects.filter(payload__completion="Water it.", is_spare=False).exists())
    bob.get_by_role("button", name="Give back").click()
    expect(bob.get_by_text("have paused this work")).to_be_visible()
    expect(bob.get_by_role("button", name="Start")).to_have_count(0)

    mona.get_by_role("button", name="Resume").click()
    expect(mona.get_by_role("button", name="Pause")).to_be_visible()
    begin_writing(bob)
    expect(bob.get_by_text("What is a semicolon for?")).to_be_visible()

    mona.goto(f"{home}/agreement")
    expect(mona.get_by_role("heading", name="Rank completions")).to_be_visible()
    expect(mona.get_by_role("table").first.get_by_text("100%").first).to_be_visible()


def begin_writing(page: Page) -> None:
    page.goto("/work")
    page.get_by_role("button", name="Start", exact=True).first.click()
    expect(page.get_by_role("textbox", name="Your answer")).to_be_visible()
