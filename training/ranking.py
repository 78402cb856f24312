"""The one ranking algebra: tiers with ties, the pairs they imply, and how far two rankings agree.

A ranking is a sequence of tiers, best first; completions that tie share a tier. Pure functions over
identifiers: annotation/ and training/ both stand on this file, so it knows the standard library only.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

FEWEST_COMPLETIONS = 2
MOST_COMPLETIONS = 9

Tiers = tuple[tuple[str, ...], ...]


class RankingError(ValueError):
    """Tiers that do not rank exactly the completions they were given."""


class Pair(NamedTuple):
    """One comparison that a ranking implies; the weights of a ranking's pairs sum to one."""

    better: str
    worse: str
    weight: float


def validate_tiers(tiers: Iterable[Iterable[str]], ids: Collection[str]) -> Tiers:
    """Return the tiers as tuples.

    Raises RankingError unless every completion of `ids` stands in exactly one tier, no tier is empty
    and there are 2 to 9 completions.
    """
    ranked = tuple(map(tuple, tiers))
    placed = [completion for tier in ranked for completion in tier]
    fits = FEWEST_COMPLETIONS <= len(ids) <= MOST_COMPLETIONS and len(placed) == len(ids)
    # The rule itself, for millions; what follows finds the words for what breaks it.
    if fits and all(ranked) and all(one in ids for one in placed) and len({*placed}) == len(placed):
        return ranked
    if len(set(ids)) != len(ids):
        raise RankingError("The completions to be ranked name the same completion twice.")
    if not FEWEST_COMPLETIONS <= len(ids) <= MOST_COMPLETIONS:
        raise RankingError(f"A ranking needs {FEWEST_COMPLETIONS} to {MOST_COMPLETIONS} completions, not {len(ids)}.")
    seen: set[str] = set()
    for number, tier in enumerate(ranked, start=1):
        if not tier:
            raise RankingError(f"Tier {number} is empty: leave it out.")
        for completion in tier:
            if completion not in ids:
                raise RankingError(f"Completion {completion!r} does not belong to this prompt's completions.")
            if completion in seen:
                raise RankingError(f"Completion {completion!r} is ranked twice: it may stand in one tier only.")
            seen.add(completion)
    missing = [completion for completion in ids if completion not in seen]
    if missing:
        raise RankingError(f"Completion {missing[0]!r} is not ranked: every completion needs a tier.")
    return ranked


def positions(tiers: Sequence[Sequence[str]]) -> dict[str, int]:
    """Map each completion to the index of its tier, 0 the best."""
    return {completion: index for index, tier in enumerate(tiers) for completion in tier}


def tiers_from_ranks(ranks: Mapping[str, float]) -> Tiers:
    """Turn numeric ranks, lower the better, into tiers; equal ranks tie, in the order given."""
    return tuple(
        tuple(completion for completion, rank in ranks.items() if rank == level)
        for level in sorted(set(ranks.values()))
    )


def pairs(tiers: Sequence[Sequence[str]]) -> tuple[Pair, ...]:
    """List every strict preference; ties imply none. Each weighs 1 / (pairs kept).

    Source: Ouyang et al. 2022 (arXiv:2203.02155), equation 1, whose 1/C(K,2) is this weight without ties.
    """
    order = [(better, worse) for upper, lower in combinations(tiers, 2) for better in upper for worse in lower]
    weight = 1 / len(order) if order else 0.0
    return tuple([Pair(better, worse, weight) for better, worse in order])


def tied_pairs(tiers: Sequence[Sequence[str]]) -> int:
    """Count the pairs that the tie rule drops."""
    return sum(math.comb(len(tier), 2) for tier in tiers)


def tau_b(first: Sequence[Sequence[str]], second: Sequence[Sequence[str]]) -> float | None:
    """Return Kendall's tau-b of two rankings of the same completions, or None where one of them only ties.

    Source: Kendall 1945, "The treatment of ties in ranking problems", Biometrika 33(3), tau-b.
    Raises RankingError if they rank different completions.
    """
    here, there = positions(first), positions(second)
    if here.keys() != there.keys():
        raise RankingError("The two rankings do not rank the same completions.")
    agreement = untied_here = untied_there = 0
    for left, right in combinations(here, 2):
        a = _sign(here[right] - here[left])
        b = _sign(there[right] - there[left])
        agreement += a * b
        untied_here += a != 0
        untied_there += b != 0
    if not untied_here or not untied_there:
        return None
    return agreement / math.sqrt(untied_here * untied_there)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
