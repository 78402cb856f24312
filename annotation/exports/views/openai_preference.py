"""OpenAI preference fine-tuning (DPO): pairs as `input`, `preferred_output` and `non_preferred_output`."""

from __future__ import annotations

from collections.abc import Iterator

from annotation.exports import pairing
from annotation.exports.choices import Choices
from annotation.exports.conversations import said
from annotation.exports.views.shape import Outcome, Record, View


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    pairs, reasons = pairing.kept_pairs(record, choices)
    yield from reasons
    for pair in pairs:
        yield {
            "input": {"messages": record["messages"]},
            "preferred_output": said(pair.chosen),
            "non_preferred_output": said(pair.rejected),
        }


VIEW = View(
    id="openai_preference",
    label="OpenAI preference fine-tuning (DPO): JSONL",
    source="github.com/openai/openai-openapi, FineTunePreferenceRequestInput",
    kinds=("rankings",),
    fields=("messages", *pairing.FIELDS),
    options=pairing.OPTIONS,
    rows=rows,
    loses=(
        "ties: tied completions make no pair, or one each way round",
        "rankings marked all bad, which make no pair",
        "the ranking as a whole, and each pair's weight of 1 / (pairs kept)",
        "the strength of a comparison, and that a completion is an edit of another",
        "flags, ratings, order shown, rationale and the completions' sources",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt, group and completion ids",
    ),
)
