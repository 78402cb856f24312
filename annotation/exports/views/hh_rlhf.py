r"""HH transcripts: `chosen` and `rejected`, two whole conversations that differ in the last reply.

Turns begin with "\n\nHuman: " and "\n\nAssistant: ", and nothing else may: a text that holds such a mark would be read
as several turns.
Source: Bai et al. 2022, arXiv:2204.05862; files at github.com/anthropics/hh-rlhf.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from annotation.exports import pairing
from annotation.exports.choices import Choices
from annotation.exports.views.shape import TEXT, Outcome, Record, View

SYSTEM, MARKED = "system_turn", "text_with_a_turn_mark"
_HUMAN, _ASSISTANT = "\n\nHuman: ", "\n\nAssistant: "
_MARKS = {"user": _HUMAN, "assistant": _ASSISTANT}
# A mark may also begin in one text and end in the next.
_LIKE_A_MARK = re.compile(r"\n\n(Human|Assistant):")


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    turns = record["messages"]
    if any(turn["role"] == "system" for turn in turns):
        yield SYSTEM
        return
    prompt = "".join(f"{_MARKS[turn['role']]}{turn['content']}" for turn in turns)
    if len(_LIKE_A_MARK.findall(prompt)) != len(turns):
        yield MARKED
        return
    pairs, reasons = pairing.kept_pairs(record, choices)
    yield from reasons
    for pair in pairs:
        if _LIKE_A_MARK.search(pair.chosen) or _LIKE_A_MARK.search(pair.rejected):
            yield MARKED
        else:
            begun = f"{prompt}{_ASSISTANT}"
            yield {"chosen": f"{begun}{pair.chosen}", "rejected": f"{begun}{pair.rejected}"}


def columns(choices: Choices) -> Mapping[str, str]:
    return {"chosen": TEXT, "rejected": TEXT}


VIEW = View(
    id="hh_rlhf",
    label="HH-RLHF transcripts: chosen and rejected",
    source="github.com/anthropics/hh-rlhf",
    kinds=("rankings",),
    fields=("messages", *pairing.FIELDS),
    options=pairing.OPTIONS,
    rows=rows,
    columns=columns,
    loses=(
        "conversations with a system's text, and texts that hold a mark of a turn",
        "space at the beginning and end of a text: readers strip it",
        "ties: tied completions make no pair, or one each way round",
        "rankings marked all bad, which make no pair",
        "the ranking as a whole, and each pair's weight of 1 / (pairs kept)",
        "the strength of a comparison, and that a completion is an edit of another",
        "flags, ratings, order shown, rationale and the completions' sources",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt, group and completion ids",
    ),
)
