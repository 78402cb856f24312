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
from tests.chatting import Partners, offer_two, refuse, serve_another, talk
from tests.guards import ask_everybody, each, guards
from tests.people import NOW

MEMBERS = "200 200 200 200 200 200 404 401"
# Conversations are their person's alone, whoever owns the site.
ITS_PERSON = "404 404 404 404 404 200 404 401"
STUDYING = "200 200 200 403 403 403 404 401"
MANAGERS = "200 200 403 403 403 403 404 401"
JUDGES = "200 200 403 200 403 403 404 401"

BETTER = {"preferred": "c1", "strength": 2}

ClientOf = Callable[[User | None], APIClient]


def events_of(reply: Any) -> list[dict[str, Any]]:
    lines = b"".join(reply.streaming_content).decode().split("\n\n")
    return [json.loads(line.removeprefix("data: ")) for line in lines if line]


@pytest.mark.django_db
@guards(
    "GET /api/projects/{project}/chat/",
    "PATCH /api/projects/{project}/chat/",
    "PUT /api/projects/{project}/chat/two-answers/",
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
    "POST /api/projects/{project}/conversations/{pk}/turns/{turn}/choose/",
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
    said = offer_two(served, person)
    refuse(turn, "poison")
    row = appeal(turn=_refused(judged), reason="", actor=person, now=NOW)
    base, browsers = f"/api/projects/{project.pk}", {who: client_of(user) for who, user in everybody.items()}
    one = f"{base}/conversations/{turn.conversation_id}"
    table = [
        (f"GET {base}/chat/", MEMBERS, None),
        (f"PATCH {base}/chat/", MANAGERS, {"filter": None}),
        (f"PUT {base}/chat/two-answers/", STUDYING, {"share": 0.5, "second": None}),
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
        (f"POST {base}/conversations/{said.conversation_id}/turns/{said.pk}/choose/", ITS_PERSON, {"payload": BETTER}),
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
@guards("GET /api/projects/{project}/conversations/{pk}/turns/{turn}/taught/")
def test_what_taught_it_is_told_to_whom_it_was_said(
    project: Project, served: Served, everybody: dict[str, User | None], client_of: ClientOf, partners: Partners
) -> None:
    person = everybody["chat_user"]
    assert person is not None
    assert served.model is not None
    turn = talk(served, person, "What is a lease?")
    browsers = {who: client_of(user) for who, user in everybody.items()}
    one = f"/api/projects/{project.pk}/conversations/{turn.conversation_id}/"
    asked = f"GET {one}turns/{turn.pk}/taught/"
    # A server elsewhere says nothing of what it learned from.
    assert ask_everybody(browsers, asked) == each("404 404 404 404 404 404 404 401")
    Turn.objects.filter(pk=turn.pk).update(model_sha256=served.model.sha256)
    assert ask_everybody(browsers, asked) == each(ITS_PERSON)
    told = browsers["chat_user"].get(f"{one}turns/{turn.pk}/taught/").json()
    assert (told["model"]["name"], told["may_read"], told["nearest"]) == (served.model.name, False, [])
    assert browsers["chat_user"].get(one).json()["turns"][-1]["is_ours"]


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
def test_two_answers_are_streamed_blind_chosen_and_gone_on_with(
    project: Project, served: Served, conversation: Conversation, manager: User, chat_user: User, client_of: ClientOf,
    partners: Partners,
) -> None:  # fmt: skip
    held: list[bool] = []
    other = serve_another(served, "secret-second")
    partners.others["secret-second"] = Partners(
        pieces=["A lease is a loan."], meanwhile=lambda: held.append(connection.connection is not None)
    )
    base, one = f"/api/projects/{project.pk}", f"/api/projects/{project.pk}/conversations/{conversation.pk}/"
    setup = client_of(manager).put(f"{base}/chat/two-answers/", {"share": 1, "second": other.pk}).json()["two_answers"]
    assert (setup["share"], setup["second"]["name"], setup["protocol"]["name"]) == (
        1.0, "secret-second", "Choose while you talk"
    )  # fmt: skip
    browser = client_of(chat_user)
    assert browser.get(f"{base}/chat/").json()["two_answers"] is None
    events = events_of(browser.post(f"{one}messages/", {"text": "What is a lease?"}))
    assert events[-1]["type"] == "choose"
    assert held == [False]
    said = events[0]["turn"]
    shown = browser.get(one).json()["turns"]
    assert [(turn["role"], turn["model_name"]) for turn in shown] == [
        ("user", ""),
        ("assistant", ""),
        ("assistant", ""),
    ]
    choice = shown[0]["choice"]
    assert (choice["state"], choice["payload"], choice["continues"]) == ("open", None, None)
    assert (choice["config"]["strength_levels"], choice["config"]["allow_edit"]) == (4, True)
    told = [browser.get(one), browser.get(f"{one}export/")]
    assert not any(b"secret-second" in reply.content for reply in told)
    waiting = browser.post(f"{one}messages/", {"text": "And?", "parent": choice["left"]})
    assert (waiting.status_code, waiting.json()["code"]) == (409, "not_chosen")
    choose = f"{one}turns/{said}/choose/"
    wrong = browser.post(choose, {"payload": {"preferred": "c1", "strength": 9}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_answer")
    chosen = browser.post(choose, {"payload": BETTER, "seconds": 4}).json()["turns"]
    assert (chosen[0]["choice"]["continues"], chosen[0]["choice"]["continues_by"]) == (choice["left"], "preferred")
    assert {turn["model_name"] for turn in chosen[1:]} == {served.name, "secret-second"}
    again = browser.post(choose, {"payload": BETTER})
    assert (again.status_code, again.json()["code"]) == (409, "not_choosable")


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
