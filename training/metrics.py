"""How good a score is at ordering completions as people did, with what chance and length alone would reach."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

RESAMPLES = 2000
# So many draws of the groups are made at a time: what they need stays small.
DRAWS_AT_ONCE = 100


@dataclass(frozen=True)
class Outcome:
    """One strict preference put to a scorer: 1 right, 0 wrong, 0.5 where it could not tell them apart."""

    group: str
    value: float
    prompt: str = ""


@dataclass(frozen=True)
class Accuracy:
    """A share of pairs with its 95 % interval."""

    accuracy: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        return {"accuracy": self.accuracy, "low": self.low, "high": self.high}


def outcome(group: str, better: float, worse: float, prompt: str = "") -> Outcome:
    """Judge two numbers of which the first should be larger; equal ones count half, as a coin would."""
    return Outcome(group, 1.0 if better > worse else 0.5 if better == worse else 0.0, prompt)


def accuracy(outcomes: Sequence[Outcome], seed: int) -> Accuracy:
    """Return the mean outcome of each prompt, averaged over prompts, with a percentile bootstrap over prompt groups.

    A prompt with thirty-six pairs says no more of the scorer than one with a single pair. Prompts of one group stand or
    fall together, so whole groups are resampled.
    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13; clusters as units.
    Raises ValueError without outcomes.
    """
    if not outcomes:
        raise ValueError("There is no pair to be right or wrong about.")
    by_prompt: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for item in outcomes:
        by_prompt[item.group, item.prompt].append(item.value)
    names = {name: index for index, name in enumerate(sorted({group for group, _ in by_prompt}))}
    right, count = np.zeros(len(names)), np.zeros(len(names))
    for (group, _), values in by_prompt.items():
        right[names[group]] += sum(values) / len(values)
        count[names[group]] += 1
    low, high = np.quantile(_resampled(right, count, seed), [0.025, 0.975])
    return Accuracy(float(right.sum() / count.sum()), float(low), float(high))


def _resampled(right: FloatArray, count: FloatArray, seed: int) -> FloatArray:
    """Return the share of each draw of as many groups as there are, with replacement: [RESAMPLES]."""
    generator = np.random.default_rng(seed)
    even = np.full(len(right), 1 / len(right))
    shares = []
    for _ in range(RESAMPLES // DRAWS_AT_ONCE):
        drawn = generator.multinomial(len(right), even, size=DRAWS_AT_ONCE)
        shares.append(drawn @ right / (drawn @ count))
    return np.concatenate(shares)
