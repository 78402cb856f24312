"""TRL, supervised: the whole conversation as `messages` (conversational language modelling)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotation.exports.choices import Choices
from annotation.exports.conversations import said
from annotation.exports.views.shape import MESSAGES, Outcome, Record, View


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    yield {"messages": [*record["messages"], *said(record["completion"])]}


def columns(choices: Choices) -> Mapping[str, str]:
    return {"messages": MESSAGES}


VIEW = View(
    id="trl_sft",
    label="TRL supervised fine-tuning: messages",
    source="huggingface.co/docs/trl/dataset_formats, conversational language modeling",
    kinds=("demonstrations",),
    fields=("messages", "completion"),
    rows=rows,
    columns=columns,
    loses=(
        "which answer is the demonstration: earlier turns of the assistant look the same",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt and group ids",
    ),
)
