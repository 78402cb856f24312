"""In which order completions are shown. Pure: the seed comes in from outside."""

from __future__ import annotations

import random
from collections.abc import Sequence


def shown_order(completion_ids: Sequence[int], *, seed: str, task_id: int, turn: int) -> list[int]:
    """Return the completions in an order for one claim: position must not tell where a completion came from.

    Shuffled; but of two, each of those who take turns at a task sees the other one first, so that what people make of
    a position falls on both alike.
    """
    order = list(completion_ids)
    if len(order) == 2:
        begins = random.Random(f"task {task_id}").randrange(2)
        return order[::-1] if (begins + turn) % 2 else order
    random.Random(seed).shuffle(order)
    return order
