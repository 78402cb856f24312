"""A record's conversation as the formats want it: turns, one text, human and gpt, transcripts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.exports.choices import Choices, Option

Turns = Sequence[Mapping[str, str]]

CONVERSATIONAL, STANDARD = "conversational", "standard"
SEVERAL_TURNS = "several_turns"
NOT_ALTERNATING = "turns_do_not_alternate"

FORM = Option(
    name="form",
    label="Conversations as lists of messages, or plain texts: then prompts of several turns stay out",
    default=CONVERSATIONAL,
    choices=(CONVERSATIONAL, STANDARD),
)


def said(text: str) -> list[dict[str, str]]:
    """Return a completion as a conversation of one turn."""
    return [{"role": "assistant", "content": text}]


def prompt_as(turns: Turns, choices: Choices) -> Any:
    """Return the prompt in the form chosen; None for a conversation that is no single text."""
    if choices["form"] == CONVERSATIONAL:
        return turns
    return turns[0]["content"] if len(turns) == 1 and turns[0]["role"] == "user" else None


def completion_as(text: str, choices: Choices) -> Any:
    return [{"role": "assistant", "content": text}] if choices["form"] == CONVERSATIONAL else text


def is_conversational(choices: Choices) -> bool:
    return bool(choices["form"] == CONVERSATIONAL)


def system_and_turns(turns: Turns) -> tuple[str, Turns] | None:
    """Return the system's text, "" where there is none, and the turns after it; None unless the user begins and ends
    them and both speak in turn."""
    system = turns[0]["content"] if turns and turns[0]["role"] == "system" else ""
    spoken = turns[1:] if turns and turns[0]["role"] == "system" else turns
    if len(spoken) % 2 == 0:
        return None
    for place, turn in enumerate(spoken):
        if turn["role"] != ("assistant" if place % 2 else "user"):
            return None
    return system, spoken


def as_reading(turns: Turns) -> str:
    """Return the prompt for people to read: the question, or where it has several turns each after its speaker."""
    if len(turns) == 1:
        return turns[0]["content"]
    return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns)
