"""What steers a new task through its queue: its prompt's language, its authors, and whom its protocol's rules mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from annotation.projects.models import Protocol
from annotation.tasks.assignment_rules import EVERYBODY_MAY, fits
from annotation.tasks.models import Completion, Prompt


class Described(NamedTuple):
    """What is known of a prompt."""

    language: str
    tags: Collection[str]
    author_id: int | None = None


class Steering(NamedTuple):
    """A new task's columns: "" is every team, None everybody."""

    language: str
    authors: list[int]
    team: str
    people: list[int] | None


class Rules:
    """The assignment rules of protocols, each read once."""

    def __init__(self) -> None:
        self.known: dict[int, Sequence[Mapping[str, Any]]] = {}

    def of(self, protocol_ids: Collection[int]) -> Mapping[int, Sequence[Mapping[str, Any]]]:
        if unknown := set(protocol_ids) - self.known.keys():
            self.known |= Protocol.objects.filter(pk__in=unknown).values_list("pk", "assignment_rules")
        return self.known


def steer(prompt: Described, authors: Sequence[int], rules: Sequence[Mapping[str, Any]]) -> Steering:
    """Return the columns of a task over this prompt and completions by these authors. Pure."""
    everyone = [*authors] if prompt.author_id is None else [prompt.author_id, *authors]
    meant = fits(rules, prompt.language, prompt.tags) if rules else EVERYBODY_MAY
    return Steering(prompt.language, sorted(set(everyone)) if everyone else [], *meant)


def prompts_there(ids: Collection[int]) -> dict[int, Described]:
    if not ids:
        return {}
    rows = Prompt.objects.filter(pk__in=ids).values_list("pk", "language", "tags", "author_id")
    return {pk: Described(language, tags, author) for pk, language, tags, author in rows}


def authors_there(ids: Collection[int]) -> dict[int, int]:
    """Return who wrote each of these completions, where a person here did."""
    if not ids:
        return {}
    return dict(Completion.objects.filter(pk__in=ids, author__isnull=False).values_list("pk", "author_id"))
