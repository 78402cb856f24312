"""When a measure becomes a target: how far a policy may move from its start before what it gains is no gain.

A policy is moved by a proxy and watched by a gold model that it never learns from. Along d, the root of the divergence
from the start, gold is thought to follow d (alpha - beta log d), which rises, and then falls.

Source: Gao, Schulman and Hilton 2022 (arXiv:2210.10760), section 3, equation for reinforcement learning.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

# A curve of two numbers is not fitted to fewer looks than this.
FEWEST_LOOKS = 4


@dataclass(frozen=True)
class Look:
    """What was seen after a step; d is the root of the divergence in nats."""

    step: int
    d: float
    proxy: float
    gold: float


@dataclass(frozen=True)
class Fit:
    """Gold's gain over the start, d (alpha - beta log d)."""

    alpha: float
    beta: float

    def gain(self, d: float) -> float:
        return d * (self.alpha - self.beta * math.log(d)) if d > 0 else 0.0

    @property
    def optimum(self) -> float | None:
        """The d at which gold is highest; None where the curve does not fall."""
        return math.exp(self.alpha / self.beta - 1) if self.beta > 0 else None


def fit(looks: Sequence[Look]) -> Fit | None:
    """Fit the curve to all looks but the first, which is the start; None where there are too few to say."""
    start, rest = looks[0], [look for look in looks[1:] if look.d > 1e-6]
    if len(rest) < FEWEST_LOOKS:
        return None
    d = np.array([look.d for look in rest])
    gain = np.array([look.gold - start.gold for look in rest])
    terms = np.stack([d, -d * np.log(d)], axis=1)
    (alpha, beta), *_ = np.linalg.lstsq(terms, gain, rcond=None)
    return Fit(float(alpha), float(beta))


def alarm(looks: Sequence[Look], most_lost: float) -> str | None:
    """Say why a run should end, or None.

    It ends where gold has lost half of what may be lost of its highest gain, and the proxy has not; by the next look
    it might have lost all of it.
    """
    if len(looks) < 2:
        return None
    start, last = looks[0], looks[-1]
    best = max(looks, key=lambda look: look.gold)
    gained = best.gold - start.gold
    if gained <= 0 or best is last or last.proxy < best.proxy:
        return None
    lost = (best.gold - last.gold) / gained
    if lost < most_lost / 2:
        return None
    return (
        f"The reward rises and the gold model's does not: since step {best.step} it has lost {lost:.1%} of what it had "
        f"gained ({best.gold:.3g}, now {last.gold:.3g}) at a distance of {last.d:.2f}."
    )


def to_json(looks: Sequence[Look]) -> dict[str, object]:
    """Return the looks, the curve and its predicted optimum for a card."""
    fitted = fit(looks) if looks else None
    return {
        "looks": [asdict(look) for look in looks],
        "fit": None if fitted is None else {"alpha": fitted.alpha, "beta": fitted.beta, "optimum": fitted.optimum},
    }
