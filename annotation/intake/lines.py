"""A file's lines in constant memory: plain or gzip, told apart by content, within every limit."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from annotation.intake.rows import BadFile, BadRow

MAXIMUM_LINE_BYTES = 16 * 2**20
_CHUNK = 2**20

_UTF8_MARK = b"\xef\xbb\xbf"
# First bytes that tell what the file is instead of text, longest first where one begins another.
_REFUSED = {
    b"\xff\xfe\x00\x00": "The file is in UTF-32. Save it as UTF-8 and upload it again.",
    b"\x00\x00\xfe\xff": "The file is in UTF-32. Save it as UTF-8 and upload it again.",
    b"\xff\xfe": "The file is in UTF-16. Save it as UTF-8 and upload it again.",
    b"\xfe\xff": "The file is in UTF-16. Save it as UTF-8 and upload it again.",
    b"PK\x03\x04": "The file is a zip archive or a spreadsheet. Unpack it, or save the sheet as CSV, and upload that.",
    b"PAR1": "The file is in Parquet. Convert it to JSON Lines or CSV and upload that.",
    b"BZh": "The file is packed with bzip2. Unpack it, or pack it with gzip, and upload it again.",
    b"\xfd7zXZ": "The file is packed with xz. Unpack it, or pack it with gzip, and upload it again.",
    b"(\xb5/\xfd": "The file is packed with zstd. Unpack it, or pack it with gzip, and upload it again.",
    b"\x1f\x8b": "The file is packed with gzip twice. Unpack it once and upload it again.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line end. Numbers start at 1 and count every line feed."""

    number: int
    raw: bytes
    is_whole: bool = True

    def text(self) -> str:
        """Return the line as text. Raise BadRow when it is too long or not UTF-8."""
        if not self.is_whole:
            limit = MAXIMUM_LINE_BYTES // 2**20
            raise BadRow("", "line_too_long", f"The line is longer than {limit} MiB. Split it into several rows.")
        try:
            return self.raw.decode("utf-8")
        except UnicodeDecodeError as error:
            place = f"byte {error.start + 1} of the line is 0x{self.raw[error.start]:02x}"
            raise BadRow("", "not_utf8", f"The line is not UTF-8: {place}. Save the file as UTF-8.") from error


class Meter(io.RawIOBase):
    """A stored file, read once from its beginning, that knows how much of it has been read."""

    def __init__(self, file: Any) -> None:
        self.file, self.done_bytes = file, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self.file.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self.done_bytes += len(chunk)
        return len(chunk)


def read_lines(file: Meter, *, limit_bytes: int) -> Iterator[Line]:
    """Yield every line. Raise BadFile for what is no text, truncated, or over the limit unpacked."""
    try:
        yield from _lines(_unpacked(file), limit_bytes)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadFile(
            "The gzip file is damaged or ends too early, so nothing was imported. Pack and upload it again."
        ) from error


def _unpacked(file: Meter) -> io.BufferedReader[Any]:
    stored = io.BufferedReader(cast(io.RawIOBase, file), _CHUNK)
    if not stored.peek(2).startswith(b"\x1f\x8b"):
        return stored
    return io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=stored)), _CHUNK)


def _lines(file: io.BufferedReader[Any], limit_bytes: int) -> Iterator[Line]:
    _check_beginning(file.peek(4)[:6])
    number = read_bytes = 0
    while raw := file.readline(MAXIMUM_LINE_BYTES + 1):
        number += 1
        read_bytes += len(raw)
        is_whole = len(raw) <= MAXIMUM_LINE_BYTES
        rest = raw
        while not rest.endswith(b"\n") and (rest := file.readline(_CHUNK)):
            is_whole = False
            read_bytes += len(rest)
            _check_size(read_bytes, limit_bytes)
        _check_size(read_bytes, limit_bytes)
        if number == 1:
            raw = raw.removeprefix(_UTF8_MARK)
        yield Line(number, raw.rstrip(b"\r\n"), is_whole)


def _check_size(read_bytes: int, limit_bytes: int) -> None:
    if read_bytes > limit_bytes:
        shown = f"{limit_bytes / 2**20:,.0f} MiB"
        raise BadFile(f"Unpacked, the file is larger than {shown}. Split it into smaller files and import each.")


def _check_beginning(first: bytes) -> None:
    for magic, sentence in _REFUSED.items():
        if first.startswith(magic):
            raise BadFile(sentence)
    if b"\x00" in first:
        raise BadFile("The file is binary or in UTF-16. Save it as UTF-8 text and upload it again.")
