"""The header Range, one range at most. Pure. Source: RFC 9110, section 14."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


class RangeNotSatisfiable(Exception):
    """The file ends before the range begins."""

    def __init__(self, size: int) -> None:
        self.headers = {"Content-Range": f"bytes */{size}"}
        super().__init__(f"The file has {size:,} bytes: ask for a range that begins before its end.")


@dataclass(frozen=True)
class Part:
    """Bytes `start` to `start + length`, of `size`."""

    start: int
    length: int
    size: int

    @property
    def is_whole(self) -> bool:
        return self.length == self.size

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


def part_wanted(header: str, size: int, *, if_range: str = "", etag: str = "") -> Part | None:
    """Return the part that is asked for; None for all of it. Raise RangeNotSatisfiable.

    What is no single range of bytes is answered with the whole file, as is a range of a file that is another by now.
    """
    found = _RANGE.fullmatch(header)
    if found is None or (if_range and if_range != etag):
        return None
    first, last = found.groups()
    if not (first or last) or (first and last and int(last) < int(first)):
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or (not first and not int(last)):
        raise RangeNotSatisfiable(size)
    return Part(start, end - start + 1, size)
