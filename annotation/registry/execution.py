"""The long work of a training run: a child trains in a folder, checkpoints and the model go to storage."""

from __future__ import annotations

import json
import logging
from functools import partial
from pathlib import Path
from threading import Event as Flag

from django.core.files.storage import default_storage
from django.utils import timezone

from annotation import durable
from annotation.exports.queries import stored_prefix
from annotation.registry import actions, base_models, launch, model_files, trees
from annotation.registry.attempts import Attempt, work_on
from annotation.registry.models import LearningCurve, RunPreview, TrainingRun
from annotation.registry.reports import Report
from training.records import CARD

_log = logging.getLogger(__name__)


def execute_run(*, run_id: int, must_stop: Flag) -> None:
    """Train until the run is done, failed, cancelled or, when the worker must stop, given back."""
    work_on(TrainingRun, run_id, must_stop=must_stop, work=_train)


def _train(attempt: Attempt[TrainingRun]) -> None:
    config = lay_out(attempt.job, attempt.folder)
    _restore_checkpoint(attempt.job, attempt.folder / "output" / "checkpoints")
    command = launch.training_command(attempt.job.stage, config)
    ending = attempt.run_child(command, partial(_record, attempt))
    _keep_model(attempt, ending)


def lay_out(run: TrainingRun | RunPreview | LearningCurve, folder: Path) -> Path:
    """Lay out the work folder and return the config file. Its paths are relative: every attempt's config is equal."""
    prefix = stored_prefix(run.release)
    trees.link(default_storage, prefix, folder / "release")
    start = {"preset": run.start_preset}
    if run.start_model is not None:
        trees.link(default_storage, run.start_model.stored_prefix, folder / "start")
        start = {"directory": "start"}
    if run.start_base:
        (folder / "start").symlink_to(base_models.folder_of(run.start_base))
        start = {"directory": "start"}
    files: dict[str, object] = {"stage": run.stage, "release": "release", "output": "output", "start": start}
    if run.judge_model is not None:
        trees.link(default_storage, run.judge_model.stored_prefix, folder / "judge")
        files |= actions.named_judge(run.stage)
    if gold := getattr(run, "gold_model", None):
        trees.link(default_storage, gold.stored_prefix, folder / "gold")
        files["gold_model"] = "gold"
    path = folder / "run.json"
    path.write_text(json.dumps({**run.config, **files}))
    return path


def _restore_checkpoint(run: TrainingRun, checkpoints: Path) -> None:
    if not run.checkpoint_name:
        return
    try:
        trees.fetch(default_storage, run.checkpoint_name, checkpoints / Path(run.checkpoint_name).name)
    except trees.TreeMissing:
        _log.warning("Run %s starts from the beginning: %s is gone from storage.", run.pk, run.checkpoint_name)


def _record(attempt: Attempt[TrainingRun], report: Report) -> None:
    actions.record_report(run=attempt.job, report=report, now=timezone.now())
    if report.checkpoint is not None:
        _keep_checkpoint(attempt, attempt.folder / report.checkpoint)


def _keep_checkpoint(attempt: Attempt[TrainingRun], checkpoint: Path) -> None:
    """Copy a checkpoint into storage, name it in the row, then drop the one before it."""
    run = attempt.job
    name = f"runs/{run.pk}/attempt-{run.attempt}/{checkpoint.name}"
    try:
        _store(attempt, checkpoint, name)
    except FileNotFoundError:
        # The child has dropped it for a newer one, which it announces next.
        return
    except OSError as error:
        # Training goes on: what a full disk costs is the way back, not the run.
        line = f"{checkpoint.name} could not be stored ({error.strerror or error}); the run goes on without it."
        actions.record_report(run=run, report=Report(lines=[("warning", line)]), now=timezone.now())
        return
    actions.record_checkpoint(run=run, name=name, now=timezone.now())
    before, run.checkpoint_name = run.checkpoint_name, name
    if before:
        _drop(before)


def _keep_model(attempt: Attempt[TrainingRun], ending: Report) -> None:
    """Copy the model into storage, end the run, then drop its checkpoints and what dead attempts left."""
    run = attempt.job
    prefix, output = _model_prefix(run, run.attempt), attempt.folder / "output"
    files = model_files.listing(output, without="checkpoints")
    _store(attempt, output, prefix, last=CARD, without="checkpoints")
    try:
        actions.finish_run(run=run, stored_prefix=prefix, files=files, card=ending.card or {}, now=timezone.now())
    except durable.JobLost:
        trees.remove(default_storage, prefix)
        raise
    for dropped in (f"runs/{run.pk}", *(_model_prefix(run, older) for older in range(1, run.attempt))):
        _drop(dropped)


def _drop(prefix: str) -> None:
    """Remove what nobody reads any more. What cannot be removed costs its space, not the run."""
    try:
        trees.remove(default_storage, prefix)
    except OSError as error:
        _log.warning("%s could not be removed from storage: %s", prefix, error)


def _store(attempt: Attempt[TrainingRun], folder: Path, prefix: str, **options: str) -> int:
    """Copy a folder into storage whole or not at all, for as long as the attempt holds its row."""
    try:
        return trees.store(default_storage, folder, prefix, pause=attempt.check, **options)
    except Exception:
        trees.remove(default_storage, prefix)
        raise


def _model_prefix(run: TrainingRun, attempt: int) -> str:
    return f"models/run-{run.pk}-attempt-{attempt}"
