"""What a served model can do, as requests and answers in OpenAI's shapes; HTTP is `serve`'s business.

Source: openai/openai-openapi, CreateChatCompletionRequest, CreateCompletionRequest, CreateModerationRequest and their
responses; a prompt of token ids is in it, and `return_token_ids`, which tells the ids of what is written with the one
that ended it, is vLLM's. `/v1/score` is ours: what a reward model thinks of completions of one conversation.
"""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from training.batching import Ended, Engine, Request, Token, listen
from training.categories import OPENAI
from training.chat import Chat, ChatError
from training.config import ServeConfig
from training.generation import Sampling
from training.moderator import Moderator
from training.records import Message
from training.rewarding import Judge
from training.tokenizer import decode_text, encode_text

MOST_STOPS, MOST_CHOICES, MOST_LIKELIEST, MOST_TEXTS = 4, 16, 20, 256
ROLES = ("system", "user", "assistant")
# What a text may end with while the bytes of its last character are not all there.
UNFINISHED = "\ufffd"


class Refused(Exception):
    """A request that is not answered, as OpenAI's API says it."""

    def __init__(
        self, message: str, *, param: str | None = None, code: str = "invalid_value", status: int = 400
    ) -> None:
        super().__init__(message)
        self.param, self.code, self.status = param, code, status

    def to_json(self) -> dict[str, Any]:
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code}}


@dataclass
class Piece:
    """What was written since the last piece, of one choice; with the last why it ended, and by which token.

    answered_by: which model wrote it, where one follows the other.
    """

    choice: int
    text: str
    tokens: list[Token] = field(default_factory=list)
    finish_reason: str | None = None
    ended_by: Token | None = None
    answered_by: str | None = None


class Writer:
    """A language model at work."""

    def __init__(self, engine: Engine, chat: Chat, config: ServeConfig, *, why_no_chat: str | None) -> None:
        self.engine, self.chat, self.config, self.why_no_chat = engine, chat, config, why_no_chat

    def chat_ids(self, body: Mapping[str, Any]) -> list[int]:
        """Return the conversation as the model reads it. Raises Refused."""
        if self.why_no_chat:
            raise Refused(self.why_no_chat, param="model", code="not_deployable")
        try:
            return self.chat.prompt(messages_of(body))
        except ChatError as error:
            raise Refused(str(error), param="messages", code=error.reason) from error

    def text_ids(self, body: Mapping[str, Any]) -> list[int]:
        """Return a raw text, or the token ids that stand for one, as the model reads it. Raises Refused."""
        prompt = body.get("prompt")
        if isinstance(prompt, list) and len(prompt) == 1 and not isinstance(prompt[0], int):
            (prompt,) = prompt
        if isinstance(prompt, list) and prompt:
            if not all(type(one) is int and 0 <= one < len(self.chat.tokenizer) for one in prompt):
                raise Refused(f"prompt: token ids are from 0 to {len(self.chat.tokenizer) - 1}.", param="prompt")
            return prompt
        if not isinstance(prompt, str) or not prompt:
            raise Refused("prompt must be a text, or the token ids of one.", param="prompt")
        try:
            ids = encode_text(self.chat.tokenizer, prompt)
        except ValueError as error:
            raise Refused(str(error), param="prompt") from error
        begin = self.chat.tokenizer.bos_token_id
        return ids if begin is None else [begin, *ids]

    def write(self, ids: Sequence[int], asked: "Asked") -> Iterator[Piece]:
        """Yield what is written, piece by piece; where nobody asks for the next, the rest is not written."""
        requests = [
            Request(list(ids), asked.sampling, asked.seed + number, asked.likeliest) for number in range(asked.choices)
        ]
        try:
            self.engine.submit(*requests)
            for number, request in enumerate(requests):
                yield from self._of(number, request, asked)
        finally:
            for request in requests:
                request.cancel()

    def _of(self, number: int, request: Request, asked: "Asked") -> Iterator[Piece]:
        ids: list[int] = []
        told = 0
        held: list[Token] = []
        for said in listen(request, seconds=self.config.patience_seconds):
            if isinstance(said, Ended):
                if said.reason == "error":
                    raise Refused("The model failed on this request.", code="model_failed", status=500)
                text = decode_text(self.chat.tokenizer, ids)
                reason = "length" if said.reason == "length" else "stop"
                yield Piece(number, text[told:], held, reason, said.token, request.answered_by)
                return
            ids.append(said.id)
            held.append(said)
            text = decode_text(self.chat.tokenizer, ids)
            places = [place for stop in asked.stops if (place := text.find(stop)) >= 0]
            if places:
                yield Piece(number, text[told : min(places)], held, "stop", answered_by=request.answered_by)
                return
            sure = _sure(text, asked.stops)
            if sure > told:
                yield Piece(number, text[told:sure], held, answered_by=request.answered_by)
                told, held = sure, []


