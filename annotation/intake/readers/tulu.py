"""The human evaluation of Tulu: a workbook with one judgement a row, in which two models change sides.

Each row says who compared which two completions, how much better one is, and whether each is acceptable. Rows name
models, so a pair is one piece of work whichever side each stood on. Times have no offset: they are taken as UTC.
Source: Wang et al. 2023, arXiv:2306.04751; files at github.com/allenai/open-instruct.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers.each import each
from annotation.intake.rows import BadRow, Outcome, Row, Skipped
from annotation.intake.strict_json import load_object

SOURCE = "tulu"
ACCEPTABLE = "acceptable"
NEEDS = {"comparison": checks.comparison_needs(strength_levels=2, flags=[ACCEPTABLE])}
KEYS = frozenset({"prompt", "model_a", "model_b", "preference", "evaluator"})
_SIDES = ("a", "b")
_PREFERENCES: dict[str, tuple[list[list[int]], int]] = {
    "a-is-better": ([[0], [1]], 2),
    "a-is-slightly-better": ([[0], [1]], 1),
    "tie": ([[0, 1]], 0),
    "b-is-slightly-better": ([[1], [0]], 1),
    "b-is-better": ([[1], [0]], 2),
}


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _outcomes(line, load_object(line.text()), options))


def is_judgement(given: Mapping[str, Any]) -> bool:
    return given.keys() >= KEYS


def _outcomes(line: Line, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    yield _row(line.number, given, options)
    if given.get("instance_quality"):
        yield Skipped(line.number, "instance_quality")


def _row(line: int, given: dict[str, Any], options: Options) -> Row:
    tiers, strength = _preference(given.get("preference"))
    completions = [_completion(given, side) for side in _SIDES]
    checks.distinct_completions(completions, "completions")
    return Row(
        line=line,
        kind="comparison",
        messages=checks.conversation([{"role": "user", "content": checks.text(given.get("prompt"), "prompt")}]),
        language=options.language,
        source=options.source or SOURCE,
        annotator=checks.text(given.get("evaluator"), "evaluator", limit=200),
        completions=completions,
        tiers=tiers,
        strength=strength,
        outputs=[_flags(given, side) for side in _SIDES],
        order_is_known=True,
        rationale=checks.text(given.get("comment") or "", "comment", limit=5_000, may_be_empty=True),
        created_at=_moment(given.get("timestamp")),
    )


def _preference(value: Any) -> tuple[list[list[int]], int]:
    if not isinstance(value, str) or value not in _PREFERENCES:
        message = f"preference must be one of {', '.join(_PREFERENCES)}."
        raise BadRow("preference", "unknown_label", message)
    return _PREFERENCES[value]


def _completion(given: dict[str, Any], side: str) -> list[str]:
    """An empty cell is a model that said nothing."""
    text = given.get(f"completion_{side}")
    return [
        checks.text("" if text is None else text, f"completion_{side}", may_be_empty=True),
        checks.text(given.get(f"model_{side}"), f"model_{side}", limit=200),
    ]


def _flags(given: dict[str, Any], side: str) -> dict[str, bool]:
    field = f"completion_{side}_is_acceptable"
    value = given.get(field)
    if value not in ("yes", "no"):
        raise BadRow(field, "unknown_label", f"{field} must be yes or no.")
    return {ACCEPTABLE: value == "yes"}


def _moment(value: Any) -> str:
    has_no_offset = isinstance(value, str) and len(value) > 10 and value[-1] != "Z" and not {"+", "-"} & set(value[10:])
    return checks.moment(f"{value}Z" if has_no_offset else value, "timestamp")
