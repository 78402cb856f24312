"""Verbs on training runs: order, report, finish, cancel, try again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from annotation import durable
from annotation.durable import Job, JobState
from annotation.exports.models import Release, ReleaseMember
from annotation.exports.queries import StaleData, handed_out
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import require
from annotation.registry import base_models, deploying
from annotation.registry.models import (
    ASSISTANTS,
    REFINED,
    WRITERS,
    ModelVersion,
    RunLogLine,
    RunMetric,
    RunSample,
    Stage,
    TrainingRun,
)
from annotation.registry.queries import OWN_FIELDS
from annotation.registry.reports import Report
from annotation.registry.withdrawals import mark_made_of
from annotation.tasks.models import Split
from training import config as training_config
from training import settings
from training.records import CARD

# What each stage learns from.
_LEARNS_FROM = {
    Stage.PRETRAIN: ("documents", "demonstrations", "rankings"),
    Stage.SFT: ("demonstrations",),
    Stage.REWARD: ("rankings",),
    Stage.RL: ("demonstrations", "rankings"),
    Stage.DPO: ("rankings",),
    Stage.MODERATION: ("judgements",),
}


class OrderRefused(ValueError):
    """The order cannot run; `errors` names each field with what to do about it."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        self.errors = list(errors)
        super().__init__("; ".join(f"{name}: {message}" for name, message in errors))


def request_run(
    *,
    project: Project,
    actor: User,
    release_id: int,
    stage: str,
    start: Any,
    config: Mapping[str, Any],
    now: datetime,
    judge: int | None = None,
    gold: int | None = None,
) -> TrainingRun:
    """Queue a run. Raise NotAllowed, StaleData, and OrderRefused for anything that would make it fail later."""
    require(actor, "start_run", project)
    ordered = check_order(project=project, release_id=release_id, stage=stage, start=start, config=config, judge=judge)
    if gold is not None:
        ordered["gold_model"] = _gold_model(project, stage, gold, judge)
    return TrainingRun.objects.create(created_by=actor, created_at=now, **ordered)


def check_order(
    *, project: Project, release_id: int, stage: str, start: Any, config: Mapping[str, Any], judge: int | None = None
) -> dict[str, Any]:
    """Return the columns of what is ordered. Raise StaleData, and OrderRefused for what would make it fail later.

    judge: the reward model that chooses among the looks of an SFT run, or says what answers are worth in an RL run.
    """
    if stage not in _LEARNS_FROM:
        raise OrderRefused([("stage", f"must be one of {', '.join(_LEARNS_FROM)}")])
    release = _frozen_release(project, release_id, stage)
    begins = _check_start(project, stage, start)
    if judge is not None:
        begins["judge_model"] = _judge_model(project, stage, judge)
    elif stage == Stage.RL:
        raise OrderRefused([("judge", "choose the reward model that says what answers are worth")])
    whole = check_config(stage, begins.get("start_preset", ""), config, is_judged=judge is not None)
    return {"project": project, "release": release, "stage": stage, "config": whole, **begins}


def check_config(stage: str, preset: str, config: Mapping[str, Any], *, is_judged: bool = False) -> dict[str, Any]:
    """Return what a person may set, defaults filled in, so that a later default changes nothing. Raise OrderRefused."""
    foreign = [name for name in OWN_FIELDS if name in config]
    if foreign:
        raise OrderRefused([(f"config.{name}", "is not set here") for name in foreign])
    own = {"stage": stage, "release": "release", "output": "output", **(named_judge(stage) if is_judged else {})}
    start = {"preset": preset} if preset else {"directory": "start"}
    try:
        whole = training_config.from_json({**config, **own, "start": start})
    except settings.ConfigError as error:
        name, _, message = str(error).partition(": ")
        raise OrderRefused([(name if name in ("start", "judge") else f"config.{name}", message)]) from error
    return {name: value for name, value in whole.to_json().items() if name not in OWN_FIELDS}


def named_judge(stage: str) -> dict[str, Any]:
    """Return how a stage's configuration names the judge in its work folder."""
    return {"reward_models": ["judge"]} if stage == Stage.RL else {"judge": "judge"}


