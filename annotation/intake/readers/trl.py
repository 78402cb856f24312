"""TRL's types of data, each as plain text or as conversations: prompts, demonstrations, choices, and good or bad.

A row may hold whole conversations where the prompt is part of both sides (implicit), or a prompt and what follows it.
In plain text without a prompt the prompt is what both sides begin with, up to a space. A row without a completion is
a prompt. Rows of `text` alone are documents: see text.py. What is not preferred over another is good or bad by itself.
Source: huggingface.co/docs/trl/dataset_formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import alpaca, chats, turns
from annotation.intake.readers.each import each
from annotation.intake.readers.turns import Dialogue
from annotation.intake.rows import BadRow, Outcome, Row
from annotation.intake.strict_json import load_object

GOOD, BAD = "good", "bad"
NEEDS = {
    "labels": {"options": [GOOD, BAD], "multiple": False, "subject": "completion", "require_rationale": False},
}
_PROMPTED = frozenset({"prompt", "completion"})
_PREFERENCE = frozenset({"prompt", "chosen", "rejected"})
_UNPAIRED = frozenset({"prompt", "completion", "label", "kto_tag"})


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    """Read prompts, and completions where they have one."""
    return each(lines, lambda line: _prompted(line.number, load_object(line.text()), options))


def read_preference(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: choices(line.number, load_object(line.text()), options))


def read_unpaired(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _unpaired(line.number, load_object(line.text()), options))


def is_prompted(given: Mapping[str, Any]) -> bool:
    return isinstance(given.get("prompt"), str | list)


def is_completed(given: Mapping[str, Any]) -> bool:
    return is_prompted(given) and "completion" in given


def is_preference(given: Mapping[str, Any]) -> bool:
    return all(isinstance(given.get(side), str | list) for side in ("chosen", "rejected"))


def is_unpaired(given: Mapping[str, Any]) -> bool:
    judged = isinstance(given.get("label"), bool) or isinstance(given.get("kto_tag"), bool)
    return judged and bool({"completion", "messages", "conversations", "output"} & given.keys())


def _prompted(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    if "messages" in given and "prompt" not in given:
        yield from chats.outcomes(line, given, options)
        return
    said = _opening(given.get("prompt"))
    if given.get("completion") is not None:
        said += _following(given["completion"], "completion")
    yield from turns.spoken(line, said, options)
    yield from turns.left_out(line, given, _PROMPTED, said.left_out)


def choices(
    line: int, given: dict[str, Any], options: Options, *, read: Set[str] = _PREFERENCE, source: str = "",
    is_tie: bool = False,
) -> Iterator[Outcome]:  # fmt: skip
    """Yield the ranking that prompt, chosen and rejected make, with the prompt apart or within both."""
    prompt, chosen, rejected = given.get("prompt"), given.get("chosen"), given.get("rejected")
    if prompt is None and isinstance(chosen, str) and isinstance(rejected, str):
        prompt, chosen, rejected = _parted(chosen, rejected)
    opening = Dialogue() if prompt is None else _opening(prompt)
    better, worse = _whole(opening, chosen, "chosen"), _whole(opening, rejected, "rejected")
    yield turns.choice(line, better, worse, options, source=source, is_tie=is_tie)
    yield from turns.left_out(line, given, read, better.left_out | worse.left_out)


def _unpaired(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    name = "label" if "label" in given else "kto_tag"
    if not isinstance(given.get(name), bool):
        raise BadRow(name, "wrong_type", f"{name} must be true or false.")
    said, read = _judged(given)
    asked, completion = turns.asked_and_answered(said, "completion")
    yield Row(
        line=line,
        kind="labels",
        messages=checks.conversation(asked),
        language=options.language,
        source=options.source,
        completions=[[completion, options.source]],
        labels=[GOOD if given[name] else BAD],
    )
    yield from turns.left_out(line, given, read | _UNPAIRED, said.left_out)


def _judged(given: dict[str, Any]) -> tuple[Dialogue, Set[str]]:
    """Return what was judged, as TRL has it or as LLaMA-Factory does, and which fields hold it."""
    if "completion" in given:
        return _opening(given.get("prompt")) + _following(given["completion"], "completion"), _UNPAIRED
    if "output" in given:
        return alpaca.opening(given) + turns.reply(given["output"], "output"), alpaca.READ
    return chats.dialogue_of(given), chats.READ


def _opening(prompt: Any) -> Dialogue:
    return turns.dialogue(prompt, "prompt") if isinstance(prompt, list) else turns.user(prompt, "prompt")


def _following(value: Any, name: str) -> Dialogue:
    return turns.dialogue(value, name) if isinstance(value, list) else turns.reply(value, name)


def _whole(opening: Dialogue, value: Any, name: str) -> Dialogue:
    """Return the whole conversation: turns that begin with the assistant's go on from the prompt, others hold it."""
    said = _following(value, name)
    if said.messages[0]["role"] == "assistant":
        return opening + said
    if opening.messages and opening.messages[-1]["content"] not in [m["content"].strip() for m in said.messages]:
        raise BadRow(name, "unequal_prompts", f"{name} is a whole conversation in which the prompt does not stand.")
    return said


def _parted(chosen: str, rejected: str) -> tuple[str, str, str]:
    """Return what both begin with, up to a space, and how each goes on."""
    pairs = enumerate(zip(chosen, rejected, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), min(len(chosen), len(rejected)))
    end = max(chosen.rfind(space, 0, same) for space in " \n\t") + 1
    if not chosen[:end].strip():
        raise BadRow("prompt", "unequal_prompts", "chosen and rejected do not begin alike, so no prompt can be told.")
    return chosen[:end], chosen[end:], rejected[end:]
