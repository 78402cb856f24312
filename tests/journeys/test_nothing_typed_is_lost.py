"""Whatever becomes of line, server, tab, lease or session: the text is there, and an answer is stored once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from annotation.assignment import actions, submitting
from annotation.assignment.models import Claim, ClaimState
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project, Protocol, ProtocolVersion
from annotation.tasks.models import Answer
from tests.factories import make_demonstration_task, make_ranking_task
from tests.journeys.browser import IN_BROWSER, PASSWORD, eventually, make_person, sign_in
from tests.journeys.site import WebServer

pytestmark = IN_BROWSER

TEXT = "Water it from below, and give it light."


@pytest.fixture
def project(transactional_db: None) -> Project:
    owner = make_person("owner@example.com", is_owner=True)
    return project_actions.create_project(actor=owner, name="Assistant", now=timezone.now())


@pytest.fixture
def ada(project: Project) -> User:
    return annotator(project, "ada@example.com")


@pytest.fixture
def writing(project: Project) -> Protocol:
    protocol = project.protocols.get(kind="demonstration")
    for text in ("How do I keep basil alive?", "What is a semicolon for?", "Why is the sky blue?"):
        make_demonstration_task(protocol, text)
    return protocol


@pytest.fixture
def at_home(browser: Browser, web: WebServer, ada: User) -> Iterator[BrowserContext]:
    """Ada's browser, signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=web.site.address)
    sign_in(context, web.site, ada)
    yield context
    context.close()


def test_text_typed_without_a_line_is_kept_and_saved_when_it_is_back(
    writing: Protocol, at_home: BrowserContext
) -> None:
    page = begin(at_home)
    at_home.set_offline(True)
    editor(page).fill(TEXT)
    expect(page.get_by_text("Kept on this machine")).to_be_visible()
    address = page.url
    # Killed, not closed: it has no last word with the server.
    with pytest.raises(Error, match="crash"):
        page.goto("chrome://crash")
    page.close()

    at_home.set_offline(False)
    at_home.route("**/draft/", lambda route: route.abort())
    again = at_home.new_page()
    again.goto(address)
    expect(editor(again)).to_have_value(TEXT)
    assert Claim.objects.get(shown_at__isnull=False).draft is None
    at_home.unroute("**/draft/")
    expect(again.get_by_text("Draft saved")).to_be_visible()
    assert Claim.objects.get(shown_at__isnull=False).draft == {"completion": TEXT}


def test_an_answer_handed_in_offline_is_sent_by_the_next_page(writing: Protocol, at_home: BrowserContext) -> None:
    page = begin(at_home)
    until_fetched_ahead(page)
    at_home.set_offline(True)
    first, second = TEXT, "It joins two sentences."
    hand_in(page, first)
    expect(editor(page)).to_have_value("")
    expect(page.get_by_text("1 answer queued")).to_be_visible()
    # Nothing more is fetched ahead: the second waits on its own page.
    hand_in(page, second)
    expect(page.get_by_text("Waiting for the connection")).to_be_visible()
    assert not Answer.objects.exists()
    page.close()

    at_home.set_offline(False)
    elsewhere = at_home.new_page()
    elsewhere.goto("/work/history")
    expect(elsewhere.get_by_text(first)).to_be_visible()
    eventually(stored, [first, second])


def test_a_server_killed_between_submit_and_reply_stores_one_row(
    web: WebServer, writing: Protocol, at_home: BrowserContext
) -> None:
    page = begin(at_home)
    until_fetched_ahead(page)

    def die_before_the_reply(route: Route) -> None:
        assert route.fetch().ok
        web.kill()
        route.abort()

    page.route("**/submit/", die_before_the_reply, times=1)
    hand_in(page, TEXT)
    expect(page.get_by_text("1 answer queued")).to_be_visible()
    assert stored() == [TEXT]
    editor(page).fill("Typed while there was no server.")
    expect(page.get_by_text("Kept on this machine")).to_be_visible()

    web.start()
    expect(page.get_by_text("1 answer queued")).to_be_hidden()
    expect(page.get_by_text("Draft saved")).to_be_visible()
    assert stored() == [TEXT]
    assert Claim.objects.get(draft__isnull=False, state="open").draft == {
        "completion": "Typed while there was no server."
    }


def test_one_of_two_tabs_writes_and_the_other_follows_and_takes_over(
    writing: Protocol, at_home: BrowserContext
) -> None:
    first = begin(at_home)
    editor(first).fill("Begun here")
    second = at_home.new_page()
    second.goto(first.url)
    expect(editor(second)).to_have_value("Begun here")
    expect(first.get_by_text("Open in another tab")).to_be_visible()

    editor(second).fill("Begun here, gone on with there")
    expect(first.locator("textarea").first).to_have_value("Begun here, gone on with there")
    first.get_by_role("button", name="Go on here").click()
    expect(second.get_by_text("Open in another tab")).to_be_visible()
    expect(first.get_by_text("Open in another tab")).to_be_hidden()
    expect(editor(first)).to_have_value("Begun here, gone on with there")
    first.bring_to_front()
    editor(first).press("Control+End")
    editor(first).press_sequentially(", and back")
    expect(first.get_by_text("Draft saved")).to_be_visible()
    eventually(drafts, ["Begun here, gone on with there, and back"])

    hand_in(first)
    eventually(stored, ["Begun here, gone on with there, and back"])
    expect(second.get_by_text("You have handed this in")).to_be_visible()


