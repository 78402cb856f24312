"""Conversations as other tools write them: role and content, or from and value, by whatever names for the speakers.

What a conversation here has no place for is left out and counted by reason: tools that were on offer, pictures, names
of speakers, weights. A turn that calls a tool or brings its result is part of what was said, so that a row which has
one is turned away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from annotation.intake import checks
from annotation.intake.options import Options
from annotation.intake.rows import BadRow, Outcome, Row, Skipped
from annotation.tasks.messages import Message

_ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user",
    "assistant": "assistant", "gpt": "assistant", "chatgpt": "assistant", "bing": "assistant", "bard": "assistant",
}  # fmt: skip
_TOOLS = frozenset({"tool", "function", "function_call", "function_response", "observation", "tool_call", "ipython"})
_CALLS = ("tool_calls", "function_call", "audio", "refusal")
_READ = frozenset({"role", "from", "content", "value"})
# Why fields that are well known are left out; of any other the file's owner learns that there was one.
REASONS = {
    "tools": "tools", "functions": "tools", "parallel_tool_calls": "tools", "tool_choice": "tools",
    "images": "media", "image": "media", "videos": "media", "audios": "media",
    "thinking": "thinking", "reasoning_content": "thinking",
    "weight": "weight", "train": "weight", "train_detail": "weight",
    "ground_truth": "reference_answer", "reference": "reference_answer",
    "margin": "margin", "score_chosen": "score", "score_rejected": "score",
}  # fmt: skip
TURN_REASONS = REASONS | {"name": "speaker"}
UNREAD = "unread_field"
_NOTHING: tuple[Any, ...] = (None, "", [], {})


@dataclass(slots=True)
class Dialogue:
    """Turns by our roles, the places of those not to be learned from, and why something of them is left out."""

    messages: list[Message] = field(default_factory=list)
    untrained: set[int] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)

    def __add__(self, other: Dialogue) -> Dialogue:
        shifted = {place + len(self.messages) for place in other.untrained}
        return Dialogue(self.messages + other.messages, self.untrained | shifted, self.left_out | other.left_out)


def dialogue(value: Any, name: str) -> Dialogue:
    """Return the turns. Raise BadRow for what is no list of turns, or has one that is not words."""
    if not isinstance(value, list) or not value:
        reason = "missing_field" if value is None else "wrong_type"
        raise BadRow(name, reason, f"{name} must be a list of turns such as {{role, content}} or {{from, value}}.")
    read = Dialogue()
    for place, turn in enumerate(value):
        if not isinstance(turn, dict):
            raise BadRow(f"{name}[{place}]", "wrong_type", f"{name}[{place}] must be an object with role and content.")
        read.messages.append(_message(turn, f"{name}[{place}]"))
        if len(turn) > 2:
            _note(read, turn, place)
    return read


def _message(turn: Mapping[str, Any], name: str) -> Message:
    role = turn["role"] if "role" in turn else turn.get("from")
    content = turn["content"] if "content" in turn else turn.get("value")
    known = _ROLES.get(role) if isinstance(role, str) else None
    if known is None or (len(turn) > 2 and any(turn.get(call) not in _NOTHING for call in _CALLS)):
        raise _no_words(role, known, name)
    if isinstance(content, list):
        content = "".join(_part(part, f"{name}.content") for part in content)
    if not isinstance(content, str):
        raise BadRow(f"{name}.content", "missing_field", f"{name} has no text.")
    return {"role": known, "content": content}


def _no_words(role: Any, known: str | None, name: str) -> BadRow:
    if known is not None or (isinstance(role, str) and role in _TOOLS):
        return BadRow(name, "tool_turn", f"{name} calls a tool or is no text. Take such turns out, or leave the row.")
    return BadRow(f"{name}.role", "bad_role", f"{name} must be of the system, the user or the assistant.")


def _part(part: Any, name: str) -> str:
    if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
        return str(part["text"])
    raise BadRow(name, "not_text", f"{name} has a part that is no text. Only words can be imported.")


def _note(read: Dialogue, turn: Mapping[str, Any], place: int) -> None:
    """Remember what of a turn is not read."""
    if turn.get("weight") == 0 or turn.get("train") is False:
        read.untrained.add(place)
    rest = {name for name in turn.keys() - _READ - {"weight", "train"} if turn[name] not in _NOTHING}
    read.left_out |= {TURN_REASONS.get(name, UNREAD) for name in rest}


def user(text: Any, name: str) -> Dialogue:
    """Return one turn of the user."""
    return Dialogue([{"role": "user", "content": checks.text(text, name)}])


def reply(text: Any, name: str) -> Dialogue:
    """Return one turn of the assistant."""
    return Dialogue([{"role": "assistant", "content": checks.text(text, name)}])


def system(text: Any, name: str) -> Dialogue:
    """Return a turn of the system, or none where there is no text."""
    if text in (None, ""):
        return Dialogue()
    return Dialogue([{"role": "system", "content": checks.text(text, name)}])


def left_out(line: int, given: Mapping[str, Any], read: Set[str], said: Set[str] = frozenset()) -> Iterator[Skipped]:
    """Yield one for each reason why something of a row was not read: fields with something in them, and `said`."""
    rest = given.keys() - read
    reasons = {REASONS.get(name, UNREAD) for name in rest if given[name] not in _NOTHING} if rest else set()
    for reason in sorted(reasons | said) if reasons or said else ():
        yield Skipped(line, reason)


def spoken(line: int, said: Dialogue, options: Options, *, source: str = "") -> Iterator[Outcome]:
    """Yield the prompt that a conversation is, or the demonstration: its last reply, unless it is not to be learned.

    Earlier replies stay in the prompt. A conversation is counted that has some which are to be learned, as they are no
    demonstrations here, and one of which an end was cut off.
    """
    end = _end(said)
    *before, last = said.messages[:end]
    is_reply = last["role"] == "assistant"
    yield Row(
        line=line,
        kind="demonstration" if is_reply else "prompt",
        messages=checks.conversation(before if is_reply else [*before, last]),
        language=options.language,
        source=options.source or source,
        completion=checks.text(last["content"], "completion") if is_reply else "",
    )
    if any(message["role"] == "assistant" and place not in said.untrained for place, message in enumerate(before)):
        yield Skipped(line, "earlier_reply")
    if end < len(said.messages):
        yield Skipped(line, "weight")


def _end(said: Dialogue) -> int:
    """Return where to stop: after the last reply that is to be learned from, else after the user's last turn."""
    messages = said.messages
    if messages[-1]["role"] != "assistant" or len(messages) - 1 not in said.untrained:
        return len(messages)
    replies = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    trained = [place for place in replies if place not in said.untrained]
    asked = [place for place, message in enumerate(messages) if message["role"] == "user"]
    return max(trained or asked or [len(messages) - 1]) + 1


