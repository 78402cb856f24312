"""The road from raw text to an assistant that people may talk to: what stations need, and what is done next. Pure.

A station is judged by facts alone: queries.py reads them from rows, actions.py acts on what follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# So many more answers than a release holds, as a share, are worth freezing anew.
WORTH_FREEZING = 0.1


class Station(StrEnum):
    PRETRAIN = "pretrain"
    SFT = "sft"
    REWARD = "reward"
    RL = "rl"
    MODERATION = "moderation"
    CHAT = "chat"


@dataclass(frozen=True)
class Need:
    """What a station learns from, and how much of it is usual; no `high` where nobody has stated one."""

    unit: str
    low: int
    high: int | None = None


# Demonstrations, ranked completions and prompts: what Bennet was built for, of the order of Ouyang et al. 2022
# (arXiv:2203.02155), table 6. Characters: a few novels. Labels: below some ten thousand our own filters say little
# where a wording is new (README, Figures).
NEEDS: Mapping[Station, Need | None] = {
    Station.PRETRAIN: Need("characters", 1_000_000),
    Station.SFT: Need("demonstrations", 10_000, 100_000),
    Station.REWARD: Need("completions", 100_000, 1_000_000),
    Station.RL: Need("prompts", 10_000, 100_000),
    Station.MODERATION: Need("labels", 10_000),
    Station.CHAT: None,
}
# What must be behind one before a station can be reached.
AFTER: Mapping[Station, tuple[Station, ...]] = {
    Station.PRETRAIN: (),
    Station.SFT: (),
    Station.REWARD: (),
    Station.RL: (Station.SFT, Station.REWARD),
    Station.MODERATION: (),
    Station.CHAT: (Station.SFT, Station.MODERATION),
}
# Whose models answer people or stand before those that do, and so are kept up.
SERVED = (Station.SFT, Station.RL, Station.MODERATION)


class Do(StrEnum):
    """What is done next at a station. Orders are done by the button itself; the others lead to where one does them."""

    COLLECT = "collect"
    FREEZE = "freeze"
    CORRECT = "correct"
    TRAIN = "train"
    SERVE = "serve"
    MEASURE = "measure"
    WAIT_RELEASE = "wait_release"
    WAIT_RUN = "wait_run"
    LOOK = "look"
    FIRST = "first"
    MORE = "more"
    CHAT = "chat"


ORDERS = (Do.FREEZE, Do.CORRECT, Do.TRAIN, Do.SERVE, Do.MEASURE)


@dataclass(frozen=True)
class Step:
    """What to do, and with which row or at which other station."""

    do: Do
    target: int | None = None
    station: Station | None = None

    @property
    def is_order(self) -> bool:
        return self.do in ORDERS


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a station. Ids are of the newest row of each kind; None: there is none.

    answers: what is there to learn from, counted like `held`, which is what the release holds; has_news: whether any of
    it is younger than the release.
    release: frozen, standing, and teaching this station; stale_release: the same, but for words taken back since.
    freezing: a release under way. run: the newest run, is_running and has_failed: how it goes; run_release: what it
    learns from.
    model: one that learned from nothing taken back, from model_release. is_served: whether it, or another of the
    station, is kept up. can_measure: whether a learning curve can
    be drawn of the release; has_curve: whether one stands. missing: stations to be passed first.
    """

    answers: int = 0
    held: int = 0
    has_news: bool = False
    release: int | None = None
    stale_release: int | None = None
    freezing: int | None = None
    run: int | None = None
    is_running: bool = False
    has_failed: bool = False
    run_release: int | None = None
    model: int | None = None
    model_release: int | None = None
    is_served: bool = False
    can_measure: bool = False
    has_curve: bool = False
    missing: tuple[Station, ...] = ()


def next_step(station: Station, facts: Facts) -> Step:
    """Return the next best action at a station."""
    if facts.is_running:
        return Step(Do.WAIT_RUN, facts.run)
    if facts.missing:
        return Step(Do.FIRST, station=facts.missing[0])
    if station == Station.CHAT:
        return Step(Do.CHAT)
    if facts.model is None:
        return _towards_a_model(facts)
    if station in SERVED and not facts.is_served:
        return Step(Do.SERVE, facts.model)
    return _towards_a_better_one(station, facts)


def _towards_a_model(facts: Facts) -> Step:
    if facts.release is not None:
        if facts.has_failed and facts.run_release == facts.release:
            return Step(Do.LOOK, facts.run)
        return Step(Do.TRAIN, facts.release)
    if facts.freezing is not None:
        return Step(Do.WAIT_RELEASE, facts.freezing)
    if facts.stale_release is not None:
        return Step(Do.CORRECT, facts.stale_release)
    return Step(Do.FREEZE if facts.answers else Do.COLLECT)


def _towards_a_better_one(station: Station, facts: Facts) -> Step:
    is_newer = facts.release is not None and facts.release != facts.model_release
    # What was tried on it already is not ordered twice.
    if is_newer and facts.run_release != facts.release:
        return Step(Do.TRAIN, facts.release)
    if facts.freezing is not None:
        return Step(Do.WAIT_RELEASE, facts.freezing)
    if facts.has_news and facts.answers > facts.held * (1 + WORTH_FREEZING):
        return Step(Do.FREEZE)
    if facts.can_measure and not facts.has_curve:
        return Step(Do.MEASURE, facts.release)
    return Step(Do.MORE)
