"""LLaMA-Factory, supervised, in ShareGPT's form: human and gpt by turns, the system's text apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.exports import llama_factory
from annotation.exports.choices import Choices
from annotation.exports.conversations import NOT_ALTERNATING
from annotation.exports.views.shape import SPOKEN, TEXT, Outcome, Record, View


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    prompt = llama_factory.as_sharegpt(record["messages"])
    if prompt is None:
        yield NOT_ALTERNATING
        return
    reply = {"from": "gpt", "value": record["completion"]}
    yield {"conversations": [*prompt["conversations"], reply], "system": prompt["system"]}


def columns(choices: Choices) -> Mapping[str, str]:
    return {"conversations": SPOKEN, "system": TEXT}


def beside(choices: Choices, files: Mapping[str, str]) -> Mapping[str, Any]:
    return llama_factory.dataset_info(
        "bennet_sft", {"formatting": "sharegpt", "columns": llama_factory.SHAREGPT}, files
    )


VIEW = View(
    id="llama_factory_sharegpt",
    label="LLaMA-Factory supervised fine-tuning: ShareGPT, with dataset_info.json",
    source="github.com/hiyouga/LLaMA-Factory, data/README.md, sharegpt format",
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
