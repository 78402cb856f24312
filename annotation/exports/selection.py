"""What a release asks for: which protocols, days and languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

FIELDS = ("protocols", "date_from", "date_to", "languages", "include_spares")
LONGEST_LIST = 1_000


class InvalidSelection(ValueError):
    """The selection asks for something impossible; `field` says where, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Empty protocols or languages mean all of them. The days are those on which answers got their newest form.

    Both days are included and counted in UTC.
    """

    protocols: tuple[int, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    languages: tuple[str, ...] = ()
    include_spares: bool = False

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
        }
        return {name: value for name, value in plain.items() if value}

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


def _switch(value: Mapping[Any, Any], name: str) -> bool:
    given = value.get(name, False)
    if not isinstance(given, bool):
        raise InvalidSelection(name, "must be true or false")
    return given
