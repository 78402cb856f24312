"""Rows to files to digest: the long work of a freeze, in flat memory and two queries a batch."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self

from annotation.exports import queries
from annotation.exports.digest import ReleaseDigest
from annotation.exports.rendering import BrokenRanking, Record, completion_ids, record_of
from annotation.exports.selection import Selection
from annotation.exports.views import VIEWS
from annotation.exports.written import places_of
from annotation.projects.models import Project
from training.records import (
    SPLITS,
    DemonstrationRecord,
    FileEntry,
    JudgementRecord,
    Manifest,
    RankingRecord,
    dump_line,
)

BATCH = 1_000
_FILES: dict[type[Record], str] = dict(
    zip((DemonstrationRecord, RankingRecord, JudgementRecord), queries.RECORDS, strict=True)
)
BROKEN_RANKING = "broken_ranking"
_BUFFER_BYTES = 1 << 20

Progress = Callable[[int, int], None]


class NothingToRelease(Exception):
    """No answer of the project passes the selection."""


@dataclass
class Snapshot:
    """What was written: the manifest, and the revisions in it by split."""

    manifest: Manifest
    members: dict[str, array[int]]


@dataclass
class _ReleaseFile:
    """A file being written, with its counts and its hash as they grow."""

    path: str
    stream: IO[bytes]
    rows: int = 0
    size: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)

    @classmethod
    def create(cls, work: Path, path: str, closing: ExitStack) -> Self:
        (work / path).parent.mkdir(exist_ok=True)
        return cls(path, closing.enter_context((work / path).open("wb", buffering=_BUFFER_BYTES)))

    def write(self, line: bytes) -> None:
        self.stream.write(line)
        self.sha256.update(line)
        self.rows += 1
        self.size += len(line)

    def finish(self) -> FileEntry:
        self.stream.flush()
        os.fsync(self.stream.fileno())
        return FileEntry(self.path, self.rows, self.size, self.sha256.hexdigest())


class _Tally:
    """What the records add up to."""

    def __init__(self, left_out: dict[str, int]) -> None:
        self.digest = ReleaseDigest()
        self.members = {split: array("q") for split in SPLITS}
        self.left_out = Counter(left_out)
        self.views = {name: {split: _empty_view() for split in SPLITS} for name in VIEWS}

    def add(self, record: Record, plain: dict[str, Any]) -> None:
        self.digest.add(plain)
        self.members[record.split].append(int(record.record_id))
        for view in VIEWS.values():
            if isinstance(record, view.record):
                counts = self.views[view.name][record.split]
                counts["rows"] += sum(1 for _ in view.rows(record))
                for reason, number in view.left_out(record).items():
                    if number:
                        counts["left_out"][reason] = counts["left_out"].get(reason, 0) + number


def write(
    work: Path, *, project: Project, name: str, selection: Selection, now: datetime, progress: Progress
) -> Snapshot:
    """Write every file of the release into the directory. Raise NothingToRelease, OSError."""
    ids, left_out = queries.pinned(project, selection)
    tally = _Tally(left_out)
    with ExitStack() as closing:
        files = {
            (split, kind): _ReleaseFile.create(work, f"{split}/{kind}.jsonl", closing)
            for split in SPLITS
            for kind in queries.RECORDS
        }
        for record in _records(ids, project, queries.bridging_prompts(project, selection), tally.left_out, progress):
            plain = record.to_json()
            tally.add(record, plain)
            files[record.split, _file_of(record)].write(dump_line(plain))
        entries = {place: file.finish() for place, file in files.items()}
    if not any(tally.members.values()):
        raise NothingToRelease
    counts = queries.empty_counts()
    for (split, kind), entry in entries.items():
        counts[kind][split] = entry.rows
    manifest = Manifest(
        digest_sha256=tally.digest.hexdigest(),
        name=name,
        project=project.name,
        selection=selection.to_json(),
        counts=counts,
        left_out={reason: tally.left_out[reason] for reason in sorted(tally.left_out)},
        files=tuple(entries.values()),
        created_at=now.isoformat(),
        extra={"protocols": queries.protocols_of(project), "views": tally.views},
    )
    return Snapshot(manifest, tally.members)


def _records(
    ids: array[int], project: Project, bridging: frozenset[int], left_out: Counter[str], progress: Progress
) -> Iterator[Record]:
    for start in range(0, len(ids), BATCH):
        progress(start, len(ids))
        yield from _batch(ids[start : start + BATCH], project, bridging, left_out)
    progress(len(ids), len(ids))


def _batch(ids: array[int], project: Project, bridging: frozenset[int], left_out: Counter[str]) -> Iterator[Record]:
    rows = queries.rows_of(ids)
    _place_written(project, rows)
    ordered = [rows[pk] for pk in ids if rows[pk]["prompt_id"] not in bridging]
    if len(ordered) < len(ids):
        left_out[queries.GROUP_IN_TWO_SPLITS] += len(ids) - len(ordered)
    completions = queries.completions_of({pk for row in ordered for pk in completion_ids(row)})
    for row in ordered:
        try:
            yield record_of(row, completions, project.pseudonym_key)
        except BrokenRanking:
            left_out[BROKEN_RANKING] += 1


def _place_written(project: Project, rows: dict[int, dict[str, Any]]) -> None:
    """Give answers that are prompts themselves what the others have from theirs. One query where there are any."""
    prompts = [row for row in rows.values() if row["prompt_id"] is None]
    if prompts:
        places = places_of(project, [row["payload"] for row in prompts])
        for row, place in zip(prompts, places, strict=True):
            row.update(place)


def _file_of(record: Record) -> str:
    return _FILES[type(record)]


def _empty_view() -> dict[str, Any]:
    return {"rows": 0, "left_out": {}}
