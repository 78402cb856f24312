"""TRL, supervised: the whole conversation as `messages` (conversational language modelling)."""

from __future__ import annotations

from collections.abc import Iterator

from annotation.exports.views.shape import Row, View
from training.records import DemonstrationRecord


def rows(record: DemonstrationRecord) -> Iterator[Row]:
    turns = [{"role": turn.role, "content": turn.content} for turn in record.messages]
    yield {"messages": [*turns, {"role": "assistant", "content": record.completion}]}


VIEW = View(
    name="trl_sft",
    title="TRL supervised fine-tuning, messages",
    record=DemonstrationRecord,
    loses=(
        "which answer is the demonstration: earlier turns of the assistant look the same",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt and group ids",
    ),
    rows=rows,
)
