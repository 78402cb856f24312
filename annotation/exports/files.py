"""The Parquet files of a release while they are written: lines gather in memory, a row group at a time goes out.

Parsing, packing and writing hold no lock of Python's: they go on beside the reading of the next lines.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import orjson

from annotation.beside import Beside
from annotation.exports.canonical import canonical
from training.handover import sha256_of_file
from training.parquet import OPEN_FIELDS, table_of, writer_of
from training.records import FileEntry

# So much text is one row group: large enough to compress well, small enough for nine files to have one open each.
ROW_GROUP_BYTES = 2 << 20


class ReleaseFile:
    """One file of a release: records in, a finished entry of the manifest out."""

    def __init__(self, work: Path, split: str, kind: str, writer: Any, beside: Executor) -> None:
        self._place, self.path, self._kind, self._writer = work / split, f"{split}/{kind}.parquet", kind, writer
        self._lines: list[bytes] = []
        self._size = self.rows = 0
        self._beside = Beside(beside)

    @classmethod
    def create(cls, work: Path, split: str, kind: str, closing: ExitStack, beside: Executor) -> Self:
        """Open the file; `beside` writes its row groups, one at a time, and ends before `closing` does."""
        place = work / split
        place.mkdir(exist_ok=True)
        return cls(work, split, kind, closing.enter_context(writer_of(kind, place / f"{kind}.parquet")), beside)

    def add(self, line: bytes) -> None:
        """Write a record as `row_line` gives it."""
        self._lines.append(line)
        self._size += len(line)
        self.rows += 1
        if self._size >= ROW_GROUP_BYTES:
            self._flush()

    def finish(self) -> FileEntry:
        """Close the file on disk and return what the manifest says of it."""
        self._flush()
        self._beside.wait()
        self._writer.close()
        path = self._place / f"{self._kind}.parquet"
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return FileEntry(self.path, self.rows, path.stat().st_size, sha256_of_file(path))

    def _flush(self) -> None:
        if self._lines:
            self._beside.start(self._write, self._lines)
            self._lines, self._size = [], 0

    def _write(self, lines: list[bytes]) -> None:
        self._writer.write_table(table_of(self._kind, b"\n".join(lines), max(map(len, lines)) + 1))


def row_line(kind: str, record: Mapping[str, Any], text: bytes) -> bytes:
    """Return the JSON that becomes the record's row: its canonical form, given too, with open fields as text."""
    opened = {name: canonical(record[name]).decode() for name in OPEN_FIELDS[kind] if name in record}
    return orjson.dumps({**record, **opened}) if opened else text
