"""What readers give: checked rows, rows turned away and counts of what was skipped. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from annotation.tasks.messages import Message

# The judged kinds of rows and those that wait for a person: a prompt to be answered, completions to be ranked, a pair
# to be compared.
JUDGED = ("demonstration", "ranking", "comparison", "labels", "moderation_label")
KINDS = ("prompt", "completions", "pair", *JUDGED)
# A text to learn language from: no prompt, nobody's work.
DOCUMENT = "document"
EXCERPT_CHARACTERS = 200


class BadRow(Exception):
    """One row cannot come in: which field, a short reason to count by, and a sentence with the remedy."""

    def __init__(self, field: str, reason: str, message: str) -> None:
        self.field, self.reason, self.message = field, reason, message
        super().__init__(f"{field}: {message}" if field else message)


class BadFile(Exception):
    """The file as a whole cannot come in; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One prompt with what came with it, or a document, which has a text alone.

    `tiers` hold places in `completions`, given as (text, source).
    A comparison has two completions in one tier or two, and how much better the first tier is as `strength`.
    `outputs` say something of each completion by name, in their order, which is the order shown where that is known.
    """

    line: int
    kind: str
    messages: list[Message] = field(default_factory=list)
    group: str = ""
    language: str = ""
    tags: list[str] | tuple[()] = ()
    source: str = ""
    annotator: str = ""
    completion: str = ""
    completions: list[list[str]] | tuple[()] = ()
    tiers: list[list[int]] | tuple[()] = ()
    all_bad: bool = False
    strength: int = 0
    outputs: list[dict[str, bool]] | tuple[()] = ()
    order_is_known: bool = False
    labels: list[str] | tuple[()] = ()
    # By category of moderation; what is not named is not known.
    verdicts: dict[str, bool] | tuple[()] = ()
    rationale: str = ""
    seconds: float | None = None
    created_at: str = ""
    text: str = ""

    @property
    def characters(self) -> int:
        """About how much room the row takes."""
        texts = [message["content"] for message in self.messages] + [text for text, _ in self.completions]
        return sum(map(len, texts)) + len(self.completion) + len(self.text)

    def to_json(self) -> dict[str, Any]:
        """Return the row without its line and without what is empty."""
        values = {field.name: getattr(self, field.name) for field in fields(self)[1:]}
        return {name: value for name, value in values.items() if value}

    @classmethod
    def from_json(cls, line: int, row: dict[str, Any]) -> Row:
        return cls(line=line, **row)


@dataclass(frozen=True, slots=True)
class Rejected:
    line: int
    field: str
    reason: str
    message: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the file that is no row and no mistake, such as a deleted message."""

    line: int
    reason: str


Outcome = Row | Rejected | Skipped


def rejected(line: int, error: BadRow, raw: bytes | str = b"") -> Rejected:
    return Rejected(line, _shown(error.field[:120]), error.reason, _shown(error.message), excerpt_of(raw))


def excerpt_of(raw: bytes | str) -> str:
    """Return the row's beginning in characters that can be stored and shown."""
    text = raw[: EXCERPT_CHARACTERS * 4].decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return _shown(text[:EXCERPT_CHARACTERS])


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
