"""What a file's columns are called, and its first cells, so that somebody can say which holds what. Pure."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from annotation.intake.lines import Line
from annotation.intake.options import DELIMITERS, Options
from annotation.intake.readers import columns
from annotation.intake.rows import BadFile, BadRow
from annotation.intake.strict_json import loads

SAMPLE_LINES, CELL_CHARACTERS, MOST_COLUMNS = 20, 120, 200


@dataclass(frozen=True)
class Table:
    """Names, and rows of as many cells. `delimiter` is one of DELIMITERS; empty where rows are JSON objects."""

    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    delimiter: str = ""


def table_of(lines: Iterator[Line], options: Options) -> Table | None:
    """Return what the first lines hold as a table; None when they hold none. Raise BadFile."""
    sample = [line for line in islice(lines, SAMPLE_LINES) if line.fault is None]
    texts = [text for line in sample if (text := line.raw.decode("utf-8", "replace")).strip()]
    if not texts:
        return None
    objects = [value for text in texts if isinstance(value := _value(text), dict)]
    if objects:
        names = list(dict.fromkeys(name for value in objects for name in value))[:MOST_COLUMNS]
        return Table(names, [[_cell(value.get(name)) for name in names] for value in objects])
    if texts[0].lstrip()[:1] in ("{", "["):
        return None
    return _table_of_text(texts, options)


def _table_of_text(texts: Sequence[str], options: Options) -> Table | None:
    try:
        names = columns.names_of(texts[0], options)
    except BadFile:
        return None
    delimiter = columns.delimiter_of(texts[0], options)
    rows = _cells(texts[1:] if options.header else texts, delimiter)
    name = next(name for name, sign in DELIMITERS.items() if sign == delimiter)
    return Table(names[:MOST_COLUMNS], [row[: len(names)] for row in rows if len(row) == len(names)], name)


def _cells(texts: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return [[_cell(cell) for cell in row] for row in csv.reader([f"{t}\n" for t in texts], delimiter=delimiter)]
    except csv.Error:
        return []


def _value(text: str) -> object:
    try:
        return loads(text)
    except BadRow:
        return None


def _cell(value: object) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return text[:CELL_CHARACTERS]
