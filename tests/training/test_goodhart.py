"""The curve of Gao et al. is found again from points on it, and a run ends before it has lost what it gained."""

import math

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
        ([0.0, -1.0, -2.0], [0.0, 1.0, 2.0], False),
    ],
)
def test_the_alarm(golds: list[float], proxies: list[float], is_over: bool) -> None:
    assert bool(goodhart.alarm(looks(golds, proxies), most_lost=0.05)) is is_over
