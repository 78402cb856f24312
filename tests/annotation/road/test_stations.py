"""What is next at a station, fact by fact."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.road.stations import AFTER, NEEDS, Do, Facts, Station, Step, next_step

READY: dict[str, Any] = {"answers": 10, "held": 10, "release": 7, "model": 3, "model_release": 7, "run_release": 7}
MEASURABLE = READY | {"can_measure": True}


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({}, Step(Do.COLLECT)),
        ({"answers": 1}, Step(Do.FREEZE)),
        ({"answers": 1, "freezing": 4}, Step(Do.WAIT_RELEASE, 4)),
        ({"answers": 1, "stale_release": 4}, Step(Do.CORRECT, 4)),
        ({"answers": 1, "release": 5, "stale_release": 4}, Step(Do.TRAIN, 5)),
        ({"release": 5, "run": 9, "is_running": True, "run_release": 5}, Step(Do.WAIT_RUN, 9)),
        ({"release": 5, "run": 9, "has_failed": True, "run_release": 5}, Step(Do.LOOK, 9)),
        # What failed on an older release is tried on the newer one.
        ({"release": 5, "run": 9, "has_failed": True, "run_release": 4}, Step(Do.TRAIN, 5)),
        (MEASURABLE, Step(Do.MEASURE, 7)),
        (MEASURABLE | {"has_curve": True}, Step(Do.MORE)),
        (READY, Step(Do.MORE)),
        (READY | {"answers": 12, "has_news": True}, Step(Do.FREEZE)),
        # A tenth more is not worth it yet; what a release leaves out on purpose is no news.
        (READY | {"answers": 11, "has_news": True}, Step(Do.MORE)),
        (READY | {"answers": 12}, Step(Do.MORE)),
        (READY | {"release": 8}, Step(Do.TRAIN, 8)),
        # Tried already, without success: nothing is ordered twice.
        (READY | {"release": 8, "run": 9, "has_failed": True, "run_release": 8}, Step(Do.MORE)),
    ],
)
def test_a_station_knows_what_is_next(facts: dict[str, Any], step: Step) -> None:
    assert next_step(Station.REWARD, Facts(**facts)) == step


def test_what_answers_people_is_brought_up() -> None:
    assert next_step(Station.RL, Facts(**READY)) == Step(Do.SERVE, 3)
    assert next_step(Station.RL, Facts(**READY, is_served=True)) == Step(Do.MORE)
    assert next_step(Station.PRETRAIN, Facts(**READY)) == Step(Do.MORE)


def test_some_stations_come_after_others() -> None:
    assert next_step(Station.RL, Facts(missing=(Station.REWARD,))) == Step(Do.FIRST, station=Station.REWARD)
    assert next_step(Station.CHAT, Facts(missing=(Station.MODERATION,))) == Step(Do.FIRST, station=Station.MODERATION)
    assert next_step(Station.CHAT, Facts()) == Step(Do.CHAT)


def test_every_station_is_told_of() -> None:
    assert set(NEEDS) == set(AFTER) == set(Station)
    orders = [do for do in Do if Step(do).is_order]
    assert orders == [Do.FREEZE, Do.CORRECT, Do.TRAIN, Do.SERVE, Do.MEASURE]
