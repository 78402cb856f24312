"""A release's records to a view's files and its manifest: the long work of building a view."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from annotation.exports import queries, reading
from annotation.exports.choices import Choices
from annotation.exports.models import Release
from annotation.exports.view_files import ViewFile, extension_of
from annotation.exports.views import VIEWS, Outcome, Record, View

SCHEMA = "bennet-view/1"
REPEATED = "repeated_row"
# Between two signs of progress lie so many records.
STEP = 1_000

Progress = Callable[[int, int], None]


def write(work: Path, *, release: Release, format: str, choices: Choices, progress: Progress) -> dict[str, Any]:
    """Write every file of the view into the directory and return its manifest. Raise FilesGone, OSError."""
    view, writing = VIEWS[format], _Writing(VIEWS[format], choices)
    total = _total(release, view)
    with ExitStack() as closing:
        files = {}
        for split in view.splits:
            file = ViewFile(work, f"{split}.{extension_of(choices)}", choices, view.columns(choices))
            closing.enter_context(file)
            records = writing.counted(_records(release, split, view), split, lambda read: progress(read, total))
            if view.together is not None:
                for outcome in view.together(records, choices):
                    writing.send(outcome, split, file)
            else:
                for record in records:
                    writing.add(record, split, file)
            if file.rows:
                files[split] = file.entry()
        progress(total, total)
    entries = [*files.values(), *_beside(work, view, choices, {split: file["path"] for split, file in files.items()})]
    return {
        "schema": SCHEMA,
        "release_sha256": release.digest_sha256,
        "format": view.id,
        "label": view.label,
        "source": view.source,
        "version": view.version,
        "options": dict(choices),
        "loses": list(view.loses),
        "counts": {"records": writing.records, "rows": writing.rows},
        "left_out": dict(sorted(writing.left_out.items())),
        "files": entries,
    }


class _Writing:
    """Sends what becomes of each record where it belongs, and counts."""

    def __init__(self, view: View, choices: Choices) -> None:
        self.view, self.choices = view, choices
        self.read = 0
        self.records, self.rows = dict.fromkeys(view.splits, 0), dict.fromkeys(view.splits, 0)
        self.left_out: Counter[str] = Counter()
        self._group, self._seen = None, set[bytes]()

    def counted(self, records: Iterable[Record], split: str, tell: Callable[[int], None]) -> Iterator[Record]:
        """Yield the records; count them, and tell now and then how many were read."""
        for record in records:
            self.read += 1
            self.records[split] += 1
            if self.read % STEP == 0:
                tell(self.read)
            yield record

    def add(self, record: Record, split: str, file: ViewFile) -> None:
        for outcome in self.view.rows(record, self.choices):
            repeated = self.view.distinct and not isinstance(outcome, str) and self._was_there(record, outcome)
            self.send(REPEATED if repeated else outcome, split, file)

    def send(self, outcome: Outcome, split: str, file: ViewFile) -> None:
        if isinstance(outcome, str):
            self.left_out[outcome] += 1
        else:
            file.add(outcome)
            self.rows[split] += 1

    def _was_there(self, record: Record, row: dict[str, Any]) -> bool:
        """Whether the record's group had an equal row: records come by group, so one group's rows are remembered."""
        if record["group"] != self._group:
            self._group, self._seen = record["group"], set()
        text = orjson.dumps(row)
        known = text in self._seen
        self._seen.add(text)
        return known


def _records(release: Release, split: str, view: View) -> Iterator[Record]:
    """Yield a split's records of all kinds that the view reads, by group where it looks at groups."""
    kinds = [reading.records_of(release, split, kind, view.fields) for kind in view.kinds]
    if view.distinct:
        yield from heapq.merge(*kinds, key=lambda record: str(record["group"]))
    else:
        for records in kinds:
            yield from records


def _total(release: Release, view: View) -> int:
    counts = queries.manifest_of(release).counts
    return sum(counts.get(kind, {}).get(split, 0) for kind in view.kinds for split in view.splits)


def _beside(work: Path, view: View, choices: Choices, files: dict[str, str]) -> Iterator[dict[str, Any]]:
    for name, content in view.beside(choices, files).items():
        file = ViewFile(work, name, {"container": "json", "compression": "none"}, {})
        file.add(content)
        yield file.entry()
