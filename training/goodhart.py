"""When a measure becomes a target: how far a policy may move from its start before what it gains is no gain.

A policy is moved by a proxy and watched by a gold model that it never learns from. Along d, the root of the divergence
from the start, gold is thought to follow d (alpha - beta log d), which rises, and then falls.

What a look finds is a mean over prompts, and so uncertain. All looks answer the same prompts, so two of them are
compared prompt by prompt: what makes one prompt harder than another drops out, and what is left tells how much of a
difference may be chance. A run ends where more than chance says that gold falls, not where a number happens to.

Source: Gao, Schulman and Hilton 2022 (arXiv:2210.10760), section 3, equation for reinforcement learning.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

# A curve of two numbers is not fitted to fewer looks than this.
FEWEST_LOOKS = 4
FARTHEST = 1e6
# A gain below this share of gold's spread is no gain yet of which to count what is lost (Cohen's medium effect).
LEAST_GAIN = 0.5
# How often chance alone may make a look seem worse than the best of those before it.
CHANCE = 0.05


@dataclass(frozen=True)
class Look:
    """What was seen after a step; d is the root of the divergence in nats.

    proxies, golds: of each prompt, the same prompts in every look; empty where only their means are known.
    spread: the standard deviation of gold over single answers, gold's own scale.
    """

    step: int
    d: float
    proxy: float
    gold: float
    proxies: tuple[float, ...] = ()
    golds: tuple[float, ...] = ()
    spread: float = 0.0


@dataclass(frozen=True)
class Fall:
    """How much lower a look lies than another, and the standard error of that."""

    mean: float
    error: float

    def is_sure(self, looks: int) -> bool:
        """Whether it is more than chance, where the higher one was picked as the best of so many looks (Bonferroni)."""
        return self.mean > errors_to_be_sure(looks) * self.error


@dataclass(frozen=True)
class Fit:
    """Gold's gain over the start, d (alpha - beta log d); covariance: of the two numbers, [2, 2]."""

    alpha: float
    beta: float
    covariance: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))

    def gain(self, d: float) -> float:
        return d * (self.alpha - self.beta * math.log(d)) if d > 0 else 0.0

    @property
    def optimum(self) -> float | None:
        """The d at which gold is highest; None where the curve does not fall, or further away than any policy gets."""
        is_near = self.beta > 0 and self.alpha < self.beta * (1 + math.log(FARTHEST))
        return math.exp(self.alpha / self.beta - 1) if is_near else None

    def fall(self, d: float) -> Fall:
        """How far below its top the curve lies at d, beyond the optimum; nothing before it or without one."""
        top = self.optimum
        if top is None or d <= top:
            return Fall(0.0, 0.0)
        # The top moves with the two numbers, but the curve is level there.
        slope = np.array([top - d, d * math.log(d) - top * math.log(top)])
        return Fall(self.gain(top) - self.gain(d), math.sqrt(max(slope @ np.array(self.covariance) @ slope, 0.0)))


def errors_to_be_sure(looks: int) -> float:
    return NormalDist().inv_cdf(1 - CHANCE / max(looks, 1))


def fall_of_gold(since: Look, now: Look) -> Fall:
    """How much gold has lost between two looks, prompt by prompt."""
    return _fall(since.gold - now.gold, since.golds, now.golds)


def fall_of_proxy(since: Look, now: Look) -> Fall:
    return _fall(since.proxy - now.proxy, since.proxies, now.proxies)


def fit(looks: Sequence[Look]) -> Fit | None:
    """Fit the curve to all looks but the first, which is the start; None where there are too few to say."""
    start, rest = looks[0], [look for look in looks[1:] if look.d > 1e-6]
    if len(rest) < FEWEST_LOOKS:
        return None
    d = np.array([look.d for look in rest])
    gain = np.array([look.gold - start.gold for look in rest])
    terms = np.stack([d, -d * np.log(d)], axis=1)
    (alpha, beta), *_ = np.linalg.lstsq(terms, gain, rcond=None)
    # What the looks lie off the curve is chance and the curve's own fault: both make it less sure.
    off = gain - terms @ (alpha, beta)
    (first, second), (third, fourth) = np.linalg.pinv(terms.T @ terms) * float(off @ off) / (len(rest) - 2)
    return Fit(float(alpha), float(beta), ((float(first), float(second)), (float(third), float(fourth))))


