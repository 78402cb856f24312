"""A model over HTTP on one machine: a language model writes, a reward model scores, a filter moderates.

`python -m training serve --config serve.json`; what a model can do follows from its directory. A request is a thread
that waits; the model runs in one, for all of them at once (`batching`). Meant to stand behind the site's gateway, which
knows who asks: here a single key opens everything.
"""

import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from typing import Any

from training import answering
from training.answering import Answer, Refused, Writer
from training.batching import Engine, Full
from training.chat import barred_ids, chat_for
from training.config import ServeConfig
from training.events import Reporter
from training.following import Follower
from training.handover import model_sha256
from training.loop import Stop
from training.model import fit_vocabulary, is_reward, load_causal, longest_row, to_device
from training.moderator import VERDICTS, Moderator
from training.records import CARD
from training.rewarding import Judge
from training.settings import ConfigError
from training.tokenizer import load_tokenizer

# A model whose config does not say how much it reads is given so much.
CONTEXT = 2048
MOST_BODY_BYTES = 4 * 2**20
RETRY_AFTER_SECONDS = 2
LOOK_SECONDS = 0.2


def run(config: ServeConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Serve until asked to stop. Raises ConfigError, ModelError, TokenizerError, OSError where the port is taken."""
    served = open_served(config, report)
    server = _Server((config.host, config.port), _Handler)
    server.served, server.config = served, config
    threads = [threading.Thread(target=server.serve_forever, name="http", daemon=True)]
    if served.writer is not None:
        threads.append(threading.Thread(target=served.writer.engine.run, name="model", daemon=True))
    if served.follower is not None:
        threads.insert(0, threading.Thread(target=served.follower.run, name="follower", daemon=True))
    for thread in threads:
        thread.start()
    host, port = server.server_address[:2]
    report("ready", name=config.name, kind=served.kind, host=str(host), port=port)
    try:
        while not stop.is_asked and all(thread.is_alive() for thread in threads):
            threads[-1].join(LOOK_SECONDS)
    finally:
        server.shutdown()
        server.server_close()
        if served.writer is not None:
            served.writer.engine.stop()
            threads[-1].join(config.patience_seconds)
        if served.follower is not None:
            served.follower.stop()
    return {"stage": config.stage, "config": {**config.to_json(), "key": None}}


class Served:
    """A model and what it can be asked for."""

    def __init__(
        self,
        *,
        writer: Writer | None = None,
        judge: Judge | None = None,
        moderator: Moderator | None = None,
        follower: Follower | None = None,
    ) -> None:
        self.writer, self.judge, self.moderator, self.follower = writer, judge, moderator, follower
        self.lock = threading.Lock()

    @property
    def kind(self) -> str:
        return "language" if self.writer else "reward" if self.judge else "moderation"


def open_served(config: ServeConfig, report: Reporter) -> Served:
    """Load a model's directory for whatever it is. Raises ConfigError, ModelError, TokenizerError."""
    directory = Path(config.model)
    is_filter = (directory / VERDICTS).is_file()
    if config.follow is not None and (is_filter or is_reward(directory)):
        raise ConfigError("follow: a run publishes what writes, and this model judges; leave it empty.")
    if is_filter:
        return Served(moderator=Moderator.load(directory))
    if is_reward(directory):
        return Served(judge=Judge(directory, forward_tokens=8192))
    chat = chat_for(load_tokenizer(directory))
    model = to_device(fit_vocabulary(load_causal(directory), chat.tokenizer))
    engine = Engine(
        model,
        stop_ids=chat.stop_ids,
        barred_ids=barred_ids(chat),
        context=min(config.context or 2**31, longest_row(model) or CONTEXT),
        at_once=config.at_once,
        waiting=config.waiting,
        remembered_tokens=config.remembered_tokens,
        report=report,
        name=model_sha256(directory) if config.follow is not None else None,
    )
    follower = Follower(Path(config.follow), engine, chat, report) if config.follow is not None else None
    return Served(writer=Writer(engine, chat, config, why_no_chat=_why_no_chat(directory)), follower=follower)


def _why_no_chat(directory: Path) -> str | None:
    """Say why people must not talk to a model; None where they may, or where nobody has said anything of it."""
    card = directory / CARD
    if not card.is_file():
        return None
    told = json.loads(card.read_bytes())
    if told.get("deployable", True):
        return None
    return (
        f"A {told.get('stage')} model completes text and answers nobody: ask it at /v1/completions, or train it (sft)."
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # As many may knock at once as may wait.
    request_queue_size = 1024
    served: Served
    config: ServeConfig


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Write no line for each request: standard output is for events."""

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._json(200, {"status": "ok"})
        elif self.path == "/v1/models" and self._is_known():
            model = {"id": self.server.config.name, "object": "model", "created": 0, "owned_by": "bennet"}
            self._json(200, {"object": "list", "data": [{**model, "kind": self.server.served.kind}]})
        elif self.path != "/v1/models":
            self._refuse(Refused(f"There is nothing at {self.path}.", code="not_found", status=404))

    def do_POST(self) -> None:
        body = self._body()
        if body is None or not self._is_known():
            return
        try:
            self._answer(body)
        except Refused as refused:
            self._refuse(refused)
        except Full as full:
            self._refuse(Refused(str(full), code="overloaded", status=503))
        except TimeoutError as error:
            self._refuse(Refused(str(error), code="timeout", status=504))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _answer(self, body: dict[str, Any]) -> None:
        served, config = self.server.served, self.server.config
        if self.path in ("/v1/chat/completions", "/v1/completions"):
            if served.writer is None:
                raise Refused(f"A {served.kind} model writes nothing.", param="model", code="not_deployable")
            answer = Answer(served.writer, body, is_chat=self.path == "/v1/chat/completions")
            self._stream(answer) if answer.asked.is_stream else self._json(200, answer.whole())
        elif self.path == "/v1/moderations":
            if served.moderator is None:
                raise Refused(f"A {served.kind} model moderates nothing.", param="model", code="not_deployable")
            with served.lock:
                found = answering.moderations(served.moderator, body, config.name)
            self._json(200, found)
        elif self.path == "/v1/score":
            if served.judge is None:
                raise Refused(f"A {served.kind} model scores nothing.", param="model", code="not_deployable")
            with served.lock:
                found = answering.scores(served.judge, body, config.name)
            self._json(200, found)
        else:
            raise Refused(f"There is nothing at {self.path}.", code="not_found", status=404)

    def _stream(self, answer: Answer) -> None:
        """Send chunks as they come; a client that went away ends the writing."""
        chunks = answer.chunks()
        first = next(chunks)
        # So that a full queue is still a status, not a stream that breaks.
        second = next(chunks, None)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for chunk in chain([first], [second] if second else [], chunks):
                self._event(json.dumps(chunk, ensure_ascii=False))
        except (Refused, TimeoutError) as error:
            said = error if isinstance(error, Refused) else Refused(str(error), code="timeout", status=504)
            self._event(json.dumps(said.to_json()))
        finally:
            chunks.close()  # type: ignore[attr-defined]
        self._event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _event(self, text: str) -> None:
        line = f"data: {text}\n\n".encode()
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        self.wfile.flush()

    def _is_known(self) -> bool:
        key = self.server.config.key
        given = self.headers.get("Authorization", "")
        if key is None or hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
            return True
        self._refuse(Refused("This key opens nothing here.", code="invalid_api_key", status=401))
        return False

    def _body(self) -> dict[str, Any] | None:
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= MOST_BODY_BYTES:
            self.close_connection = True
            self._refuse(Refused("The body must have a length of at most 4 MiB.", code="body_too_large", status=413))
            return None
        try:
            body = json.loads(self.rfile.read(length))
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self._refuse(Refused("The body must be a JSON object.", code="invalid_json"))
            return None
        return body

    def _refuse(self, refused: Refused) -> None:
        self._json(refused.status, refused.to_json())

    def _json(self, status: int, value: dict[str, Any]) -> None:
        text = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if status == 503:
            self.send_header("Retry-After", str(RETRY_AFTER_SECONDS))
        self.end_headers()
        self.wfile.write(text)
