"""A run's answers from a server in OpenAI's shapes, instead of from the run itself.

What is learned from are tokens, so prompts go as token ids, and ids are what comes back where the server tells them.
Where it tells texts alone they are read again, and an answer whose tokens cannot be put beside its log-probabilities is
not learned from. The server may answer with older weights: `policy_losses.truncated_ratios` says what that costs.

Source: openai/openai-openapi, CreateCompletionRequest and CreateCompletionResponse; `return_token_ids` and
`stop_token_ids` as in vllm-project/vllm, entrypoints/openai/completion/protocol.py.
"""

import http.client
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from training import config, rollouts
from training.chat import Chat, barred_ids
from training.generation import Sampling, stream_seed
from training.loop import Interrupted, Lost, Stop
from training.rollouts import Prompt, Rollout
from training.settings import ConfigError
from training.tokenizer import decode_text, encode_text

# As many answers to one prompt as servers give at once.
MOST_CHOICES = 16
# The wait before a request is sent again, doubled each time, unless the server says how long.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.25, 30.0
LOOK_SECONDS = 0.1
BUSY = (http.client.REQUEST_TIMEOUT, http.client.TOO_MANY_REQUESTS)
# What a server says that does not read a request so, and may read it otherwise.
UNREADABLE = (http.client.BAD_REQUEST, http.client.UNPROCESSABLE_ENTITY)
# A log-probability that nobody told, taken for this policy's own; and one of an answer that teaches nothing.
UNTOLD, USELESS = math.nan, math.inf


class EndpointFailed(Lost):
    """The server does not answer, or not so that the run could learn from it; the message says what it was asked."""


