"""The XML inside a workbook, parsed as a stream: attributes, shared strings, and the rows of a sheet. Pure.

Namespaces are dropped, since transitional and strict workbooks differ in them alone.
Source: ECMA-376, part 1, sections 18.3 (sheets), 18.4 (strings), 18.8 (formats).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any, NamedTuple
from xml.parsers import expat

from annotation.intake.rows import BadFile

_CHUNK = 2**16
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


class Element(NamedTuple):
    parent: str
    name: str
    attributes: dict[str, str]


class Cell(NamedTuple):
    """A cell as it is written: its type, its style and the text of its value."""

    type: str
    style: int
    text: str


def elements(part: IO[bytes], *names: str) -> list[Element]:
    """Return the elements of these names, in order."""
    return [element for batch in _parsed(part, _Elements(names)) for element in batch]


def strings(part: IO[bytes]) -> list[str]:
    """Return the texts that cells name by their place."""
    return [text for batch in _parsed(part, _Strings()) for text in batch]


def rows(part: IO[bytes]) -> Iterator[tuple[int, dict[int, Cell]]]:
    """Yield each row's number and its cells by column, both from 1."""
    for batch in _parsed(part, _Rows()):
        yield from batch


class _Elements:
    def __init__(self, names: tuple[str, ...]) -> None:
        self.names, self.path, self.found = names, [""], list[Any]()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in self.names:
            self.found.append(Element(self.path[-1], name, {_local(key): value for key, value in attributes.items()}))
        self.path.append(name)

    def end(self, name: str) -> None:
        self.path.pop()

    def text(self, data: str) -> None:
        pass


class _Strings:
    """Collects the runs of each text, without what is only said about its sound."""

    whole, pieces = "si", frozenset({"t"})

    def __init__(self) -> None:
        self.found: list[Any] = []
        self.runs: list[str] = []
        self.is_wanted = self.is_phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self.whole:
            self.runs = []
        elif name == "rPh":
            self.is_phonetic = True
        self.is_wanted = name in self.pieces and not self.is_phonetic

    def end(self, name: str) -> None:
        self.is_wanted = False
        if name == "rPh":
            self.is_phonetic = False
        elif name == self.whole:
            self.finish(_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), "".join(self.runs)))

    def text(self, data: str) -> None:
        if self.is_wanted:
            self.runs.append(data)

    def finish(self, text: str) -> None:
        self.found.append(text)


class _Rows(_Strings):
    whole, pieces = "c", frozenset({"v", "t"})

    def __init__(self) -> None:
        super().__init__()
        self.number = self.column = 0
        self.kind, self.style = "n", 0
        self.cells: dict[int, Cell] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        if name == "row":
            self.number, self.column, self.cells = int(attributes.get("r", self.number + 1)), 0, {}
        elif name == "c":
            place = attributes.get("r", "").rstrip("0123456789")
            self.column = _column(place) if place else self.column + 1
            self.kind, self.style = attributes.get("t", "n"), int(attributes.get("s", 0))

    def end(self, name: str) -> None:
        super().end(name)
        if name == "row":
            self.found.append((self.number, self.cells))

    def finish(self, text: str) -> None:
        if text:
            self.cells[self.column] = Cell(self.kind, self.style, text)


def _parsed(part: IO[bytes], handler: _Elements | _Strings) -> Iterator[list[Any]]:
    """Parse chunk by chunk and hand out what has been found in each."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: handler.start(_local(name), attributes)
    parser.EndElementHandler = lambda name: handler.end(_local(name))
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = _refuse
    while chunk := part.read(_CHUNK):
        parser.Parse(chunk)
        yield handler.found
        handler.found = []
    parser.Parse(b"", True)
    yield handler.found


def _refuse(*doctype: Any) -> None:
    raise BadFile("The workbook declares a document type, which none needs. Save it anew from a spreadsheet program.")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _column(letters: str) -> int:
    """Return the number of a column: A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
