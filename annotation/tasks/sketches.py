"""How much two prompts are alike: MinHash digests of their first human turns. Pure.

The first turn decides of which group a prompt is, so it decides what is nearly of it too. It is taken apart into runs
of five characters, which serves scripts with and without spaces. Digests are rensa's (Rust; datasketch would bring
numpy and scipy, which the site does without). Broder 1997; Leskovec, Rajaraman and Ullman, chapter 3, for the bands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from operator import eq

from annotation.tasks.messages import Message

RUN = 5
# So much of a turn is looked at: a book that opens as another does is its near-duplicate.
CHARACTERS = 20_000
SLOTS, SEED, SLOT_BYTES = 128, 1813, 4
# 25 bands of 5 slots: of pairs that share 0.7 of their runs 99 in 100 meet in a band, of those that share 0.3 six.
BANDS, BAND_SLOTS = 25, 5
# Shares of runs from which two prompts are near-duplicates, as estimated (standard error 0.04).
ALIKE = 0.7
# Counted up when anything above changes, or the text that is looked at.
_VERSION = 1


def recipe() -> int:
    """Return what tells digests that can be compared from those that were made otherwise."""
    from rensa import RMinHash  # here, not above: nobody but the search pays for it

    return int(RMinHash.ALGORITHM_VERSION) * 1000 + _VERSION


def digests(conversations: Iterable[Sequence[Message]]) -> list[bytes]:
    from rensa import RMinHash

    runs = [runs_of(text_of(messages)) for messages in conversations]
    signatures = RMinHash.digests_from_token_sets(runs, SLOTS, SEED)
    return [b"".join(slot.to_bytes(SLOT_BYTES, "big") for slot in signature) for signature in signatures]


def text_of(messages: Sequence[Message]) -> str:
    first = next((message["content"] for message in messages if message["role"] == "user"), "")
    return " ".join(unicodedata.normalize("NFKC", first[:CHARACTERS]).casefold().split())


def runs_of(text: str) -> list[str]:
    return list({text[place : place + RUN] for place in range(max(1, len(text) - RUN + 1))})


def likeness(one: bytes, other: bytes) -> float:
    """Return about which share of their runs two prompts have in common."""
    same: int = sum(map(eq, memoryview(one).cast("I"), memoryview(other).cast("I")))
    return same / SLOTS


class Components:
    """Which of some numbers belong together: each component goes by its lowest."""

    def __init__(self) -> None:
        self.parents: dict[int, int] = {}

    def lowest(self, number: int) -> int:
        while (parent := self.parents.get(number, number)) != number:
            self.parents[number] = self.parents.get(parent, parent)
            number = parent
        return number

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.lowest(one), self.lowest(other)))
        self.parents[first] = first
        self.parents[second] = first

    def all(self) -> dict[int, int]:
        """Return {number: lowest of its component} of all that were joined."""
        return {number: self.lowest(number) for number in list(self.parents)}
