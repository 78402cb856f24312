"""TRL, rewards: comparisons as `chosen`, `rejected` and `margin`, how much better the chosen one is, from 0 to 1.

Source: Touvron et al. 2023 (arXiv:2307.09288), section 3.2.2, equation 2 and table 27: three degrees of “better” are
margins of 1, 2/3 and 1/3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotation.exports import pairing
from annotation.exports.choices import Choices
from annotation.exports.conversations import FORM, SEVERAL_TURNS, completion_as, is_conversational, prompt_as
from annotation.exports.views.shape import MESSAGES, NUMBER, TEXT, Outcome, Record, View
from training.ranking import pairs, tied_pairs


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    strength, prompt = pairing.strength_of(record), prompt_as(record["messages"], choices)
    reason = _refusal(record, strength, prompt)
    if reason:
        yield reason
        return
    edits = pairing.edits_of(record)
    text_of = {completion["completion_id"]: completion["text"] for completion in record["completions"]}
    yield from ["tied_pair"] * tied_pairs(record["tiers"])
    for pair in pairs(record["tiers"]):
        if pair.better in edits:
            yield "edit_pair"
            continue
        yield {
            "prompt": prompt,
            "chosen": completion_as(text_of[pair.better], choices),
            "rejected": completion_as(text_of[pair.worse], choices),
            "margin": strength,
        }


def _refusal(record: Record, strength: float | None, prompt: object) -> str:
    if strength is None:
        return "ranking_without_strength"
    if record.get("all_bad"):
        return pairing.ALL_BAD
    return SEVERAL_TURNS if prompt is None else ""


def columns(choices: Choices) -> Mapping[str, str]:
    kind = MESSAGES if is_conversational(choices) else TEXT
    return {"prompt": kind, "chosen": kind, "rejected": kind, "margin": NUMBER}


VIEW = View(
    id="trl_reward_margin",
    label="TRL rewards: prompt, chosen, rejected and margin",
    source="huggingface.co/docs/trl/reward_trainer, margin",
    kinds=("rankings",),
    fields=("messages", *pairing.FIELDS),
    options=(FORM,),
    rows=rows,
    columns=columns,
    loses=(
        "rankings of protocols that do not ask how much better a completion is",
        "ties, which have no margin",
        "comparisons marked both bad, which make no pair",
        "edits: how much better they are nobody has said",
        "flags, order shown, rationale and the completions' sources",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt, group and completion ids",
    ),
)
