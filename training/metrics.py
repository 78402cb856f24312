"""How good a score is at ordering completions as people did, with what chance and length alone would reach."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
    groups = [group for group, _ in by_prompt]
    return Accuracy(
        *ratio(groups, [sum(values) / len(values) for values in by_prompt.values()], [1.0] * len(groups), seed)
    )


def ratio(
    groups: Sequence[str], part: Sequence[float], whole: Sequence[float], seed: int
) -> tuple[float, float, float]:
    """Return sum of part over sum of whole, with a 95 % percentile bootstrap over the groups."""
    names = {name: index for index, name in enumerate(sorted(set(groups)))}
    parts, wholes = np.zeros(len(names)), np.zeros(len(names))
    for group, one, of in zip(groups, part, whole, strict=True):
        parts[names[group]] += one
        wholes[names[group]] += of
    shares = [drawn @ parts / (drawn @ wholes) for drawn in resamples(len(names), seed)]
    low, high = np.quantile(np.concatenate(shares), [0.025, 0.975])
    return float(parts.sum() / wholes.sum()), float(low), float(high)


def resamples(groups: int, seed: int, draws: int = RESAMPLES) -> Iterator[FloatArray]:
    """Draw as many groups as there are, with replacement; yield how often each is drawn, [some draws, groups]."""
    generator = np.random.default_rng(seed)
    even = np.full(groups, 1 / max(groups, 1))
    for _ in range(draws // DRAWS_AT_ONCE if groups else 0):
        yield generator.multinomial(groups, even, size=DRAWS_AT_ONCE).astype(np.float64)


def fitted_temperature(margins: FloatArray) -> float:
    """Return the temperature that margins are likeliest at, above 0 where right, between 1/100 and 100.

    The log-likelihood of σ(margin / temperature) is concave in 1/temperature, so its slope is bisected.
    Source: Guo et al. 2017 (arXiv:1706.04599), section 4.2.
    """
    low, high = 0.01, 100.0
    for _ in range(60):
        middle = (low * high) ** 0.5
        slope = float(np.mean(margins / (1 + np.exp(np.clip(middle * margins, -500, 500)))))
        low, high = (middle, high) if slope > 0 else (low, middle)
    return 1 / low
