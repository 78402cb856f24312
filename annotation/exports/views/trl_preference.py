"""TRL, preferences: every strict pair of a ranking as `prompt`, `chosen`, `rejected`; ties are dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotation.exports.views.shape import Row, View
from training.ranking import pairs, tied_pairs
from training.records import RankingRecord


def rows(record: RankingRecord) -> Iterator[Row]:
    if record.all_bad:
        return
    prompt = [{"role": turn.role, "content": turn.content} for turn in record.messages]
    text_of = {completion.completion_id: completion.text for completion in record.completions}
    for pair in pairs(record.tiers):
        yield {
            "prompt": prompt,
            "chosen": [{"role": "assistant", "content": text_of[pair.better]}],
            "rejected": [{"role": "assistant", "content": text_of[pair.worse]}],
        }


def left_out(record: RankingRecord) -> Mapping[str, int]:
    return {"all_bad_ranking": 1} if record.all_bad else {"tied_pair": tied_pairs(record.tiers)}


VIEW = View(
    name="trl_preference",
    title="TRL preferences, prompt, chosen and rejected",
    record=RankingRecord,
    loses=(
        "ties: tied completions make no pair",
        "rankings marked all bad, which make no pair",
        "the ranking as a whole, and each pair's weight of 1 / (pairs kept)",
        "the strength of a comparison, and that a completion is an edit of another",
        "flags and ratings of prompt and completions, and the use case",
        "order shown, rationale and the completions' sources",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt, group and completion ids",
    ),
    rows=rows,
    left_out=left_out,
)
