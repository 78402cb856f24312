"""First half of an import: read and check the whole file into staged rows, a batch and a sign of life at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction

from annotation import durable
from annotation.intake.detect import AUTO, detect
from annotation.intake.lines import Line, Meter, read_lines
from annotation.intake.models import ImportFile, RejectedRow, StagedRow
from annotation.intake.options import Options, read_options
from annotation.intake.readers import READERS
from annotation.intake.rows import BadFile, Outcome, Rejected, Row, Skipped

BATCH_ROWS = 1_000
BATCH_CHARACTERS = 8_000_000
# How many times larger than the largest upload a file may become when unpacked: what stops a gzip bomb.
UNPACKED_TIMES = 4

COUNTS = (
    "read", "prompts", "completions", "demonstrations", "rankings", "comparisons", "labels", "tasks", "duplicates",
    "rejected", "skipped",
)  # fmt: skip


@dataclass
class Tally:
    """What has been read so far, and what waits to be written."""

    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTS, 0)))
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    staged: list[tuple[int, str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    characters: int = 0
    # The format that was found, where none was named.
    format: str = ""

    def take(self, outcome: Outcome) -> None:
        if isinstance(outcome, Skipped):
            self.counts["skipped"] += 1
            self.skipped[outcome.reason] += 1
            return
        self.counts["read"] += 1
        if isinstance(outcome, Row):
            self.staged.append((outcome.line, json.dumps(outcome.to_json(), ensure_ascii=False)))
            self.characters += len(self.staged[-1][1])
        else:
            self.counts["rejected"] += 1
            self.reasons[outcome.reason] += 1
            self.rejected.append(outcome)

    @property
    def is_full(self) -> bool:
        return len(self.staged) + len(self.rejected) >= BATCH_ROWS or self.characters >= BATCH_CHARACTERS


def stage(job: ImportFile, *, clock: Callable[[], datetime]) -> Tally:
    """Stage every good row and record every bad one. Raise BadFile, or JobLost when the row is no longer ours."""
    _forget_earlier_attempts(job)
    tally = Tally()
    options = read_options(job.options)
    with default_storage.open(job.stored_name, "rb") as stored:
        meter = Meter(stored)
        try:
            for outcome in _outcomes(job, meter, options, tally):
                tally.take(outcome)
                if tally.is_full:
                    _write(job, tally, meter.done_bytes, clock())
                if options.limit_rows and tally.counts["read"] >= options.limit_rows:
                    break
        finally:
            _write(job, tally, meter.done_bytes, clock())
    if not tally.counts["read"]:
        raise BadFile("The file holds no rows. Upload one with at least one row.")
    return tally


def _outcomes(job: ImportFile, meter: Meter, options: Options, tally: Tally) -> Iterator[Outcome]:
    limit_bytes = UNPACKED_TIMES * settings.UPLOAD_LIMIT_BYTES
    lines: Iterator[Line] = read_lines(meter, limit_bytes=limit_bytes, sheet=options.sheet)
    name = job.format
    if name == AUTO:
        name, lines = detect(lines, options)
    tally.format = name
    return READERS[name](lines, options)


def _forget_earlier_attempts(job: ImportFile) -> None:
    for model in (StagedRow, RejectedRow):
        model.objects.filter(import_file=job, attempt__lt=job.attempt).delete()


@transaction.atomic
def _write(job: ImportFile, tally: Tally, done_bytes: int, now: datetime) -> None:
    progress = {"progress_done": min(done_bytes, job.size_bytes), "counts": tally.counts}
    reasons = {"rejected_by_reason": tally.reasons, "skipped_by_reason": tally.skipped}
    durable.beat(job, now=now, **reasons, **progress)
    with connection.cursor() as cursor:
        statement = "COPY intake_stagedrow (import_file_id, attempt, line, row) FROM STDIN"
        with cursor.copy(statement) as copy:
            for line, row in tally.staged:
                copy.write_row((job.pk, job.attempt, line, row))
    record_rejected(job, tally.rejected)
    tally.staged, tally.rejected, tally.characters = [], [], 0


def record_rejected(job: ImportFile, rejected: list[Rejected]) -> None:
    RejectedRow.objects.bulk_create(
        RejectedRow(
            import_file=job,
            attempt=job.attempt,
            line=row.line,
            field=row.field,
            reason=row.reason,
            message=row.message,
            excerpt=row.excerpt,
        )
        for row in rejected
    )
