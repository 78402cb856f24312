"""The database is restarted in the middle of an answer: not a word is lost, and the chat goes on."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from annotation.processes import postgres
from annotation.processes.postgres import Server
from tests.elsewhere import Elsewhere, serving_elsewhere
from tests.journeys.site import ROOT, Person, Site, run_manage, running_web

pytestmark = [pytest.mark.journey, pytest.mark.road, pytest.mark.timeout(240)]

PART = "It goes on and on, and the lamp burns on. " * 4
ARRIVES = """
from django.utils import timezone
from annotation.people.actions import create_sign_in_link, ensure_owner
print(create_sign_in_link(user=ensure_owner(email="olivia@example.com"), now=timezone.now()))
"""


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server.under(tmp_path / "own", durable=False)


def test_an_answer_outlives_a_restart_of_the_database(server: Server, tmp_path: Path) -> None:
    resumes = threading.Event()

    def tale(_: Any) -> Iterator[str]:
        yield PART
        # As slow as a large model, for as long as the database is away.
        assert resumes.wait(60)
        for _ in range(3):
            yield PART

    with (
        serving_elsewhere(tale) as partner,
        serving_elsewhere(lambda _: ["safe"]) as guard,
        ExitStack() as database,
    ):
        database.enter_context(postgres.running(server))
        prepare(server)
        with running_web(server.url, tmp_path) as web:
            olivia = owner_at(web.site)
            talk = a_conversation(olivia, partner, guard)
            lines = said(olivia, talk, "Tell me a tale.")
            events = [next(lines) for _ in range(3)]
            assert [event["type"] for event in events] == ["said", "answering", "piece"]

            database.close()
            resumes.set()
            # The next of the answer is shown while there is no database at all.
            assert next(lines)["type"] == "piece"
            database.enter_context(postgres.running(server))
            assert list(lines)[-1]["state"] == "complete"

            turns = olivia.until(talk, lambda found: len(found["turns"]) == 2)["turns"]
            assert [turn["state"] for turn in turns] == ["complete", "complete"]
            assert turns[1]["text"] == PART * 4
            again = list(said(olivia, talk, "And another.", parent=turns[1]["id"]))
            assert again[-1]["state"] == "complete"


def prepare(server: Server) -> None:
    """Bring the new database to what the site needs."""
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "manage.py", "prepare", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env={**kept, "DATABASE_URL": server.url}, check=True, timeout=180)


def owner_at(site: Site) -> Person:
    link = run_manage(site, "shell", "--no-imports", "--command", ARRIVES).strip().splitlines()[-1]
    olivia = Person(site)
    olivia.post("/api/sign-in-links/redeem/", {"token": link})
    return olivia


def a_conversation(olivia: Person, partner: Elsewhere, guard: Elsewhere) -> str:
    """Name both servers, choose the filter and begin; return the conversation's address."""
    project = olivia.post("/api/projects/", {"name": "Assistant"}, expect=201)
    here = f"/api/projects/{project['id']}"
    named = [
        olivia.post(f"{here}/served/", {"name": name, "kind": kind, "url": at.url, "model": "m"}, expect=201)["id"]
        for name, kind, at in (("Partner", "chat", partner), ("Guard", "llama_guard", guard))
    ]
    olivia.ask("PATCH", f"{here}/chat/", {"filter": named[1]}, expect=200)
    made = olivia.post(f"{here}/conversations/", {"model": named[0]}, expect=201)
    return f"{here}/conversations/{made['id']}/"


def said(olivia: Person, talk: str, text: str, parent: int | None = None) -> Iterator[dict[str, Any]]:
    """Say something, and yield each event of the answer as it comes."""
    parts = urlsplit(olivia.site.address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    cookies = {cookie.name: cookie.value or "" for cookie in olivia.cookies}
    headers = {
        "Content-Type": "application/json",
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
    }
    connection.request("POST", f"{talk}messages/", json.dumps({"text": text, "parent": parent}), headers)
    reply = connection.getresponse()
    assert reply.status == 200, reply.read()
    for line in reply:
        if line.startswith(b"data: "):
            yield json.loads(line[6:])
    connection.close()
