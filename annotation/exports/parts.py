"""Parts of stored files, in pieces of bounded size, from a disk or an object store alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage

from annotation.exports.storage import FilesGone

PIECE_BYTES = 1 << 18


class StoredPart:
    """`length` bytes of a stored file from `start` on, read as they are asked for. Close it, read or not."""

    def __init__(self, name: str, *, size: int, start: int, length: int) -> None:
        """Open the file. Raise FilesGone where it is not there, or is not as long as it was when it was frozen."""
        self._start, self._left = start, length
        try:
            self._file: File[Any] = default_storage.open(name, "rb")
        except FileNotFoundError as error:
            raise FilesGone("This file is no longer stored: restore it from a backup.") from error
        if self._file.size != size:
            self._file.close()
            raise FilesGone("This file is not the one that was frozen: its length differs. Restore it from a backup.")

    def __iter__(self) -> Iterator[bytes]:
        return self._from_store() if hasattr(self._file, "obj") else self._from_file()

    def close(self) -> None:
        self._file.close()

    def _from_file(self) -> Iterator[bytes]:
        self._file.seek(self._start)
        while self._left and (piece := self._file.read(min(PIECE_BYTES, self._left))):
            self._left -= len(piece)
            yield piece

    def _from_store(self) -> Iterator[bytes]:
        """Ask the store for the part alone: django-storages would fetch the whole object before the first byte."""
        if not self._left:
            return
        wanted = f"bytes={self._start}-{self._start + self._left - 1}"
        body = self._file.obj.get(Range=wanted)["Body"]  # type: ignore[attr-defined]
        try:
            yield from body.iter_chunks(PIECE_BYTES)
        finally:
            body.close()
