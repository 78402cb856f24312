"""The files of a view while they are written: records in, rows out, flat in memory however many there are.

A row is JSON first, whatever the file: JSON lines are written as they gather, Parquet parses the same lines by the
megabyte, so a row never becomes an object of Arrow's or Python's beyond the one that its view made.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import json as arrow_json

from annotation.beside import Beside
from annotation.exports.choices import BadChoice, Choices, Option, read_choices
from annotation.exports.views import shape
from annotation.exports.views.shape import Row, View

CSV, JSONL, PARQUET = "csv", "jsonl", "parquet"
NONE, GZ, ZST = "none", "gz", "zst"

# So much text goes out at once; and makes one row group, large enough to compress well.
CHUNK_BYTES = 1 << 20
# A spreadsheet takes a cell that begins so for a formula; the apostrophe makes it text, and a real one gets another.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
# What some reader takes for the end of a line: JSON may hold them, a line of JSON Lines had better not.
_LINE_ENDS = {b"\xc2\x85": b"\\u0085", b"\xe2\x80\xa8": b"\\u2028", b"\xe2\x80\xa9": b"\\u2029"}


def options_of(view: View) -> tuple[Option, ...]:
    """Return all that can be chosen of a view: the kind of its files, and its own options."""
    kinds = (view.extension, PARQUET) if has_columns(view) else (view.extension,)
    container = Option(name="container", label="The kind of file", default=view.extension, choices=kinds)
    compression = Option(
        name="compression",
        label="How the files are packed; Parquet packs its columns by itself",
        default=NONE,
        choices=(NONE, GZ, ZST),
    )
    return (container, compression, *view.options)


def choices_of(view: View, given: object) -> dict[str, Any]:
    """Return every choice with its value. Raise BadChoice."""
    choices = dict(read_choices(options_of(view), given))
    if choices["container"] == PARQUET and choices["compression"] != NONE:
        raise BadChoice("options.compression", "must be none for Parquet, whose columns are packed already")
    return choices


def has_columns(view: View) -> bool:
    return bool(view.columns({option.name: option.default for option in view.options}))


def extension_of(choices: Choices) -> str:
    packed = "" if choices["compression"] == NONE else f".{choices['compression']}"
    return f"{choices['container']}{packed}"


class HashedFile(io.RawIOBase):
    """A file on disk that hashes and counts what is written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.sha256, self.bytes = hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        size = memoryview(data).nbytes
        self.bytes += size
        self._file.write(data)
        return size

    def tell(self) -> int:
        return self.bytes

    def close(self) -> None:
        if not self.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        super().close()

    def drop(self) -> None:
        """Let go of a file that nobody will finish."""
        self._file.close()


class Encoder(Protocol):
    """Turns rows, given as lines of JSON, into the bytes of one kind of file."""

    def write(self, lines: list[bytes]) -> None: ...

    def close(self) -> None: ...


class ViewFile(AbstractContextManager["ViewFile"]):
    """One file of a view. Made with its first row, so that a split without rows has none."""

    def __init__(self, place: Path, name: str, choices: Choices, columns: Mapping[str, str]) -> None:
        self.path, self.rows = name, 0
        self._place, self._choices, self._columns = place, choices, columns
        self._lines: list[bytes] = []
        self._size = 0
        self._file: HashedFile | None = None
        self._encoder: Encoder | None = None
        # Packing, hashing and writing hold no lock of Python's: they go on beside the making of the next chunk.
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="view-file")
        self._beside = Beside(self._pool)

    def add(self, row: Row) -> None:
        line = orjson.dumps(row)
        self._lines.append(line)
        self._size += len(line) + 1
        self.rows += 1
        if self._size >= CHUNK_BYTES:
            self._flush()

    def entry(self) -> dict[str, Any]:
        """Finish the file and return what the manifest says of it."""
        self._flush()
        self._beside.wait()
        if self._encoder is not None:
            self._encoder.close()
        assert self._file is not None
        self._file.close()
        size, sha256 = self._file.bytes, self._file.sha256.hexdigest()
        return {"path": self.path, "rows": self.rows, "bytes": size, "sha256": sha256}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._file is not None:
            self._file.drop()

    def _flush(self) -> None:
        if not self._lines:
            return
        if self._encoder is None:
            self._file = HashedFile(self._place / self.path)
            self._encoder = encoder_of(self._file, self._choices, self._columns)
        self._beside.start(self._encoder.write, self._lines)
        self._lines, self._size = [], 0


