"""Lines that come in any order and are wanted in one: kept on disk meanwhile, in flat memory. Pure but for its files.

Every line has a rank. Ranks that are near each other share a file, so that reading in order never wanders far; where
a line lies in its file costs 13 bytes of memory.
"""

from __future__ import annotations

import os
from array import array
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

RANKS_PER_FILE = 16_384
BUFFER_BYTES = 4 << 20


class Spill:
    def __init__(self, folder: Path, ranks: int) -> None:
        self._folder = folder
        self._offsets, self._lengths = array("Q", bytes(8 * ranks)), array("I", bytes(4 * ranks))
        self._tags = bytearray(ranks)
        self._pending: defaultdict[int, list[bytes]] = defaultdict(list)
        self._sizes: defaultdict[int, int] = defaultdict(int)
        self._buffered = 0
        folder.mkdir()

    def add(self, rank: int, tag: int, line: bytes) -> None:
        """Keep a line that is not empty, with a small number to be given back beside it."""
        number, length = rank // RANKS_PER_FILE, len(line)
        self._offsets[rank], self._lengths[rank], self._tags[rank] = self._sizes[number], length, tag
        self._sizes[number] += length
        self._pending[number].append(line)
        self._buffered += length
        if self._buffered >= BUFFER_BYTES:
            self._flush()

    def in_order(self) -> Iterator[tuple[int, bytes]]:
        """Yield (tag, line) by rank; each file goes as soon as it has been read."""
        self._flush()
        for number in sorted(self._sizes):
            path = self._path(number)
            with path.open("rb") as file:
                first = number * RANKS_PER_FILE
                for rank in range(first, min(first + RANKS_PER_FILE, len(self._tags))):
                    if self._lengths[rank]:
                        yield self._tags[rank], os.pread(file.fileno(), self._lengths[rank], self._offsets[rank])
            path.unlink()

    def _flush(self) -> None:
        for number, lines in self._pending.items():
            with self._path(number).open("ab") as file:
                file.write(b"".join(lines))
        self._pending.clear()
        self._buffered = 0

    def _path(self, number: int) -> Path:
        return self._folder / str(number)
