"""Which of many candidates people are asked about, most of them for what they may teach and the rest by lot. Pure.

A share by lot is what lets anybody measure whether choosing was worth it, and the chance that each candidate had of
being asked about is kept with it, so that what was asked can be weighed back to all there was.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma

CHOSEN, CONTROL = "chosen", "control"


@dataclass(frozen=True, slots=True)
class Selected:
    place: int
    arm: str
    # How likely the candidate was to be in either arm, before the lot was drawn.
    p: float


def select(worth: Sequence[float], wanted: int, control_share: float, chance: random.Random) -> list[Selected]:
    """Draw the control arm from all candidates, then take those worth most of the rest; in the order of their places.

    Of candidates of equal worth the earlier one goes first.
    """
    wanted = min(wanted, len(worth))
    controls = min(round(wanted * control_share), wanted)
    ranked = sorted(range(len(worth)), key=lambda place: -worth[place])
    by_lot = set(chance.sample(range(len(worth)), controls))
    best = set([place for place in ranked if place not in by_lot][: wanted - controls])
    return sorted(
        (
            Selected(
                place, CONTROL if place in by_lot else CHOSEN, _chance(rank, len(worth), controls, wanted - controls)
            )
            for rank, place in enumerate(ranked)
            if place in by_lot or place in best
        ),
        key=lambda one: one.place,
    )


def _chance(rank: int, candidates: int, controls: int, chosen: int) -> float:
    """Return how likely the candidate of this rank, from 0, is selected.

    By lot, or else because so many of those before it went to the lot that fewer than `chosen` are left: of the rank's
    worth of candidates before it, hypergeometrically many among the controls drawn from all others.
    """
    by_lot = controls / candidates
    others, needed = candidates - 1, max(rank - chosen + 1, 0)
    if not chosen or needed > min(rank, controls):
        return by_lot
    among = sum(
        exp(_log_choose(rank, drawn) + _log_choose(others - rank, controls - drawn) - _log_choose(others, controls))
        for drawn in range(needed, min(rank, controls) + 1)
        if controls - drawn <= others - rank
    )
    return min(by_lot + (1 - by_lot) * among, 1.0)


def _log_choose(of: int, taken: int) -> float:
    return lgamma(of + 1) - lgamma(taken + 1) - lgamma(of - taken + 1)
