"""doccano's texts and labels, as JSON, as a table, or in fastText's lines: __label__a __label__b and the text.

A text without a label waits for nobody here and is left out, and so are labels of a part of the text. The files of
doccano's text-to-text projects look the same and hold an answer where these hold labels, so that nothing in them tells
which is which: read_pairs reads them where somebody says so.
Source: doccano.github.io/doccano, backend/data_import and backend/data_export at github.com/doccano/doccano.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import columns, turns
from annotation.intake.readers.each import each
from annotation.intake.rows import BadFile, BadRow, Outcome, Row, Skipped
from annotation.intake.strict_json import load_object

SOURCE = "doccano"
MARK, JOINT = "__label__", "#"
_LABELS = ("label", "labels", "cats")
_READ = frozenset({"id", "text", "entities", "relations", *_LABELS})

Parse = Callable[[int, Mapping[str, Any], Options], Iterator[Outcome]]


def read(lines: Iterator[Line], options: Options) -> Iterator[Outcome]:
    return _read(lines, options, _labelled, _labelled_cells)


def read_pairs(lines: Iterator[Line], options: Options) -> Iterator[Outcome]:
    """Read the label as what answers the text."""
    return _read(lines, options, _answered, _answered)


def is_labelled(given: Mapping[str, Any]) -> bool:
    return isinstance(given.get("text"), str) and bool({*_LABELS, "entities"} & given.keys())


def is_header(names: Sequence[str]) -> bool:
    return "text" in names and bool({*_LABELS} & {*names})


def _read(lines: Iterator[Line], options: Options, parse: Parse, parse_cells: Parse) -> Iterator[Outcome]:
    first = next(lines, None)
    if first is None:
        return
    lines, start = chain([first], lines), first.raw.lstrip()
    if start.startswith(b"{"):
        yield from each(lines, lambda line: parse(line.number, load_object(line.text()), options))
    elif start.startswith(MARK.encode()):
        yield from each(lines, lambda line: parse(line.number, _fast_text(line.text()), options))
    else:
        yield from columns.read_table(
            lines, options, check_header=_check_header, parse=lambda line, given: parse_cells(line, given, options)
        )


def _check_header(names: Sequence[str]) -> None:
    if not is_header(names) or len({*names}) < len(names):
        shown = ", ".join(repr(name[:60]) for name in names[:20])
        raise BadFile(f"The header must have text and label, each column once; it is: {shown}.")


def _fast_text(line: str) -> dict[str, Any]:
    words = line.split(" ")
    labels = [word.removeprefix(MARK) for word in words if word.startswith(MARK)]
    return {"text": " ".join(word for word in words if not word.startswith(MARK)), "label": labels}


def _labelled(line: int, given: Mapping[str, Any], options: Options) -> Iterator[Outcome]:
    messages = _messages(given)
    labels, is_part = _labels(given)
    if labels:
        source = options.source or SOURCE
        yield Row(line, "labels", messages, language=options.language, source=source, labels=labels)
    else:
        yield Skipped(line, "no_label")
    yield from turns.left_out(line, given, _READ, {"part_label"} if is_part else frozenset())


def _labelled_cells(line: int, given: Mapping[str, Any], options: Options) -> Iterator[Outcome]:
    """Part labels that doccano's table joins: a#b."""
    cells = {name: given[name].split(JOINT) for name in _LABELS if given.get(name)}
    return _labelled(line, {**given, **cells}, options)


def _answered(line: int, given: Mapping[str, Any], options: Options) -> Iterator[Outcome]:
    messages = _messages(given)
    answers, is_part = _labels(given, limit=None)
    source = options.source or SOURCE
    for answer in answers:
        yield Row(line, "demonstration", messages, language=options.language, source=source, completion=answer)
    if not answers:
        yield Row(line, "prompt", messages, language=options.language, source=source)
    yield from turns.left_out(line, given, _READ, {"part_label"} if is_part else frozenset())


def _messages(given: Mapping[str, Any]) -> list[dict[str, str]]:
    return checks.conversation([{"role": "user", "content": checks.text(given.get("text"), "text")}])


def _labels(given: Mapping[str, Any], *, limit: int | None = 200) -> tuple[list[str], bool]:
    """Return the labels of the whole text, and whether there are some of parts of it."""
    name = next((name for name in _LABELS if given.get(name) is not None), "label")
    value = given.get(name)
    entries = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(entries, list):
        raise BadRow(name, "wrong_type", f"{name} must be a text or a list of texts.")
    whole = [entry for entry in entries if not isinstance(entry, list | dict)]
    is_part = len(whole) < len(entries) or bool(given.get("entities") or given.get("relations"))
    if limit is None:
        return [checks.text(entry, name) for entry in whole], is_part
    return [checks.label(checks.text(entry, name), name, limit=limit) for entry in whole], is_part
