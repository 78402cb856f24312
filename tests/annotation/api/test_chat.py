"""Chat over HTTP: whose it is, what is streamed, and how an appeal ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from annotation.api import chat_streams
from annotation.chat.appealing import appeal
from annotation.chat.models import Conversation, Turn
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry.models import Served
from tests.chatting import Partners, refuse, talk
from tests.guards import ask_everybody, each, guards
from tests.people import NOW

MEMBERS = "200 200 200 200 200 200 404 401"
# Conversations are their person's alone, whoever owns the site.
ITS_PERSON = "404 404 404 404 404 200 404 401"
MANAGERS = "200 200 403 403 403 403 404 401"
JUDGES = "200 200 403 200 403 403 404 401"

ClientOf = Callable[[User | None], APIClient]


def events_of(reply: Any) -> list[dict[str, Any]]:
    lines = b"".join(reply.streaming_content).decode().split("\n\n")
    return [json.loads(line.removeprefix("data: ")) for line in lines if line]


@pytest.mark.django_db
@guards(
    "GET /api/projects/{project}/chat/",
    "PATCH /api/projects/{project}/chat/",
    "GET /api/projects/{project}/conversations/",
    "POST /api/projects/{project}/conversations/",
    "GET /api/projects/{project}/conversations/{pk}/",
    "PATCH /api/projects/{project}/conversations/{pk}/",
    "DELETE /api/projects/{project}/conversations/{pk}/",
    "GET /api/projects/{project}/conversations/{pk}/export/",
    "PUT /api/projects/{project}/conversations/{pk}/consent/",
    "POST /api/projects/{project}/conversations/{pk}/messages/",
    "POST /api/projects/{project}/conversations/{pk}/turns/{turn}/regenerate/",
    "POST /api/projects/{project}/conversations/{pk}/turns/{turn}/stop/",
    "PUT /api/projects/{project}/conversations/{pk}/turns/{turn}/feedback/",
    "POST /api/projects/{project}/conversations/{pk}/turns/{turn}/appeal/",
    "GET /api/projects/{project}/appeals/",
    "POST /api/projects/{project}/appeals/{pk}/decide/",
)
def test_conversations_are_their_persons_and_appeals_are_for_judges(
    project: Project,
    served: Served,
    everybody: dict[str, User | None],
    client_of: ClientOf,
    partners: Partners,
) -> None:
    person = everybody["chat_user"]
    assert person is not None
    turn, judged = (talk(served, person, "A well.") for _ in range(2))
    refuse(turn, "poison")
    row = appeal(turn=_refused(judged), reason="", actor=person, now=NOW)
    base, browsers = f"/api/projects/{project.pk}", {who: client_of(user) for who, user in everybody.items()}
    one = f"{base}/conversations/{turn.conversation_id}"
    table = [
        (f"GET {base}/chat/", MEMBERS, None),
        (f"PATCH {base}/chat/", MANAGERS, {"filter": None}),
        (f"GET {base}/conversations/", MEMBERS, None),
        (f"POST {base}/conversations/", MEMBERS.replace("200", "201"), {"model": served.pk}),
        (f"GET {one}/", ITS_PERSON, None),
        (f"PATCH {one}/", ITS_PERSON, {"title": "Wells"}),
        (f"DELETE {one}/", ITS_PERSON.replace("200", "204"), None),
        (f"GET {one}/export/", ITS_PERSON, None),
        (f"PUT {one}/consent/", ITS_PERSON, {"consent": "this"}),
        (f"POST {one}/messages/", ITS_PERSON, {"text": "Go on.", "parent": turn.pk}),
        (f"POST {one}/turns/{turn.pk}/regenerate/", ITS_PERSON, None),
        (f"POST {one}/turns/{turn.pk}/stop/", ITS_PERSON, None),
        (f"PUT {one}/turns/{turn.pk}/feedback/", ITS_PERSON, {"liked": True, "reasons": ["correct"]}),
        (f"POST {one}/turns/{turn.pk}/appeal/", ITS_PERSON.replace("200", "201"), {"reason": "It is a novel."}),
        (f"GET {base}/appeals/", JUDGES, None),
        (f"POST {base}/appeals/{row.pk}/decide/", JUDGES, {"labels": {"illicit": False}}),
    ]
    found = {endpoint: ask_everybody(browsers, endpoint, body) for endpoint, _, body in table}
    assert found == {endpoint: each(statuses) for endpoint, statuses, _ in table}


@pytest.mark.django_db
def test_refused_appealed_and_let_off(
    project: Project, conversation: Conversation, chat_user: User, reviewer: User, client_of: ClientOf,
    partners: Partners,
) -> None:  # fmt: skip
    browser, judge = client_of(chat_user), client_of(reviewer)
    one = f"/api/projects/{project.pk}/conversations/{conversation.pk}/"
    refused = events_of(browser.post(f"{one}messages/", {"text": "Who was it that wrote of poison?"}))
    assert [(event["type"], event["categories"]) for event in refused] == [("refused", ["illicit"])]
    turn = refused[0]["turn"]
    told = browser.post(f"{one}turns/{turn}/appeal/", {"reason": "It is about a novel."}).json()["turns"][0]
    assert told["refusal"] == {
        "side": "input", "categories": ["illicit"], "filter_name": f"filter-{project.pk}",
        "appeal": told["refusal"]["appeal"],
    }  # fmt: skip
    assert browser.post(f"{one}turns/{turn}/appeal/", {}).status_code == 409
    waiting = judge.get(f"/api/projects/{project.pk}/appeals/?state=open").json()["results"]
    assert [(row["text"], row["reason"]) for row in waiting] == [
        ("Who was it that wrote of poison?", "It is about a novel.")
    ]
    assert chat_user.name not in json.dumps(waiting)
    decide = f"/api/projects/{project.pk}/appeals/{waiting[0]['id']}/decide/"
    assert judge.post(decide, {"labels": {}}).status_code == 400
    assert judge.post(decide, {"labels": {"illicit": False}, "note": "A novel."}).json()["state"] == "accepted"
    assert judge.post(decide, {"labels": {"illicit": True}}).json()["code"] == "appeal_ended"
    seen = browser.get(one).json()["turns"][0]["refusal"]["appeal"]
    assert (seen["state"], seen["note"]) == ("accepted", "A novel.")


@pytest.mark.django_db
@guards("GET /api/me/consents/", "POST /api/me/consents/{project}/revoke/")
def test_consent_is_listed_and_revoked_by_its_person(
    project: Project, conversation: Conversation, everybody: dict[str, User | None], client_of: ClientOf
) -> None:
    browsers = {who: client_of(user) for who, user in everybody.items()}
    revoke = f"/api/me/consents/{project.pk}/revoke/"
    assert ask_everybody(browsers, f"POST {revoke}") == each("404 404 404 404 404 404 404 401")
    assert ask_everybody(browsers, "GET /api/me/consents/") == each("200 200 200 200 200 200 200 401")
    Conversation.objects.update(consent="this")
    given = {"project": {"id": project.pk, "name": project.name}, "always": False, "conversations": 1, "prompts": 0}
    assert browsers["chat_user"].get("/api/me/consents/").json() == {"results": [given]}
    assert ask_everybody(browsers, f"POST {revoke}") == each("404 404 404 404 404 200 404 401")
    assert browsers["chat_user"].post(revoke).json() == {"results": []}


@pytest.mark.django_db(transaction=True)
def test_a_stream_holds_no_connection(
    project: Project, conversation: Conversation, chat_user: User, client_of: ClientOf, partners: Partners
) -> None:
    held: list[bool] = []
    partners.meanwhile = lambda: held.append(connection.connection is not None)
    one = f"/api/projects/{project.pk}/conversations/{conversation.pk}/"
    reply = client_of(chat_user).post(f"{one}messages/", {"text": "What is a lease?"})
    assert reply.headers["Content-Type"] == "text/event-stream"
    assert events_of(reply)[-1]["state"] == "complete"
    assert held == [False, False]


@pytest.mark.django_db
def test_threads_are_left_for_everybody_else(
    project: Project, conversation: Conversation, chat_user: User, client_of: ClientOf, partners: Partners,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(chat_streams, "AT_ONCE", 0)
    one = f"/api/projects/{project.pk}/conversations/{conversation.pk}/"
    reply = client_of(chat_user).post(f"{one}messages/", {"text": "What is a lease?"})
    assert (reply.status_code, reply.json()["code"], reply.headers["Retry-After"]) == (429, "too_many_answers", "5")
    assert not Turn.objects.exists()


def _refused(turn: Turn) -> Turn:
    refuse(turn, "poison")
    return turn
