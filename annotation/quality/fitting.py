"""How the scores of `aggregation.py` are found: items, judges and completions are numbers here. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

Array = np.ndarray[Any, Any]

# Priors, as so many observations of the usual: what little data is pulled towards.
SCORE_SD, SCORE_SD_ITEMS = 1.5, 10
LOG_RELIABILITY_SD = 0.7
LOG_TIE_SD = 2.0

# Newton's step on a flat stretch may leap; what a step may change at most.
LONGEST_STEP = 1.0
# Choices handled at once: at nine completions each weighs up to 511 sets, so this bounds memory to some 40 MB.
CHUNK = 1 << 13


# Item, judge, and as bits the completions that were left and the tier that was taken from them.
Choice = tuple[int, int, int, int]


class _Sets:
    """Every non-empty set of K completions: `share[s, i]` is 1/|s| where i is in s, so share @ scores are set means."""

    def __init__(self, completions: int) -> None:
        self.bits = np.arange(1, 1 << completions)
        members = (self.bits[:, None] >> np.arange(completions)) & 1
        self.sizes = members.sum(axis=1)
        self.share = members / self.sizes[:, None]


@dataclass(frozen=True)
class _Choices:
    """All choices among items of K completions, column by column."""

    sets: _Sets
    items: Array
    judges: Array
    left: Array
    taken: Array

    @classmethod
    def of(cls, size: int, choices: Sequence[Choice]) -> Self:
        return cls(_Sets(size), *np.array(choices).T)

    def chunks(self) -> Iterator[_Choices]:
        for start in range(0, len(self.items), CHUNK):
            part = slice(start, start + CHUNK)
            yield _Choices(self.sets, self.items[part], self.judges[part], self.left[part], self.taken[part])


class _Slopes:
    """First derivative and negated second of a log-posterior, coordinate by coordinate."""

    def __init__(self, count: int) -> None:
        self.slope, self.bend = np.zeros((2, count))

    def add(self, places: Array, slope: Array, bend: Array) -> None:
        self.slope += np.bincount(places, slope, len(self.slope))
        self.bend += np.bincount(places, bend, len(self.bend))

    def climb(self, at: Array, prior_sd: float, *, start: int = 0) -> None:
        """Move `at` one Newton step, in place, under a normal prior around 0."""
        self.bend = self.bend + 1 / prior_sd**2
        step = (self.slope[start:] - at / prior_sd**2) / self.bend[start:]
        at += step.clip(-LONGEST_STEP, LONGEST_STEP)


class Fit:
    """Coordinate ascent on the log-posterior; each coordinate's own problem is concave, so Newton's steps climb.

    `items` says how many there are of each number of completions K, `choices` what was chosen among them, sorted.
    """

    def __init__(self, *, judges: int, items: Mapping[int, int], choices: Mapping[int, Sequence[Choice]]) -> None:
        self.choices = {size: _Choices.of(size, found) for size, found in choices.items() if found}
        self.values = {size: np.zeros((count, size)) for size, count in items.items()}
        self.covariance: dict[int, Array] = {
            size: np.tile(SCORE_SD**2 * np.eye(size), (count, 1, 1)) for size, count in items.items()
        }
        self.log_reliability = np.zeros(judges)
        self.reliability_curvature = np.full(judges, 1 / LOG_RELIABILITY_SD**2)
        self.log_tie = np.zeros(max(items, default=1))
        self.score_sd = SCORE_SD

    def round(self) -> float:
        """Move everything once; return the largest change."""
        if not self.choices:
            return 0.0
        before = self._position()
        for size, choices in self.choices.items():
            self._move_scores(size, choices)
        self._move_prior()
        self._move_judges_and_ties()
        return float(np.abs(self._position() - before).max())

    def _position(self) -> Array:
        scores = [self.values[size].ravel() for size in self.choices]
        return np.concatenate([*scores, self.log_reliability, self.log_tie, [self.score_sd]])

    def _probabilities(self, choices: _Choices, values: Array) -> tuple[Array, Array]:
        """Return P(set) of each choice, and the mean score of each set, both (choices, sets)."""
        sets = choices.sets
        means = values[choices.items] @ sets.share.T
        logits = np.exp(self.log_reliability)[choices.judges, None] * means + self.log_tie[sets.sizes - 1]
        logits[(sets.bits & ~choices.left[:, None]) != 0] = -np.inf
        logits -= logits.max(axis=1, keepdims=True)
        weights = np.exp(logits)
        return weights / weights.sum(axis=1, keepdims=True), means

    def _move_scores(self, size: int, all_choices: _Choices) -> None:
        values = self.values[size]
        precision = 1 / self.score_sd**2
        gradient = -precision * values
        curvature = np.tile(precision * np.eye(size), (len(values), 1, 1))
        for choices in all_choices.chunks():
            share = choices.sets.share
            sharpness = np.exp(self.log_reliability)[choices.judges]
            chances, _ = self._probabilities(choices, values)
            expected = chances @ share
            surprise = sharpness[:, None] * (share[choices.taken - 1] - expected)
            spread = np.einsum("cs,si,sj->cij", chances, share, share, optimize=True)
            spread -= expected[:, :, None] * expected[:, None, :]
            np.add.at(gradient, choices.items, surprise)
            np.add.at(curvature, choices.items, (sharpness**2)[:, None, None] * spread)
        step = np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0].clip(-LONGEST_STEP, LONGEST_STEP)
        self.values[size] += step
        self.covariance[size] = np.linalg.inv(curvature)

    def _move_judges_and_ties(self) -> None:
        """One Newton step for each judge's log reliability and each tier size's log weight.

        Scores lean towards the sharpest judge; taken for certain, they would call that judge sharper still, without
        end. So judges are measured against scores spread as their posterior is: the M step of an EM.
        """
        judges, ties = _Slopes(len(self.log_reliability)), _Slopes(len(self.log_tie))
        for size, all_choices in self.choices.items():
            points = self._points(size)
            for choices in all_choices.chunks():
                for values in points:
                    self._add_slopes(choices, values, 1 / len(points), judges, ties)
        judges.climb(self.log_reliability, LOG_RELIABILITY_SD)
        # Judges twice as sharp and scores half as far apart would be the same model. The middle judge is called 1, and
        # what all of them moved together goes to the scores' prior (PX-EM: Liu, Rubin and Wu 1998, Biometrika 85).
        together = self.log_reliability.mean()
        self.log_reliability -= together
        self.score_sd *= math.exp(together)
        self.reliability_curvature = judges.bend
        ties.climb(self.log_tie[1:], LOG_TIE_SD, start=1)  # a tier of one is the measure of the others

    def _points(self, size: int) -> list[Array]:
        """Return 2K score tables whose mean and covariance are those of the scores.

        Source: Julier and Uhlmann 1997, "A new extension of the Kalman filter to nonlinear systems": the
        symmetric set of points, kappa 0.
        """
        widths, axes = np.linalg.eigh(self.covariance[size])
        # The symmetric root: another would favour completions by where their names stand in the alphabet.
        roots = np.einsum("nik,nk,njk->nij", axes, np.sqrt(size * widths), axes)
        return [self.values[size] + sign * roots[:, :, axis] for axis in range(size) for sign in (1, -1)]

    def _add_slopes(self, choices: _Choices, values: Array, weight: float, judges: _Slopes, ties: _Slopes) -> None:
        chances, means = self._probabilities(choices, values)
        rows, taken = np.arange(len(choices.items)), choices.taken - 1
        sharpness = np.exp(self.log_reliability)[choices.judges]
        expected = (chances * means).sum(axis=1)
        spread = (chances * means**2).sum(axis=1) - expected**2
        surprise = means[rows, taken] - expected
        judges.add(choices.judges, weight * sharpness * surprise, weight * sharpness**2 * spread)
        for n in range(1, values.shape[1]):
            chance = chances[:, choices.sets.sizes == n + 1].sum(axis=1)
            happened = choices.sets.sizes[taken] == n + 1
            ties.add(np.full(len(rows), n), weight * (happened - chance), weight * chance * (1 - chance))

    def _move_prior(self) -> None:
        """Set the prior's width to what the scores show (an EM step: their squares and what is not known of them)."""
        squares = SCORE_SD_ITEMS * SCORE_SD**2
        count = float(SCORE_SD_ITEMS)
        for size in self.choices:
            squares += float((self.values[size] ** 2).sum() + np.trace(self.covariance[size], axis1=1, axis2=2).sum())
            count += self.values[size].size
        self.score_sd = math.sqrt(squares / count)

    @property
    def tie_weights(self) -> tuple[float, ...]:
        return tuple(np.exp(self.log_tie).tolist())

    def reliability(self, judge: int) -> tuple[float, float]:
        """Return value and standard error; the error is the logarithm's, carried over: se(exp x) ≈ exp(x) se(x)."""
        value = math.exp(self.log_reliability[judge])
        return value, value / math.sqrt(self.reliability_curvature[judge])

    def centred(self, size: int) -> tuple[list[list[float]], list[list[list[float]]]]:
        """Return scores (items, K) that add up to 0 in each item, and their covariances (items, K, K)."""
        centre = np.eye(size) - 1 / size
        return (self.values[size] @ centre).tolist(), (centre @ self.covariance[size] @ centre).tolist()
