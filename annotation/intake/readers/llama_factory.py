"""LLaMA-Factory's preferences: a prompt as in Alpaca or ShareGPT, and the reply that was chosen and one rejected.

Source: github.com/hiyouga/LLaMA-Factory, data/README.md (`"ranking": true`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import alpaca, chats, turns
from annotation.intake.readers.each import each
from annotation.intake.readers.turns import Dialogue
from annotation.intake.rows import Outcome
from annotation.intake.strict_json import load_object

_READ = (alpaca.READ | chats.READ | {"chosen", "rejected"}) - {"output"}


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _outcomes(line.number, load_object(line.text()), options))


def is_preference(given: Mapping[str, Any]) -> bool:
    """Tell such a row: sides are texts after an instruction, or single turns after a conversation."""
    is_alpaca = isinstance(given.get("instruction"), str)
    wanted: type = str if is_alpaca else dict
    return all(isinstance(given.get(side), wanted) for side in ("chosen", "rejected"))


def _outcomes(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    has_turns = "conversations" in given or "messages" in given
    opening = chats.dialogue_of(given) if has_turns else alpaca.opening(given)
    better, worse = (opening + _side(given.get(name), name) for name in ("chosen", "rejected"))
    yield turns.choice(line, better, worse, options)
    yield from turns.left_out(line, given, _READ, better.left_out | worse.left_out)


def _side(value: Any, name: str) -> Dialogue:
    return turns.dialogue([value], name) if isinstance(value, dict) else turns.reply(value, name)
