"""Is the text, nearly word for word, one of those shown beside it?

Texts are compared by their runs of five words (shingles), so cost grows with length, not with its square, and words
that everybody uses do not count. Scripts without spaces are compared by the character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotation.tasks.lint.shape import Advice, Context

RUN = 5
SHARE_NEEDED = 0.8
WORDS_NEEDED = 8
# Han, kana and Thai a character at a time; everything else by the word.
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")


def near_copy(text: str, context: Context) -> Iterator[Advice]:
    """Yield advice for the one shown text of which most is here again; a text of a few words copies nothing."""
    words = list(_WORD.finditer(text))
    if len(words) < WORDS_NEEDED:
        return
    runs = _runs([word[0] for word in words])
    found = [(_places(runs, _runs(_WORD.findall(shown.text))), shown.label) for shown in context.shown]
    places, label = max(found, key=lambda one: len(one[0]), default=([], ""))
    copied = {place + step for place in places for step in range(RUN)}
    share = len(copied) / len(words)
    if share >= SHARE_NEEDED:
        what = "the prompt" if label == "prompt" else f"completion {label.removeprefix('c')}"
        message = f"This is nearly word for word {what}: write it in your own words."
        start, end = words[min(copied)].start(), words[max(copied)].end()
        yield Advice("near_copy", message, start, end, {"of": label, "percent": str(round(100 * share))})


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    folded = [word.casefold() for word in words]
    return list(zip(*(folded[place:] for place in range(RUN)), strict=False))


def _places(runs: list[tuple[str, ...]], shown: list[tuple[str, ...]]) -> list[int]:
    """Return the places of the runs that are in the shown text too."""
    known = set(shown)
    return [place for place, run in enumerate(runs) if run in known]
