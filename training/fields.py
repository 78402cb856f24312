"""What stands in a field of JSON, read as what it must be: the message of a refusal names the field. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any


class RecordError(ValueError):
    """A line or file that does not follow the schema; the message names the field and the place."""


def mapping_of(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RecordError(f"{name}: expected an object, not {type(value).__name__}.")
    return value


def list_in(fields: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = fields.get(name)
    if not isinstance(value, list | tuple):
        raise RecordError(f"{name}: expected a list, not {type(value).__name__}.")
    return value


def strings_of(value: object, name: str) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise RecordError(f"{name}: expected a list of identifiers.")
    return list(value)


def text_in(fields: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise RecordError(f"{name}: expected a text, not {type(value).__name__}.")
    return value


def numbers_of(value: object) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not all(type(item) in (int, float) for item in value):
        raise RecordError("scores: expected lists of numbers.")
    return tuple(float(item) for item in value)


def integer_in(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RecordError(f"{name}: expected a whole number, not {type(value).__name__}.")
    return value


def optional_integer_in(fields: Mapping[str, Any], name: str) -> int | None:
    return None if fields.get(name) is None else integer_in(fields, name)


def number_in(fields: Mapping[str, Any], name: str) -> float:
    value = fields.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise RecordError(f"{name}: expected a number, not {type(value).__name__}.")
    return float(value)
