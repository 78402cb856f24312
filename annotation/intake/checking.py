"""A dry run: the whole file read and counted as an import would, with nothing written but its own row and report.

What an import finds out only by writing is not foretold: judgements that are there already, and ones that contradict
what their judge has answered before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection, transaction

from annotation import durable
from annotation.intake import first_pass
from annotation.intake.fitting import JUDGED, Fitting
from annotation.intake.lines import Meter
from annotation.intake.models import ImportFile
from annotation.intake.options import read_options
from annotation.intake.reading import batches, read_file
from annotation.intake.rows import DOCUMENT, BadFile, Outcome, Rejected, Row, Skipped
from annotation.tasks.models import Prompt
from annotation.tasks.splits import messages_sha256

# What a dry run counts besides what an import counts: rows that wait for a person, prompts that are there already.
COUNTS = (*first_pass.COUNTS, "waiting", "known_prompts")
_COUNTED = JUDGED | {DOCUMENT: "documents"}


def check(job: ImportFile, *, lost: Event, clock: Callable[[], datetime]) -> None:
    """Read the file to its end and finish the job. Raise BadFile, or JobLost when the row is no longer ours."""
    first_pass.forget_earlier_attempts(job)
    with default_storage.open(job.stored_name, "rb") as stored, _digests_seen():
        meter = Meter(stored)
        reading = read_file(meter, format=job.format, options=read_options(job.options))
        tally = Tally(job, reading.format, clock())
        for batch in batches(reading.outcomes):
            if lost.is_set():
                raise durable.JobLost(f"ImportFile {job.pk}, attempt {job.attempt}")
            _write(job, tally, tally.take(batch), meter.done_bytes, clock())
    if not tally.counts["read"]:
        raise BadFile("The file holds no rows. Upload one with at least one row.")
    durable.finish(job, now=clock(), progress_done=job.size_bytes)


class Tally:
    """Counts what an import of these rows would come to."""

    def __init__(self, job: ImportFile, format: str, now: datetime) -> None:
        self.job, self.format = job, format
        self.fitting = Fitting(job, format, now)
        self.counts: Counter[str] = Counter(dict.fromkeys(COUNTS, 0))
        self.reasons: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()

    def take(self, batch: list[Outcome]) -> list[Rejected | Skipped]:
        """Count a batch; return what is left out of it."""
        fitted = [self.fitting.fitted(outcome) for outcome in batch]
        left_out = [outcome for outcome in fitted if not isinstance(outcome, Row)]
        rows = [outcome for outcome in fitted if isinstance(outcome, Row)]
        skipped = [outcome.reason for outcome in left_out if isinstance(outcome, Skipped)]
        rejected = [outcome.reason for outcome in left_out if isinstance(outcome, Rejected)]
        self.skipped.update(skipped)
        self.reasons.update(rejected)
        self.counts.update(skipped=len(skipped), rejected=len(rejected), read=len(rows) + len(rejected))
        self.counts.update(_COUNTED.get(row.kind, "waiting") for row in rows)
        self._count_prompts([row for row in rows if row.kind != DOCUMENT])
        return left_out

    def _count_prompts(self, rows: list[Row]) -> None:
        digests = {messages_sha256(row.messages) for row in rows}
        there = Prompt.objects.filter(project=self.job.project_id, messages_sha256__in=digests)
        known = set(there.values_list("messages_sha256", flat=True))
        self.counts["known_prompts"] += _first_seen(known)
        self.counts["prompts"] += _first_seen(digests - known)


@transaction.atomic
def _write(job: ImportFile, tally: Tally, left_out: list[Rejected | Skipped], done_bytes: int, now: datetime) -> None:
    columns: dict[str, Any] = {"counts": tally.counts, "found_format": tally.format}
    columns |= {"rejected_by_reason": tally.reasons, "skipped_by_reason": tally.skipped}
    durable.beat(job, now=now, progress_done=min(done_bytes, job.size_bytes), **columns)
    first_pass.record_left_out(job, left_out)


@contextmanager
def _digests_seen() -> Iterator[None]:
    """Keep the digests of the prompts seen in a table of the connection's own: a large file has too many for memory."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.checked_prompts")
        cursor.execute("CREATE TEMPORARY TABLE checked_prompts (digest text PRIMARY KEY)")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.checked_prompts")


def _first_seen(digests: set[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pg_temp.checked_prompts SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", [sorted(digests)]
        )
        return int(cursor.rowcount)