def choice(
    line: int, chosen: Dialogue, rejected: Dialogue, options: Options, *, source: str = "", is_tie: bool = False
) -> Row:
    """Return the ranking of two whole conversations that differ in their last reply. Raise BadRow."""
    prompt, better = asked_and_answered(chosen, "chosen")
    other_prompt, worse = asked_and_answered(rejected, "rejected")
    if prompt != other_prompt:
        message = "chosen and rejected differ before the last reply, so they do not answer the same prompt."
        raise BadRow("rejected", "unequal_prompts", message)
    if better == worse:
        raise BadRow("rejected", "identical_replies", "Both replies read the same, so neither is better.")
    source = options.source or source
    return Row(
        line=line,
        kind="ranking",
        messages=checks.conversation(prompt),
        language=options.language,
        source=source,
        completions=[[better, source], [worse, source]],
        tiers=[[0, 1]] if is_tie else [[0], [1]],
    )


def asked_and_answered(said: Dialogue, name: str) -> tuple[list[Message], str]:
    """Return what stands before the last reply, and the reply."""
    if not said.messages or said.messages[-1]["role"] != "assistant":
        raise BadRow(name, "no_reply", f"{name} must end with a reply of the assistant.")
    return said.messages[:-1], checks.text(said.messages[-1]["content"], name)
