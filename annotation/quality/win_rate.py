"""How often people prefer one model's answers to another's, and how sure that is however often one looks. Pure.

The unit is a task, worth the mean of its judges: 1 where all prefer the model in question, ½ where it is as good. The
interval is an anytime-valid confidence sequence: it holds at every look at once, so people may be asked until it says
enough, and nobody has to fix beforehand how many.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

LEVEL = 0.95
# Bets stay below this share of what the values could cost. Source: Waudby-Smith and Ramdas, after equation 28.
_CAUTION = 0.5
# Halvings of an interval from 0 to 1: finer than anybody reads.
_HALVINGS = 30


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one judge said of one task."""

    task: int
    judge: int
    # 1 where the model in question was preferred, 0 where the other was, ½ where neither.
    won: float
    # Whether its answer was shown first; None where that was not noted.
    was_first: bool | None


@dataclass(frozen=True, slots=True)
class Rate:
    rate: float
    low: float
    high: float
    tasks: int


@dataclass(frozen=True, slots=True)
class WinRate:
    """Everything that a model's page says of a comparison; None where nothing was judged, or by one judge alone."""

    overall: Rate | None
    # Of the verdicts with the model's answer shown first, and shown second.
    shown_first: Rate | None
    shown_second: Rate | None
    # The mean of those two: what the rate would be had each side been shown first as often.
    balanced: float | None
    verdicts: int
    ties: int
    judges: int
    # Of all pairs of judges of one task, the share that said the same; a tie against a preference is half.
    agreement: float | None
    judged_twice: int


def sum_up(verdicts: Sequence[Verdict]) -> WinRate:
    """Sum up verdicts, which come in the order in which their tasks were finished."""
    by_task = _by_task(verdicts)
    first = rate_of([one for one in verdicts if one.was_first is True])
    second = rate_of([one for one in verdicts if one.was_first is False])
    agreements = [
        1 - abs(here.won - there.won) for judged in by_task.values() for here, there in combinations(judged, 2)
    ]
    return WinRate(
        overall=rate_of(verdicts),
        shown_first=first,
        shown_second=second,
        balanced=(first.rate + second.rate) / 2 if first and second else None,
        verdicts=len(verdicts),
        ties=sum(one.won == 0.5 for one in verdicts),
        judges=len({one.judge for one in verdicts}),
        agreement=math.fsum(agreements) / len(agreements) if agreements else None,
        judged_twice=sum(len(judged) > 1 for judged in by_task.values()),
    )


def rate_of(verdicts: Sequence[Verdict]) -> Rate | None:
    """Return the mean over tasks, each the mean of its judges, with its interval; None for no verdict."""
    values = [math.fsum(one.won for one in judged) / len(judged) for judged in _by_task(verdicts).values()]
    if not values:
        return None
    low, high = confidence_sequence(values)
    return Rate(math.fsum(values) / len(values), low, high, len(values))


def confidence_sequence(values: Sequence[float], level: float = LEVEL) -> tuple[float, float]:
    """Return bounds of the mean of values between 0 and 1, in the order in which they came.

    With probability `level` the mean lies between them after every value, all looks together: it is bet on and against
    each mean, and those are out whose bets have once won 2 / (1 - level) times what was staked. The bounds of more
    values lie within those of fewer. Source: Waudby-Smith and Ramdas 2024 (arXiv:2010.09686), theorem 3 with the
    predictable plug-in bets of equation 26 and θ = ½, and the running intersection.
    """
    bets = list(_bets(values, 1 - level))
    wanted = math.log(2 / (1 - level))
    # What a bet on "more than this" has won only falls with the mean bet against, so each bound is found by halving.
    low = _last(lambda mean: _most_won(values, bets, mean) >= wanted)
    mirrored = [1 - value for value in values]
    high = 1 - _last(lambda mean: _most_won(mirrored, bets, mean) >= wanted)
    return low, high


def _by_task(verdicts: Sequence[Verdict]) -> dict[int, list[Verdict]]:
    found: defaultdict[int, list[Verdict]] = defaultdict(list)
    for one in verdicts:
        found[one.task].append(one)
    return found


def _bets(values: Sequence[float], miss: float) -> Iterator[float]:
    """Yield how much to stake on each value, from those before it alone."""
    total, squares, variance = 0.5, 0.25, 0.25
    for number, value in enumerate(values, start=1):
        yield math.sqrt(2 * math.log(2 / miss) / (variance * number * math.log(number + 1)))
        total += value
        squares += (value - total / (number + 1)) ** 2
        variance = squares / (number + 1)


def _most_won(values: Sequence[float], bets: Sequence[float], mean: float) -> float:
    """Return the most, as a logarithm, that bets on more than this mean had ever won."""
    if mean <= 0:
        return math.inf
    won = most = 0.0
    for value, bet in zip(values, bets, strict=True):
        won += math.log1p(min(bet, _CAUTION / mean) * (value - mean))
        most = max(most, won)
    return most


def _last(is_out: Callable[[float], bool]) -> float:
    """Return the highest mean that is out, where all below one that is out are out, too; 0 where none is."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_out(middle) else (low, middle)
    return low
