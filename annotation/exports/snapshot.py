"""Rows to records to files: the long work of a freeze, in flat memory and two queries a batch.

Rows are read in the order in which they lie on the disk and written in the order of their groups; between the two,
records wait in a spill. Reading a million of them in the order of their groups would cost three times as much.
"""

from __future__ import annotations

import gc
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from annotation.exports import card, describing, documents, leaks, queries, rows
from annotation.exports.bridging import bridging_prompts
from annotation.exports.canonical import canonical
from annotation.exports.choosing import BROKEN_RANKING, GROUP_IN_TWO_SPLITS, going_in
from annotation.exports.digest import ReleaseDigest
from annotation.exports.distributions import LEAST_SAMPLE, Distributions
from annotation.exports.files import ReleaseFile, row_line
from annotation.exports.held_out import Sides, sides_of
from annotation.exports.pseudonyms import Pseudonyms
from annotation.exports.rendering import BrokenRanking, Record, Row, kind_of, record_of
from annotation.exports.selection import BY_ANNOTATOR, Selection
from annotation.exports.spill import Spill
from annotation.exports.written import places_of
from annotation.projects.models import Project
from training.parquet import OPEN_FIELDS
from training.records import SPLITS, FileEntry, Manifest

# Where a record may hold fractions and names that are a protocol's own: see canonical.
_NUMBERS = {kind: frozenset({"seconds", *fields}) for kind, fields in OPEN_FIELDS.items()}
# The files of a release; a line in the spill is tagged with the place of its own.
_PLACES = [(split, kind) for split in SPLITS for kind in queries.RECORDS]
_TAGS = {place: tag for tag, place in enumerate(_PLACES)}

Progress = Callable[[int, int], None]


class NothingToRelease(Exception):
    """No answer of the project passes the selection."""


@dataclass
class Snapshot:
    """What was written: the manifest, and the revisions in it by split."""

    manifest: Manifest
    members: dict[str, array[int]]


class _Tally:
    """What the records add up to."""

    def __init__(self, pinned: queries.Pinned) -> None:
        self.digest = ReleaseDigest()
        self.members = {split: array("q") for split in SPLITS}
        self.left_out = Counter(pinned.left_out)
        self.distributions = Distributions()
        self._seen, self._plotted_every = 0, max(1, len(pinned.ids) // LEAST_SAMPLE)

    def add(self, kind: str, record: Record, text: bytes, revision: int) -> None:
        self.digest.add_canonical(text)
        self.members[record["split"]].append(revision)
        if self._seen % self._plotted_every == 0:
            self.distributions.add(kind, record)
        self._seen += 1


def write(
    work: Path, *, project: Project, name: str, selection: Selection, now: datetime, progress: Progress
) -> Snapshot:
    """Write every file of the release into the directory. Raise NothingToRelease, OSError."""
    with _uncollected():
        return _write(work, project, name, selection, now, progress)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python's collector of cycles out: records have none, and it would look through every batch of them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write(
    work: Path, project: Project, name: str, selection: Selection, now: datetime, progress: Progress
) -> Snapshot:
    pinned = queries.pinned(project, selection)
    tally, bridging = _Tally(pinned), bridging_prompts(project, selection)
    sides = None
    if selection.split_by == BY_ANNOTATOR:
        sides = sides_of(project, going_in(project, selection), pinned.ids)
        tally.left_out += sides.left_out
    spill = Spill(work.parent / "spill", len(pinned.ids) + sum(pinned.left_out.values()))
    _read_into(spill, pinned, tally, project, bridging, sides, progress)
    texts = documents.write(work, project, selection, tally.digest)
    if not any(tally.members.values()) and not any(entry.rows for entry in texts.values()):
        raise NothingToRelease
    entries = _write_files(work, spill, sum(map(len, tally.members.values())), progress)
    leaks.check(work, project, selection)
    counts = queries.empty_counts()
    for (split, kind), entry in entries.items():
        counts[kind][split] = entry.rows
    if texts:
        counts[documents.KIND] = {split: entry.rows for split, entry in texts.items()}
    manifest = Manifest(
        digest_sha256=tally.digest.hexdigest(),
        name=name,
        project=project.name,
        selection=selection.to_json(),
        counts=counts,
        left_out={reason: tally.left_out[reason] for reason in sorted(tally.left_out)},
        files=(*entries.values(), *texts.values()),
        created_at=now.isoformat(),
        extra={
            "distributions": tally.distributions.to_json(),
            **describing.facts(project, selection, bridging),
        },
    )
    return Snapshot(replace(manifest, files=(*manifest.files, card.write(work, manifest))), tally.members)


def _read_into(
    spill: Spill,
    pinned: queries.Pinned,
    tally: _Tally,
    project: Project,
    bridging: frozenset[int],
    sides: Sides | None,
    progress: Progress,
) -> None:
    """Make a record of every row; each is half done then."""
    name_of, done, total = Pseudonyms(project.pseudonym_key).__getitem__, 0, len(pinned.ids)
    progress(0, total)
    for batch in rows.batches(pinned.ids):
        place_of = {pinned.ids[place]: place for place in range(done, done + len(batch.rows))}
        done += len(batch.rows)
        for row in _placed(batch.rows, project):
            place = place_of[row.pk]
            if sides is not None:
                split = sides.at(place)
                if split is None:
                    continue
                row = row._replace(split=split)
            if row.prompt_id in bridging:
                tally.left_out[GROUP_IN_TWO_SPLITS] += 1
                continue
            try:
                record = record_of(row, batch.completions, name_of)
            except BrokenRanking:
                tally.left_out[BROKEN_RANKING] += 1
                continue
            kind = kind_of(row)
            text = canonical(record, _NUMBERS[kind])
            tally.add(kind, record, text, row.pk)
            spill.add(pinned.ranks[place], _TAGS[record["split"], kind], row_line(kind, record, text))
        progress(done // 2, total)


def _write_files(work: Path, spill: Spill, number: int, progress: Progress) -> dict[tuple[str, str], FileEntry]:
    with ExitStack() as closing, ThreadPoolExecutor(1, "release-file") as beside:
        files = [ReleaseFile.create(work, split, kind, closing, beside) for split, kind in _PLACES]
        for done, (tag, line) in enumerate(spill.in_order(), start=1):
            files[tag].add(line)
            if done % rows.BATCH == 0:
                progress((number + done) // 2, number)
        entries = {place: file.finish() for place, file in zip(_PLACES, files, strict=True)}
    progress(number, number)
    return entries


def _placed(found: Any, project: Project) -> Iterator[Row]:
    """Give answers that are prompts themselves what the others have from theirs. One query where there are any."""
    written = [row for row in found if row.prompt_id is None]
    yield from (row for row in found if row.prompt_id is not None)
    if written:
        for row, place in zip(written, places_of(project, [row.payload for row in written]), strict=True):
            yield row._replace(**place)
