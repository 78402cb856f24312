"""WCAG 2.2 AA as far as axe can tell: every desk, its steps and dialogs, light and dark, on a desktop and a phone.

Every preset there is gets its turn, so that a new one is checked without a line here.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from annotation.people.agreeing import agree_to
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project, Protocol
from annotation.projects.presets import PRESETS
from annotation.projects.protocol import KINDS
from annotation.tasks.actions import bounds_of
from annotation.tasks.briefs import open_briefs
from tests.factories import make_demonstration_task, make_ranking_task
from tests.journeys.browser import IN_BROWSER, make_person, sign_in
from tests.journeys.site import ROOT, WebServer
from training.categories import CATEGORIES

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"

pytestmark = [*IN_BROWSER, pytest.mark.skipif(not AXE.exists(), reason="the pages' tools are not installed")]

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    # WCAG 2.2's size of what is pressed, and names that hold what is read on the screen, for those who speak to a page.
    # Axe leaves both out unless asked.
    "rules": {"target-size": {"enabled": True}, "label-content-name-mismatch": {"enabled": True}},
    "resultTypes": ["violations"],
}
RUN = """async (rules) => {
  // What moves is not looked at before it stands still; a change of colours begins to move in the next frame.
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null)));
  const { violations } = await axe.run(document, rules);
  const said = (node) => [...node.any, ...node.all, ...node.none].map(({ message }) => message).join("; ");
  const told = ({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 250)}: ${said(node)}`);
  return violations.flatMap(told);
}"""

LONG = """A thought with **weight**, `code` and a [link](https://example.com).

1. First
2. Second

> Quoted

| a | b |
|---|---|
| 1 | 2 |
"""
RIGHT_TO_LEFT = "لماذا السماء زرقاء؟ اشرح ذلك لطفل في **الخامسة** من عمره، مع مثال: `x = 1`."


@pytest.fixture
def project(transactional_db: None) -> Project:
    owner = make_person("owner@example.com", is_owner=True)
    return project_actions.create_project(actor=owner, name="Assistant", now=timezone.now())


@pytest.fixture
def page(project: Project, web: WebServer, browser: Browser) -> Iterator[Page]:
    """The page of an annotator who has just signed in, with axe in it."""
    ada = make_person("ada@example.com")
    owner = User.objects.get(is_owner=True)
    membership.add_member(project=project, user=ada, role="annotator", actor=owner, now=timezone.now())
    context = browser.new_context(base_url=web.site.address)
    sign_in(context, web.site, ada)
    opened = context.new_page()
    opened.add_init_script(path=AXE)
    yield opened
    context.close()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_desk_and_all_its_steps(preset: str, project: Project, page: Page) -> None:
    begin(page, work_from(preset, project))
    check(page)
    steps = page.get_by_role("navigation", name="Steps").get_by_role("button")
    for number in range(1, steps.count()):
        steps.nth(number).click()
        check(page)


@pytest.mark.parametrize("preset", ["demo_write", "prompt_write"])
def test_a_desk_that_is_written_on(preset: str, project: Project, page: Page) -> None:
    """With advice, a preview, counts and what was pasted on it; where it can, with more than one turn."""
    begin(page, work_from(preset, project))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    editor = page.get_by_role("main").get_by_role("textbox").last
    editor.fill(f"As an AI language model I cannot say. Write to ada@example.com.\n\n{LONG}")
    editor.focus()
    page.evaluate("(text) => navigator.clipboard.writeText(text)", RIGHT_TO_LEFT)
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+V")
    expect(page.get_by_text(re.compile(r"\d+ characters pasted"))).to_be_visible()
    expect(page.get_by_role("list", name="Advice").get_by_role("listitem").first).to_be_visible()
    page.get_by_text("Side by side", exact=True).click()
    check(page)


def test_every_kind_has_a_preset() -> None:
    assert {preset.kind for preset in PRESETS.values()} == set(KINDS)


def test_what_opens_over_a_desk(project: Project, page: Page) -> None:
    begin(page, work_from("instructgpt_rank", project))
    dialog = page.get_by_role("dialog")
    for opener, title in (("Guideline", "Guideline, version 1"), ("Skip", "Why skip"), ("Shortcuts", "Keyboard")):
        page.get_by_role("button", name=opener).click()
        expect(page.get_by_role("dialog", name=title)).to_be_visible()
        if opener == "Shortcuts":
            dialog.get_by_role("button", name="Change the key: Skip").click()
            page.keyboard.press("g")
            expect(dialog.get_by_role("alert")).to_be_visible()
        check(page)
        page.set_viewport_size({"width": 1280, "height": 900})
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_have_count(0)


def test_my_work_with_an_answer_come_back(project: Project, page: Page) -> None:
    work_from("rank", project)
    refused = {
        "claim": str(uuid.uuid4()),
        "person": User.objects.get(email="ada@example.com").pk,
        "protocol": {"id": 0, "name": "Rank completions"},
        "about": RIGHT_TO_LEFT,
        "answer": {"payload": {"rationale": LONG}, "seconds": 1, "idempotency_key": str(uuid.uuid4())},
        "queued_at": timezone.now().isoformat(),
        "refusal": {
            "status": 400,
            "code": "invalid_answer",
            "detail": "Rank each.",
            "fields": {"payload": "c4 is missing"},
        },
    }
    page.goto("/work")
    page.evaluate("(kept) => localStorage.setItem(`bennet.outbox.${kept.claim}`, JSON.stringify(kept))", refused)
    page.reload()
    expect(page.get_by_role("alert").get_by_text("c4 is missing")).to_be_visible()
    expect(page.get_by_role("button", name="Start").first).to_be_visible()
    check(page)


def work_from(preset: str, project: Project) -> Protocol:
    """Open a task of a new protocol, with texts that run both ways and hold all that Markdown has."""
    owner, now = User.objects.get(is_owner=True), timezone.now()
    name = f"Work by {preset}"
    protocol = project_actions.create_protocol(project=project, preset=preset, name=name, actor=owner, now=now)
    if KINDS[protocol.kind].has_brief:
        brief = {"style": "plain", "text": RIGHT_TO_LEFT, "use_case": ""}
        open_briefs(protocol=protocol, briefs=[brief], actor=owner, now=now)
    elif most := bounds_of(protocol)[1]:
        texts = [f"{number}: {(LONG, RIGHT_TO_LEFT)[number % 2]}" for number in range(min(most, 4))]
        make_ranking_task(protocol, RIGHT_TO_LEFT, texts)
    else:
        make_demonstration_task(protocol, RIGHT_TO_LEFT)
    # What is hard to read is shown to those who agreed to it.
    agree_to(actor=User.objects.get(is_owner=False), categories=list(CATEGORIES), now=now)
    return protocol


def begin(page: Page, protocol: Protocol) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/work")
    card = page.locator("div").filter(has=page.get_by_text(protocol.name, exact=True))
    card.filter(has=page.get_by_role("button", name="Start")).last.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()


def check(page: Page) -> None:
    """Fail with what axe finds wrong in any colour scheme and size."""
    wrong = []
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": height})
            expect(page.locator(f"html[data-mantine-color-scheme={scheme}]")).to_be_attached()
            wrong += [f"{scheme}, {size}: {found}" for found in page.evaluate(RUN, RULES)]
    assert not wrong, "\n".join(wrong)
