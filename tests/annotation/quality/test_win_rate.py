"""The win rate of a model, and the interval that holds at every look."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from annotation.quality.win_rate import Verdict, confidence_sequence, rate_of, sum_up


def verdict(task: int, won: float, judge: int = 1, was_first: bool | None = True) -> Verdict:
    return Verdict(task, judge, won, was_first)


def test_nothing_judged_is_nothing_known() -> None:
    found = sum_up([])
    assert (found.overall, found.balanced, found.agreement, found.judges) == (None, None, None, 0)
    assert confidence_sequence([]) == (0.0, 1.0)


def test_a_task_counts_once_however_many_judged_it() -> None:
    rate = rate_of([verdict(1, 1, judge=1), verdict(1, 1, judge=2), verdict(1, 0, judge=3), verdict(2, 0)])
    assert rate is not None
    assert (rate.tasks, rate.rate) == (2, pytest.approx((2 / 3 + 0) / 2))


def test_sides_judges_ties_and_agreement_are_told() -> None:
    found = sum_up(
        [
            verdict(1, 1, judge=1, was_first=True),
            verdict(1, 0.5, judge=2, was_first=False),
            verdict(2, 0, judge=1, was_first=False),
            verdict(2, 0, judge=3, was_first=True),
            verdict(3, 1, judge=2, was_first=None),
        ]
    )
    assert found.overall is not None
    assert found.shown_first is not None
    assert found.shown_second is not None
    assert found.overall.rate == pytest.approx((0.75 + 0 + 1) / 3)
    assert (found.shown_first.rate, found.shown_second.rate) == (0.5, 0.25)
    assert found.balanced == pytest.approx(0.375)
    assert (found.verdicts, found.ties, found.judges, found.judged_twice) == (5, 1, 3, 2)
    # Half an agreement on the first task, a whole one on the second.
    assert found.agreement == 0.75


def test_the_first_bets_are_as_worked_out_by_hand() -> None:
    """The first stake is √(2 ln 40 / (¼ · 1 · ln 2)) = 6.5250. After a 1 the next mean is ¾ and the variance
    (¼ + 1/16)/2 = 5/32, so the second is √(2 ln 40 / (5/32 · 2 · ln 3)) = 4.6357. Neither is capped near m = 0, so
    two ones have won (1 + 6.5250 x)(1 + 4.6357 x) with x = 1 - m, which is 40 at x = .96590.
    """
    assert confidence_sequence([1.0]) == (0.0, 1.0)
    first = math.sqrt(2 * math.log(40) / (0.25 * math.log(2)))
    second = math.sqrt(2 * math.log(40) / (5 / 32 * 2 * math.log(3)))
    assert (first, second) == (pytest.approx(6.5250, abs=1e-3), pytest.approx(4.6357, abs=1e-3))
    added = first + second
    by_hand = 1 - (-added + math.sqrt(added**2 + 4 * first * second * 39)) / (2 * first * second)
    assert confidence_sequence([1.0, 1.0]) == (pytest.approx(by_hand, abs=1e-8), 1.0)
    assert by_hand == pytest.approx(0.0341, abs=1e-4)


def test_stakes_are_capped_at_half_of_what_could_be_lost() -> None:
    """Zeros against m = ½ lose at most half of what is left each time: one value cannot ruin what was won before."""
    values = [1.0] * 40 + [0.0] * 5
    assert confidence_sequence(values)[0] == confidence_sequence(values[:40])[0] > 0.8


def test_the_two_bounds_mirror_each_other() -> None:
    values = [1, 0, 1, 1, 0.5, 1, 0.75, 0, 1, 1, 1, 0.5]
    low, high = confidence_sequence(values)
    mirrored = confidence_sequence([1 - value for value in values])
    assert (1 - mirrored[1], 1 - mirrored[0]) == (pytest.approx(low, abs=1e-8), pytest.approx(high, abs=1e-8))


def test_more_values_only_narrow_it() -> None:
    chance = random.Random(3)
    values = [float(chance.random() < 0.7) for _ in range(120)]
    bounds = [confidence_sequence(values[:number]) for number in range(0, 121, 10)]
    assert all(here[0] <= there[0] and there[1] <= here[1] for here, there in pairwise(bounds))
    assert bounds[-1][0] > 0.5


@pytest.mark.parametrize(("mean", "ties"), [(0.5, 0.0), (0.5, 0.6), (0.65, 0.2), (0.9, 0.0)])
def test_the_mean_is_inside_at_every_look_of_nineteen_experiments_in_twenty(mean: float, ties: float) -> None:
    """Since bounds only narrow, the mean lies within the last pair if and only if it lay within all before it."""
    chance = random.Random(f"{mean} {ties}")
    win = (mean - ties / 2) / (1 - ties)
    missed = 0
    for _ in range(300):
        values = [0.5 if chance.random() < ties else float(chance.random() < win) for _ in range(150)]
        low, high = confidence_sequence(values)
        missed += not low <= mean <= high
    # At 5 % in truth, 300 experiments would show 27 misses or more but once in a thousand times.
    assert missed <= 15


def test_so_many_tasks_tell_a_win_of_two_in_three() -> None:
    chance = random.Random(1)
    needed = []
    for _ in range(20):
        values: list[float] = []
        while confidence_sequence(values)[0] <= 0.5 and len(values) < 400:
            values += [float(chance.random() < 2 / 3) for _ in range(10)]
        needed.append(len(values))
    assert sorted(needed)[10] <= 160