@dataclass(frozen=True)
class Asked:
    """How a request wants to be answered."""

    sampling: Sampling
    seed: int
    choices: int
    stops: tuple[str, ...]
    likeliest: int
    wants_log_probs: bool
    wants_ids: bool
    is_stream: bool
    wants_usage: bool

    @classmethod
    def of(cls, body: Mapping[str, Any], config: ServeConfig, *, is_chat: bool) -> "Asked":
        """Read what is common to both ways of asking. Raises Refused."""
        for name in ("tools", "functions", "response_format", "logit_bias", "suffix"):
            if body.get(name):
                raise Refused(f"{name} is not supported by this server: leave it out.", param=name, code="unsupported")
        for name in ("presence_penalty", "frequency_penalty"):
            if body.get(name):
                raise Refused(f"{name} is not supported by this server: leave it at 0.", param=name, code="unsupported")
        most = _number(body, "max_completion_tokens", body.get("max_tokens"), 1, 2**31) or config.max_new_tokens
        stops = body.get("stop") or []
        stops = [stops] if isinstance(stops, str) else stops
        if (
            not isinstance(stops, list)
            or len(stops) > MOST_STOPS
            or not all(isinstance(one, str) and one for one in stops)
        ):
            raise Refused(f"stop must be a text or a list of at most {MOST_STOPS} texts.", param="stop")
        if is_chat:
            wants = bool(body.get("logprobs"))
            likeliest = _number(body, "top_logprobs", 0, 0, MOST_LIKELIEST) or 0
        else:
            likeliest = _number(body, "logprobs", 0, 0, MOST_LIKELIEST) or 0
            wants = body.get("logprobs") is not None and body.get("logprobs") is not False
        seed = _number(body, "seed", None, -(2**63), 2**63 - 1)
        stream_options = body.get("stream_options") or {}
        return cls(
            sampling=Sampling(
                temperature=float(_number(body, "temperature", 1.0, 0, 10)),
                top_p=max(float(_number(body, "top_p", 1.0, 0, 1)), 1e-6),
                max_new_tokens=int(min(most, config.max_new_tokens)),
            ),
            seed=secrets.randbits(48) if seed is None else int(seed) % 2**62,
            choices=int(_number(body, "n", 1, 1, MOST_CHOICES)),
            stops=tuple(stops),
            likeliest=int(likeliest),
            wants_log_probs=wants,
            wants_ids=bool(body.get("return_token_ids")),
            is_stream=bool(body.get("stream")),
            wants_usage=bool(isinstance(stream_options, dict) and stream_options.get("include_usage")),
        )


