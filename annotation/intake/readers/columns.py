"""A prompt and perhaps a completion per row, by column name: CSV (or TSV) and JSON Lines."""

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

Parse = Callable[[int, Mapping[str, Any]], Iterable[Outcome]]


def read_json_lines(lines: Iterable[Line], options: Options) -> Iterator[Outcome]:
    return each(lines, lambda line: [_row(line.number, load_object(line.text()), options)])


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
    check_header(names_of(header, options))
    yield from _rows(_Source(chain([first], lines)), delimiter_of(header, options), parse)


def _header_text(first: Line) -> str:
    try:
        return first.text()
    except BadRow as error:
        raise BadFile(f"The header cannot be read. {error.message}") from error


def names_of(first: str, options: Options) -> list[str]:
    """Return the header's names. Raise BadFile when it is not CSV."""
    return _names(csv.reader([first], delimiter=delimiter_of(first, options)))


def check_header(names: list[str], options: Options) -> None:
    """Raise BadFile when the prompt's column is not among the names or one stands twice."""
    shown = ", ".join(repr(name[:60]) for name in names[:20])
    if len(set(names)) < len(names):
        raise BadFile(f"Two columns have the same name. The header is: {shown}.")
    wanted = {"prompt_column": options.prompt_column or PROMPT, "completion_column": options.completion_column}
    for option, name in wanted.items():
        if name and name not in names:
            raise BadFile(f"There is no column {name!r}; the header is: {shown}. Name the right one in {option}.")


def delimiter_of(first: str, options: Options) -> str:
    """Return the delimiter given, else whichever of tab, semicolon and comma parts the header most."""
    return DELIMITERS[options.delimiter] or max(",;\t", key=first.count)


def _rows(source: _Source, delimiter: str, parse: Parse) -> Iterator[Outcome]:
    csv.field_size_limit(MAXIMUM_LINE_BYTES)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    names = _names(reader)
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
    completion_column = options.completion_column or COMPLETION
    annotator_column = options.annotator_column or ANNOTATOR
    wants_completion = bool(options.completion_column) or given.get(completion_column) is not None
    prompt = given.get(prompt_column)
    is_conversation = isinstance(prompt, list)
    messages = prompt if is_conversation else [{"role": "user", "content": checks.text(prompt, prompt_column)}]
    return Row(
        line=line,
        kind="demonstration" if wants_completion else "prompt",
        messages=checks.conversation(messages),
        language=options.language,
        source=options.source,
        annotator=checks.label(given.get(annotator_column), annotator_column, limit=200) if wants_completion else "",
        completion=checks.text(given.get(completion_column), completion_column) if wants_completion else "",
    )


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
