"""TRL, rewards: comparisons as `chosen`, `rejected` and `margin`, how much better the chosen one is, from 0 to 1.

Source: Touvron et al. 2023 (arXiv:2307.09288), section 3.2.2, equation 2 and table 27: three degrees of “better” are
margins of 1, 2/3 and 1/3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotation.exports.views.shape import Row, View
from training.ranking import pairs, tied_pairs
from training.records import RankingRecord


def rows(record: RankingRecord) -> Iterator[Row]:
    if record.all_bad or not record.strength:
        return
    prompt = [{"role": turn.role, "content": turn.content} for turn in record.messages]
    text_of = {completion.completion_id: completion.text for completion in record.completions if not completion.edit_of}
    for pair in pairs(record.tiers):
        if pair.better in text_of:
            yield {
                "prompt": prompt,
                "chosen": [{"role": "assistant", "content": text_of[pair.better]}],
                "rejected": [{"role": "assistant", "content": text_of[pair.worse]}],
                "margin": record.strength / (record.strength_levels or record.strength),
            }


def left_out(record: RankingRecord) -> Mapping[str, int]:
    if record.strength is None:
        return {"ranking_without_strength": 1}
    if record.all_bad:
        return {"all_bad_ranking": 1}
    edits = sum(1 for completion in record.completions if completion.edit_of)
    return {"tied_pair": tied_pairs(record.tiers), "edit_pair": 2 * edits}


VIEW = View(
    name="trl_reward_margin",
    title="TRL rewards, prompt, chosen, rejected and margin",
    record=RankingRecord,
    loses=(
        "rankings of protocols that do not ask how much better a completion is",
        "ties, which have no margin",
        "comparisons marked both bad, which make no pair",
        "edits: how much better they are nobody has said",
        "flags, order shown, rationale and the completions' sources",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt, group and completion ids",
    ),
    rows=rows,
    left_out=left_out,
)
