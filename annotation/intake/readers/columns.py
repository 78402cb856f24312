"""A prompt per row and what came with it, by column name: CSV (or TSV) and JSON Lines.

A completion makes a demonstration, a chosen and a rejected one make a ranking, and labels make labels.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from annotation.intake import checks
from annotation.intake.limits import MAXIMUM_LINE_BYTES
from annotation.intake.lines import Line
from annotation.intake.options import DELIMITERS, Options
from annotation.intake.readers.each import each
from annotation.intake.rows import BadFile, BadRow, Outcome, Row, rejected
from annotation.intake.strict_json import load_object

PROMPT, COMPLETION, ANNOTATOR = "prompt", "completion", "annotator"
CHOSEN, REJECTED = "chosen", "rejected"

_MAPPED = ("completion_column", "chosen_column", "rejected_column", "label_column")

Parse = Callable[[int, Mapping[str, Any]], Iterable[Outcome]]


def read_json_lines(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: [_row(line.number, load_object(line.text()), options)])


def is_judged(given: Mapping[str, Any]) -> bool:
    """Tell a row that says who wrote it: without, prompt and completion are read as TRL has them, to the same rows."""
    return isinstance(given.get(PROMPT), str | list) and ANNOTATOR in given


def read_csv(lines: Iterator[Line], options: Options) -> Iterator[Outcome]:
    return read_table(
        lines,
        options,
        check_header=lambda names: check_header(names, options),
        parse=lambda line, given: [_row(line, given, options)],
    )


def read_table(
    lines: Iterator[Line], options: Options, *, check_header: Callable[[list[str]], None], parse: Parse
) -> Iterator[Outcome]:
    """Yield what `parse` makes of each row, given with the number of the line on which it begins."""
    first = next(lines, None)
    if first is None:
        raise BadFile("The file is empty. Upload one with a header line and at least one row.")
    header = _header_text(first)
    names = names_of(header, options)
    check_header(names)
    source = _Source(chain([first], lines))
    yield from _rows(source, delimiter_of(header, options), parse, None if options.header else names)


def _header_text(first: Line) -> str:
    try:
        return first.text()
    except BadRow as error:
        raise BadFile(f"The header cannot be read. {error.message}") from error


def names_of(first: str, options: Options) -> list[str]:
    """Return the columns' names, by the first line or by their places. Raise BadFile when it is not CSV."""
    cells = _names(csv.reader([first], delimiter=delimiter_of(first, options)))
    return cells if options.header else [f"column {place}" for place in range(1, len(cells) + 1)]


def check_header(names: list[str], options: Options) -> None:
    """Raise BadFile when the prompt's column is not among the names or one stands twice."""
    shown = ", ".join(repr(name[:60]) for name in names[:20])
    if len(set(names)) < len(names):
        raise BadFile(f"Two columns have the same name. The header is: {shown}.")
    wanted = {"prompt_column": options.prompt_column or PROMPT}
    wanted |= {option: getattr(options, option) for option in _MAPPED}
    for option, name in wanted.items():
        if name and name not in names:
            raise BadFile(f"There is no column {name!r}; the header is: {shown}. Name the right one in {option}.")


def delimiter_of(first: str, options: Options) -> str:
    """Return the delimiter given, else whichever of tab, semicolon and comma parts the header most."""
    return DELIMITERS[options.delimiter] or max(",;\t", key=first.count)


def _rows(source: _Source, delimiter: str, parse: Parse, given: list[str] | None) -> Iterator[Outcome]:
    """Yield what becomes of each row; the first one names the columns unless names are given."""
    csv.field_size_limit(MAXIMUM_LINE_BYTES)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    names = _names(reader) if given is None else given
    while True:
        source.begin_row()
        try:
            cells = next(reader, None)
            if cells is None:
                return
            if not cells:
                continue
            yield from parse(source.row_began, _named(source, names, cells))
        except csv.Error as error:
            if source.is_spent or "field limit" in str(error):
                message = f"The quotation mark opened in the row on line {source.row_began} is never closed. Close it."
                raise BadFile(message) from error
            yield rejected(source.row_began, BadRow("", "bad_csv", f"The row is not CSV: {error}."), source.last)
        except BadRow as error:
            yield rejected(source.row_began, error, source.last)