def alarm(looks: Sequence[Look], most_lost: float) -> str | None:
    """Say why a run should end, or None.

    It ends where gold surely lies below its best look by half of what may be lost of the gain, or lies below it and the
    curve surely falls and will have lost all of that by the next look; unless the proxy has surely fallen with it: that
    is no target gone wrong but a policy that gets worse. Where nothing was gained, it ends where gold surely lies below
    the start by as much as would have been a gain.
    """
    if len(looks) < 2:
        return None
    best, last = _best(looks), looks[-1]
    if best is last or fall_of_proxy(best, last).is_sure(1):
        return None
    may_lose = most_lost * _scale(looks)
    lost = fall_of_gold(best, last)
    too_much = may_lose / 2 if best is not looks[0] else _scale(looks)
    if lost.is_sure(len(looks) - 1) and lost.mean >= too_much:
        said = f"it has lost {_share(lost, best.gold - looks[0].gold)} since step {best.step}"
    elif best is not looks[0] and _is_heading_down(looks, may_lose):
        said = f"it was best at step {best.step}, and by the next look it will have lost {most_lost:.0%} of its gain"
    else:
        return None
    return (
        f"The reward rises and the gold model's does not: {said} ({best.gold:.3g}, now {last.gold:.3g}) at a distance "
        f"of {last.d:.2f}."
    )


def answers_wanted(looks: Sequence[Look], most_lost: float) -> float:
    """Return how many times as many answers a look needs to be sure of what may be lost; 1 where they suffice.

    Nothing can be said before gold has gained more than chance explains, nor of the best look itself.
    """
    start, best, last = looks[0], _best(looks), looks[-1]
    gained = fall_of_gold(best, start)
    if best is last or not gained.is_sure(len(looks) - 1):
        return 1.0
    seen = errors_to_be_sure(len(looks) - 1) * fall_of_gold(best, last).error
    return max(1.0, (seen / (most_lost * gained.mean)) ** 2)


def is_soon(looks: Sequence[Look], step: int, every: int, most_lost: float) -> bool:
    """Whether to look before the plan does, where gold may be about to fall.

    Planned looks are `every` steps apart. Where the curve falls before the next of them, and where gold lies below its
    best and it is not sure whether by chance, looks come at a quarter of that.
    """
    if len(looks) < 2 or step - looks[-1].step < max(1, every // 4):
        return False
    best, last = _best(looks), looks[-1]
    may_lose = most_lost * _scale(looks)
    if best is not last and fall_of_gold(best, last).mean >= may_lose / 2:
        return True
    fitted = fit(looks)
    return fitted is not None and fitted.fall(_next_d(looks, every)).mean >= may_lose / 2


def _is_heading_down(looks: Sequence[Look], may_lose: float) -> bool:
    fitted = fit(looks)
    if fitted is None:
        return False
    ahead = fitted.fall(_next_d(looks, looks[-1].step - looks[-2].step))
    return ahead.mean >= may_lose and ahead.is_sure(1)


def _next_d(looks: Sequence[Look], steps: int) -> float:
    """Return where the policy will be so many steps on, if it goes on as between the last two looks."""
    before, last = looks[-2:]
    return last.d + max(last.d - before.d, 0.0) * steps / max(last.step - before.step, 1)


def _scale(looks: Sequence[Look]) -> float:
    """Return of what a loss is a share: the gain so far, at least what would be one."""
    return max(_best(looks).gold - looks[0].gold, LEAST_GAIN * looks[0].spread)


def _best(looks: Sequence[Look]) -> Look:
    return max(looks, key=lambda look: look.gold)


def _fall(mean: float, before: Sequence[float], after: Sequence[float]) -> Fall:
    if len(before) < 2 or len(before) != len(after):
        return Fall(mean, 0.0)
    differences = np.asarray(before) - np.asarray(after)
    return Fall(float(differences.mean()), float(differences.std(ddof=1)) / math.sqrt(len(differences)))


def _share(lost: Fall, gained: float) -> str:
    if gained <= 0:
        return f"{lost.mean:.3g}"
    return f"{lost.mean / gained:.1%} (give or take {lost.error / gained:.1%}) of what it had gained"


def to_json(looks: Sequence[Look]) -> dict[str, object]:
    """Return the looks, the curve and its predicted optimum for a card; error: of a look's gold against the best's."""
    if not looks:
        return {"looks": [], "fit": None}
    fitted, best = fit(looks), _best(looks)
    return {
        "looks": [
            {
                "step": look.step,
                "d": look.d,
                "proxy": look.proxy,
                "gold": look.gold,
                "error": fall_of_gold(best, look).error,
            }
            for look in looks
        ],
        "fit": None if fitted is None else {"alpha": fitted.alpha, "beta": fitted.beta, "optimum": fitted.optimum},
    }
