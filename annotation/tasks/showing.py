"""Which completions of a prompt stand together in a task. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import ceil
from typing import TypeVar

ItemT = TypeVar("ItemT")


def shown_together(completions: Sequence[ItemT], bounds: tuple[int, int]) -> list[list[ItemT]]:
    """Return what each task of a prompt shows, where a task shows so few to so many completions.

    Each completion by itself where tasks show one, every two where they compare two, else all of them together; more
    than one task can show are dealt out to as few tasks as hold them. One task without any where tasks show none.
    Whether there are enough is not checked here.
    """
    low, high = bounds
    if high == 0:
        return [[]]
    if high <= 2 and low == high:
        return [list(chosen) for chosen in combinations(completions, high)]
    if len(completions) <= high:
        return [list(completions)]
    return _dealt(completions, low, high)


def _dealt(completions: Sequence[ItemT], low: int, high: int) -> list[list[ItemT]]:
    """Return as few runs as hold all, of one size; where they do not come out even, neighbours share some."""
    tasks = ceil(len(completions) / high)
    size = max(low, ceil(len(completions) / tasks))
    starts = [(len(completions) - size) * number // (tasks - 1) for number in range(tasks)]
    return [list(completions[start : start + size]) for start in starts]
