"""The curve of Gao et al. is found again from points on it, and a run ends before it has lost what it gained.

Not sooner, either: what chance explains ends nothing.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from training import goodhart
from training.goodhart import Look


def looks(golds: list[float], proxies: list[float] | None = None) -> list[Look]:
    return [
        Look(step=number, d=0.5 * number, proxy=(proxies or golds)[number], gold=gold)
        for number, gold in enumerate(golds)
    ]


def test_the_curve_is_found_again() -> None:
    alpha, beta = 1.2, 0.8
    planted = [Look(0, 0.0, 0.0, 3.0)] + [
        Look(step, d, 0.0, 3.0 + d * (alpha - beta * math.log(d)))
        for step, d in enumerate((0.3, 0.7, 1.5, 2.5, 4.0), 1)
    ]

    fitted = goodhart.fit(planted)

    assert fitted is not None
    assert (fitted.alpha, fitted.beta) == pytest.approx((alpha, beta))
    assert fitted.optimum == pytest.approx(math.exp(alpha / beta - 1))
    assert fitted.gain(2.0) == pytest.approx(2.0 * (alpha - beta * math.log(2.0)))
    assert fitted.gain(0.0) == 0.0


def test_three_looks_are_no_curve_and_a_rising_one_has_no_optimum() -> None:
    assert goodhart.fit(looks([0.0, 1.0, 2.0, 3.0])) is None
    rising = goodhart.fit(
        [Look(0, 0.0, 0.0, 0.0)] + [Look(d, float(d), 0.0, d * (1 + math.log(d))) for d in range(1, 6)]
    )
    assert rising is not None
    assert rising.optimum is None
    assert goodhart.to_json([]) == {"looks": [], "fit": None}


@pytest.mark.parametrize(
    ("golds", "proxies", "is_over"),
    [
        ([0.0], [0.0], False),
        ([0.0, 1.0], [0.0, 1.0], False),
        # 2 % lost of 5 that may be: it goes on; 3 %: by the next look it might be too late.
        ([0.0, 1.0, 0.98], [0.0, 1.0, 2.0], False),
        ([0.0, 1.0, 0.97], [0.0, 1.0, 2.0], True),
        # Both fall: that is no target gone wrong but a policy that gets worse.
        ([0.0, 1.0, 0.5], [0.0, 1.0, 0.5], False),
        # Nothing was ever gained.
        ([0.0, -1.0, -2.0], [0.0, 1.0, 2.0], True),
    ],
)
def test_the_alarm(golds: list[float], proxies: list[float], is_over: bool) -> None:
    assert bool(goodhart.alarm(looks(golds, proxies), most_lost=0.05)) is is_over


def test_a_fall_that_chance_explains_ends_nothing() -> None:
    """The same 20 % lost: of prompts that all lose it, and of prompts of which some lose much and some gain."""
    prompts = np.linspace(0.0, 2.0, 16)
    # That some prompts are worth more than others says nothing about the fall.
    assert goodhart.alarm([seen(0, 0 * prompts), seen(1, prompts), seen(2, prompts - 0.2)], most_lost=0.05)
    apart = np.where(np.arange(16) % 2, 1.0, -1.0)
    uncertain = [seen(0, 0 * prompts), seen(1, prompts), seen(2, prompts - 0.2 + apart)]
    assert goodhart.fall_of_gold(uncertain[1], uncertain[2]).error == pytest.approx(apart.std(ddof=1) / 4)
    assert goodhart.alarm(uncertain, most_lost=0.05) is None
    # The monitor says how many answers would have told: (errors needed * error / what may be lost) squared.
    needed = (goodhart.errors_to_be_sure(2) * apart.std(ddof=1) / 4 / (0.05 * prompts.mean())) ** 2
    assert goodhart.answers_wanted(uncertain, most_lost=0.05) == pytest.approx(needed)
    assert goodhart.answers_wanted(uncertain[:2], most_lost=0.05) == 1


def test_a_dip_before_anything_was_gained_ends_nothing_and_a_deep_one_does() -> None:
    start = replace(seen(0, np.zeros(16)), spread=1.0)
    assert goodhart.alarm([start, seen(1, np.full(16, -0.2))], most_lost=0.05) is None
    assert goodhart.alarm([start, seen(1, np.full(16, -0.6))], most_lost=0.05)


def test_a_run_is_seldom_ended_while_it_gains_and_in_time_where_it_loses() -> None:
    """200 runs each, of a curve that rises to its end, and of one that falls from the middle on."""
    chance = np.random.default_rng(1)
    steps = np.arange(31)
    rising = [ended_after(steps / 30, chance) for _ in range(200)]
    assert np.mean([step is not None for step in rising]) < 0.1
    falling = [ended_after(np.where(steps <= 15, steps / 15, 1 - (steps - 15) / 50), chance) for _ in range(200)]
    lost = [0.0 if step is None else max(0, step - 15) / 50 for step in falling]
    assert None not in falling
    assert np.mean(lost) < 0.05


def test_a_curve_that_is_about_to_fall_is_looked_at_sooner() -> None:
    curve = goodhart.Fit(1.0, 1.0)
    assert curve.optimum == 1.0
    # By d = 2 it has lost 1 - 2 (1 - log 2), and the slope of that in the two numbers is 1 - 2 and 2 log 2.
    fall = replace(curve, covariance=((0.04, 0.0), (0.0, 0.01))).fall(2.0)
    assert fall.mean == pytest.approx(1 - 2 * (1 - math.log(2)))
    assert fall.error == pytest.approx(math.hypot(0.2, 0.1 * 2 * math.log(2)))
    assert curve.fall(0.5).mean == 0

    def at(ds: tuple[float, ...]) -> list[Look]:
        return [Look(20 * place, d, d, curve.gain(d)) for place, d in enumerate((0.0, *ds))]

    rising, near = at((0.1, 0.2, 0.3, 0.4)), at((0.2, 0.35, 0.5, 0.9))
    assert [goodhart.is_soon(rising, step, 20, 0.05) for step in (81, 85, 95)] == [False, False, False]
    assert [goodhart.is_soon(near, step, 20, 0.05) for step in (81, 84, 85)] == [False, False, True]


def seen(step: int, golds: "np.ndarray[Any, np.dtype[np.float64]]", proxy: float | None = None) -> Look:
    found = float(step) if proxy is None else proxy
    return Look(step, 0.5 * step, found, float(golds.mean()), (found,) * len(golds), tuple(golds.tolist()))


def ended_after(curve: "np.ndarray[Any, np.dtype[np.float64]]", chance: np.random.Generator) -> int | None:
    """Look at the curve through 256 prompts of which each is off by a tenth; return the step of the alarm."""
    ease = chance.normal(0, 1, 256)
    found: list[Look] = []
    for step, gold in enumerate(curve):
        found.append(seen(step, gold + ease + chance.normal(0, 0.1, 256)))
        if goodhart.alarm(found, most_lost=0.05):
            return step
    return None
