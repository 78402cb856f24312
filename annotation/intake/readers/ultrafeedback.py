"""UltraFeedback, binarized: a better and a worse conversation with scores. Equal scores are a tie.

Source: Cui et al. 2023, arXiv:2310.01377; huggingface.co/datasets/HuggingFaceH4/ultrafeedback_binarized.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import trl
from annotation.intake.readers.each import each
from annotation.intake.rows import BadRow, Outcome
from annotation.intake.strict_json import load_object

SOURCE = "ultrafeedback"
_SCORES = ("score_chosen", "score_rejected")
# `messages` repeats the conversation that was chosen.
_READ = frozenset({"prompt", "prompt_id", "chosen", "rejected", "messages"})


def read(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: _outcomes(line.number, load_object(line.text()), options))


def is_pair(given: Mapping[str, Any]) -> bool:
    return {*_SCORES} <= given.keys() and trl.is_preference(given)


def _outcomes(line: int, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    chosen, rejected = (_score(given.get(name), name) for name in _SCORES)
    if chosen < rejected:
        message = "score_chosen is lower than score_rejected, so it is not clear which is better."
        raise BadRow("score_chosen", "contradiction", message)
    is_tie = chosen == rejected
    yield from trl.choices(line, given, options, read=_READ, source=SOURCE, is_tie=is_tie)


def _score(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRow(name, "wrong_type", f"{name} must be a number.")
    return value
