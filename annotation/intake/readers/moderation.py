"""OpenAI's moderation set: prompts with some of eight labels as 0 or 1, where one that is missing is not known.

The labels of a row come in as the answer of one judge, whom nobody names, to a protocol of moderation labels.
Source: Markov et al. 2022, arXiv:2208.03274; files at github.com/openai/moderation-api-release.
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
from training.categories import EVALUATION_SET, in_order

SOURCE = "openai_moderation"
NEEDS = {"moderation_label": {"categories": list(in_order(EVALUATION_SET.values())), "subject": "prompt"}}


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _outcomes(line.number, load_object(line.text()), options))


def is_row(given: Mapping[str, Any]) -> bool:
    """Whether a row of the set: a prompt beside labels of its own and of nobody else's."""
    return "prompt" in given and bool(given.keys() & EVALUATION_SET.keys())


def _outcomes(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    verdicts = {}
    for letter, category in EVALUATION_SET.items():
        value = given.get(letter)
        if value is not None and (type(value) is not int or value not in (0, 1)):
            raise BadRow(letter, "wrong_type", f"{letter} must be 0 or 1, or left out where it is not known.")
        if value is not None:
            verdicts[category] = bool(value)
    if not verdicts:
        raise BadRow("", "missing_field", "No label is known of this row.")
    yield Row(
        line=line,
        kind="moderation_label",
        messages=checks.conversation([{"role": "user", "content": checks.text(given.get("prompt"), "prompt")}]),
        language=options.language,
        source=options.source or SOURCE,
        verdicts=verdicts,
    )
    yield from turns.left_out(line, given, frozenset({"prompt", *EVALUATION_SET}))
