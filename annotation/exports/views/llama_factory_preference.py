"""LLaMA-Factory, preferences: pairs in ShareGPT's form or in alpaca's, told apart by its dataset_info.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.exports import llama_factory, pairing
from annotation.exports.choices import Choices, Option
from annotation.exports.conversations import NOT_ALTERNATING
from annotation.exports.views.shape import HISTORY, SPOKEN, SPOKEN_TURN, TEXT, Outcome, Record, View

FORMATTING = Option(
    name="formatting",
    label="ShareGPT's turns, or alpaca's instruction and history",
    default="sharegpt",
    choices=("sharegpt", "alpaca"),
)


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    is_alpaca = choices["formatting"] == "alpaca"
    prompt = (llama_factory.as_alpaca if is_alpaca else llama_factory.as_sharegpt)(record["messages"])
    if prompt is None:
        yield NOT_ALTERNATING
        return
    pairs, reasons = pairing.kept_pairs(record, choices)
    yield from reasons
    for pair in pairs:
        if is_alpaca:
            yield {**prompt, "chosen": pair.chosen, "rejected": pair.rejected}
        else:
            yield {**prompt, "chosen": _reply(pair.chosen), "rejected": _reply(pair.rejected)}


def _reply(text: str) -> dict[str, str]:
    return {"from": "gpt", "value": text}


def columns(choices: Choices) -> Mapping[str, str]:
    if choices["formatting"] == "alpaca":
        texts = dict.fromkeys(("instruction", "input", "system"), TEXT)
        return {**texts, "history": HISTORY, "chosen": TEXT, "rejected": TEXT}
    return {"conversations": SPOKEN, "system": TEXT, "chosen": SPOKEN_TURN, "rejected": SPOKEN_TURN}


def beside(choices: Choices, files: Mapping[str, str]) -> Mapping[str, Any]:
    formatting = choices["formatting"]
    prompt = llama_factory.ALPACA if formatting == "alpaca" else llama_factory.SHAREGPT
    told = {"formatting": formatting, "ranking": True, "columns": prompt | {"chosen": "chosen", "rejected": "rejected"}}
    return llama_factory.dataset_info("bennet_preference", told, files)


VIEW = View(
    id="llama_factory_preference",
    label="LLaMA-Factory preferences, with dataset_info.json",
    source="github.com/hiyouga/LLaMA-Factory, data/README.md, preference dataset",
    kinds=("rankings",),
    fields=("messages", *pairing.FIELDS),
    options=(FORMATTING, *pairing.OPTIONS),
    rows=rows,
    columns=columns,
    beside=beside,
    loses=(
        "conversations whose turns do not alternate, which the loader would drop without a count",
        "ties: tied completions make no pair, or one each way round",
        "rankings marked all bad, which make no pair",
        "the ranking as a whole, and each pair's weight of 1 / (pairs kept)",
        "the strength of a comparison, and that a completion is an edit of another",
        "flags, ratings, order shown, rationale and the completions' sources",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt, group and completion ids",
    ),
)