class _Refused(Exception):
    """The server understood and will not."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Told:
    """What a server wrote, and what it says of how it drew it.

    log_probs: of all tokens, in the order of `rollouts.flat_completions`; UNTOLD or USELESS where there is none.
    retold: how many answers came as texts that do not read back as the tokens they were; cut: how many went on in
    another speaker's name and were cut there. Neither is learned from.
    """

    written: list[Rollout]
    log_probs: list[float]
    retold: int
    cut: int


@dataclass(frozen=True)
class _Answer:
    """One completion with the token that ended it."""

    ids: list[int]
    text: str
    has_ended: bool
    log_probs: list[float]
    is_retold: bool = False
    is_cut: bool = False


class Client:
    """Asks one server, many prompts at a time; every method raises Interrupted where the run is asked to stop."""

    def __init__(self, asked: config.Endpoint, chat: Chat, sampling: Sampling, stop: Stop) -> None:
        """Raises ConfigError where the key is not in the environment."""
        self.asked, self.chat, self.sampling, self.stop = asked, chat, sampling, stop
        self.barred = barred_ids(chat)
        end = chat.tokenizer.eos_token_id
        self.end = end if end in chat.stop_ids else min(chat.stop_ids)
        self.fingerprint: str | None = None
        self.sends_ids = self.names_ids = self.tells_log_probs = True
        self.key = ""
        if asked.key_variable is not None:
            self.key = os.environ.get(asked.key_variable, "")
            if not self.key:
                raise ConfigError(f"endpoint.key_variable: the environment has no {asked.key_variable}.")

    def begin(self, prompt: Sequence[int]) -> None:
        """Find out how the server reads a prompt and what it tells of an answer.

        Raises ConfigError where no answer of its could be learned from, EndpointFailed where it does not answer.
        """
        refused = None
        for self.sends_ids, self.names_ids in ((True, True), (True, False), (False, False)):
            try:
                reply = self._post(self._body(prompt, 1, 0, most_tokens=1))
                break
            except _Refused as error:
                if error.status not in UNREADABLE:
                    raise ConfigError(f"endpoint: {self.asked.url} refuses: {error}") from error
                refused = refused or error
        else:
            raise ConfigError(f"endpoint: {self.asked.url} reads no prompt: {refused}") from refused
        self._check_reading(prompt, reply)
        (choice,) = _choices(reply, 1)
        self.tells_log_probs = bool(_log_probs(choice)) or not choice.get("text")
        if not self.tells_log_probs and (self.asked.publish is None or self.asked.publish_every > 1):
            raise ConfigError(
                f"endpoint: {self.asked.url} tells no log-probabilities, and its weights fall behind the run's: nobody "
                "could say what its answers weigh. Let it follow every round (publish, publish_every 1), or choose a "
                "server that tells them."
            )

    def wait_for(self, fingerprint: str, prompt: Sequence[int]) -> None:
        """Wait until the server answers with these weights, and take no other answer from then on.

        Raises EndpointFailed where it does not within `timeout_seconds`.
        """
        self.fingerprint = None
        until = time.monotonic() + self.asked.timeout_seconds
        body = self._body(prompt, 1, 0, most_tokens=1)
        while (found := self._answer_to(body).get("system_fingerprint")) != fingerprint:
            if time.monotonic() > until:
                raise EndpointFailed(
                    f"{self.asked.url} answers with weights {str(found)[:12]} and not with {fingerprint[:12]}, which "
                    f"were published into {self.asked.publish}: let it follow that directory."
                )
            self._pause(LOOK_SECONDS)
        self.fingerprint = fingerprint

    def write(self, prompts: Sequence[Prompt], *, copies: int, seed: int, occasion: str) -> Told:
        """Have `copies` completions written for each prompt. Raises EndpointFailed.

        What is asked for depends on seed, occasion, prompt and number alone.
        """
        parts = [
            (place, numbers[start], len(numbers[start : start + MOST_CHOICES]))
            for place, numbers in enumerate(rollouts.numbers_of(prompts, copies))
            for start in range(0, copies, MOST_CHOICES)
        ]

        def ask(part: tuple[int, int, int]) -> list[_Answer]:
            place, first, count = part
            # In 32 bits, which every server can read.
            own = stream_seed(seed, f"{occasion}/{prompts[place].prompt_id}", first) >> 32
            reply = self._answer_to(self._body(prompts[place].ids, count, own, self.sampling.max_new_tokens))
            return [self._read(choice) for choice in _choices(reply, count)]

        with ThreadPoolExecutor(max(1, self.asked.concurrency // min(copies, MOST_CHOICES))) as pool:
            tasks = [pool.submit(ask, part) for part in parts]
            try:
                found = [task.result() for task in tasks]
            finally:
                for task in tasks:
                    task.cancel()
        answers: list[list[_Answer]] = [[] for _ in prompts]
        for (place, _, _), written in zip(parts, found, strict=True):
            answers[place] += written
        return _together(prompts, answers)

    def _body(self, prompt: Sequence[int], choices: int, seed: int, most_tokens: int) -> dict[str, Any]:
        whole = list(prompt) if self.sends_ids else self.chat.tokenizer.decode(list(prompt), skip_special_tokens=False)
        body = {
            "model": self.asked.model,
            "prompt": whole,
            "n": choices,
            "seed": seed,
            "max_tokens": most_tokens,
            "temperature": self.sampling.temperature,
            "top_p": 1,
            "logprobs": 1,
        }
        names = {"return_token_ids": True, "stop_token_ids": sorted(self.chat.stop_ids)}
        return {**body, **names} if self.names_ids else body

    def _check_reading(self, prompt: Sequence[int], reply: Mapping[str, Any]) -> None:
        """Raise ConfigError where the server counts other tokens in the prompt, or does not count a text's."""
        counted = (reply.get("usage") or {}).get("prompt_tokens")
        if counted != len(prompt) and not (self.sends_ids and counted is None):
            raise ConfigError(
                f"endpoint: {self.asked.url} reads {counted} tokens where the run's model reads {len(prompt)}: "
                "it must serve the run's start, with its tokenizer, and take prompts as token ids."
            )

    def _read(self, choice: Mapping[str, Any]) -> _Answer:
        """Return a choice as tokens, up to its end or to where it speaks for somebody else. Raises EndpointFailed."""
        told, has_ended = _log_probs(choice), choice.get("finish_reason") == "stop"
        names = choice.get("token_ids")
        ids = list(names) if names is not None else encode_text(self.chat.tokenizer, choice.get("text") or "")
        if not all(type(name) is int and 0 <= name < len(self.chat.tokenizer) for name in ids):
            raise EndpointFailed(
                f"{self.asked.url} writes tokens that the run's model does not have: it must serve that."
            )
        is_retold = self.tells_log_probs and not self._are_told(ids, choice)
        is_useless = is_retold or choice.get("finish_reason") not in ("stop", "length") or not (ids or has_ended)
        if names is not None and choice.get("finish_reason") == "length" and len(ids) < self.sampling.max_new_tokens:
            raise EndpointFailed(
                f"{self.asked.url} ends answers after {len(ids)} tokens, and the run lets them have "
                f"{self.sampling.max_new_tokens}: raise what the server allows, or lower max_new_tokens."
            )
        last = next((place for place, name in enumerate(ids) if name in self.chat.stop_ids | self.barred), len(ids))
        is_cut = last < len(ids) and ids[last] in self.barred
        has_ended = not is_cut and (has_ended or last < len(ids))
        # An answer of which nothing is left stands as its end, so that it can be counted and judged.
        end = [ids[last] if last < len(ids) else self.end] if has_ended else [] if last else [self.end]
        whole = ids[:last] + end
        if is_useless or is_cut:
            log_probs = [USELESS] * len(whole)
        else:
            log_probs = [*told, UNTOLD][: len(whole)] if self.tells_log_probs else [UNTOLD] * len(whole)
        text = decode_text(self.chat.tokenizer, ids[:last])
        return _Answer(whole, text, has_ended, log_probs, is_retold, is_cut)

    def _are_told(self, ids: Sequence[int], choice: Mapping[str, Any]) -> bool:
        """Whether the log-probabilities are these tokens', and at most one more's: of the one that ended them."""
        told = _log_probs(choice)
        if len(told) - len(ids) not in ((0, 1) if choice.get("finish_reason") == "stop" else (0,)):
            return False
        if choice.get("token_ids") is not None:
            return True
        texts = (choice.get("logprobs") or {}).get("tokens") or []
        shown = [decode_text(self.chat.tokenizer, [name]) for name in ids]
        # Servers differ in how they write a leading space, and in how half a character.
        return len(texts) >= len(ids) and all(
            not here or here.strip() == str(there).strip() for here, there in zip(shown, texts, strict=False)
        )

    def _answer_to(self, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._post(body)
        except _Refused as error:
            raise EndpointFailed(f"{self.asked.url} refuses: {error}") from error

    def _post(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the server answers; where it is gone or busy, ask again. Raises _Refused, EndpointFailed."""
        said, wait = "", 0.0
        for tried in range(self.asked.retries + 1):
            self._pause(wait)
            wait = min(FIRST_WAIT_SECONDS * 2**tried, LONGEST_WAIT_SECONDS)
            try:
                status, retry_after, reply = self._once(body)
            except (OSError, http.client.HTTPException, ValueError) as error:
                said = f"{type(error).__name__}: {error}"
                continue
            if status == http.client.OK:
                if self.fingerprint in (None, reply.get("system_fingerprint")):
                    return reply
                said = "it answers with other weights than those it had taken up."
                continue
            said = f"status {status}, {_message(reply)}"
            if status not in BUSY and status < http.client.INTERNAL_SERVER_ERROR:
                raise _Refused(status, said)
            wait = retry_after if retry_after is not None else wait
        raise EndpointFailed(f"{self.asked.url} gave no answer in {self.asked.retries + 1} tries; the last: {said}")

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.stop.is_asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_SECONDS))
        # Only this process: whoever shares the work hears of it as of any failure.
        if self.stop.is_asked:
            raise Interrupted

    def _once(self, body: Mapping[str, Any]) -> tuple[int, float | None, dict[str, Any]]:
        """Return status, the wait that the server asks for, and its answer."""
        parts = urlsplit(self.asked.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(cast(str, parts.hostname), parts.port, timeout=self.asked.timeout_seconds)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        try:
            connection.request("POST", f"{parts.path.rstrip('/')}/completions", json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        reply = json.loads(text) if answer.status == http.client.OK else _readable(text)
        if not isinstance(reply, dict):
            raise ValueError("the answer is no JSON object")
        return answer.status, _seconds(answer.getheader("Retry-After")), reply


def _together(prompts: Sequence[Prompt], answers: Sequence[Sequence[_Answer]]) -> Told:
    written = [
        Rollout(prompt, [one.ids for one in own], [one.text for one in own], [one.has_ended for one in own])
        for prompt, own in zip(prompts, answers, strict=True)
    ]
    all_of_them = [one for own in answers for one in own]
    return Told(
        written,
        [value for one in all_of_them for value in one.log_probs],
        retold=sum(one.is_retold for one in all_of_them),
        cut=sum(one.is_cut for one in all_of_them),
    )


def _choices(reply: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """Return the choices in their order. Raises EndpointFailed where they are not as many as were asked for."""
    choices = reply.get("choices")
    if not isinstance(choices, list) or len(choices) != count:
        raise EndpointFailed(f"The endpoint was asked for {count} answers and gave {choices!r:.200}.")
    return sorted(choices, key=lambda choice: int(choice.get("index", 0)))


def _log_probs(choice: Mapping[str, Any]) -> list[float]:
    """Return what a choice tells of its tokens; nothing where one of them is missing or no number."""
    told = (choice.get("logprobs") or {}).get("token_logprobs") or []
    return told if all(isinstance(one, int | float) and math.isfinite(one) for one in told) else []


def _message(reply: Mapping[str, Any]) -> str:
    error = reply.get("error")
    said = error.get("message") if isinstance(error, dict) else error or reply.get("message") or reply.get("detail")
    return str(said or "without a reason")[:500]


def _readable(text: bytes) -> dict[str, Any]:
    """Read a refusal, which a proxy may have written."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"message": text.decode(errors="replace")[:200]}


def _seconds(header: str | None) -> float | None:
    try:
        return min(max(float(header or ""), 0.0), LONGEST_WAIT_SECONDS)
    except ValueError:
        return None
