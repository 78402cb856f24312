"""Unpack zstd as a stream. Through pyarrow, which the site has for Parquet: one package fewer.

A frame that asks for a window above 128 MiB is refused by the library itself.
"""

from __future__ import annotations

import io
from typing import Any, cast

from annotation.intake.rows import BadFile

_CHUNK = 2**20


class _Unpacking(io.RawIOBase):
    def __init__(self, stored: Any) -> None:
        import pyarrow as pa  # here, not above: nobody but who reads such a file pays for it

        self.failures = (pa.ArrowException, OSError)
        self.stream = pa.CompressedInputStream(pa.PythonFile(stored, mode="r"), "zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self.stream.read(len(buffer))
        except self.failures as error:
            message = "The zstd file is damaged or ends too early, so nothing was imported. Pack and upload it again."
            raise BadFile(message) from error
        buffer[: len(chunk)] = chunk
        return len(chunk)


def unpacked(stored: io.BufferedReader[Any]) -> io.BufferedReader[Any]:
    """Return what is packed, to be read. Reading it raises BadFile where it is damaged."""
    return io.BufferedReader(cast(io.RawIOBase, _Unpacking(stored)), _CHUNK)
