"""TRL, preferences: pairs of a ranking as `prompt`, `chosen`, `rejected`; DPO, Reward, CPO and ORPO read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotation.exports import pairing
from annotation.exports.choices import Choices, Option
from annotation.exports.conversations import FORM, SEVERAL_TURNS, completion_as, is_conversational, prompt_as
from annotation.exports.views.shape import MESSAGES, NUMBER, TEXT, Outcome, Record, View

WEIGHTS = Option(
    name="weights",
    label="A column `weight`, 1 / (pairs kept) of each ranking, for a trainer of your own: TRL's pass it over",
    default=False,
)


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    prompt = prompt_as(record["messages"], choices)
    if prompt is None:
        yield SEVERAL_TURNS
        return
    pairs, reasons = pairing.kept_pairs(record, choices)
    yield from reasons
    is_weighed = choices["weights"]
    for chosen, rejected, weight in pairs:
        row = {
            "prompt": prompt,
            "chosen": completion_as(chosen, choices),
            "rejected": completion_as(rejected, choices),
        }
        if is_weighed:
            row["weight"] = weight
        yield row


def columns(choices: Choices) -> Mapping[str, str]:
    kind = MESSAGES if is_conversational(choices) else TEXT
    weight = {"weight": NUMBER} if choices["weights"] else {}
    return {"prompt": kind, "chosen": kind, "rejected": kind, **weight}


VIEW = View(
    id="trl_preference",
    label="TRL preferences: prompt, chosen and rejected",
    source="huggingface.co/docs/trl/dataset_formats, preference with explicit prompt",
    kinds=("rankings",),
    fields=("messages", *pairing.FIELDS),
    options=(FORM, *pairing.OPTIONS, WEIGHTS),
    rows=rows,
    columns=columns,
    loses=(
        "ties: tied completions make no pair, or one each way round",
        "rankings marked all bad, which make no pair",
        "the ranking as a whole, and without `weights` each pair's weight of 1 / (pairs kept)",
        "the strength of a comparison, and that a completion is an edit of another",
        "flags and ratings of prompt and completions, and the use case",
        "order shown, rationale and the completions' sources",
        "annotator, protocol, guideline version, language, source, seconds and time",
        "record, prompt, group and completion ids",
    ),
)
