"""Every way that an attempt can end."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError
from pytest_django import Settings

from annotation import durable, installed
from annotation.installed import Installation
from annotation.registry.attempts import Attempt, ChildFailed, work_on
from annotation.registry.models import TrainingRun
from annotation.registry.reports import Report
from tests.annotation.registry.test_launch import CHILD

pytestmark = pytest.mark.django_db(transaction=True)
QueueRun = Callable[..., TrainingRun]


@pytest.fixture(autouse=True)
def training_is_installed(settings: Settings, tmp_path: Path) -> None:
    """The children here are fakes: these tests also run where torch is not."""
    settings.INSTALL_STATE = tmp_path / "training.json"
    installed.write(settings.INSTALL_STATE, Installation("done", "Training is installed."))


def work(run: TrainingRun, act: Callable[[Attempt[TrainingRun]], object]) -> TrainingRun:
    def acting(attempt: Attempt[TrainingRun]) -> None:
        act(attempt)

    work_on(TrainingRun, run.pk, must_stop=threading.Event(), work=acting)
    return TrainingRun.objects.get(pk=run.pk)


def child(*script: str) -> Callable[[Attempt[TrainingRun]], Report]:
    command = [sys.executable, str(CHILD), "\n".join(script)]
    return lambda attempt: attempt.run_child(command, lambda report: None)


def test_work_has_a_folder_and_a_fresh_attempt(queue_run: QueueRun) -> None:
    seen: list[Path] = []
    run = work(queue_run(), lambda attempt: seen.append(attempt.folder))
    assert (run.state, run.attempt) == ("running", 1)
    assert seen == [settings.TRAINING_ROOT / f"trainingrun-{run.pk}-attempt-1"]
    assert not seen[0].exists()


def test_a_good_end_returns_what_was_said_last(queue_run: QueueRun) -> None:
    heard: list[Report] = []
    done = 'say {"event": "done", "path": "output", "card": {"stage": "sft"}}'
    work(queue_run(), lambda attempt: heard.append(child("flood 10", done)(attempt)))
    assert heard[0].card == {"stage": "sft"}


def test_a_refusal_is_the_error(queue_run: QueueRun) -> None:
    refusal = 'say {"event": "refused", "code": "bad_model", "message": "start: has no tokenizer."}'
    run = work(queue_run(), child(refusal, "exit 2"))
    assert (run.state, run.error) == ("failed", "start: has no tokenizer.")


def test_a_crash_is_told_with_its_last_words(queue_run: QueueRun) -> None:
    run = work(
        queue_run(), child('say {"event": "log", "level": "error", "message": "out of paper"}', "warn ouch", "exit 7")
    )
    assert run.state == "failed"
    assert run.error.splitlines() == ["The training process ended with exit code 7.", "out of paper", "ouch"]


def test_a_kill_is_told_with_its_likely_cause(queue_run: QueueRun) -> None:
    run = work(queue_run(), child("killed"))
    assert "signal 9" in run.error
    assert "memory" in run.error


def test_an_end_without_a_word_is_a_failure(queue_run: QueueRun) -> None:
    assert work(queue_run(), child("exit 0")).state == "failed"


def test_a_lost_row_is_left_as_it_is(queue_run: QueueRun) -> None:
    def lose(attempt: Attempt[TrainingRun]) -> None:
        durable.cancel(attempt.job, now=attempt.job.created_at)
        raise durable.JobLost

    assert work(queue_run(), lose).state == "cancelled"


def test_a_failure_after_a_cancel_does_not_overwrite_it(queue_run: QueueRun) -> None:
    def fail(attempt: Attempt[TrainingRun]) -> None:
        durable.cancel(attempt.job, now=attempt.job.created_at)
        raise ChildFailed("too late")

    run = work(queue_run(), fail)
    assert (run.state, run.error) == ("cancelled", "")


def test_what_nobody_foresaw_fails_the_row_and_is_raised(queue_run: QueueRun) -> None:
    run = queue_run()
    with pytest.raises(ZeroDivisionError):
        work(run, lambda _: 1 // 0)
    run.refresh_from_db()
    assert (run.state, run.error.partition(":")[0]) == ("failed", "ZeroDivisionError")


def test_a_database_that_went_away_leaves_the_row_to_the_sweep(queue_run: QueueRun) -> None:
    def lose_connection(attempt: Attempt[TrainingRun]) -> None:
        raise OperationalError("the connection is lost")

    run = queue_run()
    with pytest.raises(OperationalError):
        work(run, lose_connection)
    run.refresh_from_db()
    assert (run.state, run.error) == ("running", "")


def test_a_stopping_worker_starts_nothing(queue_run: QueueRun) -> None:
    run = queue_run()
    stopping = threading.Event()
    stopping.set()
    work_on(TrainingRun, run.pk, must_stop=stopping, work=lambda _: None)
    run.refresh_from_db()
    assert (run.state, run.attempt) == ("queued", 0)


def test_what_dead_workers_left_is_swept_and_what_living_ones_use_is_not(
    queue_run: QueueRun, running_run: TrainingRun
) -> None:
    dead, living = (settings.TRAINING_ROOT / f"trainingrun-{running_run.pk}-attempt-{n}" for n in (0, 1))
    for folder in (dead, living):
        folder.mkdir(parents=True)
    work(queue_run(), lambda _: None)
    assert (dead.exists(), living.exists()) == (False, True)