def encoder_of(file: HashedFile, choices: Choices, columns: Mapping[str, str]) -> Encoder:
    if choices["container"] == PARQUET:
        return _Columns(file, columns)
    packed = _packed(file, choices["compression"])
    return _Table(packed) if choices["container"] == CSV else _Lines(packed)


class _Lines:
    """JSON Lines, ended by `\\n` and by nothing else that some reader takes for an end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, lines: list[bytes]) -> None:
        text = b"\n".join(lines) + b"\n"
        self._file.write(text if text.isascii() else _one_line_each(text))

    def close(self) -> None:
        self._file.close()


class _Table:
    """CSV with a header, safe to open in a spreadsheet."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._has_header = False

    def write(self, lines: list[bytes]) -> None:
        text = io.StringIO(newline="")
        # Both characters of the line's end, for only those are quoted within a cell.
        writer = csv.writer(text, lineterminator="\r\n")
        for line in lines:
            row = orjson.loads(line)
            if not self._has_header:
                writer.writerow(row)
                self._has_header = True
            writer.writerow([cell_of(value) for value in row.values()])
        self._file.write(text.getvalue().encode())

    def close(self) -> None:
        self._file.close()


class _Columns:
    """Parquet: lines of JSON parsed into columns, one row group a chunk."""

    def __init__(self, file: HashedFile, columns: Mapping[str, str]) -> None:
        self._schema = schema_of(columns)
        # What is said again, a prompt, stands near: zstd finds it, and a dictionary of texts would fill the memory.
        choices = {"compression": "zstd", "use_dictionary": False, "write_statistics": False}
        self._writer = pq.ParquetWriter(file, self._schema, **choices)

    def write(self, lines: list[bytes]) -> None:
        text = b"\n".join(lines)
        reading = arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1)
        parsing = arrow_json.ParseOptions(explicit_schema=self._schema, unexpected_field_behavior="error")
        self._writer.write_table(arrow_json.read_json(pa.BufferReader(text), reading, parsing))

    def close(self) -> None:
        self._writer.close()


def _one_line_each(text: bytes) -> bytes:
    for end, escaped in _LINE_ENDS.items():
        if end in text:
            text = text.replace(end, escaped)
    return text


def cell_of(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def schema_of(columns: Mapping[str, str]) -> pa.Schema:
    """Return the Arrow schema of a view's columns; what stands in a row is never null."""
    turn = pa.struct([pa.field(name, pa.string()) for name in ("role", "content")])
    spoken = pa.struct([pa.field(name, pa.string()) for name in ("from", "value")])
    types = {
        shape.TEXT: pa.string(),
        shape.NUMBER: pa.float64(),
        shape.TRUTH: pa.bool_(),
        shape.MESSAGES: pa.list_(turn),
        shape.SPOKEN: pa.list_(spoken),
        shape.SPOKEN_TURN: spoken,
        shape.HISTORY: pa.list_(pa.list_(pa.string())),
    }
    return pa.schema([pa.field(name, types[kind]) for name, kind in columns.items()])


def _packed(file: HashedFile, compression: str) -> Any:
    if compression == NONE:
        return file
    return pa.CompressedOutputStream(pa.PythonFile(file, mode="w"), {GZ: "gzip", ZST: "zstd"}[compression])