def cancel_run(*, run: TrainingRun, actor: User, now: datetime) -> None:
    """End a run; its worker notices within seconds. Raise NotAllowed, JobNotEndable."""
    require(actor, "start_run", run.project)
    durable.cancel(run, now=now)


def retry_run(*, run: TrainingRun, actor: User, now: datetime) -> None:
    """Queue an ended run again; it goes on from its newest checkpoint. Raise NotAllowed, JobNotRetryable, StaleData."""
    require(actor, "start_run", run.project)
    handed_out(run.release)
    durable.retry(run, now=now)


@transaction.atomic
def record_report(*, run: TrainingRun, report: Report, now: datetime) -> None:
    """Write what the child said since the last time, in four queries at most. Raise JobLost for an older attempt.

    A resumed run repeats the steps after its checkpoint: their values take the place of the older attempt's.
    """
    durable.beat(run, now=now, **report.columns)
    metrics = [
        RunMetric(run=run, attempt=run.attempt, split=split, step=step, values=values)
        for (split, step), values in report.metrics.items()
    ]
    if metrics:
        RunMetric.objects.bulk_create(
            metrics,
            update_conflicts=True,
            unique_fields=["run", "split", "step"],
            update_fields=["attempt", "values"],
        )
    if report.samples:
        RunSample.objects.bulk_create(
            [RunSample(run=run, attempt=run.attempt, step=step, **said) for step, said in report.samples.items()],
            update_conflicts=True,
            unique_fields=["run", "step"],
            update_fields=["attempt", "prompt", "text", "values"],
        )
    RunLogLine.objects.bulk_create(
        RunLogLine(run=run, attempt=run.attempt, at=now, level=level, message=message)
        for level, message in report.lines
    )


def record_checkpoint(*, run: TrainingRun, name: str, now: datetime) -> None:
    """Name the newest checkpoint in storage, where the next attempt goes on. Raise JobLost for an older attempt."""
    durable.beat(run, now=now, checkpoint_name=name)


@transaction.atomic
def finish_run(
    *, run: TrainingRun, stored_prefix: str, files: Sequence[Mapping[str, Any]], card: dict[str, Any], now: datetime
) -> ModelVersion:
    """End a run well with the model that it made. Raise JobLost for an older attempt."""
    durable.finish(run, now=now, checkpoint_name="", eta_seconds=0)
    Project.objects.select_for_update(no_key=True).get(pk=run.project_id)
    model = ModelVersion.objects.create(
        project_id=run.project_id,
        run=run,
        release_id=run.release_id,
        name=_free_name(run),
        stage=run.stage,
        deployable=run.stage in ASSISTANTS,
        waits_for_people=deploying.waits(run.stage, deploying.needed_in(run.project_id), None),
        stored_prefix=stored_prefix,
        sha256=card["model_sha256"],
        size_bytes=sum(file["bytes"] for file in files),
        files=list(files),
        metrics=card["metrics"],
        card=card,
        created_at=now,
    )
    mark_made_of(model, now=now)
    return model


def give_back(*, job: Job) -> None:
    """Queue a running job again, at once, because its worker stops. Raise JobLost for an older attempt."""
    held = type(job)._default_manager.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING)
    if not held.update(state=JobState.QUEUED, heartbeat_at=None):
        raise durable.JobLost(f"{type(job).__name__} {job.pk}, attempt {job.attempt}")


def _free_name(run: TrainingRun) -> str:
    """Return sft-1, sft-2 …; the caller holds the project's row lock."""
    taken = set(ModelVersion.objects.filter(project_id=run.project_id, stage=run.stage).values_list("name", flat=True))
    return next(name for number in count(len(taken) + 1) if (name := f"{run.stage}-{number}") not in taken)


