"""How far people who judged the same things agree, and how sure that figure is. Pure.

Rankings are compared pair by pair of completions (`PairCount`), values by kappa and alpha. Kappa and alpha of
Fleiss and Krippendorff take items as counts, one mapping of value to how many judges gave it, because that is all
they use: who judged which item, and how many did, may differ from item to item.

Two conventions hold throughout. None means that nothing could be compared: no item has two judgements. And where
only one value was ever given, chance explains everything and the formulas say 0/0: the answer is 1.0, for nobody
disagreed with anybody.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, NamedTuple

from training.ranking import Tiers, positions, tau_b

Counts = Mapping[Any, float]
# (value, value) → how often the two met on one item, counted both ways round.
Coincidences = Mapping[tuple[Any, Any], float]
# Returns the squared distance of two values, given how often each value was used in all.
Distance = Callable[[Any, Any, Counts], float]

DRAWS = 1_000
LEVEL = 0.95


# Rankings


@dataclass(frozen=True)
class PairCount:
    """What two rankings say of the pairs of completions that both of them rank. Counts add up over items."""

    same: int = 0
    opposite: int = 0
    # Both tie the two; only one does.
    tied: int = 0
    half_tied: int = 0

    @property
    def compared(self) -> int:
        return self.same + self.opposite + self.tied + self.half_tied

    @property
    def agreement(self) -> float | None:
        """The share of pairs judged alike, where a tie against a strict preference is half an agreement.

        Source: Nakano et al. 2021 (WebGPT, arXiv:2112.09332), appendix C.
        """
        return share(self.same + self.tied + self.half_tied / 2, self.compared)

    @property
    def strict_agreement(self) -> float | None:
        """The share of pairs judged alike among those that both prefer one of: indifference is left out.

        Source: Stiennon et al. 2020 (arXiv:2009.01325), appendix C.2.
        """
        return share(self.same, self.same + self.opposite)

    def __add__(self, other: PairCount) -> PairCount:
        return PairCount(
            self.same + other.same,
            self.opposite + other.opposite,
            self.tied + other.tied,
            self.half_tied + other.half_tied,
        )


def compare_rankings(first: Tiers, second: Tiers) -> PairCount:
    """Count the pairs of completions on which two rankings agree; a completion that only one ranks is left out."""
    here, there = positions(first), positions(second)
    verdicts = Counter(
        _verdict(here[left] - here[right], there[left] - there[right])
        for left, right in combinations([completion for completion in here if completion in there], 2)
    )
    return PairCount(**verdicts)


def pairwise_agreement(items: Iterable[Sequence[Tiers]]) -> PairCount:
    """Compare every two rankings of each item, however many it has, and add the counts up."""
    total = PairCount()
    for rankings in items:
        for first, second in combinations(rankings, 2):
            total += compare_rankings(first, second)
    return total


def rank_correlation(first: Tiers, second: Tiers) -> float:
    """Return Kendall's tau-b, and a number too where it is 0/0 because a ranking ties everything.

    Two rankings that both do so agree: 1.0. One that does so beside one that does not is no help in guessing it: 0.0.
    Source: `training.ranking.tau_b`. Raises RankingError if they rank different completions.
    """
    tau = tau_b(first, second)
    return float(len(first) == len(second)) if tau is None else tau


def preferences(ranking: Tiers) -> dict[tuple[str, str], int]:
    """Return 1, 0 or -1 for each pair of completions, named in sorted order: the first is better, tied or worse.

    These are the values whose alpha is a ranking protocol's agreement beyond chance, one item for each pair.
    """
    place = positions(ranking)
    pairs = combinations(sorted(place), 2)
    return {(left, right): _sign(place[right] - place[left]) for left, right in pairs}


# Values


def observed_agreement(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Return the share of items to which two judges gave the same value, item by item."""
    return share(sum(here == there for here, there in zip(first, second, strict=True)), len(first))


def cohen_kappa(
    first: Sequence[Any],
    second: Sequence[Any],
    *,
    weights: Literal["equal", "linear", "quadratic"] = "equal",
    categories: Sequence[Any] | None = None,
) -> float | None:
    """Return the agreement of two judges beyond chance, item by item.

    `weights` says how bad a disagreement is: all equally, or by how far the two values stand apart in `categories`
    (by default the values used, sorted), or by the square of that.
    Source: Cohen 1960, "A coefficient of agreement for nominal scales", equation 1; Cohen 1968,
    "Weighted kappa", by weights of disagreement.
    """
    order = sorted({*first, *second}) if categories is None else categories
    place = {value: index for index, value in enumerate(order)}
    power = {"equal": 0, "linear": 1, "quadratic": 2}[weights]

    def badness(here: Any, there: Any) -> float:
        return abs(place[here] - place[there]) ** power if here != there else 0.0

    if not first:
        return None
    observed = sum(badness(here, there) for here, there in zip(first, second, strict=True)) / len(first)
    here_counts, there_counts = Counter(first), Counter(second)
    met = sum(badness(a, b) * m * n for a, m in here_counts.items() for b, n in there_counts.items())
    return _beyond_chance(observed, met / len(first) ** 2)


