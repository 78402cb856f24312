"""One attempt at a job that needs a child process: the row held, a folder of its own, an ending for every case.

The row is the truth. A worker that dies takes its child with it; the sweep finds the row without a beat and
starts the next attempt, on whichever machine. An attempt that has lost its row writes nothing more.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from typing import Generic

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from annotation import durable, installed
from annotation.durable import Job, JobState, JobT
from annotation.exports.queries import StaleData
from annotation.registry import actions, launch, reports
from annotation.registry.models import (
    CompletionBatch,
    Continuation,
    LearningCurve,
    ModelComparison,
    RunPreview,
    TrainingRun,
    Worklist,
)

_log = logging.getLogger(__name__)

# Events of this long are written together; a lost row and a stopping worker are noticed as often.
_BATCH_SECONDS = 1.0


class ChildFailed(Exception):
    """The child process refused or crashed; the message is what a person reads."""


class GivenBack(Exception):
    """The worker must stop: the job waits in the queue again."""


@dataclass(frozen=True)
class Attempt(Generic[JobT]):
    job: JobT
    folder: Path
    # Set by others: the row is cancelled or taken over; this worker is asked to stop.
    lost: Flag
    must_stop: Flag

    def check(self) -> None:
        """Raise JobLost when the row is no longer this attempt's."""
        if self.lost.is_set():
            raise durable.JobLost(f"{type(self.job).__name__} {self.job.pk}, attempt {self.job.attempt}")

    def note_progress(self, report: reports.Report) -> None:
        """Keep how far a child says it is. Raise JobLost for an older attempt."""
        progress = {name: value for name, value in report.columns.items() if name.startswith("progress_")}
        durable.beat(self.job, now=timezone.now(), **progress)

    def run_child(self, command: list[str], record: Callable[[reports.Report], None]) -> reports.Report:
        """Run a child to its good end, handing what it says to `record`, and return its last report.

        Raise ChildFailed for any other end, JobLost when the row is lost, GivenBack when the worker must stop.
        """
        with launch.running(command, folder=self.folder) as child:
            ending = self._listen(child, record)
            if ending.is_done:
                return ending
            if self.must_stop.is_set():
                actions.give_back(job=self.job)
                raise GivenBack
            raise ChildFailed(ending.refusal or _words_for(child, ending))

    def _listen(self, child: launch.Child, record: Callable[[reports.Report], None]) -> reports.Report:
        ending, is_asked = reports.Report(), False
        while (events := child.events(wait_seconds=_BATCH_SECONDS)) is not None:
            self.check()
            if self.must_stop.is_set() and not is_asked:
                child.ask_to_stop()
                is_asked = True
            if events:
                report = reports.gather(events)
                record(report)
                ending = report if report.ends else ending
        return ending


def work_on(model: type[JobT], pk: int, *, must_stop: Flag, work: Callable[[Attempt[JobT]], None]) -> None:
    """Do the work if the row is free, and end the row for every way that it can go wrong.

    Any number of workers may be told about one row: one works. Without torch the row stays queued.
    """
    if must_stop.is_set() or installed.read(settings.INSTALL_STATE).state != "done":
        return
    job = durable.start(model, pk, now=timezone.now())
    if job is None:
        return
    try:
        with _work_folder(job) as folder, durable.beating(job) as lost:
            work(Attempt(job, folder, lost, must_stop))
    except durable.JobLost as loss:
        _log.info("Cancelled or taken over: %s.", loss)
    except GivenBack:
        _log.info("%s %s waits for another worker.", model.__name__, pk)
    except (ChildFailed, StaleData) as failure:
        durable.fail(job, error=str(failure), now=timezone.now())
    except (InterfaceError, OperationalError):
        # Without a database nothing can be said in the row: the sweep finds it again.
        raise
    except Exception as error:
        durable.fail(job, error=f"{type(error).__name__}: {error}", now=timezone.now())
        raise


def _words_for(child: launch.Child, ending: reports.Report) -> str:
    code = child.exit_code()
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    hint = " Signal 9 often means that memory ran out." if code == -9 else ""
    errors = [message for level, message in ending.lines if level == "error"]
    return "\n".join([f"The training process {how}.{hint}", *errors, child.last_words()]).strip()


@contextlib.contextmanager
def _work_folder(job: Job) -> Iterator[Path]:
    """Give an attempt a folder of its own, gone afterwards; what dead workers left behind goes first."""
    _sweep_work_folders()
    folder = settings.TRAINING_ROOT / _folder_name(type(job), job.pk, job.attempt)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep_work_folders() -> None:
    """Remove the folders of attempts that no longer hold their row."""
    held = {
        _folder_name(model, pk, attempt)
        for model in (TrainingRun, CompletionBatch, ModelComparison, Continuation, RunPreview, LearningCurve, Worklist)
        for pk, attempt in model._default_manager.filter(state=JobState.RUNNING).values_list("pk", "attempt")
    }
    for folder in settings.TRAINING_ROOT.glob("*-attempt-*"):
        if folder.name not in held:
            shutil.rmtree(folder, ignore_errors=True)


def _folder_name(model: type[Job], pk: int, attempt: int) -> str:
    return f"{model._meta.model_name}-{pk}-attempt-{attempt}"
