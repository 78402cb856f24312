"""What can be chosen of a view, typed: each choice is recorded in the view's manifest. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = str | int | float | bool
Choices = Mapping[str, Any]

CHARACTERS = 60


class BadChoice(ValueError):
    """An option is unknown or has an impossible value; `field` says which, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice: its type is its default's. A text has `choices` or is a short name; a number lies within bounds."""

    name: str
    label: str
    default: Value
    choices: tuple[str, ...] = ()
    minimum: float = 0
    maximum: float = 1

    @property
    def type(self) -> str:
        if self.choices:
            return "choice"
        return {bool: "boolean", int: "integer", float: "number", str: "text"}[type(self.default)]

    def read(self, value: object) -> Value:
        """Return the value as it is recorded. Raise BadChoice."""
        if isinstance(self.default, bool):
            return self._truth(value)
        if isinstance(self.default, str):
            return self._text(value)
        return self._number(value)

    def parse(self, text: str) -> Value:
        """Return the value of an option typed in a shell. Raise BadChoice."""
        if isinstance(self.default, str):
            return self.read(text)
        if isinstance(self.default, bool):
            return self.read({"true": True, "false": False}.get(text.lower(), text))
        try:
            number = type(self.default)(text)
        except ValueError:
            raise self._bad(self._wanted()) from None
        return self.read(number)

    def _truth(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self._bad("must be true or false")
        return value

    def _text(self, value: object) -> str:
        if self.choices and value not in self.choices:
            raise self._bad(f"must be one of {', '.join(self.choices)}")
        if not isinstance(value, str) or not 0 < len(value) <= CHARACTERS or not value.isprintable():
            raise self._bad(f"must be 1 to {CHARACTERS} printable characters")
        return value

    def _number(self, value: object) -> float:
        kinds = int if isinstance(self.default, int) else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not self.minimum <= value <= self.maximum:
            raise self._bad(self._wanted())
        return type(self.default)(value)  # type: ignore[return-value]

    def _wanted(self) -> str:
        whole = "whole number" if isinstance(self.default, int) else "number"
        return f"must be a {whole} from {self.minimum:g} to {self.maximum:g}"

    def _bad(self, message: str) -> BadChoice:
        return BadChoice(f"options.{self.name}", message)


def read_choices(options: Sequence[Option], given: object) -> dict[str, Value]:
    """Return every option with its value, the default where none is given. Raise BadChoice."""
    if not isinstance(given, Mapping):
        raise BadChoice("options", "must be an object of option names and values")
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            has = f"there are {', '.join(known)}" if known else "this format has none"
            raise BadChoice(f"options.{str(name)[:CHARACTERS]}", f"is not an option; {has}")
    return {name: option.read(given.get(name, option.default)) for name, option in known.items()}
