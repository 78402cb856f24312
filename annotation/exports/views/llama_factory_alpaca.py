"""LLaMA-Factory, supervised, in alpaca's form: the last question, and before it a history of pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.exports import llama_factory
from annotation.exports.choices import Choices
from annotation.exports.conversations import NOT_ALTERNATING
from annotation.exports.views.shape import HISTORY, TEXT, Outcome, Record, View


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    prompt = llama_factory.as_alpaca(record["messages"])
    yield NOT_ALTERNATING if prompt is None else {**prompt, "output": record["completion"]}


def columns(choices: Choices) -> Mapping[str, str]:
    return {**dict.fromkeys(("instruction", "input", "system"), TEXT), "history": HISTORY, "output": TEXT}


def beside(choices: Choices, files: Mapping[str, str]) -> Mapping[str, Any]:
    told = {"formatting": "alpaca", "columns": llama_factory.ALPACA | {"response": "output"}}
    return llama_factory.dataset_info("bennet_sft", told, files)


VIEW = View(
    id="llama_factory_alpaca",
    label="LLaMA-Factory supervised fine-tuning: alpaca, with dataset_info.json",
    source="github.com/hiyouga/LLaMA-Factory, data/README.md, alpaca format",
    kinds=("demonstrations",),
    fields=("messages", "completion"),
    rows=rows,
    columns=columns,
    beside=beside,
    loses=(
        "conversations whose turns do not alternate, which the loader would drop without a count",
        "which answer is the demonstration, unless the trainer masks the history (mask_history)",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt and group ids",
    ),
)
