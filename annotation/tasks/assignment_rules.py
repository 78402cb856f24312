"""Whom a new task is for, by the rules of its protocol. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple


class Meant(NamedTuple):
    """The team and the people a task is for: "" is every team, None everybody."""

    team: str = ""
    people: list[int] | None = None


EVERYBODY_MAY = Meant()


def fits(rules: Sequence[Mapping[str, Any]], language: str, tags: Collection[str]) -> Meant:
    """Return what the first rule says that fits a prompt; everybody may do it where none does.

    A rule fits a language that it names and a prompt with any tag that it names; what it leaves out, it leaves open.
    """
    return next((_meant(rule) for rule in rules if _fits(rule, language, tags)), EVERYBODY_MAY)


def _fits(rule: Mapping[str, Any], language: str, tags: Collection[str]) -> bool:
    languages, wanted = rule.get("languages"), rule.get("tags")
    return (not languages or language in languages) and (not wanted or not set(wanted).isdisjoint(tags))


def _meant(rule: Mapping[str, Any]) -> Meant:
    return Meant(rule.get("team") or "", sorted(rule.get("people") or []) or None)
