"""NeMo-RL preferences: whole rankings, ties as equal ranks; or as pairs, which is all that its trainers take yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotation.exports import pairing
from annotation.exports.choices import Choices, Option
from annotation.exports.conversations import said
from annotation.exports.views.shape import Outcome, Record, View

UNIT = Option(
    name="unit",
    label="A row is a whole ranking, or one of its pairs: the trainers of 2025 take two completions",
    default="ranking",
    choices=("ranking", "pair"),
)
TASK_NAME = Option(name="task_name", label="The name of the task, in each row", default="preference")


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    if choices["unit"] == "pair":
        yield from _pairs(record, choices)
    elif record.get("all_bad"):
        yield pairing.ALL_BAD
    else:
        text_of = {completion["completion_id"]: completion["text"] for completion in record["completions"]}
        ranked = [(text_of[name], rank) for rank, tier in enumerate(record["tiers"]) for name in tier]
        yield _row(record, choices, ranked)


def _pairs(record: Record, choices: Choices) -> Iterator[Outcome]:
    pairs, reasons = pairing.kept_pairs(record, choices)
    yield from reasons
    for pair in pairs:
        yield _row(record, choices, [(pair.chosen, 0), (pair.rejected, 1)])


def _row(record: Record, choices: Choices, ranked: list[tuple[str, int]]) -> dict[str, Any]:
    return {
        "context": record["messages"],
        "completions": [{"rank": rank, "completion": said(text)} for text, rank in ranked],
        "task_name": choices["task_name"],
    }


VIEW = View(
    id="nemo_preference",
    label="NeMo-RL preferences: ranked completions",
    source="docs.nvidia.com/nemo/rl, guides/rm",
    kinds=("rankings",),
    fields=("messages", *pairing.FIELDS),
    options=(UNIT, TASK_NAME, *pairing.OPTIONS),
    rows=rows,
    loses=(
        "rankings marked all bad",
        "the strength of a comparison, and that a completion is an edit of another",
        "flags, ratings, order shown, rationale and the completions' sources",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt, group and completion ids",
        "as pairs: ties, and each pair's weight of 1 / (pairs kept)",
    ),
)
