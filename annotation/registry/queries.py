"""Reads on runs, models and completion batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet

from annotation import installed
from annotation.exports.models import ReleaseMember
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import base_models
from annotation.registry.models import CompletionBatch, ModelVersion, RunLogLine, RunMetric, Stage, TrainingRun
from training import config as training_config

# What a run's form offers; sampling is ordered from a model's page.
STAGES = (Stage.SFT, Stage.REWARD)
# What a person may not set: the house knows these.
OWN_FIELDS = ("stage", "release", "output", "start")
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
    return rows.select_related("project", "release", "start_model", "model", "created_by")


def models_of(project: Project, user: User) -> QuerySet[ModelVersion]:
    return ModelVersion.objects.visible_to(user).filter(project=project).select_related("project", "release")


def batches_of(project: Project, user: User) -> QuerySet[CompletionBatch]:
    rows = CompletionBatch.objects.visible_to(user).filter(project=project)
    return rows.select_related("project", "model", "protocol", "created_by")


def metrics_after(run: TrainingRun, after: int) -> list[RunMetric]:
    """Return the oldest metrics newer than this id, at most a page."""
    return list(RunMetric.objects.filter(run=run, pk__gt=after).order_by("pk")[:_PAGE])


def log_after(run: TrainingRun, after: int) -> list[RunLogLine]:
    return list(RunLogLine.objects.filter(run=run, pk__gt=after).order_by("pk")[:_PAGE])


def lineage_of(model: ModelVersion) -> Lineage:
    """Follow a model to the answers that it learned from. One query."""
    members = ReleaseMember.objects.filter(release=model.release_id)
    numbers = members.aggregate(
        revisions=Count("pk"), people=Count("answer_revision__answer__annotator", distinct=True)
    )
    return Lineage(release_id=model.release_id, digest_sha256=model.release.digest_sha256, **numbers)


def start_models_of(project: Project, user: User) -> QuerySet[ModelVersion]:
    """Return the models that a run may start from: those that write text."""
    return models_of(project, user).filter(stage=Stage.SFT).order_by("-pk")


def run_options(project: Project, user: User) -> dict[str, Any]:
    """Return what the form for a new run needs."""
    described, presets = training_config.describe(), training_config.describe_presets()
    fields = {stage: [spec for spec in described[stage] if spec["name"] not in OWN_FIELDS] for stage in STAGES}
    return {
        "stages": [{"stage": stage, "fields": fields[stage], "presets": presets} for stage in STAGES],
        "start_models": list(start_models_of(project, user).values("id", "name")),
        "base_models": base_models.names(),
        "training_installed": installed.read(settings.INSTALL_STATE),
    }
