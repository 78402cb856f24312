"""Reads on runs, models and completion batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from annotation import installed
from annotation.exports.makeup import makeup_of
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import base_models
from annotation.registry.models import (
    WRITERS,
    CompletionBatch,
    Continuation,
    LearningCurve,
    ModelVersion,
    RunLogLine,
    RunMetric,
    RunPreview,
    RunSample,
    Served,
    Stage,
    StaleModel,
    TrainingRun,
)
from training import config as training_config

# What a run's form offers; sampling is ordered from a model's page.
STAGES = (Stage.PRETRAIN, Stage.SFT, Stage.REWARD, Stage.RL, Stage.DPO, Stage.MODERATION)
# What a person may not set: the house knows these.
OWN_FIELDS = (
    "stage",
    "release",
    "output",
    "start",
    "judge",
    "text",
    "shards",
    "reward_models",
    "reward_function",
    "gold_model",
    "endpoint",
)
_PAGE = 1_000


@dataclass(frozen=True)
class Lineage:
    """What a model was made from."""

    release_id: int
    digest_sha256: str
    # Answer revisions in the release, and the people who gave them.
    revisions: int
    people: int


def runs_of(project: Project, user: User) -> QuerySet[TrainingRun]:
    rows = TrainingRun.objects.visible_to(user).filter(project=project)
    return rows.select_related("project", "release", "start_model", "judge_model", "gold_model", "model", "created_by")


def previews_of(project: Project, user: User) -> QuerySet[RunPreview]:
    return RunPreview.objects.visible_to(user).filter(project=project).select_related("project", "release")


def curves_of(project: Project, user: User) -> QuerySet[LearningCurve]:
    rows = LearningCurve.objects.visible_to(user).filter(project=project)
    return rows.select_related("project", "release", "start_model", "created_by")


def models_of(project: Project, user: User) -> QuerySet[ModelVersion]:
    rows = ModelVersion.objects.visible_to(user).filter(project=project).select_related("project", "release")
    return rows.prefetch_related(Prefetch("staleness", StaleModel.objects.select_related("withdrawal").order_by("pk")))


def version_of(project: Project, sha256: str) -> ModelVersion | None:
    """Return the project's newest model of these very bytes; None for a server elsewhere, which has no digest."""
    rows = ModelVersion.objects.filter(project=project, sha256=sha256).select_related("project", "release", "run")
    return rows.order_by("-pk").first() if sha256 else None


def served_in(project: Project, user: User) -> QuerySet[Served]:
    rows = Served.objects.visible_to(user).filter(project=project).order_by("-pk")
    return rows.select_related("project", "model", "created_by")


def batches_of(project: Project, user: User) -> QuerySet[CompletionBatch]:
    rows = CompletionBatch.objects.visible_to(user).filter(project=project)
    return rows.select_related("project", "model", "protocol", "created_by")


def metrics_after(run: TrainingRun, after: int) -> list[RunMetric]:
    """Return the oldest metrics newer than this id, at most a page."""
    return list(RunMetric.objects.filter(run=run, pk__gt=after).order_by("pk")[:_PAGE])


def log_after(run: TrainingRun, after: int) -> list[RunLogLine]:
    return list(RunLogLine.objects.filter(run=run, pk__gt=after).order_by("pk")[:_PAGE])


def samples_of(run: TrainingRun) -> list[RunSample]:
    """Return what the model wrote on the way, from the first step on. A run names a handful of steps."""
    return list(RunSample.objects.filter(run=run).order_by("step")[:_PAGE])


def continuations_of(project: Project, user: User) -> QuerySet[Continuation]:
    rows = Continuation.objects.visible_to(user).filter(project=project)
    return rows.select_related("project", "model", "created_by")


def lineage_of(model: ModelVersion) -> Lineage:
    """Follow a model to the answers that it learned from; no query once they have been summed up."""
    of = makeup_of(model.release)
    return Lineage(model.release_id, model.release.digest_sha256, revisions=of["answers"], people=of["people"])


def start_models_of(project: Project, user: User) -> QuerySet[ModelVersion]:
    """Return the models that a run may start from: those that write text."""
    return models_of(project, user).filter(stage__in=WRITERS).order_by("-pk")


def judge_models_of(project: Project, user: User) -> QuerySet[ModelVersion]:
    """Return the models that may choose among a run's looks: those that score, and learned from nothing taken back."""
    return models_of(project, user).filter(stage=Stage.REWARD, stale_at=None).order_by("-pk")


def run_options(project: Project, user: User) -> dict[str, Any]:
    """Return what the form for a new run needs."""
    described = training_config.describe()
    presets = {stage: training_config.describe_presets(stage) for stage in STAGES}
    fields = {stage: [spec for spec in described[stage] if spec["name"] not in OWN_FIELDS] for stage in STAGES}
    return {
        "stages": [{"stage": stage, "fields": fields[stage], "presets": presets[stage]} for stage in STAGES],
        "start_models": list(start_models_of(project, user).values("id", "name", "deployable")),
        "judge_models": list(judge_models_of(project, user).values("id", "name")),
        "base_models": base_models.names(),
        "training_installed": installed.read(settings.INSTALL_STATE),
    }
