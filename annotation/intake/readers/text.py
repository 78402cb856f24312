"""Plain text to learn language from: a file of it, or JSON lines with `text`.

A document is the whole file; a paragraph, where blank lines part them; or a line, as options say. A file longer than a
document may be is cut after a paragraph, or after a line where it has none. What cannot be stored is turned away line
by line. Line ends become \\n; nothing else of a document changes but blank lines around it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import turns
from annotation.intake.readers.each import each
from annotation.intake.rows import DOCUMENT, BadRow, Outcome, Row, rejected
from annotation.intake.strict_json import load_object
from annotation.projects.kinds.shape import character_fault, with_line_feeds

# Of the order of the longest line of a file: what one row may take in memory.
MAXIMUM_CHARACTERS = 4_000_000
# Fields that make of a line with a text something else than a document.
_OTHERS = frozenset({"label", "labels", "cats", "entities", "role", "kind", "question_id", "prompt", "messages"})
_READ = frozenset({"text", "id"})
# What tells the first line of a text from the name of a column: how it ends, or so many words.
_ENDS, _WORDS = frozenset(".!?:;…\"'”»"), 5
_MOST = 0.8


def read(lines: Iterator[Line], options: Options) -> Iterator[Outcome]:
    before: list[Line] = []
    for line in lines:
        before.append(line)
        if line.raw.strip():
            break
    lines = chain(before, lines)
    if before and before[-1].raw.lstrip().startswith(b"{"):
        return each(lines, lambda line: _object(line, load_object(line.text()), options))
    return _documents(lines, options)


def is_document(given: Mapping[str, Any]) -> bool:
    return isinstance(given.get("text"), str) and not _OTHERS & given.keys()


def is_prose(lines: Sequence[Line]) -> bool:
    """Tell running text from tables and broken JSON by its first lines: blank ones within, or a sentence on top."""
    texts = "\n".join(line.raw.decode("utf-8", "replace").strip() for line in lines).strip().split("\n")
    filled = [text for text in texts if text]
    if not filled or filled[0][0] in "{[" or _is_table(filled):
        return False
    return len(filled) < len(texts) or filled[0][-1] in _ENDS or len(filled[0].split()) >= _WORDS


def _is_table(lines: Sequence[str]) -> bool:
    """Say whether most lines have as many cells as each other, and more than one."""
    counts = (Counter(line.count(delimiter) for line in lines).most_common(1)[0] for delimiter in ",;\t")
    return any(cells and lines_alike >= _MOST * len(lines) for cells, lines_alike in counts)


def _object(line: Line, given: dict[str, Any], options: Options) -> Iterator[Outcome]:
    text = given.get("text")
    if not isinstance(text, str):
        raise BadRow("text", "missing_field" if text is None else "wrong_type", "text must be a text.")
    yield document(line.number, _checked(with_line_feeds(text), "text"), options, line.member)
    yield from turns.left_out(line.number, given, _READ)


def _documents(lines: Iterator[Line], options: Options) -> Iterator[Outcome]:
    """Yield a document for each run of lines that the unit puts together."""
    held = _Held(options)
    for line in lines:
        try:
            text = _checked(line.text(), "", may_be_empty=True)
        except BadRow as error:
            yield rejected(line.number, error, line.raw)
            continue
        if line.member != held.member:
            yield from held.all()
        while held.lines and len(text) + held.characters > MAXIMUM_CHARACTERS:
            yield from held.cut()
        held.add(line, text)
        if options.text_unit == "line" or (options.text_unit == "paragraph" and not text.strip()):
            yield from held.all()
    yield from held.all()


def document(line: int, text: str, options: Options, member: str = "") -> Row:
    return Row(line, DOCUMENT, text=text, language=options.language, source=options.source or member[-200:])


def _checked(text: str, field: str, *, may_be_empty: bool = False) -> str:
    if fault := character_fault(text):
        raise BadRow(field, "control_character", f"The text {fault}.")
    if not may_be_empty and not text.strip():
        raise BadRow(field, "empty_text", "The text is empty.")
    if len(text) > MAXIMUM_CHARACTERS:
        shown = f"{len(text):,} characters; at most {MAXIMUM_CHARACTERS:,} are taken"
        raise BadRow(field, "too_long", f"The text has {shown}. Split it.")
    return text


class _Held:
    """The lines of the document that is being read."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.lines: list[tuple[int, str]] = []
        self.characters = 0
        self.member = ""

    def add(self, line: Line, text: str) -> None:
        self.lines.append((line.number, text))
        self.characters += len(text) + 1
        self.member = line.member

    def all(self) -> Iterator[Row]:
        return self._give(len(self.lines))

    def cut(self) -> Iterator[Row]:
        """Give up to the last blank line, else all."""
        blank = (place for place in range(len(self.lines) - 1, 0, -1) if not self.lines[place][1].strip())
        return self._give(next(blank, len(self.lines)))

    def _give(self, count: int) -> Iterator[Row]:
        given, self.lines = self.lines[:count], self.lines[count:]
        self.characters = sum(len(text) + 1 for _, text in self.lines)
        while given and not given[0][1].strip():
            given.pop(0)
        while given and not given[-1][1].strip():
            given.pop()
        if given:
            yield document(given[0][0], "\n".join(text for _, text in given), self.options, self.member)
