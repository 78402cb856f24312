"""A stream is read by the filter before anybody sees it: text is held back until its window was checked. Pure.

Each window is checked together with what was shown before it, so that what only reads badly in one piece is found too.
Windows grow: the first words come soon, and a long answer costs few checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

FIRST_WINDOW, LARGEST_WINDOW = 80, 320
# How much of what was shown already is read once more with each window.
CONTEXT_CHARACTERS = 1_000
# A text without a blank for so long is cut where it stands.
LONGEST_WORD = 200


class Said(Protocol):
    """What a filter says of a text."""

    @property
    def categories(self) -> tuple[str, ...]: ...
    @property
    def scores(self) -> Mapping[str, float]: ...


class Flagged(Exception):
    """The filter found something in a window: it is not shown, and nothing after it."""

    def __init__(self, said: Said, text: str) -> None:
        super().__init__(", ".join(said.categories))
        self.said, self.text = said, text


@dataclass
class Window:
    """Holds a stream's text back until it was checked. What `check` raises passes through."""

    check: Callable[[str], Said]
    size: int = FIRST_WINDOW
    shown: str = ""
    held: str = ""
    # The highest that was said of each category.
    scores: dict[str, float] = field(default_factory=dict)

    def through(self, pieces: Iterable[str]) -> Iterator[str]:
        """Yield checked text. Raises Flagged."""
        for piece in pieces:
            self.held += piece
            if len(self.held) >= self.size:
                yield from self._release(_whole_words(self.held))
        yield from self._release(self.held)

    def _release(self, text: str) -> Iterator[str]:
        if not text:
            return
        said = self.check(self.shown[-CONTEXT_CHARACTERS:] + self.held)
        for name, score in said.scores.items():
            self.scores[name] = max(score, self.scores.get(name, 0.0))
        if said.categories:
            raise Flagged(said, self.shown[-CONTEXT_CHARACTERS:] + self.held)
        self.shown += text
        self.held = self.held[len(text) :]
        self.size = min(2 * self.size, LARGEST_WINDOW)
        yield text


def _whole_words(text: str) -> str:
    """Return the text up to its last blank: half a word may still become another."""
    end = max(text.rfind(" "), text.rfind("\n")) + 1
    return text[:end] if end or len(text) < LONGEST_WORD else text
