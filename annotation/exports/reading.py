"""The records of a frozen release, read back from the storage, whichever schema it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.files import File

from annotation.exports import queries, storage
from annotation.exports.models import Release
from training.handover import parse_line
from training.parquet import rows_of
from training.records import LINES_SCHEMA


def path_of(release: Release, split: str, kind: str) -> str:
    """Return the path of a split's file of one kind of record. Raise ReleaseNotFrozen."""
    ending = "jsonl" if queries.manifest_of(release).schema == LINES_SCHEMA else "parquet"
    return f"{split}/{kind}.{ending}"


def records_of(release: Release, split: str, kind: str, fields: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Open a split's file and yield the JSON of its records: all of it, or of columns no more than these fields.

    Of completions asked for by name, columns give id, text and what each is an edit of.

    Raise ReleaseNotFrozen, FilesGone.
    """
    path = path_of(release, split, kind)
    stream = storage.open_file(release.digest_sha256, path)
    if path.endswith(".jsonl"):
        return (parse_line(line) for line in storage.lines_of(stream))
    return _from_columns(kind, stream, fields)


def _from_columns(kind: str, stream: File, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
    with stream:
        yield from rows_of(kind, stream, fields)
