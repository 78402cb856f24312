"""What a kind of work is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from annotation.projects.kinds.settings import Number, Setting, Switch, Text

Payload = dict[str, Any]
Config = Mapping[str, Any]

RATIONALE_CHARACTERS = 5_000

# All that PostgreSQL or a tokenizer chokes on: controls but for tab, line feed and next line, and lone surrogates.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# Bytes of UTF-8 that no unwanted character has: a text of nothing else needs no closer look, which is ten times dearer.
_HARMLESS = bytes({*range(256)} - {*range(0x09), *range(0x0B, 0x20), 0x7F, 0xC2})

# Settings that several kinds share.
INSTRUCTION = Text(name="instruction", about="What the person is asked to do, above every task.")
MASK_IDENTITY = Switch(
    name="mask_identity", about="Hide what a completion says of who made it, before anybody judges it.", default=True
)
REQUIRE_RATIONALE = Switch(name="require_rationale", about="An answer needs a reason in words.")


class InvalidAnswer(ValueError):
    """The payload breaks its protocol; `errors` names each field with what to do about it."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        self.errors = list(errors)
        super().__init__("; ".join(f"{name}: {message}" for name, message in errors))


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of work: how many completions it shows, what can be set on it, and how an answer is checked.

    `check(payload, config, labels)` returns the payload in the form that is stored, or raises InvalidAnswer;
    what it returns it takes again unchanged. `labels` are what the payload calls the completions: c1 … cK from a
    claim, ids when checked again.
    """

    key: str
    about: str
    minimum_completions: int
    maximum_completions: int
    check: Callable[[Payload, Config, Sequence[Any]], Payload]
    settings: tuple[Setting, ...] = ()
    # Raises InvalidConfig for settings that are right one by one and wrong together.
    agree: Callable[[Config], None] = lambda config: None
    # Rewrites the labels in a stored payload: from a claim's c1 … cK to completion ids, and back.
    relabel: Callable[[Payload, Mapping[Any, Any]], Payload] = lambda payload, names: payload
    # The file of a release that its answers stand in.
    record: str = "judgements"
    # The kinds that finished answers may go on to.
    follow_ups: tuple[str, ...] = ()
    # Its tasks have a brief, {style, text, use_case}, and no prompt.
    has_brief: bool = False
    # Its texts may be hard to read: people agree to see them first, and what each is handed in a day is counted.
    is_hard_to_read: bool = False

    @cached_property
    def defaults(self) -> dict[str, Any]:
        return {setting.name: _plain(setting.default) for setting in self.settings}

    def bounds(self, config: Config) -> tuple[int, int]:
        """Return the fewest and the most completions that a task shows under this configuration."""
        low, high = "minimum_completions", "maximum_completions"
        return config.get(low, self.minimum_completions), config.get(high, self.maximum_completions)

    def warnings(self, config: Config) -> frozenset[str]:
        """Return what a person must have agreed to see before they are handed a task."""
        return frozenset()

    def texts_per_day(self, config: Config) -> int | None:
        """Return how many texts of this kind one person is handed in a day; None for any number."""
        return None


def completion_bounds(low: int, high: int, *, default: tuple[int, int]) -> tuple[Number, Number]:
    """Return the two settings that narrow how many completions a task shows."""
    fewest = "The fewest completions a task may show."
    most = "The most completions a task may show."
    return (
        Number(name="minimum_completions", about=fewest, default=default[0], minimum=low, maximum=high),
        Number(name="maximum_completions", about=most, default=default[1], minimum=low, maximum=high),
    )


def with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def character_fault(text: str) -> str:
    """Return what is wrong with the text's characters, as the end of a sentence; empty when nothing is."""
    if _is_harmless(text):
        return ""
    found = _UNWANTED.search(text)
    if found is None:
        return ""
    code = ord(found.group())
    kind = "half of a surrogate pair" if code >= 0xD800 else "control character"
    return f"holds the {kind} U+{code:04X} at {found.start()}: remove it"


def _is_harmless(text: str) -> bool:
    try:
        return not text.encode().translate(None, _HARMLESS)
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def _plain(default: Any) -> Any:
    """Return a default as JSON gives it back."""
    return list(default) if isinstance(default, tuple) else default
