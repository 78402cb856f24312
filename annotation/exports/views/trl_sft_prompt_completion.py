"""TRL, supervised: `prompt` and `completion` apart, so the loss falls on the demonstration alone."""

from __future__ import annotations

from collections.abc import Iterator

from annotation.exports.views.shape import Row, View
from training.records import DemonstrationRecord


def rows(record: DemonstrationRecord) -> Iterator[Row]:
    yield {
        "prompt": [{"role": turn.role, "content": turn.content} for turn in record.messages],
        "completion": [{"role": "assistant", "content": record.completion}],
    }


VIEW = View(
    name="trl_sft_prompt_completion",
    title="TRL supervised fine-tuning, prompt and completion",
    record=DemonstrationRecord,
    loses=(
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt and group ids",
    ),
    rows=rows,
)
