"""What a kind of work is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Payload = dict[str, Any]
Config = Mapping[str, Any]

# All that PostgreSQL or a tokenizer chokes on: controls but for tab, line feed and next line, and lone surrogates.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


class InvalidAnswer(ValueError):
    """The payload breaks its protocol; `errors` names each field with what to do about it."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        self.errors = list(errors)
        super().__init__("; ".join(f"{name}: {message}" for name, message in errors))


class InvalidConfig(ValueError):
    """The protocol's configuration has an unknown or impossible field."""

    def __init__(self, field_name: str, message: str) -> None:
        self.field, self.message = field_name, message
        super().__init__(f"{field_name}: {message}")


@dataclass(frozen=True)
class Kind:
    """One kind of work: how many completions it shows, its configuration, and how an answer is checked.

    `check(payload, config, labels)` returns the payload in the form that is stored, or raises InvalidAnswer.
    `labels` are what the payload calls the completions: c1 … cK from a claim, ids when checked again.
    """

    key: str
    minimum_completions: int
    maximum_completions: int
    check: Callable[[Payload, Config, Sequence[str]], Payload]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    # Rewrites the labels in a stored payload: from a claim's c1 … cK to completion ids, and back.
    relabel: Callable[[Payload, Mapping[str, Any]], Payload] = lambda payload, names: payload


def with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def character_fault(text: str) -> str:
    """Return what is wrong with the text's characters, as the end of a sentence; empty when nothing is."""
    found = _UNWANTED.search(text)
    if found is None:
        return ""
    code = ord(found.group())
    kind = "half of a surrogate pair" if code >= 0xD800 else "control character"
    return f"holds the {kind} U+{code:04X} at {found.start()}: remove it"


def text_field(payload: Payload, name: str, *, limit: int, required: bool) -> str:
    """Return the stripped text of a field. Raise InvalidAnswer when it is missing, too long or not storable."""
    value = payload.get(name, "")
    if not isinstance(value, str):
        raise InvalidAnswer([(name, "must be a text")])
    text = with_line_feeds(value).strip()
    if fault := character_fault(text):
        raise InvalidAnswer([(name, fault)])
    if required and not text:
        raise InvalidAnswer([(name, "must not be empty")])
    if len(text) > limit:
        raise InvalidAnswer([(name, f"has {len(text):,} characters; at most {limit:,} are allowed")])
    return text


def only_fields(payload: Payload, *names: str) -> None:
    """Raise InvalidAnswer when the payload has a field that the protocol does not know."""
    unknown = sorted(set(payload) - set(names))
    if unknown:
        raise InvalidAnswer([(name, "is not a field of this protocol") for name in unknown])
