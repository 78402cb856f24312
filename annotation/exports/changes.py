"""Where an edited text differs from what it was made of. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import accumulate

_WORDS = re.compile(r"\w+|\s+|[^\w\s]+")
# Beyond so many words in the middle, all of it counts as changed: comparing takes the square of them.
MOST_WORDS = 4_000


def changed_spans(before: str, after: str) -> list[tuple[int, int]]:
    """Return [begin, end) of every stretch of `after` that is not as it was in `before`, by words, in order."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    head = _common(old, new)
    tail = min(_common(old[::-1], new[::-1]), len(old) - head, len(new) - head)
    starts = [0, *accumulate(map(len, new))]
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(middle_old) + len(middle_new) > MOST_WORDS:
        return [(starts[head], starts[head + len(middle_new)])]
    matcher = SequenceMatcher(None, middle_old, middle_new, autojunk=False)
    return [
        (starts[head + begin], starts[head + end])
        for change, _, _, begin, end in matcher.get_opcodes()
        if change in ("replace", "insert")
    ]


def _common(one: list[str], other: list[str]) -> int:
    """Return how many words at the beginning are the same."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))
