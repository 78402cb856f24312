"""A file's lines in constant memory, within every limit; what it is, its content tells, and no name.

Text is read line by line, packed with gzip or zstd or not; a JSON list element by element; a workbook or a Parquet file
row by row; an archive of texts file by file.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from annotation.intake import archive, json_list, parquet, workbook, zstd
from annotation.intake.limits import MAXIMUM_LINE_BYTES, check_unpacked
from annotation.intake.rows import BadFile, BadRow

_CHUNK = 2**20
GZIP, ZSTD = b"\x1f\x8b", b"(\xb5/\xfd"

_UTF8_MARK = b"\xef\xbb\xbf"
# First bytes that tell what the file is instead of text, longest first where one begins another.
_REFUSED = {
    b"\xff\xfe\x00\x00": "The file is in UTF-32. Save it as UTF-8 and upload it again.",
    b"\x00\x00\xfe\xff": "The file is in UTF-32. Save it as UTF-8 and upload it again.",
    b"\xff\xfe": "The file is in UTF-16. Save it as UTF-8 and upload it again.",
    b"\xfe\xff": "The file is in UTF-16. Save it as UTF-8 and upload it again.",
    workbook.MAGIC: "The file is a workbook or zip archive within another. Upload what is in it, unpacked.",
    b"\xd0\xcf\x11\xe0": "The file is an old or protected workbook. Save it as .xlsx without a password, or as CSV.",
    parquet.MAGIC: "The file is a Parquet file within another. Upload what is in it, unpacked.",
    b"BZh": "The file is packed with bzip2. Unpack it, or pack it with gzip, and upload it again.",
    b"\xfd7zXZ": "The file is packed with xz. Unpack it, or pack it with gzip, and upload it again.",
    ZSTD: "The file is packed twice. Unpack it once and upload it again.",
    GZIP: "The file is packed twice. Unpack it once and upload it again.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line end, or one element or row. Numbers start at 1 and count every line feed or row."""

    number: int
    raw: bytes
    fault: BadRow | None = None
    # The file that it is of, in an archive of several.
    member: str = ""

    def text(self) -> str:
        """Return the line as text. Raise BadRow when it is too long, was cut or is not UTF-8."""
        if self.fault is not None:
            raise self.fault
        try:
            return self.raw.decode("utf-8")
        except UnicodeDecodeError as error:
            place = f"byte {error.start + 1} of the line is 0x{self.raw[error.start]:02x}"
            raise BadRow("", "not_utf8", f"The line is not UTF-8: {place}. Save the file as UTF-8.") from error


class Meter(io.RawIOBase):
    """A stored file that knows how much of it has been read."""

    def __init__(self, file: Any) -> None:
        self.file, self.done_bytes = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self.file.seek(offset, whence))

    def tell(self) -> int:
        return int(self.file.tell())

    def readinto(self, buffer: Any) -> int:
        chunk = self.file.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self.done_bytes += len(chunk)
        return len(chunk)


def read_lines(file: Meter, *, limit_bytes: int, sheet: str = "") -> Iterator[Line]:
    """Yield every line. Raise BadFile for what cannot be read, is truncated, or over the limit unpacked."""
    stored = io.BufferedReader(cast(io.RawIOBase, file), _CHUNK)
    beginning = stored.peek(4)
    if beginning.startswith(workbook.MAGIC):
        yield from _zipped(stored, limit_bytes, sheet)
    elif beginning.startswith(parquet.MAGIC):
        yield from (Line(*row) for row in parquet.rows(stored, limit_bytes=limit_bytes))
    elif beginning.startswith(ZSTD):
        yield from _lines(zstd.unpacked(stored), limit_bytes)
    elif beginning.startswith(GZIP):
        yield from _unzipped(stored, limit_bytes)
    else:
        yield from _lines(stored, limit_bytes)


def _zipped(stored: io.BufferedReader[Any], limit_bytes: int, sheet: str) -> Iterator[Line]:
    if workbook.is_workbook(stored):
        yield from (Line(*row) for row in workbook.rows(stored, sheet=sheet, limit_bytes=limit_bytes))
        return

    def read(member: Any, limit_bytes: int) -> Iterator[Line]:
        return _lines(io.BufferedReader(member, _CHUNK), limit_bytes)

    for name, line in archive.lines(stored, read, limit_bytes=limit_bytes):
        yield replace(line, member=name)


def _unzipped(stored: io.BufferedReader[Any], limit_bytes: int) -> Iterator[Line]:
    try:
        yield from _lines(io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=stored)), _CHUNK), limit_bytes)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadFile(
            "The gzip file is damaged or ends too early, so nothing was imported. Pack and upload it again."
        ) from error


def _lines(file: io.BufferedReader[Any], limit_bytes: int) -> Iterator[Line]:
    _check_beginning(file.peek(4)[:6])
    if file.peek(len(_UTF8_MARK)).startswith(_UTF8_MARK):
        file.read(len(_UTF8_MARK))
    if json_list.is_list(file.peek(_CHUNK)):
        yield from (Line(*element) for element in json_list.elements(file, limit_bytes=limit_bytes))
    else:
        yield from _text_lines(file, limit_bytes)


def _text_lines(file: io.BufferedReader[Any], limit_bytes: int) -> Iterator[Line]:
    number = read_bytes = 0
    while raw := file.readline(MAXIMUM_LINE_BYTES + 1):
        number += 1
        read_bytes += len(raw)
        fault = None if len(raw) <= MAXIMUM_LINE_BYTES else _too_long()
        rest = raw
        while not rest.endswith(b"\n") and (rest := file.readline(_CHUNK)):
            fault = _too_long()
            read_bytes += len(rest)
            check_unpacked(read_bytes, limit_bytes)
        check_unpacked(read_bytes, limit_bytes)
        yield Line(number, raw.rstrip(b"\r\n"), fault)


def _too_long() -> BadRow:
    limit = MAXIMUM_LINE_BYTES // 2**20
    return BadRow("", "line_too_long", f"The line is longer than {limit} MiB. Split it into several rows.")


def _check_beginning(first: bytes) -> None:
    for magic, sentence in _REFUSED.items():
        if first.startswith(magic):
            raise BadFile(sentence)
    if b"\x00" in first:
        raise BadFile("The file is binary or in UTF-16. Save it as UTF-8 text and upload it again.")
