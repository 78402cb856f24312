"""A zip archive of texts as the lines of its files, one after the other: a folder of documents, or of parts."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

from annotation.intake.limits import check_unpacked
from annotation.intake.rows import BadFile

MAGIC = b"PK\x03\x04"
ENDINGS = (".txt", ".text", ".md", ".jsonl", ".ndjson")
MAXIMUM_MEMBERS = 100_000


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files to be read, by name; what a system left in the archive is passed over. Raise BadFile."""
    files = [part for part in archive.infolist() if not part.is_dir() and not _is_left_over(part.filename)]
    if len(files) > MAXIMUM_MEMBERS:
        raise BadFile(f"The archive holds {len(files):,} files; at most {MAXIMUM_MEMBERS:,} are read. Split it.")
    others = sorted(part.filename for part in files if not part.filename.lower().endswith(ENDINGS))
    if others or not files:
        what = f"holds {others[0][-80:]!r}" if others else "is empty"
        message = f"The archive {what}. An archive may hold text files ({', '.join(ENDINGS)}) and nothing else."
        raise BadFile(f"{message} Upload other files one by one.")
    return sorted(files, key=lambda part: part.filename)


def lines(file: Any, read: Callable[[IO[bytes], int], Iterator[Any]], *, limit_bytes: int) -> Iterator[tuple[str, Any]]:
    """Yield name and line of every file in it, read by `read`. Raise BadFile."""
    try:
        with zipfile.ZipFile(file) as archive:
            found = members(archive)
            # zipfile reads no file any further than is announced of it.
            check_unpacked(sum(part.file_size for part in found), limit_bytes)
            for part in found:
                with archive.open(part) as opened:
                    for line in read(opened, limit_bytes):
                        yield part.filename, line
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise BadFile("The archive is damaged, protected or ends too early. Pack and upload it again.") from error


def _is_left_over(name: str) -> bool:
    return name.startswith("__MACOSX/") or posixpath.basename(name).startswith(".")
