"""A server elsewhere that speaks OpenAI's API, as far as chats go: what it answers is a function of what it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = list[dict[str, str]]


@dataclass
class Elsewhere:
    """What it answers a conversation with, as pieces; and what it was asked."""

    says: Callable[[Messages], Sequence[str]]
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    # Changes what is sent as one whole answer, for answers that no server should give.
    spoils: Callable[[dict[str, Any]], Any] = lambda body: body
    status: int = 200


@contextmanager
def serving_elsewhere(says: Callable[[Messages], Sequence[str]]) -> Iterator[Elsewhere]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.elsewhere = Elsewhere(says, f"http://127.0.0.1:{server.server_address[1]}/v1")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.elsewhere
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    elsewhere: Elsewhere


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        there, body = self.server.elsewhere, json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        there.asked.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
        pieces = there.says(body["messages"])
        self.send_response(there.status)
        self.end_headers()
        if not body.get("stream"):
            self.wfile.write(json.dumps(there.spoils(completion(body["model"], "".join(pieces)))).encode())
            return
        for piece in pieces:
            choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
            event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: object) -> None:
        pass


def completion(model: str, text: str) -> dict[str, Any]:
    """Return an answer as published in openai/openai-openapi, CreateChatCompletionResponse."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_764_201_600,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 214, "completion_tokens": 4, "total_tokens": 218},
    }
