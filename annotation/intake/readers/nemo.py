"""NeMo-RL's preferences: a context and two or more completions with ranks, lower ones better and equal ones tied.

Source: github.com/NVIDIA-NeMo/RL, docs/guides/rm.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import turns
from annotation.intake.readers.each import each
from annotation.intake.readers.turns import Dialogue
from annotation.intake.rows import BadRow, Outcome, Row
from annotation.intake.strict_json import load_object

# `task_name` tells a trainer what to do with a row, and nothing of it.
_READ = frozenset({"context", "completions", "task_name"})


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _outcomes(line.number, load_object(line.text()), options))


def is_preference(given: Mapping[str, Any]) -> bool:
    return isinstance(given.get("context"), str | list) and isinstance(given.get("completions"), list)


def _outcomes(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    context = given.get("context")
    asked = turns.user(context, "context") if isinstance(context, str) else turns.dialogue(context, "context")
    ranked = _ranked(given.get("completions"))
    replies = [reply for _, reply, _ in ranked]
    checks.distinct(replies, "completions")
    places = groupby(range(len(ranked)), key=lambda place: ranked[place][0])
    yield Row(
        line=line,
        kind="ranking",
        messages=checks.conversation(asked.messages),
        language=options.language,
        source=options.source,
        completions=[[reply, options.source] for reply in replies],
        tiers=[list(tier) for _, tier in places],
    )
    said = asked.left_out.union(*(left_out for _, _, left_out in ranked))
    yield from turns.left_out(line, given, _READ, said)


def _ranked(value: Any) -> list[tuple[int, str, set[str]]]:
    """Return rank and text of each completion, best first, and what of it is left out."""
    if not isinstance(value, list):
        raise BadRow("completions", "wrong_type", "completions must be a list of {rank, completion}.")
    checks.completion_count(len(value), "completions")
    read = [_completion(entry, f"completions[{place}]") for place, entry in enumerate(value)]
    return sorted(read, key=lambda entry: entry[0])


def _completion(entry: Any, name: str) -> tuple[int, str, set[str]]:
    if not isinstance(entry, dict):
        raise BadRow(name, "wrong_type", f"{name} must be an object with rank and completion.")
    rank = entry.get("rank")
    if isinstance(rank, bool) or not isinstance(rank, int):
        raise BadRow(f"{name}.rank", "wrong_type", f"{name}.rank must be a whole number, lower for a better one.")
    said = _said(entry.get("completion"), f"{name}.completion")
    before, reply = turns.asked_and_answered(said, f"{name}.completion")
    if before:
        raise BadRow(f"{name}.completion", "several_turns", f"{name}.completion must be one reply of the assistant.")
    return rank, reply, said.left_out


def _said(value: Any, name: str) -> Dialogue:
    return turns.reply(value, name) if isinstance(value, str) else turns.dialogue(value, name)
