"""One row a prompt: what all its judges say together, as scores that know how sure they are, and as soft pairs.

Rankings are fitted block by block of prompts, each split by itself: nothing of a test split's judgements reaches the
train split by way of what is thought of a judge, and memory is bounded.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from annotation.exports import pairing
from annotation.exports.choices import Choices, Option
from annotation.exports.views.shape import Outcome, Record, View
from annotation.quality.aggregation import Aggregation, Estimate, Judged, Scores, aggregate

# So many rankings are fitted together: enough to know a judge by, and some 60 MB.
BLOCK = 20_000
TOO_FEW_JUDGES = "fewer_judges_than_asked"
FEWER_THAN_TWO = "fewer_than_two_completions"
DIGITS = 6

UNIT = Option(
    name="unit",
    label="A row is a prompt with the scores of its completions, or one pair of them with P(A>B)",
    default="prompt",
    choices=("prompt", "pair"),
)
FEWEST_JUDGES = Option(
    name="fewest_judges",
    label="How many people at least must have ranked a prompt's completions",
    default=1,
    minimum=1,
    maximum=100,
)


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    yield from together([record], choices)


def together(records: Iterable[Record], choices: Choices) -> Iterator[Outcome]:
    """Yield what becomes of rankings that come by group; a group is never cut in two."""
    block: list[Record] = []
    for record in records:
        if len(block) >= BLOCK and record["group"] != block[-1]["group"]:
            yield from _fitted(block, choices)
            block = []
        block.append(record)
    yield from _fitted(block, choices)


def _fitted(block: list[Record], choices: Choices) -> Iterator[Outcome]:
    judged: list[Judged] = []
    first: dict[Hashable, Record] = {}
    for record in block:
        reason, item, tiers = _ranking(record)
        if reason:
            yield reason
            continue
        first.setdefault(item, record)
        judged.append(Judged(item, record.get("annotator", ""), tiers))
    found = aggregate(judged)
    judges_of: dict[Hashable, dict[str, None]] = {item: {} for item in first}
    for one in judged:
        judges_of[one.item][str(one.judge)] = None
    for item, record in first.items():
        if found.scores[item].judges < choices["fewest_judges"]:
            yield TOO_FEW_JUDGES
        elif choices["unit"] == "pair":
            yield from _pairs(record, found.scores[item])
        else:
            yield _prompt(record, found, item, list(judges_of[item]))


def _ranking(record: Record) -> tuple[str, Hashable, tuple[tuple[str, ...], ...]]:
    """Return why a ranking is left out or "", what it ranks, and its tiers. What a judge wrote is not judged."""
    if record.get("all_bad"):
        return pairing.ALL_BAD, None, ()
    edits = pairing.edits_of(record)
    tiers = tuple(kept for tier in record["tiers"] if (kept := tuple(name for name in tier if name not in edits)))
    names = frozenset(name for tier in tiers for name in tier)
    return "" if len(names) > 1 else FEWER_THAN_TWO, (record["prompt_id"], names), tiers


def _prompt(record: Record, found: Aggregation, item: Hashable, judges: list[str]) -> dict[str, Any]:
    scores = found.scores[item]
    text_of = _texts(record)
    return {
        "prompt_id": record["prompt_id"],
        "prompt": record["messages"],
        "completions": [
            {"completion_id": name, "text": text_of[name], **_plain(scores.of(name), "score")} for name in scores.ranked
        ],
        "preferences": [
            {"better": one, "worse": other, "probability": round(scores.preference(one, other), DIGITS)}
            for one, other in combinations(scores.ranked, 2)
        ],
        "judges": [{"annotator": judge, **_plain(found.reliability[judge], "reliability")} for judge in judges],
    }


def _pairs(record: Record, scores: Scores) -> Iterator[dict[str, Any]]:
    text_of = _texts(record)
    for one, other in combinations(scores.ranked, 2):
        yield {
            "prompt": record["messages"],
            "chosen": text_of[one],
            "rejected": text_of[other],
            "probability": round(scores.preference(one, other), DIGITS),
            "margin": round(scores.of(one).value - scores.of(other).value, DIGITS),
            "judges": scores.judges,
        }


def _texts(record: Record) -> Mapping[str, str]:
    return {completion["completion_id"]: completion["text"] for completion in record["completions"]}


def _plain(estimate: Estimate, name: str) -> dict[str, float]:
    return {name: round(estimate.value, DIGITS), "standard_error": round(estimate.standard_error, DIGITS)}


VIEW = View(
    id="aggregated",
    label="Rankings of several people made into one: scores, standard errors and P(A>B)",
    source="annotation/quality/aggregation.py: Plackett–Luce with ties and judges of unequal reliability",
    kinds=("rankings",),
    fields=("prompt_id", "group", "messages", "annotator", *pairing.FIELDS),
    options=(UNIT, FEWEST_JUDGES),
    rows=rows,
    together=together,
    needs_training=True,
    loses=(
        "each person's own ranking, which the fit replaces",
        "rankings marked all bad, and completions that a judge wrote by editing",
        "the strength of a comparison",
        "flags, ratings, order shown, rationale, language and time",
        "as pairs: ids, and who judged",
    ),
)
