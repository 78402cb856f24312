"""Which completions of a prompt stand together in a task. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TypeVar

ItemT = TypeVar("ItemT")


def shown_together(completions: Sequence[ItemT], bounds: tuple[int, int]) -> list[list[ItemT]]:
    """Return what each task of a prompt shows, where a task shows so few to so many completions.

    Each completion by itself where tasks show one, every two where they compare two, else all of them; one task
    without any where tasks show none. How many there may be is not checked here.
    """
    low, high = bounds
    if high == 0:
        return [[]]
    if high <= 2 and low == high:
        return [list(chosen) for chosen in combinations(completions, high)]
    return [list(completions)]
