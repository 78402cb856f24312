"""Two answers in Chromium, from real streams: written side by side, chosen by key, gone on with, and one that dies."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from annotation.chat import choosing
from annotation.chat.models import ChatSetup, Choice, Turn
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project
from annotation.registry.models import Served
from annotation.tasks.models import Answer
from tests.journeys.browser import IN_BROWSER, eventually, make_person, sign_in
from tests.journeys.site import WebServer

pytestmark = [*IN_BROWSER, pytest.mark.road]

PIECES, PAUSE_SECONDS = 8, 0.15


class Elsewhere(BaseHTTPRequestHandler):
    """Two models and a filter, as servers elsewhere answer. The one called north dies when it is told to."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/moderations"):
            found = [{"categories": {"violence": False}, "category_scores": {"violence": 0.0}} for _ in asked["input"]]
            return self._say(json.dumps({"results": found}).encode(), "application/json")
        self._say(b"", "text/event-stream")
        dies = asked["model"] == "north" and asked["messages"][-1]["content"] == "Break off."
        for number in range(PIECES):
            if dies and number == PIECES // 2:
                return None
            time.sleep(PAUSE_SECONDS)
            self._piece(f"{asked['model']} says {number}, and more of the same follows. ")
        self.wfile.write(b"data: [DONE]\n\n")
        return None

    def _piece(self, text: str) -> None:
        event: dict[str, Any] = {"choices": [{"delta": {"content": text}}]}
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()

    def _say(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()


@pytest.fixture
def project(transactional_db: None, elsewhere: str) -> Project:
    owner, now = make_person("owner@example.com", is_owner=True), timezone.now()
    made = project_actions.create_project(actor=owner, name="Assistant", now=now)
    up = {"project": made, "upstream_url": elsewhere, "state": "ready", "changed_at": now, "created_by": owner}
    stands, north, south = (
        Served.objects.create(name=name, upstream_model=name, upstream_kind=kind, **up)
        for name, kind in (("filter", "moderation"), ("north", "chat"), ("south", "chat"))
    )
    ChatSetup.objects.create(project=made, filter=stands, changed_by=owner, changed_at=now)
    choosing.ask_for_two(project=made, share=1, second=south, actor=owner, now=now)
    assert north.can_chat
    return made


def test_two_answers_are_chosen_from_by_key_and_gone_on_with(
    web: WebServer, browser: Browser, project: Project
) -> None:
    person = make_person("chat@example.com")
    owner = User.objects.get(is_owner=True)
    membership.add_member(project=project, user=person, role="chat_user", actor=owner, now=timezone.now())
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=web.site.address)
    sign_in(context, web.site, person)
    page = context.new_page()
    page.goto(f"/projects/{project.pk}/chat")
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="north").click()
    page.get_by_role("button", name="New conversation").click()
    # Checked once the site has kept it.
    page.get_by_role("radio", name="Yes, from this conversation").click()
    expect(page.get_by_role("radio", name="Yes, from this conversation")).to_be_checked()
    box = page.get_by_role("textbox", name="Write to north")
    began = time.monotonic()
    box.fill("What is a lease?")
    box.press("Enter")
    first, second = (page.get_by_role("article", name=f"Answer {side}") for side in "AB")
    expect(first).to_contain_text("says 1")
    expect(page.get_by_text("Two answers are being written …")).to_be_visible()
    expect(page.get_by_text("Not decided yet")).to_be_visible()
    one = PIECES * PAUSE_SECONDS
    assert one <= time.monotonic() - began < 2 * one + 5
    expect(second).to_contain_text("says 7")
    page.keyboard.press("6")
    expect(page.get_by_role("status").filter(has_text="B is better, by 1 of 4")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("You chose this one.")).to_be_visible()
    choice = Choice.objects.get()
    assert (choice.state, choice.continues) == ("chosen", choice.right)
    assert {choice.left.model_name, choice.right.model_name} == {"north", "south"}
    answer = Answer.objects.get()
    assert (answer.annotator, answer.payload["strength"]) == (person, 1)
    assert answer.seconds is not None

    box.fill("Break off.")
    box.press("Enter")
    eventually(lambda: Choice.objects.filter(state="dropped").exists())
    expect(page.get_by_text("south says 7")).to_have_count(1 + (choice.right.model_name == "south"))
    assert Turn.objects.get(state="failed").error == "model_down"
    expect(box).to_be_enabled()
    context.close()
