"""Whole conversations: OpenAI's fine-tuning lines with messages, and ShareGPT's with conversations.

The last reply is the demonstration and what stands before it the prompt; a conversation that ends with the user is a
prompt. A reply of weight 0 is not to be learned, so it is none. OpenAI's line for preferences has the prompt as input
and one reply on each side.
Source: openai/openai-openapi (FineTuneChatRequestInput, FineTunePreferenceRequestInput); lm-sys/FastChat for ShareGPT.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import turns
from annotation.intake.readers.each import each
from annotation.intake.readers.turns import Dialogue
from annotation.intake.rows import BadRow, Outcome
from annotation.intake.strict_json import load_object

# `id` and `prompt_id` name a row and say nothing of it.
READ = frozenset({"messages", "conversations", "system", "id"})
_SIDES = {"preferred_output": "chosen", "non_preferred_output": "rejected"}
_PREFERENCE = frozenset({"input", *_SIDES})


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    """Read OpenAI's messages or ShareGPT's conversations."""
    return each(lines, lambda line: outcomes(line.number, load_object(line.text()), options))


def read_preference(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _preference(line.number, load_object(line.text()), options))


def has_messages(given: Mapping[str, Any]) -> bool:
    return isinstance(given.get("messages"), list) and "prompt" not in given


def has_conversations(given: Mapping[str, Any]) -> bool:
    return isinstance(given.get("conversations"), list)


def is_preference(given: Mapping[str, Any]) -> bool:
    return isinstance(given.get("input"), dict) and _SIDES.keys() <= given.keys()


def outcomes(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    said = dialogue_of(given)
    yield from turns.spoken(line, said, options)
    yield from turns.left_out(line, given, READ, said.left_out)


def dialogue_of(given: Mapping[str, Any]) -> Dialogue:
    """Return the conversation by either name, after the system's text where that stands apart."""
    name = "conversations" if "conversations" in given else "messages"
    said = turns.dialogue(given.get(name), name)
    return turns.system(given["system"], "system") + said if given.get("system") else said


def _preference(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    asked = given.get("input")
    if not isinstance(asked, dict):
        raise BadRow("input", "missing_field", "input must be an object with messages.")
    opening = turns.dialogue(asked.get("messages"), "input.messages")
    better, worse = (opening + turns.dialogue(given.get(name), name) for name in _SIDES)
    yield turns.choice(line, better, worse, options)
    left_out = better.left_out | worse.left_out
    left_out |= {skip.reason for skip in turns.left_out(line, asked, frozenset({"messages"}))}
    yield from turns.left_out(line, given, _PREFERENCE, left_out)
