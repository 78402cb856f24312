"""What may be said along with a file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "": ""}
CHARACTERS = 60


class BadOption(ValueError):
    """An option is unknown or has an impossible value."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


@dataclass(frozen=True, slots=True)
class Options:
    """`prompt_column` … name the columns of a table or the keys of JSON Lines; `limit_rows` 0 reads all.

    `chosen_column` and `rejected_column` go together and make rankings, `label_column` makes labels. A table without a
    `header` has columns named “column 1”, “column 2” ….
    `completion_column` may name several of Label Studio's keys, with commas between. `sheet` names one of a workbook's
    sheets; the first is read when it is empty.
    `text_unit` says what of plain text is a document: the whole file, a paragraph or a line.
    `demonstrations` "best" takes the best-ranked or only reply of each Open-Assistant thread as a demonstration too.
    """

    prompt_column: str = ""
    completion_column: str = ""
    annotator_column: str = ""
    chosen_column: str = ""
    rejected_column: str = ""
    label_column: str = ""
    header: bool = True
    delimiter: str = ""
    sheet: str = ""
    source: str = ""
    language: str = ""
    open_tasks: bool = True
    demonstrations: str = "none"
    text_unit: str = "file"
    limit_rows: int = 0


_CHOICES = {
    "delimiter": tuple(DELIMITERS),
    "demonstrations": ("none", "best"),
    "text_unit": ("file", "paragraph", "line"),
}


def read_options(given: Any) -> Options:
    """Return the options. Raise BadOption naming the one at fault."""
    if not isinstance(given, Mapping):
        raise BadOption("options", "must be an object of option names and values")
    known = {field.name: field.default for field in fields(Options)}
    for name, value in given.items():
        if name not in known:
            raise BadOption(f"options.{name}", f"is not an option; there are {', '.join(known)}")
        _check(name, value, known[name])
    return Options(**given)


def parse_option(text: str) -> tuple[str, Any]:
    """Return name and value of an option typed as name=value. Raise BadOption."""
    name, separator, value = text.partition("=")
    known = {field.name: field.default for field in fields(Options)}
    if not separator or name not in known:
        raise BadOption(name or "option", f"write name=value with one of {', '.join(known)}")
    if isinstance(known[name], bool):
        return name, {"true": True, "false": False}.get(value.lower(), value)
    return name, int(value) if isinstance(known[name], int) and value.isdecimal() else value


def _check(name: str, value: Any, example: Any) -> None:
    field = f"options.{name}"
    if type(value) is not type(example):
        wanted = {bool: "true or false", int: "a whole number", str: "a text"}[type(example)]
        raise BadOption(field, f"must be {wanted}")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise BadOption(field, f"must be one of {', '.join(choice for choice in _CHOICES[name] if choice)}")
    if isinstance(value, int) and not 0 <= value <= 10**12:
        raise BadOption(field, "must be 0 (all rows) or more")
    if isinstance(value, str) and (len(value) > CHARACTERS or not (value.isprintable() or name == "delimiter")):
        raise BadOption(field, f"must be at most {CHARACTERS} printable characters")
