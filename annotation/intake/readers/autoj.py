"""Auto-J's pairwise test set: two responses to a query, and which of them people prefer. A response may be empty.

Source: Li et al. 2023, arXiv:2310.05470; files at github.com/GAIR-NLP/auto-j.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import turns
from annotation.intake.readers.each import each
from annotation.intake.rows import BadRow, Outcome, Row
from annotation.intake.strict_json import load_object

SOURCE = "autoj"
NEEDS = {"comparison": checks.comparison_needs(strength_levels=1)}
_SIDES = ("response 1", "response 2")
_READ = frozenset({"scenario", "prompt", "label", *_SIDES})
_TIERS = {0: [[0], [1]], 1: [[1], [0]], 2: [[0, 1]]}


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _outcomes(line.number, load_object(line.text()), options))


def is_pair(given: Mapping[str, Any]) -> bool:
    return {"prompt", "label", *_SIDES} <= given.keys()


def _outcomes(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    label = given.get("label")
    if isinstance(label, bool) or not isinstance(label, int) or label not in _TIERS:
        raise BadRow("label", "unknown_label", "label must be 0 or 1, whichever response is better, or 2 for a tie.")
    scenario = checks.label(given.get("scenario"), "scenario", limit=60)
    yield Row(
        line=line,
        kind="comparison",
        messages=checks.conversation([{"role": "user", "content": checks.text(given.get("prompt"), "prompt")}]),
        language=options.language,
        tags=[scenario] if scenario else [],
        source=options.source or SOURCE,
        completions=[[checks.text(given.get(side), side, may_be_empty=True), side] for side in _SIDES],
        tiers=_TIERS[label],
        strength=int(label != 2),
    )
    yield from turns.left_out(line, given, _READ)
