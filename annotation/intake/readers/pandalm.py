"""PandaLM's test set: two models' responses to an instruction, compared by several annotators in columns of their own.

A response may be empty: a model that says nothing has been judged for it. One that the file holds as true or false is
kept as that word. Source: Wang et al. 2024, arXiv:2306.05087; files at github.com/WeOpenML/PandaLM.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers.each import each
from annotation.intake.rows import BadRow, Outcome, Row, rejected
from annotation.intake.strict_json import load_object

SOURCE = "pandalm"
NEEDS = {"comparison": checks.comparison_needs(strength_levels=1)}
KEYS = frozenset({"instruction", "response1", "response2", "annotator1"})
_ANNOTATOR = re.compile(r"annotator\d{1,2}")
# An annotator writes 0 for a tie, else which response is better.
_TIERS = {0: [[0, 1]], 1: [[0], [1]], 2: [[1], [0]]}


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _rows(line, load_object(line.text()), options))


def is_item(given: Mapping[str, Any]) -> bool:
    return given.keys() >= KEYS


def _rows(line: Line, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    judges = sorted(name for name in given if _ANNOTATOR.fullmatch(name))
    if not judges:
        raise BadRow("annotator1", "missing_field", "The item has no annotator1, so nobody has compared it.")
    item = _item(line.number, given, options)
    for judge in judges:
        try:
            tiers = _tiers(given[judge], judge)
            yield Row(**item, annotator=judge, tiers=tiers, strength=int(len(tiers) > 1))
        except BadRow as error:
            yield rejected(line.number, error, line.raw)


def _item(line: int, given: dict[str, Any], options: Options) -> dict[str, Any]:
    source = options.source or SOURCE
    models = _models(given.get("cmp_key"))
    texts = [_response(given.get(name), name) for name in ("response1", "response2")]
    completions = [[text, model] for text, model in zip(texts, models, strict=True)]
    checks.distinct_completions(completions, "responses")
    tag = checks.label(given.get("motivation_app"), "motivation_app", limit=60)
    return {
        "line": line,
        "kind": "comparison",
        "messages": checks.conversation([{"role": "user", "content": _prompt(given)}]),
        "language": options.language,
        "tags": [tag] if tag else [],
        "source": source,
        "completions": completions,
    }


def _prompt(given: dict[str, Any]) -> str:
    parts = [checks.text(given.get(name) or "", name, may_be_empty=True) for name in ("instruction", "input")]
    return "\n\n".join(filter(None, parts))


def _response(value: Any, field: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return checks.text(value, field, may_be_empty=True)


def _models(key: Any) -> list[str]:
    """Return whose the responses are: the key joins the two models' names with a low line."""
    names = checks.label(key, "cmp_key", limit=400).split("_")
    return names if len(names) == 2 and all(names) else ["response1", "response2"]


def _tiers(value: Any, judge: str) -> list[list[int]]:
    if isinstance(value, bool) or not isinstance(value, int) or value not in _TIERS:
        raise BadRow(judge, "unknown_label", f"{judge} must be 1 or 2, whichever is better, or 0 for a tie.")
    return _TIERS[value]