def test_an_answer_after_the_lease_is_kept_as_an_extra(
    project: Project, writing: Protocol, at_home: BrowserContext
) -> None:
    page = begin(at_home)
    until_fetched_ahead(page)
    editor(page).fill(TEXT)
    claim = Claim.objects.get(shown_at__isnull=False)
    Claim.objects.filter(pk=claim.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert actions.expire_stale(now=timezone.now()) == 1
    answer_as(annotator(project, "bea@example.com"), claim)

    editor(page).press("Control+End")
    editor(page).press_sequentially(" Late.")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    hand_in(page)
    expect(page.get_by_text("yours is kept as an extra")).to_be_visible()
    late = Answer.objects.get(annotator__email="ada@example.com")
    assert (late.payload["completion"], late.is_spare) == (f"{TEXT} Late.", True)


def test_a_session_that_ends_costs_nothing_written(writing: Protocol, at_home: BrowserContext) -> None:
    page = begin(at_home)
    until_fetched_ahead(page)
    Session.objects.all().delete()
    hand_in(page, TEXT)
    expect(page.get_by_text("You are signed out")).to_be_visible()
    editor(page).fill("The next one, begun signed out")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(editor(page)).to_have_value("The next one, begun signed out")
    eventually(stored, [TEXT])
    eventually(drafts, ["The next one, begun signed out"])


def test_a_refused_answer_comes_back_to_be_mended(project: Project, at_home: BrowserContext) -> None:
    protocol = project.protocols.get(kind="ranking")
    make_ranking_task(protocol, "How do I keep basil alive?")
    make_ranking_task(protocol, "What is a semicolon for?", ["It joins.", "It ends.", "It rests."])
    page = begin(at_home)
    until_fetched_ahead(page)
    asked = page.locator("main").inner_text()
    claim = Claim.objects.get(shown_at__isnull=False)
    # The page does not know of the rule: what it hands in is refused after the screen has moved on.
    ProtocolVersion.objects.filter(pk=claim.protocol_version_id).update(config={"require_rationale": True})
    page.keyboard.press("b")
    page.keyboard.press("Control+Enter")
    notice = page.get_by_role("alert").filter(has_text="An answer was not accepted")
    expect(notice).to_contain_text("rationale")
    assert asked != page.locator("main").inner_text()
    page.reload()
    expect(notice).to_be_visible()

    notice.get_by_role("button", name="Open it again").click()
    expect(page).to_have_url(f"/work/{claim.pk}")
    expect(page.get_by_role("switch", name="All are bad")).to_be_checked()
    page.keyboard.press("n")
    page.keyboard.type("All wrong.")
    page.keyboard.press("Control+Enter")
    answer = eventually(Answer.objects.first)
    assert answer is not None
    assert (answer.task_id, answer.payload["rationale"]) == (claim.task_id, "All wrong.")


def test_an_answer_whose_claim_has_ended_keeps_its_text(writing: Protocol, at_home: BrowserContext) -> None:
    page = begin(at_home)
    until_fetched_ahead(page)
    claim = Claim.objects.get(shown_at__isnull=False)
    Claim.objects.filter(pk=claim.pk).update(state=ClaimState.RELEASED, ended_at=timezone.now())
    hand_in(page, TEXT)
    notice = page.get_by_role("alert").filter(has_text="An answer was not accepted")
    expect(notice.get_by_label("What you wrote")).to_have_value(TEXT)
    page.get_by_role("link", name="To my work").click()
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(notice).to_be_hidden()


def begin(context: BrowserContext) -> Page:
    """Start the work there is, whatever its kind."""
    page = context.new_page()
    page.goto("/work")
    page.get_by_role("button", name="Start").and_(page.locator(":enabled")).first.click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()
    return page


def until_fetched_ahead(page: Page) -> None:
    """Wait until the next task is at hand, as it is long before anybody has read this one."""
    eventually(lambda: Claim.objects.filter(shown_at=None, state="open").exists())
    page.wait_for_load_state("networkidle")


def editor(page: Page) -> Any:
    return page.get_by_role("textbox", name="Your answer")


def hand_in(page: Page, text: str = "") -> None:
    if text:
        editor(page).fill(text)
    editor(page).press("Control+Enter")


def stored() -> list[str]:
    return [answer.payload["completion"] for answer in Answer.objects.order_by("pk")]


def drafts() -> list[str]:
    return [claim.draft["completion"] for claim in Claim.objects.filter(state="open", draft__isnull=False)]


def annotator(project: Project, email: str) -> User:
    user = make_person(email)
    membership.add_member(
        project=project, user=user, role="annotator", actor=User.objects.get(is_owner=True), now=timezone.now()
    )
    return user


def answer_as(user: User, other: Claim) -> None:
    """Have somebody else answer the task of a claim."""
    now = timezone.now()
    claim = Claim.objects.create(
        task_id=other.task_id,
        annotator=user,
        protocol_version=other.protocol_version,
        created_at=now,
        shown_at=now,
        expires_at=now + timedelta(minutes=1),
    )
    Claim.objects.filter(pk=claim.pk).update(state=ClaimState.EXPIRED)
    submitting.submit(
        claim_id=claim.pk,
        actor=user,
        payload={"completion": "In time."},
        seconds=1,
        idempotency_key=claim.pk,
        now=now,
    )
