"""Which pairs a ranking becomes: rules that are recorded with what they made. Pure.

Source of the weights: Ouyang et al. 2022 (arXiv:2203.02155), equation 1: a prompt weighs one, however many pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any, NamedTuple

from annotation.exports.choices import Choices, Option
from training.ranking import Pair, pairs, positions, tied_pairs

ALL, ADJACENT, BEST_REST = "all", "adjacent", "best_rest"
DROP, BOTH_WAYS = "drop", "both_ways"

ALL_BAD = "all_bad_ranking"
TIED = "tied_pair"
NOT_IN_RULE = "pair_not_in_rule"
NARROW = "pair_below_margin"
WEAK = "pair_below_strength"
UNMEASURED = "pair_without_strength"

OPTIONS = (
    Option(
        name="pairs",
        label="Which pairs of a ranking: all, those of neighbouring tiers, or the best against the rest",
        default=ALL,
        choices=(ALL, ADJACENT, BEST_REST),
    ),
    Option(
        name="ties",
        label="What a tied pair becomes: nothing, or two rows, one each way round",
        default=DROP,
        choices=(DROP, BOTH_WAYS),
    ),
    Option(
        name="minimum_margin",
        label="How many tiers at least must lie between the two of a pair, 1 for the next one",
        default=1,
        minimum=1,
        maximum=8,
    ),
    Option(
        name="minimum_strength",
        label="How much better at least the better of two must have been called, as a share of the scale",
        default=0.0,
        minimum=0.0,
        maximum=1.0,
    ),
)
# The fields of a record that the rules read.
FIELDS = ("completions", "tiers", "all_bad", "strength", "strength_levels")


class Kept(NamedTuple):
    """A pair that the rules keep: the texts of its completions, and its weight among the ranking's."""

    chosen: str
    rejected: str
    weight: float


def kept_pairs(record: Mapping[str, Any], choices: Choices) -> tuple[list[Kept], list[str]]:
    """Return the ranking's pairs as the choices want them, and for every pair left out the reason.

    Weights sum to one a ranking; a tied pair that is kept shares its weight between its two rows.
    """
    if record.get("all_bad"):
        return [], [ALL_BAD]
    tiers = record["tiers"]
    wanted = _wanted(tiers, choices["pairs"])
    reasons = [] if choices["pairs"] == ALL else [NOT_IN_RULE] * (_strict(tiers) - len(wanted))
    if choices["minimum_margin"] > 1 or choices["minimum_strength"]:
        wanted, refused = _narrowed(wanted, record, choices)
        reasons += refused
    ties: list[tuple[str, str]] = []
    if choices["ties"] == DROP:
        reasons += [TIED] * tied_pairs(tiers)
    else:
        ties = [pair for tier in tiers for pair in combinations(tier, 2)]
    return _weighed(record, wanted, ties), reasons


def strength_of(record: Mapping[str, Any]) -> float | None:
    """Return how much better the better of two is, from 0 for a tie to 1; None where nobody was asked."""
    strength = record.get("strength")
    return None if strength is None else strength / (record.get("strength_levels") or strength or 1)


def edits_of(record: Mapping[str, Any]) -> set[str]:
    """Return the ids of the completions that their judge made of another one: of their strength nobody spoke."""
    return {completion["completion_id"] for completion in record["completions"] if completion.get("edit_of")}


def _strict(tiers: Sequence[Sequence[str]]) -> int:
    sizes = [len(tier) for tier in tiers]
    return (sum(sizes) ** 2 - sum(size * size for size in sizes)) // 2


def _wanted(tiers: Sequence[Sequence[str]], rule: str) -> Sequence[Pair]:
    if rule == ADJACENT:
        return [pair for neighbours in pairwise(tiers) for pair in pairs(neighbours)]
    if rule == BEST_REST and len(tiers) > 1:
        return pairs((tiers[0], [name for tier in tiers[1:] for name in tier]))
    return pairs(tiers)


def _narrowed(wanted: Sequence[Pair], record: Mapping[str, Any], choices: Choices) -> tuple[list[Pair], list[str]]:
    """Return the pairs that are far enough apart, and why each other one is not."""
    place, kept, refused = positions(record["tiers"]), [], []
    for pair in wanted:
        reason = _refusal(pair, place, record, choices)
        if reason:
            refused.append(reason)
        else:
            kept.append(pair)
    return kept, refused


def _refusal(pair: Pair, place: Mapping[str, int], record: Mapping[str, Any], choices: Choices) -> str:
    if place[pair.worse] - place[pair.better] < choices["minimum_margin"]:
        return NARROW
    if not choices["minimum_strength"]:
        return ""
    strength = strength_of(record)
    if strength is None or pair.better in edits_of(record):
        return UNMEASURED
    return WEAK if strength < choices["minimum_strength"] else ""


def _weighed(record: Mapping[str, Any], strict: Sequence[Pair], ties: Sequence[tuple[str, str]]) -> list[Kept]:
    if not strict and not ties:
        return []
    text_of = {completion["completion_id"]: completion["text"] for completion in record["completions"]}
    weight = 1 / (len(strict) + len(ties))
    kept = [Kept(text_of[pair.better], text_of[pair.worse], weight) for pair in strict]
    for one, other in ties:
        kept.append(Kept(text_of[one], text_of[other], weight / 2))
        kept.append(Kept(text_of[other], text_of[one], weight / 2))
    return kept
