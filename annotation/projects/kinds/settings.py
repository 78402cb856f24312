"""What a manager may set on a kind of work: each setting says what it takes, so that one editor can show them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

NAME_CHARACTERS = 80


class InvalidConfig(ValueError):
    """The protocol's configuration has an unknown or impossible field."""

    def __init__(self, field_name: str, message: str) -> None:
        self.field, self.message = field_name, message
        super().__init__(f"{field_name}: {message}")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One field of a configuration. `check(value)` returns it as it is stored, or raises InvalidConfig."""

    type: ClassVar[str]

    name: str
    about: str
    default: Any

    def check(self, value: object) -> Any:
        raise NotImplementedError

    def require(self, holds: bool, message: str) -> None:
        if not holds:
            raise InvalidConfig(self.name, message)


@dataclass(frozen=True, kw_only=True)
class Switch(Setting):
    type = "switch"

    default: bool = False

    def check(self, value: object) -> bool:
        self.require(isinstance(value, bool), "must be true or false")
        return bool(value)


@dataclass(frozen=True, kw_only=True)
class Number(Setting):
    """A whole number between two others."""

    type = "number"

    default: int
    minimum: int
    maximum: int

    def check(self, value: object) -> int:
        if type(value) is not int:
            raise InvalidConfig(self.name, "must be a whole number")
        self.require(self.minimum <= value <= self.maximum, f"must be between {self.minimum:,} and {self.maximum:,}")
        return value


@dataclass(frozen=True, kw_only=True)
class Text(Setting):
    type = "text"

    default: str = ""
    maximum_characters: int = 5_000

    def check(self, value: object) -> str:
        if not isinstance(value, str):
            raise InvalidConfig(self.name, "must be a text")
        self.require(
            len(value) <= self.maximum_characters,
            f"has {len(value):,} characters; at most {self.maximum_characters:,} are allowed",
        )
        return value


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """One of a few words."""

    type = "choice"

    default: str
    choices: Sequence[str]

    def check(self, value: object) -> str:
        if value not in self.choices:
            raise InvalidConfig(self.name, f"must be one of {', '.join(self.choices)}")
        return str(value)


@dataclass(frozen=True, kw_only=True)
class Names(Setting):
    """A list of different names, in the order in which they are shown; where there are `choices`, some of these."""

    type = "names"

    default: Sequence[str] = ()
    choices: Sequence[str] = ()
    minimum: int = 0
    maximum: int = 50

    def check(self, value: object) -> list[str]:
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
            raise InvalidConfig(self.name, "must be a list of names")
        self.require(len(value) >= self.minimum, f"must have at least {self.minimum}: add one")
        self.require(len(value) <= self.maximum, f"has {len(value):,} names; at most {self.maximum:,} are allowed")
        for name in value:
            self._check_name(name)
        repeated = next((name for name in value if value.count(name) > 1), None)
        self.require(repeated is None, f"has {repeated!r} twice: keep one")
        return list(value)

    def _check_name(self, name: str) -> None:
        fits = name == name.strip() and 1 <= len(name) <= NAME_CHARACTERS and name.isprintable()
        self.require(fits, f"{name[:NAME_CHARACTERS]!r} is no name: it has 1 to {NAME_CHARACTERS} printable characters")
        if self.choices:
            self.require(name in self.choices, f"{name!r} is not one of {', '.join(self.choices)}")


SETTING_TYPES: tuple[type[Setting], ...] = (Switch, Number, Text, Choice, Names)
