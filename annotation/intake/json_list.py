"""A JSON list of any length as its elements, in the memory of one: what most tools export. Pure.

Only brackets, commas and strings are told apart here. Whether an element is JSON says whoever reads it, so that one
bad element is one bad row.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from annotation.intake.limits import MAXIMUM_LINE_BYTES, check_unpacked
from annotation.intake.rows import BadFile

_CHUNK = 2**20
# A whole string, a bracket or comma outside of strings, or the quotation mark of a string that goes on.
_MARK = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},"]', re.DOTALL)
_STEP = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


def is_list(beginning: bytes) -> bool:
    return beginning.lstrip(b" \t\r\n").startswith(b"[")


def elements(file: io.BufferedReader[Any], *, limit_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Yield each element with the number of the line on which it begins. Raise BadFile for what is no whole list."""
    scan = _Scan()
    read_bytes = 0
    while chunk := file.read(_CHUNK):
        read_bytes += len(chunk)
        check_unpacked(read_bytes, limit_bytes)
        yield from scan.feed(chunk)
    if not scan.is_over:
        raise BadFile("The list ends too early: its closing bracket is missing. Upload the whole file.")


class _Scan:
    """The element that is being read: where it begins in the text at hand, and how deep in brackets the place is."""

    def __init__(self) -> None:
        self.text = b""
        self.line, self.place, self.begin, self.depth, self.count = 1, 0, 0, 0, 0
        self.is_over = False

    def feed(self, chunk: bytes) -> Iterator[tuple[int, bytes]]:
        self.text += chunk
        for mark in _MARK.finditer(self.text, self.place):
            if mark.group() == b'"':
                # The string goes on in the next chunk, and is read again with it.
                self.place = mark.start()
                break
            yield from self._step(mark.group(), mark.start())
        else:
            self.place = len(self.text)
        self._forget()
        if self.is_over and self.text.strip():
            raise BadFile("The file goes on after the end of its list. Write one list, or one JSON object per line.")

    def _step(self, mark: bytes, place: int) -> Iterator[tuple[int, bytes]]:
        if self.is_over:
            return
        self.depth += _STEP.get(mark, 0)
        begins = self.depth == 1 and mark == b"["
        self.is_over = self.depth == 0
        if self.is_over or (self.depth == 1 and mark == b","):
            yield from self._element(self.text[self.begin : place])
        if begins or self.is_over or (self.depth == 1 and mark == b","):
            self.line += self.text.count(b"\n", self.begin, place)
            self.begin = place + 1

    def _element(self, raw: bytes) -> Iterator[tuple[int, bytes]]:
        _check_length(len(raw))
        element = raw.strip()
        if element:
            self.count += 1
            yield self.line + raw[: len(raw) - len(raw.lstrip())].count(b"\n"), element
        elif self.count or not self.is_over:
            raise BadFile(f"The list has a comma too many near line {self.line}. Remove it and upload the file again.")

    def _forget(self) -> None:
        """Let go of what has been given out."""
        _check_length(len(self.text) - self.begin)
        self.text, self.place, self.begin = self.text[self.begin :], self.place - self.begin, 0


def _check_length(length: int) -> None:
    if length > MAXIMUM_LINE_BYTES:
        limit = MAXIMUM_LINE_BYTES // 2**20
        raise BadFile(f"An element of the list is longer than {limit} MiB. Split it into several.")
