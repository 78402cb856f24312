"""Many people's rankings of one prompt's completions, made into one: scores that know how sure they are. Pure.

The model is Plackett–Luce with ties. Judge a builds a ranking from the best tier down; from those not yet placed the
tier C is chosen with probability proportional to

    delta[|C|] · exp(reliability[a] · mean of score[i] over i in C)

Of two completions that is Bradley–Terry with Davidson's ties. The reliability is a judge's own sharpness: 1 is
usual, 0 is a coin. All of it is fitted at once: scores for each prompt under a normal prior whose width is learnt,
reliabilities shrunk towards 1, so that a judge seen twice is taken for an ordinary one and a unanimous verdict gets
a finite score.

Sources: Davidson 1970, "On extending the Bradley–Terry model to accommodate ties", JASA 65; Firth,
Kosmidis and Turner 2019, "Davidson–Luce model for multi-item choice with ties" (arXiv:1909.07123);
judges that differ in sharpness: Chen et al. 2013, "Pairwise ranking aggregation in a crowdsourced setting" (WSDM),
whose two-sided coin becomes a temperature here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.ranking import MOST_COMPLETIONS, RankingError, Tiers

if TYPE_CHECKING:
    from annotation.quality.fitting import Fit

MOST_ROUNDS = 500
PRECISION = 1e-4


@dataclass(frozen=True)
class Judged:
    """One person's ranking of the completions of one item."""

    item: Hashable
    judge: Hashable
    tiers: Tiers


@dataclass(frozen=True)
class Estimate:
    value: float
    standard_error: float


@dataclass(frozen=True)
class Scores:
    """What the judges of one item say together. Scores add up to 0; `covariance` is in the order of `completions`."""

    completions: tuple[str, ...]
    values: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    judges: int

    def of(self, completion: str) -> Estimate:
        place = self.completions.index(completion)
        return Estimate(self.values[place], math.sqrt(self.covariance[place][place]))

    def preference(self, better: str, worse: str) -> float:
        """Return P(a usual judge who must choose prefers the first), averaged over what is not known of the scores.

        The average of a logistic over a normal is MacKay's: 1992, "The evidence framework applied to classification
        networks", Neural Computation 4(5).
        """
        i, j = self.completions.index(better), self.completions.index(worse)
        variance = self.covariance[i][i] + self.covariance[j][j] - 2 * self.covariance[i][j]
        distance = (self.values[i] - self.values[j]) / math.sqrt(1 + math.pi * variance / 8)
        return 1 / (1 + math.exp(-distance))

    @property
    def ranked(self) -> tuple[str, ...]:
        """The completions, best first."""
        best_first = sorted(range(len(self.values)), key=lambda place: -self.values[place])
        return tuple(self.completions[place] for place in best_first)


@dataclass(frozen=True)
class Aggregation:
    """Scores by item, reliabilities by judge.

    `tie_weights[n]` is the delta of a tier of n + 1; `score_sd` how far apart the completions of an item usually lie.
    """

    scores: Mapping[Hashable, Scores]
    reliability: Mapping[Hashable, Estimate]
    tie_weights: tuple[float, ...]
    score_sd: float
    rounds: int
    converged: bool


def aggregate(judgements: Iterable[Judged]) -> Aggregation:
    """Fit scores, reliabilities and ties to all judgements together.

    The rankings of an item may leave completions out: one says nothing of what it does not place. Leave rankings
    marked all bad to the caller: they say that nothing is to be preferred. Raise RankingError where a ranking has no
    completions or one twice, or an item more than 9.
    """
    # Here, because it needs numpy, which comes with training's packages.
    from annotation.quality.fitting import Fit

    given = list(judgements)
    names = _completions_of(given)
    judges = {judge: place for place, judge in enumerate(dict.fromkeys(one.judge for one in given))}
    items = _by_size(names)
    fit = Fit(
        judges=len(judges),
        items={size: len(places) for size, places in items.items()},
        choices={size: sorted(_choices(given, names, places, judges)) for size, places in items.items()},
    )
    rounds, converged = 0, False
    while not converged and rounds < MOST_ROUNDS:
        rounds, converged = rounds + 1, fit.round() < PRECISION
    return Aggregation(
        scores=_scores(fit, items, names, Counter(one.item for one in given)),
        reliability={judge: Estimate(*fit.reliability(place)) for judge, place in judges.items()},
        tie_weights=fit.tie_weights,
        score_sd=fit.score_sd,
        rounds=rounds,
        converged=converged,
    )


def _completions_of(judgements: Sequence[Judged]) -> dict[Hashable, tuple[str, ...]]:
    """Name the completions of each item, sorted, so that nothing depends on who ranked first."""
    found: dict[Hashable, set[str]] = {}
    for one in judgements:
        placed = [completion for tier in one.tiers for completion in tier]
        if not placed or len(set(placed)) != len(placed):
            raise RankingError(f"The ranking of item {one.item!r} by {one.judge!r} is empty or places one twice.")
        found.setdefault(one.item, set()).update(placed)
    for item, names in found.items():
        if len(names) > MOST_COMPLETIONS:
            raise RankingError(f"Item {item!r} has {len(names)} completions; at most {MOST_COMPLETIONS} are ranked.")
    return {item: tuple(sorted(completions)) for item, completions in found.items()}


def _by_size(names: Mapping[Hashable, Sequence[str]]) -> dict[int, dict[Hashable, int]]:
    """Number the items among those with as many completions."""
    places: dict[int, dict[Hashable, int]] = {}
    for item, completions in names.items():
        alike = places.setdefault(len(completions), {})
        alike[item] = len(alike)
    return places


def _choices(
    judgements: Iterable[Judged],
    names: Mapping[Hashable, Sequence[str]],
    items: Mapping[Hashable, int],
    judges: Mapping[Hashable, int],
) -> Iterator[tuple[int, int, int, int]]:
    """Take the rankings of these items apart into (item, judge, what was left, what was taken), best tier first.

    The last completion alone is no choice.
    """
    for one in judgements:
        if one.item in items:
            bit = {name: 1 << place for place, name in enumerate(names[one.item])}
            tiers = [sum(bit[completion] for completion in tier) for tier in one.tiers]
            left = sum(tiers)
            for taken in tiers:
                if left.bit_count() > 1:
                    yield items[one.item], judges[one.judge], left, taken
                left -= taken


def _scores(
    fit: Fit,
    items: Mapping[int, Mapping[Hashable, int]],
    names: Mapping[Hashable, tuple[str, ...]],
    judges: Mapping[Hashable, int],
) -> dict[Hashable, Scores]:
    found = {}
    for size, places in items.items():
        values, covariance = fit.centred(size)
        for item, place in places.items():
            found[item] = Scores(
                completions=names[item],
                values=tuple(values[place]),
                covariance=tuple(map(tuple, covariance[place])),
                judges=judges[item],
            )
    return found
