"""TRL, unpaired preferences: completions that were called good or bad, as KTO and BCO read them.

The best tier of a ranking is desirable and the worst is not; what lies between is neither. A ranking that ties all of
its completions calls none of them good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.exports.choices import Choices, Option
from annotation.exports.conversations import FORM, SEVERAL_TURNS, completion_as, is_conversational, prompt_as
from annotation.exports.pairing import ALL_BAD
from annotation.exports.views.shape import MESSAGES, TEXT, TRUTH, Outcome, Record, View

ALL_TIED, BETWEEN = "all_tied_ranking", "completion_between"

WHEN_ALL_BAD = Option(
    name="all_bad",
    label="What the completions of a ranking marked all bad become: nothing, or undesirable ones",
    default="drop",
    choices=("drop", "undesirable"),
)


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    prompt = prompt_as(record["messages"], choices)
    if prompt is None:
        yield SEVERAL_TURNS
        return
    labels, tiers = _labels(record), record["tiers"]
    if record.get("all_bad") and choices["all_bad"] == "drop":
        yield ALL_BAD
    elif not labels:
        yield ALL_TIED
    else:
        text_of = {completion["completion_id"]: completion["text"] for completion in record["completions"]}
        yield from [BETWEEN] * (sum(map(len, tiers)) - len(labels))
        for name, label in labels.items():
            yield {"prompt": prompt, "completion": completion_as(text_of[name], choices), "label": label}


def _labels(record: Record) -> dict[str, bool]:
    tiers: Any = record["tiers"]
    if record.get("all_bad"):
        return dict.fromkeys((name for tier in tiers for name in tier), False)
    if len(tiers) < 2:
        return {}
    return dict.fromkeys(tiers[0], True) | dict.fromkeys(tiers[-1], False)


def columns(choices: Choices) -> Mapping[str, str]:
    kind = MESSAGES if is_conversational(choices) else TEXT
    return {"prompt": kind, "completion": kind, "label": TRUTH}


VIEW = View(
    id="trl_unpaired",
    label="TRL unpaired preferences: prompt, completion and label",
    source="huggingface.co/docs/trl/dataset_formats, unpaired preference",
    kinds=("rankings",),
    fields=("messages", "completions", "tiers", "all_bad"),
    options=(FORM, WHEN_ALL_BAD),
    rows=rows,
    columns=columns,
    loses=(
        "completions between the best and the worst tier, and rankings that tie everything",
        "which completions were compared with each other",
        "the strength of a comparison, flags, ratings, order shown, rationale and the completions' sources",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt, group and completion ids",
    ),
)
