"""How good a score is at ordering completions as people did, with what chance and length alone would reach."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True)
class Outcome:
    """One strict preference put to a scorer: 1 right, 0 wrong, 0.5 where it could not tell them apart."""

    group: str
    value: float


@dataclass(frozen=True)
class Accuracy:
    """A share of pairs with its 95 % interval."""

    accuracy: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        return {"accuracy": self.accuracy, "low": self.low, "high": self.high}


def outcome(group: str, better: float, worse: float) -> Outcome:
    """Judge two numbers of which the first should be larger; equal ones count half, as a coin would."""
    return Outcome(group, 1.0 if better > worse else 0.5 if better == worse else 0.0)


def accuracy(outcomes: Sequence[Outcome], seed: int) -> Accuracy:
    """Return the mean outcome with a percentile bootstrap over prompt groups.

    Pairs of one prompt, and prompts of one group, stand or fall together, so whole groups are resampled.
    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13; clusters as units.
    Raises ValueError without outcomes.
    """
    if not outcomes:
        raise ValueError("There is no pair to be right or wrong about.")
    names = {name: index for index, name in enumerate(sorted({item.group for item in outcomes}))}
    right, count = np.zeros(len(names)), np.zeros(len(names))
    for item in outcomes:
        right[names[item.group]] += item.value
        count[names[item.group]] += 1
    generator = np.random.default_rng(seed)
    shares = np.empty(RESAMPLES)
    for resample in range(RESAMPLES):
        drawn = generator.integers(len(names), size=len(names))
        shares[resample] = right[drawn].sum() / count[drawn].sum()
    low, high = np.quantile(shares, [0.025, 0.975])
    return Accuracy(float(right.sum() / count.sum()), float(low), float(high))
