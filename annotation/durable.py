"""Jobs whose row is the truth: start, beat, finish, sweep.

A queue message only says that a row may be ready. A worker starts the row by compare-and-set, beats while
it works and ends it, each write naming its attempt, so a message delivered twice starts nothing twice and a
worker taken for dead cannot overwrite its successor.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection, models, transaction
from django.db.models import Q
from django.utils import timezone

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
# A row without a beat for this long has lost its worker.
STALE_SECONDS = 30.0
# A queued row is hinted at again when its message has not led to a start for this long.
HINT_SECONDS = 60.0
# A job that has lost its worker this often is not tried again by itself.
MAX_LOST_WORKERS = 5


class JobState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL_STATES = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class JobLost(Exception):
    """The row was cancelled or taken over by a newer attempt: stop working, write nothing more."""


class JobNotEndable(Exception):
    """The job has already ended."""


class JobNotRetryable(Exception):
    """Only a failed or cancelled job can be tried again."""


class Job(models.Model):
    """The columns of every row that a worker works on."""

    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    lost_workers = models.PositiveIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES


JobT = TypeVar("JobT", bound=Job)

_QUEUED_AGAIN = {
    "state": JobState.QUEUED, "error": "", "finished_at": None, "heartbeat_at": None, "lost_workers": 0,
}  # fmt: skip
_STARTED = ("state", "attempt", "lost_workers", "heartbeat_at", "started_at", "finished_at", "error")


def startable(now: datetime) -> Q:
    """Return the filter for rows that no living worker holds."""
    stale = Q(state=JobState.RUNNING, heartbeat_at__lt=now - timedelta(seconds=STALE_SECONDS))
    return Q(state=JobState.QUEUED) | stale


def due(model: type[JobT], *, now: datetime) -> list[int]:
    """Return the ids of rows that no living worker holds, oldest first."""
    return list(_unheld(model, now).values_list("pk", flat=True))


def take_hints(model: type[JobT], *, now: datetime) -> list[int]:
    """Return the ids of rows that no worker holds, so that the sweep enqueues them again.

    A queued row's heartbeat is when it was last hinted at: while workers are busy it is not hinted at anew with
    every sweep, or the queue would fill with messages about one row.
    """
    hinted_lately = Q(state=JobState.QUEUED, heartbeat_at__gte=now - timedelta(seconds=HINT_SECONDS))
    young = Q(state=JobState.QUEUED, heartbeat_at=None, created_at__gt=now - timedelta(seconds=BEAT_SECONDS))
    ids = list(_unheld(model, now).exclude(hinted_lately).exclude(young).values_list("pk", flat=True))
    model._default_manager.filter(pk__in=ids, state=JobState.QUEUED).update(heartbeat_at=now)
    return ids


def start(model: type[JobT], pk: int, *, now: datetime) -> JobT | None:
    """Take the row for a new attempt; None when it is held, ended, gone or tried too often."""
    with transaction.atomic():
        rows = model._default_manager.select_for_update(skip_locked=True, of=("self",))
        job = rows.filter(startable(now), pk=pk).first()
        if job is None:
            return None
        job.lost_workers += job.state == JobState.RUNNING
        if job.lost_workers > MAX_LOST_WORKERS:
            job.state, job.finished_at = JobState.FAILED, now
            job.error = f"Given up: {job.lost_workers} workers in a row died on this job."
            job.save(update_fields=["state", "lost_workers", "finished_at", "error"])
            return None
        job.state, job.attempt, job.heartbeat_at = JobState.RUNNING, job.attempt + 1, now
        job.started_at, job.finished_at, job.error = job.started_at or now, None, ""
        job.save(update_fields=[*_STARTED])
        return job


def beat(job: Job, *, now: datetime, **columns: object) -> None:
    """Record a sign of life and any progress columns. Raise JobLost when this attempt no longer holds the row."""
    if not _held(job).update(heartbeat_at=now, **columns):
        raise JobLost(f"{type(job).__name__} {job.pk}, attempt {job.attempt}")


def finish(job: Job, *, now: datetime, **columns: object) -> None:
    """End the row well. Raise JobLost when this attempt no longer holds it."""
    end = {"state": JobState.DONE, "finished_at": now, "heartbeat_at": now}
    if not _held(job).update(**end, **columns):
        raise JobLost(f"{type(job).__name__} {job.pk}, attempt {job.attempt}")


def fail(job: Job, *, error: str, now: datetime, **columns: object) -> bool:
    """End the row as failed; False when this attempt no longer holds it."""
    return bool(_held(job).update(state=JobState.FAILED, finished_at=now, error=error, **columns))


def cancel(job: Job, *, now: datetime) -> None:
    """End the row as cancelled; a worker on it notices at its next beat. Raise JobNotEndable when it has ended."""
    live = type(job)._default_manager.filter(pk=job.pk).exclude(state__in=FINAL_STATES)
    if not live.update(state=JobState.CANCELLED, finished_at=now):
        raise JobNotEndable("This job has already ended.")


def retry(job: Job, *, now: datetime) -> None:
    """Queue an ended job again. Its attempt number goes on, so late writes of an older attempt stay refused."""
    ended = type(job)._default_manager.filter(pk=job.pk, state__in=[JobState.FAILED, JobState.CANCELLED])
    if not ended.update(**_QUEUED_AGAIN):
        raise JobNotRetryable("Only a failed or cancelled job can be tried again.")


def start_over(job: Job, *, now: datetime, **columns: object) -> None:
    """Queue the job from its beginning, whatever its state; a worker on it notices at its next beat.

    For callers who hold the row's lock and have changed what the job is to do.
    """
    type(job)._default_manager.filter(pk=job.pk).update(**_QUEUED_AGAIN, started_at=None, progress_done=0, **columns)


@contextmanager
def beating(job: Job, *, columns: Mapping[str, object] | None = None) -> Iterator[threading.Event]:
    """Beat in a thread while the block works; the event yielded is set once the row is lost.

    Each beat writes the columns as they are by then: what a block in one long transaction cannot show by itself.
    """
    lost, stop = threading.Event(), threading.Event()

    def keep_beating() -> None:
        try:
            while not stop.wait(BEAT_SECONDS):
                try:
                    close_old_connections()
                    held = _held(job).update(heartbeat_at=timezone.now(), **dict(columns or {}))
                except (InterfaceError, OperationalError) as error:
                    # A database that restarts comes back; a row taken over meanwhile is noticed at the next beat.
                    logger.warning("No beat for %s %s: %s", type(job).__name__, job.pk, error)
                    continue
                if not held:
                    lost.set()
                    return
        finally:
            connection.close()

    thread = threading.Thread(target=keep_beating, name=f"beat-{job.pk}", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        stop.set()
        thread.join()


def _unheld(model: type[JobT], now: datetime) -> models.QuerySet[JobT]:
    return model._default_manager.filter(startable(now)).order_by("created_at")


def _held(job: Job) -> models.QuerySet[Job]:
    rows = type(job)._default_manager.filter(pk=job.pk, attempt=job.attempt)
    return rows.filter(state=JobState.RUNNING)
