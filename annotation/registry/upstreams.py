"""Asking a served model, ours or one elsewhere, in the shapes of OpenAI's API.

No database: what is needed is copied out of the row first, so that a stream holds no connection.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from annotation.registry.models import Served, ServedState, UpstreamKind
from training.categories import LLAMA_GUARD, NoVerdict, in_order, read_guard

SECONDS = 120.0
DONE = b"[DONE]"
# A guard answers with a word and at most fourteen codes.
GUARD_TOKENS = 100
GUARDED = in_order(name for names in LLAMA_GUARD.values() for name in names)


class UpstreamGone(Exception):
    """The model does not answer; the message is for people."""


@dataclass(frozen=True)
class Verdict:
    """What a filter says of a text: its probability for each category, and those that are flagged."""

    flagged: tuple[str, ...]
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Upstream:
    """Where a model answers, what opens it and what it is called there."""

    name: str
    base_url: str
    key: str
    model: str

    def post(self, path: str, body: Mapping[str, Any]) -> Reply:
        """Ask and wait for the whole answer. Raise UpstreamGone."""
        try:
            connection, reply = self._open(path, body)
            try:
                text = reply.read()
            finally:
                connection.close()
            return Reply(reply.status, dict(reply.getheaders()), json.loads(text))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._gone(error) from error

    def stream(self, path: str, body: Mapping[str, Any]) -> Reply | Iterator[dict[str, Any]]:
        """Ask for a stream; return what is refused as a whole, else each event as it comes.

        The iterator raises UpstreamGone where the stream breaks off; to close it ends the writing.
        """
        try:
            connection, reply = self._open(path, {**body, "stream": True})
        except (OSError, http.client.HTTPException) as error:
            raise self._gone(error) from error
        if reply.status != http.HTTPStatus.OK:
            try:
                return Reply(reply.status, dict(reply.getheaders()), json.loads(reply.read()))
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._gone(error) from error
            finally:
                connection.close()
        return self._events(connection, reply)

    def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        temperature: float,
        max_tokens: int,
        seed: int | None = None,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """Yield what the model answers, piece by piece. Raise UpstreamGone, also where it refuses."""
        body: dict[str, Any] = {"messages": list(messages), "temperature": temperature, "max_tokens": max_tokens}
        body |= {"seed": seed} if seed is not None else {}
        body |= {"stop": list(stop)} if stop else {}
        found = self.stream("/chat/completions", body)
        if isinstance(found, Reply):
            raise UpstreamGone(_said(found))
        for event in found:
            for choice in event.get("choices", []):
                if piece := (choice.get("delta") or {}).get("content"):
                    yield piece

    def moderate(self, texts: Sequence[str], *, answering: str = "") -> list[Verdict]:
        """Return a verdict for each text. Raise UpstreamGone where there is none that can be read: it must not pass.

        `answering` is what a model's texts answer, empty for what people say; a moderation server reads texts alone.
        """
        reply = self.post("/moderations", {"input": list(texts)})
        if reply.status != http.HTTPStatus.OK:
            raise UpstreamGone(_said(reply))
        try:
            verdicts = [
                Verdict(
                    tuple(sorted(name for name, is_flagged in one["categories"].items() if is_flagged)),
                    {name: float(score) for name, score in one["category_scores"].items()},
                )
                for one in reply.body["results"]
            ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._gone(error) from error
        if len(verdicts) != len(texts):
            raise UpstreamGone(f"{self.name} gave {len(verdicts)} verdicts on {len(texts)} texts.")
        return verdicts

    def _open(self, path: str, body: Mapping[str, Any]) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        parts = urlsplit(self.base_url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(cast(str, parts.hostname), parts.port, timeout=SECONDS)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        try:
            connection.request("POST", parts.path + path, json.dumps({**body, "model": self.model}), headers)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise

    def _events(
        self, connection: http.client.HTTPConnection, reply: http.client.HTTPResponse
    ) -> Iterator[dict[str, Any]]:
        try:
            for line in reply:
                if not line.startswith(b"data:"):
                    continue
                data = line.removeprefix(b"data:").strip()
                if data == DONE:
                    return
                event = json.loads(data)
                if "error" in event:
                    raise UpstreamGone(str(event["error"].get("message", "The model failed.")))
                yield event
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._gone(error) from error
        finally:
            connection.close()
        raise UpstreamGone(f"{self.name} broke off in the middle of its answer.")

    def _gone(self, error: Exception) -> UpstreamGone:
        return UpstreamGone(
            f"{self.name} does not answer at the moment ({type(error).__name__}). Try again in a minute."
        )


class LlamaGuard(Upstream):
    """A guard behind a chat endpoint, which says of the last turn whether it is safe, else which hazards are in it.

    Source: meta-llama/PurpleLlama, Llama-Guard3/8B/MODEL_CARD.md: a conversation that ends with the user's words has
    those judged, one that ends with the assistant's has these.
    """

    def moderate(self, texts: Sequence[str], *, answering: str = "") -> list[Verdict]:
        """Return a verdict for each text. Raise UpstreamGone for whatever is neither `safe` nor a list of hazards."""
        return [self._verdict(text, answering) for text in texts]

    def _verdict(self, text: str, answering: str) -> Verdict:
        turns = [answering, text] if answering else [text]
        messages = [{"role": role, "content": said} for role, said in zip(("user", "assistant"), turns, strict=False)]
        reply = self.post(
            "/chat/completions", {"messages": messages, "temperature": 0, "max_tokens": GUARD_TOKENS, "stream": False}
        )
        if reply.status != http.HTTPStatus.OK:
            raise UpstreamGone(_said(reply))
        try:
            [choice] = reply.body["choices"]
            # What was cut short may have lost a hazard, or half of its number.
            if choice.get("finish_reason") not in (None, "stop"):
                raise NoVerdict(f"its verdict was cut short ({str(choice['finish_reason'])[:40]})")
            flagged = read_guard(choice["message"]["content"])
        except NoVerdict as error:
            raise UpstreamGone(f"{self.name} gave no verdict that can be read: {error}") from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._gone(error) from error
        # It says yes or no, and of a hazard that is in several categories not which.
        return Verdict(flagged, {name: float(name in flagged) for name in GUARDED})


def upstream_for(served: Served) -> Upstream:
    """Return where a served model answers. Raise UpstreamGone where it is not up."""
    if not served.is_wanted:
        raise UpstreamGone(f"{served.name} is not up: it is stopped.")
    if served.model_id is None:
        speaks = LlamaGuard if served.upstream_kind == UpstreamKind.LLAMA_GUARD else Upstream
        key = os.environ.get(served.upstream_key_variable, "") if served.upstream_key_variable else ""
        return speaks(served.name, served.upstream_url, key, served.upstream_model)
    if served.state != ServedState.READY or not served.address:
        why = f" {served.said}" if served.said else ""
        raise UpstreamGone(f"{served.name} is not up: it is {served.state}.{why}")
    return Upstream(served.name, f"{served.address}/v1", served.key, served.name)


def _said(reply: Reply) -> str:
    error = reply.body.get("error") if isinstance(reply.body, dict) else None
    return str(error.get("message")) if isinstance(error, dict) else f"It answered with status {reply.status}."