def fleiss_kappa(items: Iterable[Counts]) -> float | None:
    """Return the agreement of several judges beyond chance, where not always the same ones judge.

    Items with fewer than two judgements are left out. Where items have different numbers of judgements, each item
    weighs the same, in the agreement and in the shares of the values; with equal numbers that is Fleiss's kappa.
    Source: Fleiss 1971, "Measuring nominal scale agreement among many raters", equations 1 to 5.
    """
    judged = [(counts, sum(counts.values())) for counts in items]
    judged = [(counts, judges) for counts, judges in judged if judges >= 2]
    if not judged:
        return None
    shares: dict[Any, float] = {}
    agreement = 0.0
    for counts, judges in judged:
        agreement += sum(n * (n - 1) for n in counts.values()) / (judges * (judges - 1))
        for value, n in counts.items():
            shares[value] = shares.get(value, 0.0) + n / judges
    by_chance = sum((part / len(judged)) ** 2 for part in shares.values())
    return _beyond_chance(1 - agreement / len(judged), 1 - by_chance)


def krippendorff_alpha(items: Iterable[Counts], distance: Distance | None = None) -> float | None:
    """Return the agreement of any number of judges beyond chance; judgements may be missing anywhere.

    `distance` is `nominal` unless given: `ordinal` for values with an order, `interval` for numbers.
    Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section D.
    """
    return alpha_of(coincidences(items), distance)


def coincidences(items: Iterable[Counts]) -> dict[tuple[Any, Any], float]:
    """Return how often two values met on one item, each judgement counting once however many judges the item has.

    Coincidences of two sets of items add up to those of both. Source: Krippendorff 2011, section D.
    """
    met: dict[tuple[Any, Any], float] = {}
    for counts in items:
        others = sum(counts.values()) - 1
        if others < 1:
            continue
        for here, m in counts.items():
            for there, n in counts.items():
                number = m * (n - (here == there)) / others
                if number:
                    met[here, there] = met.get((here, there), 0.0) + number
    return met


def alpha_of(met: Coincidences, distance: Distance | None = None) -> float | None:
    """Return Krippendorff's alpha from the coincidences; None from less than two judgements.

    Source: Krippendorff 2011, section D.
    """
    used: dict[Any, float] = {}
    for (here, _), number in met.items():
        used[here] = used.get(here, 0.0) + number
    total = sum(used.values())
    if total <= 1:
        return None
    if distance is None or distance is nominal:
        # All unlike values are equally far apart: the same sums, without a walk over every pair of values.
        alike = math.fsum(met.get((value, value), 0.0) for value in used)
        by_chance = total**2 - math.fsum(number**2 for number in used.values())
        return _beyond_chance((total - alike) / total, by_chance / (total * (total - 1)))
    apart = {(here, there): distance(here, there, used) for here, there in combinations(sorted(used), 2)}
    # Each unlike pair of values stands in `met` both ways round, and so it must in what chance would give.
    observed = sum(2 * met.get(pair, 0.0) * far for pair, far in apart.items()) / total
    by_chance = sum(2 * used[here] * used[there] * far for (here, there), far in apart.items())
    return _beyond_chance(observed, by_chance / (total * (total - 1)))


def nominal(here: Any, there: Any, used: Counts) -> float:
    """Unlike values are all equally far apart."""
    return float(here != there)


def ordinal(here: Any, there: Any, used: Counts) -> float:
    """Values are as far apart as there are judgements between them, each end counted half.

    Source: Krippendorff 2011, section D, ordinal metric.
    """
    low, high = sorted((here, there))
    between = sum(number for value, number in used.items() if low <= value <= high)
    return float(between - (used[low] + used[high]) / 2) ** 2


def interval(here: Any, there: Any, used: Counts) -> float:
    """Values are numbers, as far apart as their difference."""
    return float(here - there) ** 2


# How sure


class Interval(NamedTuple):
    low: float
    high: float


def bootstrap(
    items: Sequence[Sequence[float]],
    figure: Callable[[Sequence[float]], float | None],
    *,
    seed: int,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> Interval | None:
    """Return the percentile interval of a figure that depends on sums over items alone; None for fewer than two items.

    Each item is a row of numbers, all equally long; `figure` turns the sums of the columns into the figure. Items are
    drawn, not judgements, because judgements of one item hang together. Draws on which nothing can be compared are
    left out. An interval of no width says that the items all agree equally, not that the figure is certain.
    Source: Efron 1979, "Bootstrap methods: another look at the jackknife"; percentile intervals: Efron and
    Tibshirani 1993, "An introduction to the bootstrap", chapter 13.
    """
    if len(items) < 2:
        return None
    chance, places = random.Random(seed), range(len(items))
    columns = [list(column) for column in zip(*items, strict=True)]
    found = []
    for _ in range(draws):
        drawn = chance.choices(places, k=len(items))
        value = figure([math.fsum(map(column.__getitem__, drawn)) for column in columns])
        if value is not None:
            found.append(value)
    if not found:
        return None
    found.sort()
    return Interval(_quantile(found, (1 - level) / 2), _quantile(found, (1 + level) / 2))


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _beyond_chance(observed: float, by_chance: float) -> float:
    """Return 1 - observed / expected disagreement: the form that kappas and alpha share."""
    return 1 - observed / by_chance if by_chance else 1.0


def _quantile(values: Sequence[float], part: float) -> float:
    """Return a quantile of sorted values, linear between two of them."""
    place = part * (len(values) - 1)
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def _verdict(here: int, there: int) -> str:
    if here == 0 or there == 0:
        return "tied" if here == there else "half_tied"
    return "same" if (here > 0) == (there > 0) else "opposite"


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
