"""Advice while somebody writes: it never blocks, and nothing of it is stored. Pure.

A rule is a file: a function from a text and its context to advice, and one line in RULES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from annotation.tasks.lint.boilerplate import assistant_boilerplate
from annotation.tasks.lint.copying import near_copy
from annotation.tasks.lint.language import wrong_language
from annotation.tasks.lint.personal_data import personal_data
from annotation.tasks.lint.shape import Advice, Context, Shown

__all__ = ["RULES", "Advice", "Context", "Shown", "advise"]

RULES: dict[str, Callable[[str, Context], Iterator[Advice]]] = {
    "assistant_boilerplate": assistant_boilerplate,
    "personal_data": personal_data,
    "wrong_language": wrong_language,
    "near_copy": near_copy,
}


def advise(text: str, context: Context) -> list[Advice]:
    """Return what each rule has to say, in the order of the text."""
    found = [advice for rule in RULES.values() for advice in rule(text, context)]
    return sorted(found, key=lambda advice: (advice.start, advice.end))
