"""Which release trained which model, and what the model wrote next."""

from __future__ import annotations

from typing import Self, TypeVar

from django.conf import settings
from django.db import models

from annotation.durable import Job
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import projects_where
from annotation.tasks.models import Completion


class Stage(models.TextChoices):
    SFT = "sft"
    REWARD = "reward"


RowT = TypeVar("RowT", bound=models.Model)


class ProjectRowQuerySet(models.QuerySet[RowT]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=projects_where(user, "view_run"))


class TrainingRun(Job):
    """A training job. progress_* count steps."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="runs")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    start_preset = models.CharField(max_length=40, blank=True, default="")
    start_base = models.CharField(max_length=200, blank=True, default="", help_text="A folder in MODELS_ROOT.")
    start_model = models.ForeignKey("ModelVersion", null=True, on_delete=models.PROTECT, related_name="+")
    config = models.JSONField(default=dict)
    counts = models.JSONField(default=dict, help_text="Rows in, used, truncated and left out by reason.")
    tokens_per_second = models.FloatField(null=True)
    eta_seconds = models.FloatField(null=True)
    checkpoint_name = models.CharField(max_length=255, blank=True, default="", help_text="Newest, in storage.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectRowQuerySet["TrainingRun"].as_manager()


class RunMetric(models.Model):
    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="metrics")
    attempt = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    split = models.CharField(max_length=10)
    values = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "split", "step"], name="one_metric_per_step_and_split")]


class RunLogLine(models.Model):
    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="log_lines")
    attempt = models.PositiveIntegerField()
    at = models.DateTimeField()
    level = models.CharField(max_length=10)
    message = models.TextField()


class ModelVersion(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="models")
    run = models.OneToOneField(TrainingRun, on_delete=models.PROTECT, related_name="model")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="models")
    name = models.CharField(max_length=120)
    stage = models.CharField(max_length=10, choices=Stage.choices)
    # Foundation and reward models are not deployable; SFT and RL models are.
    deployable = models.BooleanField()
    stored_prefix = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    metrics = models.JSONField(default=dict)
    card = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = ProjectRowQuerySet["ModelVersion"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_model_per_name")]

    def __str__(self) -> str:
        return self.name


class CompletionBatch(Job):
    """An order for completions by a model, which become tasks. progress_* count prompts."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="completion_batches")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="batches")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    prompts = models.JSONField(help_text="Prompt ids, fixed when ordered.")
    sampling = models.JSONField(help_text="n, temperature, top_p, max_new_tokens, seed.")
    counts = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectRowQuerySet["CompletionBatch"].as_manager()


class SampledCompletion(models.Model):
    """Which model version wrote which completion, in which batch."""

    batch = models.ForeignKey(CompletionBatch, on_delete=models.CASCADE, related_name="sampled")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    completion = models.ForeignKey(Completion, on_delete=models.CASCADE, related_name="+")
    finish_reason = models.CharField(max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "completion"], name="completion_once_per_batch")]
