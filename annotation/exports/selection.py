"""What a release asks for: which answers, and by what they are parted into splits. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

BY_PROMPT, BY_ANNOTATOR = "prompt", "annotator"
SPLITS_BY = (BY_PROMPT, BY_ANNOTATOR)
# What reviewers have made of an answer; what they have struck is in no release.
REVIEW_STATES = ("accepted", "returned", "submitted")
FIELDS = (
    "protocols", "date_from", "date_to", "languages", "include_spares", "annotators", "guideline_versions", "tags",
    "review_states", "agreement_from", "split_by", "corrects", "documents",
)  # fmt: skip
LONGEST_LIST = 1_000


class InvalidSelection(ValueError):
    """The selection asks for something impossible; `field` says where, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which answers go in: an empty list means that nothing is asked of the kind.

    The days are those on which answers got their newest form, both included and counted in UTC. An answer passes
    `tags` when its prompt has any of them, and `agreement_from` when the answers to its task agree at least so far.
    Splits are those of the prompts, or on request those of a hash of the annotator: then all that a person said
    stands in one split, and the people of the test split are not seen in training.
    `corrects` names a release whose answers are taken again as they were, without those withdrawn since: the rest then
    only says what that release had asked for. `documents` takes the project's texts to learn language from as well.
    """

    protocols: tuple[int, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    languages: tuple[str, ...] = ()
    include_spares: bool = False
    annotators: tuple[int, ...] = ()
    guideline_versions: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    review_states: tuple[str, ...] = ()
    agreement_from: float | None = None
    split_by: str = BY_PROMPT
    corrects: int | None = None
    documents: bool = False

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the selection in its one form. Raise InvalidSelection naming the field and the remedy."""
        if not isinstance(value, Mapping):
            raise InvalidSelection("selection", f"must be an object with any of {', '.join(FIELDS)}")
        unknown = sorted(str(name) for name in value if name not in FIELDS)
        if unknown:
            raise InvalidSelection(unknown[0], f"is not part of a selection; there are {', '.join(FIELDS)}")
        selection = cls(
            protocols=tuple(sorted(set(_list(value, "protocols", int, "protocol ids")))),
            date_from=_day(value, "date_from"),
            date_to=_day(value, "date_to"),
            languages=tuple(sorted(set(_list(value, "languages", str, "language codes")))),
            include_spares=_switch(value, "include_spares"),
            annotators=tuple(sorted(set(_list(value, "annotators", int, "people's ids")))),
            guideline_versions=tuple(sorted(set(_list(value, "guideline_versions", int, "guideline version ids")))),
            tags=tuple(sorted(set(_list(value, "tags", str, "tags")))),
            review_states=_states(value),
            agreement_from=_share(value, "agreement_from"),
            split_by=_choice(value, "split_by", SPLITS_BY),
            corrects=_row(value, "corrects"),
            documents=_switch(value, "documents"),
        )
        if selection.date_from and selection.date_to and selection.date_from > selection.date_to:
            raise InvalidSelection("date_from", "lies after date_to: swap the two days")
        return selection

    def to_json(self) -> dict[str, Any]:
        """Return only what narrows or widens the default, so equal selections are stored alike."""
        plain: dict[str, Any] = {
            "protocols": list(self.protocols),
            "date_from": self.date_from and self.date_from.isoformat(),
            "date_to": self.date_to and self.date_to.isoformat(),
            "languages": list(self.languages),
            "include_spares": self.include_spares,
            "annotators": list(self.annotators),
            "guideline_versions": list(self.guideline_versions),
            "tags": list(self.tags),
            "review_states": list(self.review_states),
            "agreement_from": self.agreement_from,
            "split_by": self.split_by if self.split_by != BY_PROMPT else "",
            "corrects": self.corrects,
            "documents": self.documents,
        }
        return {
            name: value for name, value in plain.items() if value or (name == "agreement_from" and value is not None)
        }

    @property
    def begins_at(self) -> datetime | None:
        return _midnight(self.date_from) if self.date_from else None

    @property
    def ends_before(self) -> datetime | None:
        return _midnight(self.date_to) + timedelta(days=1) if self.date_to else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _list(value: Mapping[Any, Any], name: str, kind: type, plain: str) -> list[Any]:
    given = value.get(name)
    if given is None:
        return []
    if not isinstance(given, list) or not all(type(item) is kind for item in given):
        raise InvalidSelection(name, f"must be a list of {plain}; leave it out to take all")
    if len(given) > LONGEST_LIST:
        raise InvalidSelection(name, f"has {len(given):,} entries; at most {LONGEST_LIST:,} are allowed")
    return given


def _day(value: Mapping[Any, Any], name: str) -> date | None:
    given = value.get(name)
    if given is None:
        return None
    try:
        day = date.fromisoformat(given)
    except (TypeError, ValueError):
        raise InvalidSelection(name, "must be a day written as YYYY-MM-DD, as in 2026-01-31") from None
    if not 1900 <= day.year <= 2999:
        raise InvalidSelection(name, "must be a day between the years 1900 and 2999")
    return day


def _row(value: Mapping[Any, Any], name: str) -> int | None:
    given = value.get(name)
    if given is not None and (type(given) is not int or not 0 < given < 2**63):
        raise InvalidSelection(name, "must be the number of a release")
    return given


def _switch(value: Mapping[Any, Any], name: str) -> bool:
    given = value.get(name, False)
    if not isinstance(given, bool):
        raise InvalidSelection(name, "must be true or false")
    return given


def _states(value: Mapping[Any, Any]) -> tuple[str, ...]:
    states = tuple(sorted(set(_list(value, "review_states", str, "review states"))))
    unknown = [state for state in states if state not in REVIEW_STATES]
    if unknown:
        raise InvalidSelection("review_states", f"{unknown[0]!r} is not one of {', '.join(REVIEW_STATES)}")
    # All of them is no choice: stored as none, so that equal selections are stored alike.
    return () if states == REVIEW_STATES else states


def _share(value: Mapping[Any, Any], name: str) -> float | None:
    given = value.get(name)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise InvalidSelection(name, "must be a number from 0 to 1")
    return float(given)


def _choice(value: Mapping[Any, Any], name: str, choices: tuple[str, ...]) -> str:
    given = value.get(name) or choices[0]
    if given not in choices:
        raise InvalidSelection(name, f"must be one of {', '.join(choices)}")
    return str(given)
