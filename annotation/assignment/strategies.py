"""In which order completions are shown. Pure: the seed comes in from outside."""

from __future__ import annotations

import random
from collections.abc import Sequence


def shown_order(completion_ids: Sequence[int], *, seed: str) -> list[int]:
    """Return the completions shuffled for one claim: position must not tell where a completion came from."""
    order = list(completion_ids)
    random.Random(seed).shuffle(order)
    return order