class Answer:
    """One answer of a language model, whole or in chunks, to either way of asking."""

    def __init__(self, writer: Writer, body: Mapping[str, Any], *, is_chat: bool) -> None:
        """Read a request. Raises Refused."""
        self.writer, self.is_chat = writer, is_chat
        self.asked = Asked.of(body, writer.config, is_chat=is_chat)
        self.ids = writer.chat_ids(body) if is_chat else writer.text_ids(body)
        room = writer.engine.context - len(self.ids)
        if room < 1:
            raise Refused(
                f"The model reads at most {writer.engine.context} tokens and the prompt has {len(self.ids)}.",
                param="messages" if is_chat else "prompt",
                code="context_length_exceeded",
            )
        self.head = {
            "id": f"{'chatcmpl' if is_chat else 'cmpl'}-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": writer.config.name,
        }
        self.written = 0

    def whole(self) -> dict[str, Any]:
        """Write all and return it. Raises Refused, Full."""
        choices: list[dict[str, Any]] = [
            {"text": "", "tokens": [], "finish_reason": None} for _ in range(self.asked.choices)
        ]
        for piece in self.writer.write(self.ids, self.asked):
            choice = choices[piece.choice]
            choice["text"] += piece.text
            choice["tokens"] += self._told(piece)
            choice["finish_reason"] = piece.finish_reason
            self._note(piece)
        found = []
        for number, choice in enumerate(choices):
            said = (
                {"message": {"role": "assistant", "content": choice["text"]}}
                if self.is_chat
                else {"text": choice["text"]}
            )
            found.append(
                {
                    "index": number,
                    **said,
                    "logprobs": self._log_probs(choice["tokens"]),
                    "finish_reason": choice["finish_reason"],
                    **self._ids(choice["tokens"]),
                }
            )
        kind = "chat.completion" if self.is_chat else "text_completion"
        return {**self.head, "object": kind, "choices": found, "usage": self._usage()}

    def chunks(self) -> Iterator[dict[str, Any]]:
        """Yield what is written as it is written."""
        if self.is_chat:
            for number in range(self.asked.choices):
                yield self._chunk(number, {"delta": {"role": "assistant", "content": ""}}, None, [])
        for piece in self.writer.write(self.ids, self.asked):
            self._note(piece)
            if piece.text or piece.tokens:
                said = {"delta": {"content": piece.text}} if self.is_chat else {"text": piece.text}
                yield self._chunk(piece.choice, said, None, piece.tokens)
            if piece.finish_reason:
                last = [piece.ended_by] if piece.ended_by and self.asked.wants_ids else []
                yield self._chunk(
                    piece.choice, {"delta": {}} if self.is_chat else {"text": ""}, piece.finish_reason, last
                )
        if self.asked.wants_usage:
            yield {**self.head, "object": self._chunk_kind, "choices": [], "usage": self._usage()}

    @property
    def _chunk_kind(self) -> str:
        return "chat.completion.chunk" if self.is_chat else "text_completion"

    def _chunk(
        self, number: int, said: Mapping[str, Any], reason: str | None, tokens: Sequence[Token]
    ) -> dict[str, Any]:
        choice = {"index": number, **said, "logprobs": self._log_probs(tokens), "finish_reason": reason}
        return {**self.head, "object": self._chunk_kind, "choices": [{**choice, **self._ids(tokens)}]}

    def _note(self, piece: Piece) -> None:
        """Count what was written, and say which model wrote it."""
        self.written += len(piece.tokens)
        if piece.answered_by is not None:
            self.head["system_fingerprint"] = piece.answered_by

    def _told(self, piece: Piece) -> list[Token]:
        """Return a piece's tokens, and the one that ended the text where the ids are asked for."""
        return [*piece.tokens, piece.ended_by] if piece.ended_by and self.asked.wants_ids else piece.tokens

    def _ids(self, tokens: Sequence[Token]) -> dict[str, list[int]]:
        return {"token_ids": [token.id for token in tokens]} if self.asked.wants_ids else {}

    def _usage(self) -> dict[str, int]:
        read = len(self.ids)
        return {"prompt_tokens": read, "completion_tokens": self.written, "total_tokens": read + self.written}

    def _log_probs(self, tokens: Sequence[Token]) -> dict[str, Any] | None:
        if not self.asked.wants_log_probs or not tokens:
            return None
        if self.is_chat:
            return {
                "content": [
                    {
                        **self._named(token.id, token.log_prob),
                        "top_logprobs": [self._named(*one) for one in token.likeliest],
                    }
                    for token in tokens
                ],
                "refusal": None,
            }
        return {
            "tokens": [self._text_of(token.id) for token in tokens],
            "token_logprobs": [token.log_prob for token in tokens],
            "top_logprobs": [{self._text_of(name): value for name, value in token.likeliest} for token in tokens],
        }

    def _named(self, token: int, log_prob: float) -> dict[str, Any]:
        text = self._text_of(token)
        return {"token": text, "logprob": log_prob, "bytes": list(text.encode())}

    def _text_of(self, token: int) -> str:
        return decode_text(self.writer.chat.tokenizer, [token])


