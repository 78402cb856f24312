"""Validate an answer against its protocol, and translate between a claim's labels and completion ids. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.projects.kinds.shape import InvalidAnswer
from annotation.projects.protocol import kind_of, whole_config


def check(kind: str, config: Mapping[str, Any], payload: Any, names: Sequence[int | str]) -> dict[str, Any]:
    """Return the payload as stored, in the names that it uses. Raise InvalidAnswer naming each field at fault."""
    return _check(kind, config, payload, names)


def from_labels(kind: str, config: Mapping[str, Any], payload: Any, shown_order: Sequence[int]) -> dict[str, Any]:
    """Check a payload that speaks of c1 … cK and return it speaking of completion ids."""
    names = dict(zip(labels_for(shown_order), shown_order, strict=True))
    return kind_of(kind).relabel(_check(kind, config, payload, list(names)), names)


def to_labels(kind: str, payload: dict[str, Any], shown_order: Sequence[int]) -> dict[str, Any]:
    """Return a stored payload as its author saw it, in c1 … cK."""
    names: dict[Any, str] = dict(zip(shown_order, labels_for(shown_order), strict=True))
    return kind_of(kind).relabel(payload, names)


def labels_for(shown_order: Sequence[int]) -> list[str]:
    return [f"c{place}" for place in range(1, len(shown_order) + 1)]


def _check(kind: str, config: Mapping[str, Any], payload: Any, labels: Sequence[Any]) -> dict[str, Any]:
    if not isinstance(payload, dict):
        raise InvalidAnswer([("payload", "must be an object")])
    return kind_of(kind).check(payload, whole_config(kind, config), labels)
