"""The learning curve: train on an eighth, a quarter, a half and all of the data, and say what more of it would buy.

Smaller shares are parts of larger ones, and all are measured on the same test split. The measure is fitted as a
straight line in the logarithm of the number of judgements, which is what a power law looks like over a few doublings
(Hestness et al. 2017, arXiv:1712.00409, section 3); the interval comes from refitting with each point drawn within its
own uncertainty.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from training.config import RewardConfig, SFTConfig
from training.events import Reporter
from training.loop import Stop
from training.settings import ConfigError

SHARES = (0.125, 0.25, 0.5, 1.0)
DRAWS = 4000
# A 95 % interval is this many standard errors wide on either side.
NORMAL = 1.959964
CURVE = "curve.json"

Recipe = Callable[[Any, Reporter, Stop], dict[str, Any]]


@dataclass(frozen=True)
class Trained:
    """What one training on a share measured on the test split, with its 95 % interval where the measure has one."""

    share: float
    seed: int
    judgements: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Point:
    """A share of the data and the measure it led to, over `runs` seeds. error: its standard error, None if unknown."""

    share: float
    judgements: int
    value: float
    error: float | None
    runs: int


@dataclass(frozen=True)
class Forecast:
    """What `more` judgements beyond those at hand would change the measure by, with a 95 % interval."""

    more: int
    gain: float
    low: float
    high: float


def run(
    config: SFTConfig | RewardConfig, recipe: Recipe, report: Reporter, stop: Stop, *,
    shares: Sequence[float] = SHARES, seeds: int = 1, more: int = 1000, known: Sequence[Mapping[str, Any]] = (),
    inside: Reporter | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Train every share with every seed; return points, fit and forecast, kept in `<output>/curve.json` too.

    Interrupted, it goes on where it was: each training has a directory and checkpoints of its own, and what is `known`
    of an earlier attempt (its `trained`) is not trained again. inside: who is told what each training says of itself.
    Raises ConfigError where there are fewer than two shares or the test split is empty.
    """
    if len(shares) < 2:
        raise ConfigError("shares: a curve needs two of them or more.")
    measure, better = ("accuracy", "higher") if isinstance(config, RewardConfig) else ("loss", "lower")
    trained = [Trained(**one) for one in known]
    wanted = [(share, seed) for share in sorted(shares) for seed in range(config.seed, config.seed + seeds)]
    found: dict[str, Any] = {}
    report("progress", done=len(trained), total=len(wanted))
    for share, seed in wanted:
        if not any((one.share, one.seed) == (share, seed) for one in trained):
            card = recipe(replace(config, **_of(config, share, seed)), inside or report, stop)
            trained.append(_trained(share, seed, card, measure))
        points = points_of(trained)
        ahead = forecast(points, more)
        found = {
            "measure": measure,
            "better": better,
            "points": [vars(point) for point in points],
            "fit": fit(points),
            "forecast": None if ahead is None else vars(ahead),
            "trained": [vars(one) for one in trained],
        }
        report("progress", done=len(trained), total=len(wanted))
        report("curve", found=found)
    place = Path(config.output)
    place.mkdir(parents=True, exist_ok=True)
    (place / CURVE).write_text(json.dumps(found, indent=2), encoding="utf-8")
    return found


def points_of(trained: Sequence[Trained]) -> list[Point]:
    """Put the trainings of each share together, smallest share first."""
    by_share = {
        share: [one for one in trained if one.share == share] for share in sorted({one.share for one in trained})
    }
    return [
        Point(share, here[0].judgements, sum(one.value for one in here) / len(here), _error(here), len(here))
        for share, here in by_share.items()
    ]


def fit(points: Sequence[Point]) -> dict[str, float] | None:
    """Return the line {at_one, slope} in the natural logarithm of the judgements; None for fewer than two of them."""
    if len({point.judgements for point in points}) < 2:
        return None
    x, y, error = _arrays(points)
    weight = error**-2 / (error**-2).sum()
    slope = float(_slopes(x, y[None], error)[0])
    return {"at_one": float((weight * (y - slope * x)).sum()), "slope": slope}


def forecast(points: Sequence[Point], more: int, seed: int = 0) -> Forecast | None:
    """Fit value = a + b log(judgements) and read off the gain; None where no point says how uncertain it is.

    Points are weighted by the inverse of their variance, as least squares with known errors.
    """
    if any(point.error is None for point in points) or len({point.judgements for point in points}) < 2:
        return None
    x, y, error = _arrays(points)
    step = math.log1p(more / points[-1].judgements)
    drawn = y + error * np.random.default_rng(seed).standard_normal((DRAWS, len(points)))
    gains = _slopes(x, drawn, error) * step
    low, high = np.quantile(gains, [0.025, 0.975])
    return Forecast(more, float(_slopes(x, y[None], error)[0] * step), float(low), float(high))


def _arrays(points: Sequence[Point]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return logarithms, values and errors; where nobody knows an error all weigh alike."""
    known = all(point.error is not None for point in points)
    error = np.maximum([point.error or 0.0 for point in points], 1e-9) if known else np.ones(len(points))
    return np.log([point.judgements for point in points]), np.array([point.value for point in points]), error


def _slopes(x: np.ndarray, y: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return the slope of the weighted line through each row of y, [rows]."""
    weight = error**-2 / (error**-2).sum()
    centred = x - (weight * x).sum()
    slopes: np.ndarray = (y * weight * centred).sum(axis=1) / (weight * centred**2).sum()
    return slopes


def _of(config: SFTConfig | RewardConfig, share: float, seed: int) -> dict[str, Any]:
    return {"train_share": share, "seed": seed, "output": str(Path(config.output) / f"share-{share:g}-seed-{seed}")}


def _trained(share: float, seed: int, card: Mapping[str, Any], measure: str) -> Trained:
    test = card["metrics"]["test"]
    if measure not in test:
        raise ConfigError("release: its test split has nothing to measure a curve by; freeze one that has.")
    judgements = int(card["counts"]["train"]["rows_used"])
    low, high = (test.get(f"{measure}_{end}") for end in ("low", "high"))
    return Trained(share, seed, judgements, float(test[measure]), low, high)


def _error(trained: Sequence[Trained]) -> float | None:
    """Return the standard error of a mean of seeds: what the test split and what the seeds leave open."""
    values = [one.value for one in trained]
    spread = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else None
    low, high = trained[0].low, trained[0].high
    sampling = None if low is None or high is None else (high - low) / (2 * NORMAL)
    known = [one for one in (spread, sampling) if one is not None]
    return math.hypot(*known) if known else None