def _frozen_release(project: Project, release_id: int, stage: str) -> Release:
    release = Release.objects.filter(project=project, pk=release_id).first()
    if release is None:
        raise OrderRefused([("release", "is not a release of this project")])
    if release.state != JobState.DONE:
        raise OrderRefused([("release", f"is {release.state}: choose one that is done")])
    handed_out(release)
    kinds = _LEARNS_FROM[Stage(stage)]
    if not any(release.counts.get(kind, {}).get("train") for kind in kinds):
        wanted = " or ".join(kinds)
        raise OrderRefused([("release", f"holds no {wanted} in its train split, which {stage} learns from")])
    if stage == Stage.MODERATION and not _has_verdicts(release):
        raise OrderRefused([("release", "holds no moderation labels in its train split, which a filter learns from")])
    return release


def _has_verdicts(release: Release) -> bool:
    members = ReleaseMember.objects.filter(release=release, split=Split.TRAIN)
    return members.filter(answer_revision__answer__task__protocol__kind="moderation_label").exists()


def _check_start(project: Project, stage: str, start: Any) -> dict[str, Any]:
    """Return the column of the run that says what it starts from."""
    if not isinstance(start, Mapping) or set(start) not in ({"preset"}, {"model"}, {"base"}):
        raise OrderRefused([("start", 'give one of {"preset": name}, {"model": id} and {"base": name}')])
    if "model" in start:
        return {"start_model": _start_model(project, stage, start["model"])}
    if "base" in start:
        return {"start_base": _start_base(start["base"])}
    presets = training_config.presets_of(stage)
    if not presets:
        raise OrderRefused([("start", f"{stage} refines a model that was fine-tuned (sft): choose one")])
    if start["preset"] not in presets:
        raise OrderRefused([("start", f"preset must be one of {', '.join(presets)}")])
    return {"start_preset": start["preset"]}


def _start_base(name: Any) -> str:
    try:
        return base_models.folder_of(str(name)).name
    except base_models.NotABaseModel as error:
        raise OrderRefused([("start", str(error))]) from error


def _start_model(project: Project, stage: str, pk: Any) -> ModelVersion:
    model = ModelVersion.objects.filter(project=project, pk=pk).first() if type(pk) is int else None
    if model is None:
        raise OrderRefused([("start", "is not a model of this project")])
    if model.stage not in WRITERS:
        raise OrderRefused([("start", f"{model} is a {model.stage} model: start from one that writes text")])
    if stage in REFINED and model.stage not in ASSISTANTS:
        raise OrderRefused(
            [("start", f"{model} answers nobody yet: {stage} refines a model that was fine-tuned (sft)")]
        )
    check_usable(model, "start")
    return model


def _judge_model(project: Project, stage: str, pk: Any) -> ModelVersion:
    if stage not in (Stage.SFT, Stage.RL):
        raise OrderRefused([("judge", f"is for SFT and RL runs alone, not for {stage}")])
    return _reward_model(project, "judge", pk)


def _gold_model(project: Project, stage: str, pk: Any, judge: Any) -> ModelVersion:
    if stage != Stage.RL:
        raise OrderRefused([("gold", f"watches RL runs alone, not {stage}")])
    if pk == judge:
        raise OrderRefused(
            [("gold", "must be another than the judge, of other data or seed: it watches what the judge does")]
        )
    return _reward_model(project, "gold", pk)


def _reward_model(project: Project, field: str, pk: Any) -> ModelVersion:
    model = ModelVersion.objects.filter(project=project, pk=pk).first()
    if model is None:
        raise OrderRefused([(field, "is not a model of this project")])
    if model.stage != Stage.REWARD:
        raise OrderRefused([(field, f"{model} is a {model.stage} model: choose a reward model")])
    check_usable(model, field)
    return model


def check_usable(model: ModelVersion, field: str = "model") -> None:
    """Raise StaleData, OrderRefused where the model that was named in this field can be used no more."""
    if model.stale_at is not None:
        raise StaleData(f"{model} has learned from what was withdrawn since: choose another model.")
    if not _has_files(model):
        raise OrderRefused([(field, f"the files of {model} are gone from storage: choose another model")])


def is_usable(model: ModelVersion) -> bool:
    return model.stale_at is None and _has_files(model)


def _has_files(model: ModelVersion) -> bool:
    """Whether the model is whole in storage: its card is the last file written."""
    return default_storage.exists(str(Path(model.stored_prefix) / CARD))
