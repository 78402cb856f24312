"""How well a filter finds what people named: curves, errors and calibration, each category by itself.

scores and targets are arrays of the texts on which a category is known: probabilities, and 1 for yes, 0 for no.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training import metrics

Array = NDArray[np.float64]

RESAMPLES = 1000
# Fewer yes or no than this bend two numbers to chance: such a category shares its line with all others.
FEWEST_TO_CALIBRATE = 25
NEVER = 1.0
# From here on a text is more likely to have it than not: where too little is known to draw a better threshold.
DEFAULT_THRESHOLD = 0.5
# So many texts with it, and half of all, must be found for a threshold to stand on few: by chance they hardly are.
FEWEST_FOUND = 3
# How sure a threshold is of the rate that it was drawn for, on one side.
SURE = 0.95


@dataclass(frozen=True)
class Known:
    """What is known of one category: scores, targets and prompt groups of the texts that somebody judged for it."""

    scores: Array
    targets: Array
    groups: Sequence[str]


@dataclass(frozen=True)
class Line:
    """A probability from a logit: 1 / (1 + exp(-(slope · logit + offset))). Source: Platt 1999, equation 2."""

    slope: float = 1.0
    offset: float = 0.0

    def probability(self, logits: Array) -> Array:
        return np.asarray(_sigmoid(self.slope * logits + self.offset), dtype=np.float64)


def average_precision(scores: Array, targets: Array, weights: Array | None = None) -> float:
    """Return the area under precision and recall as a sum of steps, equal scores taken together; nan without a yes.

    Source: Manning, Raghavan and Schütze 2008, "Introduction to Information Retrieval", 8.4, with ties.
    """
    weights = np.ones_like(scores) if weights is None else weights
    order = np.argsort(-scores, kind="stable")
    return _area(scores[order], targets[order], weights[order])


def _area(scores: Array, targets: Array, weights: Array) -> float:
    right = np.cumsum(weights * targets)
    found = np.cumsum(weights)
    if not len(scores) or right[-1] == 0:
        return math.nan
    ends = np.r_[scores[1:] != scores[:-1], True]
    right, found = right[ends], found[ends]
    precision = np.divide(right, found, out=np.zeros_like(right), where=found > 0)
    return float((np.diff(right, prepend=0.0) * precision).sum() / right[-1])


def f1(flagged: Array, targets: Array, weights: Array) -> float:
    """Return 2·TP / (2·TP + FP + FN); nan where nothing is flagged and nothing was there."""
    return _ratio(2 * (weights * flagged * targets).sum(), (weights * (flagged + targets)).sum())


def false_positive_rate(flagged: Array, targets: Array, weights: Array) -> float:
    """Return the share of the texts without it that are flagged; nan where every text has it."""
    return _ratio((weights * flagged * (1 - targets)).sum(), (weights * (1 - targets)).sum())


def recall(flagged: Array, targets: Array, weights: Array) -> float:
    """Return the share of the texts with it that are flagged; nan where none has it."""
    return _ratio((weights * flagged * targets).sum(), (weights * targets).sum())


def measure(known: Known, threshold: float, seed: int) -> dict[str, Any]:
    """Return a category's figures with percentile bootstraps over prompt groups; null where nothing can be said.

    `random` is the AUPRC of a coin: the share of texts with it.
    """
    order = np.argsort(-known.scores, kind="stable")
    scores, targets = known.scores[order], known.targets[order]
    flagged = (scores >= threshold).astype(np.float64)
    figures: dict[str, Callable[[Array], float]] = {
        "auprc": lambda weights: _area(scores, targets, weights),
        "f1": lambda weights: f1(flagged, targets, weights),
        "fpr": lambda weights: false_positive_rate(flagged, targets, weights),
        "recall": lambda weights: recall(flagged, targets, weights),
    }
    group_of = np.unique(np.asarray(known.groups), return_inverse=True)[1][order] if len(scores) else np.zeros(0, int)
    resampled = [[figure(weights) for figure in figures.values()] for weights in _resamples(group_of, seed)]
    facts: dict[str, Any] = {"positives": int(targets.sum()), "negatives": int(len(targets) - targets.sum())}
    for place, (name, figure) in enumerate(figures.items()):
        facts |= _with_interval(name, figure(np.ones_like(scores)), [drawn[place] for drawn in resampled])
    facts["random"] = _said(float(targets.mean())) if len(targets) else None
    facts["calibration_error"] = _said(calibration_error(scores, targets))
    return {**facts, "threshold": threshold}


def calibration_error(scores: Array, targets: Array, bins: int = 10) -> float:
    """Return the mean gap between what was foretold and what was so, over bins of equally many texts.

    Source: Naeini et al. 2015, equation 2, with bins of equal count.
    """
    if not len(scores):
        return math.nan
    parts = np.array_split(np.argsort(scores, kind="stable"), min(bins, len(scores)))
    return float(sum(len(part) * abs(scores[part].mean() - targets[part].mean()) for part in parts) / len(scores))


def calibrate(logits: Array, targets: Array) -> Line | None:
    """Fit a category's line by Newton's method on Platt's softened targets; None where too few are known.

    Source: Platt 1999, section 2.2; Lin, Lin and Weng 2007 for the targets.
    """
    yes = float(targets.sum())
    no = len(targets) - yes
    if min(yes, no) < FEWEST_TO_CALIBRATE:
        return None
    aims = np.where(targets > 0.5, (yes + 1) / (yes + 2), 1 / (no + 2))
    line = _fit(logits, aims)
    return line if line.slope > 0 else None


def calibrate_together(logits: Array, targets: Array) -> Line:
    """Fit one temperature for all that is known, [verdicts]; as it is where that is too little.

    Source: Guo et al. 2017 (arXiv:1706.04599), section 4.2.
    """
    if min(targets.sum(), len(targets) - targets.sum()) < FEWEST_TO_CALIBRATE:
        return Line()
    return Line(1 / metrics.fitted_temperature(np.where(targets > 0.5, 1, -1) * logits))


@dataclass(frozen=True)
class Threshold:
    """From which probability on a text is flagged, and whether that is the default for want of texts to draw it by."""

    value: float
    is_default: bool


def draw_threshold(scores: Array, targets: Array, rate: float) -> Threshold:
    """Return the lowest threshold that flags, as sure as `SURE`, at most this share of all texts without it.

    Fewer than `FEWEST_TO_CALIBRATE` texts with it do not tell what their scores are, and too few without it leave no
    rate to be sure of. There the share among the known must do, where it has shown to find what it is for; else it is
    the default, or higher where that share demands it. Where none is known to be without it nothing is promised, and
    nothing flagged.
    """
    having, without = scores[targets > 0.5], scores[targets < 0.5]
    allowed = most_flagged(len(without), rate)
    if allowed is not None and len(having) >= FEWEST_TO_CALIBRATE:
        return Threshold(_between(_threshold_at(without, allowed), having), is_default=False)
    lowest = _threshold_at(without, math.floor(rate * len(without))) if len(without) else NEVER
    found = int((having >= lowest).sum())
    if len(without) * rate >= 1 and found >= FEWEST_FOUND and 2 * found >= len(having):
        return Threshold(_between(lowest, having), is_default=False)
    return Threshold(max(DEFAULT_THRESHOLD, lowest), is_default=True)


def most_flagged(texts: int, rate: float) -> int | None:
    """Return how many of so many texts may be flagged for the rate among all to be no higher; None where not even none.

    Source: Clopper and Pearson 1934, the upper limit alone.
    """
    if rate <= 0:
        return None
    odds, likely = math.log(rate) - math.log1p(-rate), texts * math.log1p(-rate)
    reached, most = math.exp(likely), -1
    while reached <= 1 - SURE:
        most += 1
        likely += math.log(texts - most) - math.log(most + 1) + odds
        reached += math.exp(likely)
    return most if most >= 0 else None


def _between(lowest: float, having: Array) -> float:
    """Return the middle between a threshold and the first score above it of a text with it.

    The known are judged alike; what nobody knows must be nearer to those with it than to those without.
    """
    above = having[having >= lowest]
    return float((lowest + above.min()) / 2) if len(above) else lowest


def _threshold_at(without: Array, allowed: int) -> float:
    """Return the lowest threshold that flags at most so many of these scores."""
    if allowed >= len(without):
        return 0.0
    return min(NEVER, float(np.nextafter(np.sort(without)[::-1][allowed], 2.0)))


def _fit(logits: Array, aims: Array, steps: int = 50) -> Line:
    """Take Newton's steps, each halved until it is one downhill: from afar the curve alone steps too far."""
    design = np.stack([logits, np.ones_like(logits)], axis=1)
    weights = np.zeros(2)
    for _ in range(steps):
        foretold = _sigmoid(design @ weights)
        slope = design.T @ (foretold - aims)
        curve = design.T @ (design * (foretold * (1 - foretold))[:, None]) + 1e-6 * np.eye(2)
        step = np.linalg.solve(curve, slope)
        while _cost(design @ (weights - step), aims) > _cost(design @ weights, aims) and np.abs(step).max() > 1e-9:
            step = step / 2
        weights = weights - step
    return Line(float(weights[0]), float(weights[1]))


def _cost(logits: Array, aims: Array) -> float:
    return float((np.logaddexp(0, logits) - aims * logits).sum())


def _resamples(group_of: NDArray[np.int64], seed: int) -> Iterator[Array]:
    """Draw groups with replacement; yield how often each text is drawn, once for every resample."""
    groups = int(group_of.max()) + 1 if len(group_of) else 0
    for draws in metrics.resamples(groups, seed, RESAMPLES):
        yield from draws[:, group_of]


def _with_interval(name: str, value: float, resampled: Sequence[float]) -> dict[str, float | None]:
    defined = [one for one in resampled if not math.isnan(one)]
    if math.isnan(value) or not defined:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    low, high = np.quantile(defined, [0.025, 0.975])
    return {name: value, f"{name}_low": float(low), f"{name}_high": float(high)}


def _said(value: float) -> float | None:
    return None if math.isnan(value) else value


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan


def _sigmoid(values: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(values / 2)), dtype=np.float64)
