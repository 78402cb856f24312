"""Serving over the API, and the gateway: who may ask which model what, in OpenAI's shapes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from annotation.people import actions as people_actions
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import serving
from annotation.registry.models import ModelUse, ModelVersion, Served, ServedState
from tests.annotation.api.conftest import AskAll
from tests.elsewhere import Messages, serving_elsewhere
from tests.guards import each, guards
from tests.people import NOW

pytestmark = pytest.mark.django_db

HELLO = [{"role": "user", "content": "Hello."}]
RUNNERS = "200 200 200 403 403 403 404 401"


class Recorded(BaseHTTPRequestHandler):
    """What an OpenAI-compatible server answers, letter for letter as published."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers.get("Authorization"), body))  # type: ignore[attr-defined]
        if body.get("stream"):
            texts = [
                {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": piece}}]}
                for piece in ("Hel", "lo.")
            ]
            last = {"id": "c", "choices": [], "usage": {"total_tokens": 9}}
            lines = [f"data: {json.dumps(one)}\n\n" for one in (*texts, last)]
            self._say("".join(lines) + ("" if body["messages"][0]["content"] == "break" else "data: [DONE]\n\n"))
        else:
            choice = {"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}
            self._say(json.dumps({"id": "c", "choices": [choice], "usage": {"total_tokens": 7}}))

    def _say(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorded)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def served(make_model: Callable[..., ModelVersion], owner: User, elsewhere: ThreadingHTTPServer) -> Served:
    row = serving.serve(model=make_model(), actor=owner, now=NOW)
    address = f"http://127.0.0.1:{elsewhere.server_address[1]}"
    serving.report_served(served=row, state=ServedState.READY, now=NOW, address=address, key="k")
    row.refresh_from_db()
    return row


@pytest.fixture
def judge(make_model: Callable[..., ModelVersion], owner: User, served: Served) -> Served:
    row = serving.serve(model=make_model("reward"), actor=owner, now=NOW)
    Served.objects.filter(pk=row.pk).update(state=ServedState.READY, address=served.address, key="k")
    return row


@guards(
    "GET /api/projects/{project}/served/",
    "POST /api/projects/{project}/served/",
    "DELETE /api/projects/{project}/served/{served}/",
    "POST /api/projects/{project}/served/{served}/start/",
    "POST /api/projects/{project}/served/{served}/stop/",
    "POST /api/projects/{project}/models/{model}/serve/",
    "GET /v1/models",
    "POST /v1/chat/completions",
    "POST /v1/completions",
    "POST /v1/moderations",
    "POST /v1/score",
)
def test_who_may_serve_and_ask(ask_all: AskAll, served: Served, judge: Served, owner: User) -> None:
    own = f"/api/projects/{served.project_id}"
    upstream = {"name": "Large", "url": "https://models.example/v1", "model": "large", "kind": "moderation"}
    elsewhere = serving.add_upstream(
        project=served.project, actor=owner, now=NOW, key_variable="", **{**upstream, "name": "Small"}
    )
    for endpoint, statuses, body in (
        (f"GET {own}/served/", RUNNERS, None),
        (f"POST {own}/served/", "201 403 403 403 403 403 404 401", upstream),
        (f"POST {own}/served/{served.pk}/stop/", RUNNERS, None),
        (f"POST {own}/served/{elsewhere.pk}/start/", RUNNERS, None),
        (f"DELETE {own}/served/{elsewhere.pk}/", "204 403 403 403 403 403 404 401", None),
        (f"POST {own}/models/{served.model_id}/serve/", RUNNERS.replace("200", "202"), None),
        ("GET /v1/models", "200 200 200 200 200 200 200 401", None),
        ("POST /v1/chat/completions", RUNNERS, {"model": served.name, "messages": HELLO}),
        ("POST /v1/chat/completions", "400 400 400 400 400 400 404 401", {"model": judge.name, "messages": HELLO}),
        ("POST /v1/completions", RUNNERS, {"model": served.name, "prompt": "x"}),
        ("POST /v1/moderations", RUNNERS, {"model": served.name, "input": "x"}),
        ("POST /v1/score", RUNNERS, {"model": judge.name, "messages": HELLO, "completions": ["x"]}),
    ):
        assert ask_all(endpoint, body) == each(statuses), endpoint


def test_a_guard_in_a_chat_moderates_as_others_do_and_chats_with_nobody(
    owner: User, researcher: User, project: Project, client_of: Callable[[User | None], APIClient]
) -> None:
    def judged(messages: Messages) -> list[str]:
        return ["unsafe\nS10,S5" if "hate" in messages[-1]["content"] else "safe"]

    client = client_of(researcher)
    with serving_elsewhere(judged) as there:
        named = {"name": "Guard", "url": there.url, "model": "llama-guard-3", "key_variable": ""}
        serving.add_upstream(project=project, actor=owner, now=NOW, kind="llama_guard", **named)
        reply = client.post("/v1/moderations", {"model": "Guard", "input": ["I hate it.", "A lease."]}).json()
        asked = client.post("/v1/chat/completions", {"model": "Guard", "messages": HELLO})
        wrong = client.post("/v1/moderations", {"model": "Guard", "input": [1]})
        there.says = lambda _: ["Certainly!"]
        unread = client.post("/v1/moderations", {"model": "Guard", "input": "A lease."})
    hated, lease = reply["results"]
    assert (reply["model"], hated["flagged"], lease["flagged"]) == ("Guard", True, False)
    assert {name for name, is_flagged in hated["categories"].items() if is_flagged} == {"hate", "defamation"}
    assert hated["category_scores"]["hate"] == 1
    assert "harassment" in hated["not_judged"]
    assert (asked.status_code, asked.json()["error"]["code"]) == (400, "not_deployable")
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "input")
    assert (unread.status_code, unread.json()["error"]["code"]) == (503, "model_not_available")


def test_a_token_asks_with_the_scope_for_it(served: Served, elsewhere: ThreadingHTTPServer, researcher: User) -> None:
    def ask(*scopes: str) -> Any:
        _, text = people_actions.create_token(actor=researcher, name="x", scopes=scopes, expires_in_days=1, now=NOW)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client.post("/v1/chat/completions", {"model": served.name, "messages": HELLO})

    refused = ask("read", "write")
    assert refused.status_code == 403
    assert "scope “chat”" in refused.json()["error"]["message"]
    answered = ask("chat")
    assert answered.json()["choices"][0]["message"]["content"] == "Hello."
    assert ModelUse.objects.get(user=researcher).tokens == 7
    [(path, key, body)] = elsewhere.asked  # type: ignore[attr-defined]
    assert (path, key, body["model"]) == ("/v1/chat/completions", "Bearer k", served.name)


def test_a_stream_is_passed_on_and_one_that_breaks_off_says_so(
    served: Served, client_of: Callable[[User | None], APIClient], researcher: User, settings: Settings
) -> None:
    client = client_of(researcher)
    body = {"model": served.name, "messages": HELLO, "stream": True}
    here = client.post("/v1/chat/completions", body)
    assert here.status_code == 400
    assert settings.GATEWAY_URL in here.json()["error"]["message"]

    settings.IS_GATEWAY = True
    said = b"".join(client.post("/v1/chat/completions", body).streaming_content).decode()  # type: ignore[attr-defined]
    assert [json.loads(line[6:])["choices"][0]["delta"]["content"] for line in said.split("\n\n")[:2]] == ["Hel", "lo."]
    assert said.endswith("data: [DONE]\n\n")
    assert "usage" not in said
    assert ModelUse.objects.get(user=researcher).tokens == 9
    broken = {**body, "messages": [{"role": "user", "content": "break"}]}
    said = b"".join(client.post("/v1/chat/completions", broken).streaming_content).decode()  # type: ignore[attr-defined]
    assert "broke off in the middle" in said


def test_what_is_not_passed_on(
    served: Served, client_of: Callable[[User | None], APIClient], researcher: User, settings: Settings
) -> None:
    client = client_of(researcher)

    def ask(**changes: Any) -> tuple[int, str]:
        reply = client.post("/v1/chat/completions", {"model": served.name, "messages": HELLO, **changes})
        return reply.status_code, reply.json()["error"]["code"]

    assert ask(model="nobody") == (404, "model_not_found")
    assert ask(model=None) == (400, "invalid_value")
    settings.REQUESTS_PER_MINUTE = 1
    assert client.post("/v1/chat/completions", {"model": served.name, "messages": HELLO}).status_code == 200
    limited = client.post("/v1/chat/completions", {"model": served.name, "messages": HELLO})
    assert (limited.status_code, limited.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert int(limited.headers["Retry-After"]) > 0
    settings.REQUESTS_PER_MINUTE = 100
    Served.objects.filter(pk=served.pk).update(address="http://127.0.0.1:9")
    assert ask() == (503, "model_not_available")
    ModelVersion.objects.filter(pk=served.model_id).update(stale_at=NOW)
    assert ask() == (409, "model_stale")
