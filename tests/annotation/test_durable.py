"""Jobs whose row is the truth, tried on the rows of releases: any other kind of job has the same columns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from annotation import durable
from annotation.durable import JobState
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from tests.people import NOW

LATER = NOW + timedelta(seconds=durable.STALE_SECONDS + 1)


@pytest.fixture
def job(project: Project, owner: User) -> Release:
    return Release.objects.create(project=project, name="First", created_by=owner, created_at=NOW)


def reread(job: Release) -> Release:
    return Release.objects.get(pk=job.pk)


def started(job: Release, now: object = NOW) -> Release:
    row = durable.start(Release, job.pk, now=now)
    assert row is not None
    return row


def test_a_job_is_started_beats_and_is_finished(job: Release) -> None:
    row = started(job)
    assert (row.state, row.attempt, row.started_at) == (JobState.RUNNING, 1, NOW)
    soon = NOW + timedelta(seconds=3)
    durable.beat(row, now=soon, progress_done=5, progress_total=10)
    assert (reread(job).heartbeat_at, reread(job).progress_done) == (soon, 5)
    durable.finish(row, now=soon, progress_done=10)
    assert (reread(job).state, reread(job).finished_at, reread(job).progress_done) == (JobState.DONE, soon, 10)
    assert reread(job).is_final


def test_a_message_that_comes_twice_starts_one(job: Release) -> None:
    started(job)
    assert durable.start(Release, job.pk, now=NOW) is None
    assert reread(job).attempt == 1


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_an_ended_job_is_not_started(job: Release, state: JobState) -> None:
    Release.objects.update(state=state)
    assert durable.start(Release, job.pk, now=LATER) is None


def test_a_job_that_is_gone_is_not_started(job: Release) -> None:
    assert durable.start(Release, job.pk + 1, now=NOW) is None


def test_a_row_without_a_beat_is_taken_over(job: Release) -> None:
    first = started(job)
    assert durable.start(Release, job.pk, now=NOW + timedelta(seconds=durable.STALE_SECONDS)) is None
    second = started(job, LATER)
    assert (second.attempt, second.lost_workers, second.started_at) == (2, 1, NOW)
    for write in (durable.beat, durable.finish):
        with pytest.raises(durable.JobLost):
            write(first, now=LATER)
    assert durable.fail(first, error="too late", now=LATER) is False
    assert (reread(job).state, reread(job).error) == (JobState.RUNNING, "")
    durable.finish(second, now=LATER)


def test_a_beat_keeps_the_row(job: Release) -> None:
    row = started(job)
    durable.beat(row, now=LATER)
    assert durable.start(Release, job.pk, now=LATER + timedelta(seconds=durable.STALE_SECONDS - 1)) is None


def test_a_job_that_kills_its_workers_is_given_up(job: Release) -> None:
    now = NOW
    for attempt in range(1, durable.MAX_LOST_WORKERS + 2):
        assert started(job, now).attempt == attempt
        now += timedelta(seconds=durable.STALE_SECONDS + 1)
    assert durable.start(Release, job.pk, now=now) is None
    row = reread(job)
    assert (row.state, row.finished_at) == (JobState.FAILED, now)
    assert "6 workers" in row.error


def test_what_fails_says_why(job: Release) -> None:
    assert durable.fail(started(job), error="The disk is full.", now=NOW) is True
    assert (reread(job).state, reread(job).error) == (JobState.FAILED, "The disk is full.")


def test_a_cancelled_job_loses_its_worker(job: Release) -> None:
    row = started(job)
    durable.cancel(job, now=LATER)
    assert (reread(job).state, reread(job).finished_at) == (JobState.CANCELLED, LATER)
    with pytest.raises(durable.JobLost):
        durable.beat(row, now=LATER)
    with pytest.raises(durable.JobNotEndable):
        durable.cancel(job, now=LATER)


def test_only_what_failed_or_was_cancelled_is_tried_again(job: Release) -> None:
    with pytest.raises(durable.JobNotRetryable):
        durable.retry(job, now=NOW)
    row = started(job)
    durable.fail(row, error="No.", now=NOW)
    durable.retry(job, now=LATER)
    again = reread(job)
    assert (again.state, again.error, again.finished_at, again.lost_workers) == (JobState.QUEUED, "", None, 0)
    # The attempts are counted on, so what the first one still writes is refused.
    assert started(job, LATER).attempt == 2
    with pytest.raises(durable.JobLost):
        durable.finish(row, now=LATER)


def test_the_sweep_finds_queued_and_stale_rows_and_leaves_the_others(job: Release, owner: User) -> None:
    def release(name: str, **columns: object) -> int:
        fields = {"project": job.project, "created_by": owner, "created_at": NOW + timedelta(seconds=1)}
        return Release.objects.create(name=name, **fields, **columns).pk

    stale = release("stale", state=JobState.RUNNING, heartbeat_at=NOW)
    release("alive", state=JobState.RUNNING, heartbeat_at=LATER)
    release("done", state=JobState.DONE)
    assert durable.due(Release, now=LATER) == [job.pk, stale]


def test_a_queued_row_is_hinted_at_once_a_minute(job: Release) -> None:
    assert durable.take_hints(Release, now=NOW) == [], "its own message has only just been sent"
    assert durable.take_hints(Release, now=LATER) == [job.pk]
    assert durable.take_hints(Release, now=LATER + timedelta(seconds=10)) == []
    assert durable.take_hints(Release, now=LATER + timedelta(seconds=durable.HINT_SECONDS + 1)) == [job.pk]


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_starts(job: Release) -> None:
    gate = threading.Barrier(8)

    def work(_: int) -> bool:
        try:
            gate.wait()
            return durable.start(Release, job.pk, now=NOW) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(work, range(8))) == [False] * 7 + [True]
    assert reread(job).attempt == 1


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_is_starting_is_not_waited_for(job: Release) -> None:
    def elsewhere() -> Release | None:
        try:
            return durable.start(Release, job.pk, now=NOW)
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Release.objects.select_for_update().get(pk=job.pk)
        assert pool.submit(elsewhere).result(timeout=10) is None


@pytest.fixture
def quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "BEAT_SECONDS", 0.02)


def wait_until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(500):
        if true():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen within ten seconds")


@pytest.mark.django_db(transaction=True)
def test_the_beating_thread_beats_and_notices_a_cancel(job: Release, quick_beats: None) -> None:
    row = started(job)
    threads = threading.active_count()
    with durable.beating(row) as lost:
        wait_until(lambda: reread(job).heartbeat_at != NOW)
        assert not lost.is_set()
        durable.cancel(job, now=LATER)
        assert lost.wait(10)
    assert threading.active_count() == threads


@pytest.mark.django_db(transaction=True)
def test_the_beating_thread_outlives_a_database_that_restarts(
    job: Release, quick_beats: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = started(job)
    update, refused = QuerySet.update, threading.Event()

    def once_without_a_database(rows: QuerySet[Release], **columns: object) -> int:
        if not refused.is_set():
            refused.set()
            raise OperationalError("the database system is shutting down")
        return update(rows, **columns)

    monkeypatch.setattr(QuerySet, "update", once_without_a_database)
    with durable.beating(row) as lost:
        wait_until(lambda: reread(job).heartbeat_at != NOW)
        assert refused.is_set()
        assert not lost.is_set()
