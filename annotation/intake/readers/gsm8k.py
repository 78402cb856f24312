"""GSM8K's example solutions: what four models wrote for a problem, and whether it is correct.

Correct solutions share the first tier and wrong ones the second; where all are wrong they are all bad.
Source: Cobbe et al. 2021, arXiv:2110.14168; files at github.com/openai/grade-school-math.
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

SOURCE = "gsm8k"
JUDGE = "answer-check"


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _outcomes(line.number, load_object(line.text()), options))


def is_problem(given: Mapping[str, Any]) -> bool:
    return {"question", "ground_truth"} <= given.keys() and len(_models(given)) > 1


def _models(given: Mapping[str, Any]) -> list[str]:
    return [name for name, value in given.items() if isinstance(value, dict) and "is_correct" in value]


def _outcomes(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    models = _models(given)
    checks.completion_count(len(models), "solutions")
    solutions = [
        [checks.text(given[model].get("solution"), f"{model}.solution"), checks.label(model, "model", limit=200)]
        for model in models
    ]
    correct = [_flag(given[model]["is_correct"], model) for model in models]
    tiers = [[place for place, right in enumerate(correct) if right is wanted] for wanted in (True, False)]
    yield Row(
        line=line,
        kind="ranking",
        messages=checks.conversation([{"role": "user", "content": checks.text(given.get("question"), "question")}]),
        language=options.language,
        source=options.source or SOURCE,
        annotator=JUDGE,
        completions=solutions,
        tiers=[tier for tier in tiers if tier],
        all_bad=not any(correct),
    )
    yield from turns.left_out(line, given, frozenset({"question", *models}))


def _flag(value: Any, model: str) -> bool:
    if not isinstance(value, bool):
        name = f"{model[:100]}.is_correct"
        raise BadRow(name, "wrong_type", f"{name} must be true or false.")
    return value
