"""Alpaca: an instruction, perhaps with an input, and its output; and the seed tasks of Self-Instruct it began with.

The input follows the instruction after a blank line. A seed task has inputs and outputs in a list of instances, each
of which is a demonstration. LLaMA-Factory adds system and history, a list of earlier questions and answers.
Source: Taori et al. 2023, github.com/tatsu-lab/stanford_alpaca; Wang et al. 2022, arXiv:2212.10560.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import turns
from annotation.intake.readers.each import each
from annotation.intake.readers.turns import Dialogue
from annotation.intake.rows import BadRow, Outcome, rejected
from annotation.intake.strict_json import load_object

READ = frozenset({"instruction", "input", "output", "system", "history", "id"})
_SEED = frozenset({"id", "name", "instruction", "instances"})


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _outcomes(line, load_object(line.text()), options))


def is_alpaca(given: Mapping[str, Any]) -> bool:
    return isinstance(given.get("instruction"), str) and ("output" in given or isinstance(given.get("instances"), list))


def opening(given: Mapping[str, Any]) -> Dialogue:
    """Return what is asked: system, history, and the instruction with its input."""
    said = turns.system(given.get("system"), "system")
    for place, pair in enumerate(_list(given.get("history"), "history")):
        if not isinstance(pair, list) or len(pair) != 2:
            raise BadRow(f"history[{place}]", "wrong_type", f"history[{place}] must hold a question and its answer.")
        said += turns.user(pair[0], f"history[{place}]") + turns.reply(pair[1], f"history[{place}]")
    parts = [checks.text(given.get("instruction"), "instruction", may_be_empty=True)]
    parts.append(checks.text(given.get("input") or "", "input", may_be_empty=True))
    return said + turns.user("\n\n".join(filter(None, parts)), "instruction")


def _outcomes(line: Line, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    if "instances" in given and "output" not in given:
        yield from _seed(line, given, options)
        return
    yield from _demonstration(line.number, given, options)
    yield from turns.left_out(line.number, given, READ)


def _seed(line: Line, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    instances = _list(given.get("instances"), "instances")
    if not instances:
        raise BadRow("instances", "missing_field", "instances is empty, so nothing shows what to do.")
    for place, instance in enumerate(instances):
        if not isinstance(instance, dict):
            raise BadRow(f"instances[{place}]", "wrong_type", f"instances[{place}] must hold input and output.")
        try:
            yield from _demonstration(line.number, {"instruction": given.get("instruction"), **instance}, options)
        except BadRow as error:
            yield rejected(line.number, error, line.raw)
    yield from turns.left_out(line.number, given, _SEED)


def _demonstration(line: int, given: Mapping[str, Any], options: Options) -> Iterator[Outcome]:
    said = opening(given)
    if given.get("output") is not None:
        said += turns.reply(given["output"], "output")
    yield from turns.spoken(line, said, options)


def _list(value: Any, name: str) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise BadRow(name, "wrong_type", f"{name} must be a list.")
    return value or []
