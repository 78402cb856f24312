"""Choosing with a control arm, and how likely each candidate was."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest

from annotation.quality.selecting import CHOSEN, CONTROL, select


def test_the_control_arm_has_its_share_and_the_rest_is_worth_most() -> None:
    worth = [float(place) for place in range(100)]
    found = select(worth, 20, 0.2, random.Random(1))
    arms = Counter(one.arm for one in found)
    assert arms == {CHOSEN: 16, CONTROL: 4}
    controls = {one.place for one in found if one.arm == CONTROL}
    best = [place for place in reversed(range(100)) if place not in controls][:16]
    assert {one.place for one in found if one.arm == CHOSEN} == set(best)
    assert [one.place for one in found] == sorted(one.place for one in found)


@pytest.mark.parametrize(("share", "arms"), [(0.0, {CHOSEN: 3}), (1.0, {CONTROL: 3})])
def test_all_by_worth_and_all_by_lot(share: float, arms: dict[str, int]) -> None:
    found = select([1.0, 5.0, 3.0, 4.0], 3, share, random.Random(2))
    assert Counter(one.arm for one in found) == arms
    assert [one.p for one in found] == [pytest.approx(1.0 if share == 0 else 0.75)] * 3


def test_fewer_candidates_than_wanted_are_all_asked_about() -> None:
    found = select([1.0, 2.0], 10, 0.5, random.Random(0))
    assert [(one.place, one.p) for one in found] == [(0, pytest.approx(1)), (1, pytest.approx(1))]
    assert select([], 10, 0.5, random.Random(0)) == []


def test_chances_are_as_often_as_they_say() -> None:
    worth = [5.0, 1.0, 4.0, 2.0, 3.0, 0.0]
    seen, told, draws = Counter[int](), dict[int, float](), 20_000
    for draw in range(draws):
        for one in select(worth, 3, 0.4, random.Random(draw)):
            seen[one.place] += 1
            told[one.place] = one.p
    assert math.fsum(told.values()) == pytest.approx(3)
    assert all(seen[place] / draws == pytest.approx(p, abs=0.015) for place, p in told.items())
    # Six candidates, one by lot: the second best is in for sure, the third in one time of six of its own lot, and
    # when one of the two before it was drawn.
    assert (told[0], told[2]) == (pytest.approx(1), pytest.approx(1))
    assert told[4] == pytest.approx(1 / 6 + 2 / 6)