def moderations(moderator: Moderator, body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Say what texts should be moderated for. A key that the filter never learned is false, and named as not judged."""
    texts = body.get("input")
    if isinstance(texts, str):
        texts = [texts]
    if isinstance(texts, list):
        texts = [one.get("text") if isinstance(one, dict) and one.get("type") == "text" else one for one in texts]
    if (
        not isinstance(texts, list)
        or not 0 < len(texts) <= MOST_TEXTS
        or not all(isinstance(one, str) for one in texts)
    ):
        raise Refused(f"input must be a text or a list of at most {MOST_TEXTS} texts.", param="input")
    results = []
    for scores in moderator.score(texts):
        flags = moderator.flags(scores)
        keys = [*OPENAI, *(key for key in scores if key not in OPENAI)]
        results.append(
            {
                "flagged": any(flags.values()),
                "categories": {key: bool(flags.get(key, False)) for key in keys},
                "category_scores": {key: float(scores.get(key, 0.0)) for key in keys},
                "category_applied_input_types": {key: ["text"] if key in scores else [] for key in keys},
                "not_judged": [key for key in OPENAI if key not in scores],
            }
        )
    return {"id": f"modr-{secrets.token_hex(12)}", "model": name, "results": results}


def scores(judge: Judge, body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Score completions of one conversation."""
    completions = body.get("completions")
    if (
        not isinstance(completions, list)
        or not 0 < len(completions) <= MOST_TEXTS
        or not all(isinstance(one, str) for one in completions)
    ):
        raise Refused(f"completions must be a list of at most {MOST_TEXTS} texts.", param="completions")
    try:
        found = judge.scores([messages_of(body)], [completions]).tolist()
    except ChatError as error:
        raise Refused(str(error), param="messages", code=error.reason) from error
    data = [{"object": "score", "index": place, "score": score} for place, score in enumerate(found)]
    return {"object": "list", "model": name, "data": data}


def messages_of(body: Mapping[str, Any]) -> list[Message]:
    """Read a conversation; a content of parts is their texts. Raises Refused."""
    given = body.get("messages")
    if not isinstance(given, list) or not given:
        raise Refused("messages must be a list of at least one message.", param="messages")
    found = []
    for place, one in enumerate(given):
        role = one.get("role") if isinstance(one, dict) else None
        role = "system" if role == "developer" else role
        content = one.get("content") if isinstance(one, dict) else None
        if isinstance(content, list):
            parts = [
                part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in content
            ]
            content = "".join(parts) if all(isinstance(part, str) for part in parts) else None  # type: ignore[arg-type]
        if role not in ROLES or not isinstance(content, str):
            raise Refused(
                f"messages[{place}] needs a role ({', '.join(ROLES)}) and a content that is text.",
                param=f"messages[{place}]",
            )
        found.append(Message(role, content))
    return found


def _sure(text: str, stops: Sequence[str]) -> int:
    """Return how much of a text can be told: no half character, and nothing that may be the start of a stop."""
    end = len(text)
    while end and text[end - 1] == UNFINISHED:
        end -= 1
    for stop in stops:
        for size in range(min(len(stop) - 1, len(text)), 0, -1):
            if text.endswith(stop[:size]):
                end = min(end, len(text) - size)
                break
    return end


def _number(body: Mapping[str, Any], name: str, default: Any, low: float, high: float) -> Any:
    value = body.get(name)
    value = default if value is None else value
    if value is None:
        return None
    if isinstance(value, bool) and name == "logprobs":
        return int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise Refused(f"{name} must be a number from {low:g} to {high:g}.", param=name)
    return value