def _names(reader: Iterator[list[str]]) -> list[str]:
    try:
        return [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise BadFile(f"The header is not CSV: {error}. Save the file as CSV in UTF-8 and upload it again.") from error


def _named(source: _Source, names: list[str], cells: list[str]) -> dict[str, str | None]:
    if source.fault is not None:
        raise source.fault
    if len(cells) != len(names):
        message = f"The row has {len(cells)} cells; the header has {len(names)}. Quote cells that hold a delimiter."
        raise BadRow("", "ragged_row", message)
    return {name: cell or None for name, cell in zip(names, cells, strict=True)}


def _row(line: int, given: Mapping[str, Any], options: Options) -> Row:
    prompt_column = options.prompt_column or PROMPT
    prompt = given.get(prompt_column)
    is_conversation = isinstance(prompt, list)
    messages = prompt if is_conversation else [{"role": "user", "content": checks.text(prompt, prompt_column)}]
    brought = _brought(given, options)
    annotator_column = options.annotator_column or ANNOTATOR
    return Row(
        line=line,
        messages=checks.conversation(messages),
        language=options.language,
        source=options.source,
        annotator=checks.label(given.get(annotator_column), annotator_column, limit=200) if brought else "",
        **(brought or {"kind": "prompt"}),
    )


def _brought(given: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Return what came with the prompt: its kind, and the fields that are that kind's. Raise BadRow."""
    column = options.completion_column or COMPLETION
    if options.label_column:
        return {"kind": "labels", "labels": _labels(given, options), "completions": _subject(given, options)}
    if options.chosen_column or options.rejected_column:
        return _pair(given, options)
    if options.completion_column or given.get(column) is not None:
        return {"kind": "demonstration", "completion": checks.text(given.get(column), column)}
    return {}


def _pair(given: Mapping[str, Any], options: Options) -> dict[str, Any]:
    columns = (options.chosen_column or CHOSEN, options.rejected_column or REJECTED)
    texts = [checks.text(given.get(column), column) for column in columns]
    if texts[0] == texts[1]:
        raise BadRow(columns[1], "identical_replies", "Both completions read the same, so neither is better.")
    return {"kind": "ranking", "completions": [[text, options.source] for text in texts], "tiers": [[0], [1]]}


def _labels(given: Mapping[str, Any], options: Options) -> list[str]:
    """Return the labels of a cell, with | between where there are several, or of a list."""
    column = options.label_column
    value = given.get(column)
    parts = value if isinstance(value, list) else checks.text(value, column).split("|")
    return list(dict.fromkeys(checks.text(part, column, limit=200) for part in parts))


def _subject(given: Mapping[str, Any], options: Options) -> list[list[str]]:
    """Return the completion that the labels are about; they are about the prompt where no column is named."""
    column = options.completion_column
    return [[checks.text(given.get(column), column), options.source]] if column else []


class _Source:
    """Feeds csv.reader with text lines, and remembers where a row began and what was wrong with its lines."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = iter(lines)
        self.is_spent = False
        self.last = b""
        self.begin_row()

    def begin_row(self) -> None:
        self.row_began = 0
        self.fault: BadRow | None = None

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> str:
        line = next(self.lines, None)
        if line is None:
            self.is_spent = True
            raise StopIteration
        self.row_began = self.row_began or line.number
        self.last = line.raw
        try:
            return line.text() + "\n"
        except BadRow as error:
            self.fault = self.fault or error
            return line.raw[:MAXIMUM_LINE_BYTES].decode("utf-8", "replace") + "\n"
