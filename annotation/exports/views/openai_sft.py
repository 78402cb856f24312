"""OpenAI supervised fine-tuning: one conversation a line, earlier answers weighing nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.exports.choices import Choices, Option
from annotation.exports.conversations import said
from annotation.exports.views.shape import Outcome, Record, View

EARLIER = Option(
    name="earlier_answers",
    label="Whether the assistant's turns before the demonstration are trained on: nobody here wrote those of a prompt",
    default="weight_0",
    choices=("weight_0", "train"),
)


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    untrained = choices["earlier_answers"] == "weight_0"
    yield {"messages": [*(_earlier(turn, untrained) for turn in record["messages"]), *said(record["completion"])]}


def _earlier(turn: Mapping[str, str], untrained: bool) -> Mapping[str, Any]:
    return {**turn, "weight": 0} if untrained and turn["role"] == "assistant" else turn


VIEW = View(
    id="openai_sft",
    label="OpenAI supervised fine-tuning: chat JSONL",
    source="platform.openai.com/docs/guides/supervised-fine-tuning",
    kinds=("demonstrations",),
    fields=("messages", "completion"),
    options=(EARLIER,),
    rows=rows,
    loses=(
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt and group ids",
    ),
)
