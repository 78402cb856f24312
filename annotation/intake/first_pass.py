"""First pass of an import: the whole file read, checked and counted before the first row is written.

A file that cannot be read to its end has cost nothing by then. The second pass, merging.py, reads it again and writes:
reading twice is cheaper than keeping every row somewhere in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.files.storage import default_storage
from django.db import transaction

from annotation import durable
from annotation.intake.lines import Meter
from annotation.intake.models import ImportFile, Phase, RejectedRow
from annotation.intake.options import read_options
from annotation.intake.reading import read_file
from annotation.intake.rows import BadFile, Outcome, Rejected, Row, Skipped

# How much is read between two signs of life.
BATCH_ROWS, BATCH_LEFT_OUT = 5_000, 1_000

COUNTS = (
    "read", "prompts", "completions", "demonstrations", "rankings", "comparisons", "labels", "documents", "tasks",
    "duplicates", "rejected", "skipped",
)  # fmt: skip


@dataclass
class Tally:
    """What has been read so far, and what of it waits to be reported."""

    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTS, 0)))
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    left_out: list[Rejected | Skipped] = field(default_factory=list)
    # Rows that can come in, and how many of them have been read since the last sign of life.
    rows: int = 0
    fresh_rows: int = 0
    # The format that was found, where none was named.
    format: str = ""

    def take(self, outcome: Outcome) -> None:
        if isinstance(outcome, Row):
            self.counts["read"] += 1
            self.rows += 1
            self.fresh_rows += 1
            return
        self.left_out.append(outcome)
        if isinstance(outcome, Skipped):
            self.counts["skipped"] += 1
            self.skipped[outcome.reason] += 1
        else:
            self.counts["read"] += 1
            self.counts["rejected"] += 1
            self.reasons[outcome.reason] += 1

    @property
    def is_full(self) -> bool:
        return self.fresh_rows >= BATCH_ROWS or len(self.left_out) >= BATCH_LEFT_OUT


def read_through(job: ImportFile, *, clock: Callable[[], datetime]) -> Tally:
    """Count every good row and record every bad one. Raise BadFile, or JobLost when the row is no longer ours."""
    forget_earlier_attempts(job)
    durable.beat(job, now=clock(), phase=Phase.READING, phase_started_at=clock())
    tally = Tally()
    with default_storage.open(job.stored_name, "rb") as stored:
        meter = Meter(stored)
        try:
            reading = read_file(meter, format=job.format, options=read_options(job.options))
            tally.format = reading.format
            for outcome in reading.outcomes:
                tally.take(outcome)
                if tally.is_full:
                    _write(job, tally, meter.done_bytes, clock())
        finally:
            _write(job, tally, meter.done_bytes, clock())
    if not tally.counts["read"]:
        raise BadFile("The file holds no rows. Upload one with at least one row.")
    return tally


def forget_earlier_attempts(job: ImportFile) -> None:
    RejectedRow.objects.filter(import_file=job, attempt__lt=job.attempt).delete()


@transaction.atomic
def _write(job: ImportFile, tally: Tally, done_bytes: int, now: datetime) -> None:
    progress = {"progress_done": min(done_bytes, job.size_bytes), "counts": tally.counts, "found_format": tally.format}
    reasons = {"rejected_by_reason": tally.reasons, "skipped_by_reason": tally.skipped}
    durable.beat(job, now=now, **reasons, **progress)
    record_left_out(job, tally.left_out)
    tally.left_out, tally.fresh_rows = [], 0


def record_left_out(job: ImportFile, rows: Sequence[Rejected | Skipped]) -> None:
    RejectedRow.objects.bulk_create(_left_out(job, row) for row in rows)


def _left_out(job: ImportFile, row: Rejected | Skipped) -> RejectedRow:
    kept = RejectedRow(import_file=job, attempt=job.attempt, line=row.line, reason=row.reason)
    if isinstance(row, Skipped):
        kept.is_skipped = True
    else:
        kept.field, kept.message, kept.excerpt = row.field, row.message, row.excerpt
    return kept
