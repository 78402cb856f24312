"""Which release trained which model, and what the model wrote next."""

from __future__ import annotations

from typing import Self, TypeVar

from django.conf import settings
from django.db import models

from annotation.durable import Job
from annotation.exports.models import Release
from annotation.people.models import User, Withdrawal
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import projects_where
from annotation.tasks.models import Completion, Task


class Stage(models.TextChoices):
    PRETRAIN = "pretrain"
    SFT = "sft"
    REWARD = "reward"
    RL = "rl"
    DPO = "dpo"
    MODERATION = "moderation"


# Who writes text, and so can be trained on; and of those, who answers people.
WRITERS = (Stage.PRETRAIN, Stage.SFT, Stage.RL, Stage.DPO)
ASSISTANTS = (Stage.SFT, Stage.RL, Stage.DPO)
# Who was made from a model that answers people, by what they prefer.
REFINED = (Stage.RL, Stage.DPO)


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
    # The reward model that says which look of the run is kept.
    judge_model = models.ForeignKey("ModelVersion", null=True, on_delete=models.PROTECT, related_name="+")
    # Watches reinforcement learning, which never learns from it.
    gold_model = models.ForeignKey("ModelVersion", null=True, on_delete=models.PROTECT, related_name="+")
    config = models.JSONField(default=dict)
    counts = models.JSONField(default=dict, help_text="Rows in, used, truncated and left out by reason.")
    tokens_per_second = models.FloatField(null=True)
    eta_seconds = models.FloatField(null=True)
    checkpoint_name = models.CharField(max_length=255, blank=True, default="", help_text="Newest, in storage.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectRowQuerySet["TrainingRun"].as_manager()


class RunPreview(Job):
    """What a run would learn, looked at before it is ordered. It holds people's words, and is kept for a day."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="previews")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    start_preset = models.CharField(max_length=40, blank=True, default="")
    start_base = models.CharField(max_length=200, blank=True, default="", help_text="A folder in MODELS_ROOT.")
    start_model = models.ForeignKey("ModelVersion", null=True, on_delete=models.CASCADE, related_name="+")
    judge_model = models.ForeignKey("ModelVersion", null=True, on_delete=models.CASCADE, related_name="+")
    config = models.JSONField(default=dict)
    found = models.JSONField(default=dict, help_text="What training/preview.py returns.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectRowQuerySet["RunPreview"].as_manager()

    def __str__(self) -> str:
        return f"preview {self.pk}"


class LearningCurve(Job):
    """What a stage reaches on shares of a release, and what more judgements would buy. progress_* count trainings.

    Its models are not kept: they are there to be measured.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="curves")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="curves")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    start_preset = models.CharField(max_length=40, blank=True, default="")
    start_base = models.CharField(max_length=200, blank=True, default="", help_text="A folder in MODELS_ROOT.")
    start_model = models.ForeignKey("ModelVersion", null=True, on_delete=models.CASCADE, related_name="+")
    judge_model = models.ForeignKey("ModelVersion", null=True, on_delete=models.CASCADE, related_name="+")
    config = models.JSONField(default=dict)
    seeds = models.PositiveSmallIntegerField(help_text="Trainings of each share.")
    found = models.JSONField(default=dict, help_text="What training/curve.py returns, as far as it is.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectRowQuerySet["LearningCurve"].as_manager()

    def __str__(self) -> str:
        return f"learning curve {self.pk}"


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


class RunSample(models.Model):
    """What a model wrote while it was trained: the first draw from a fixed seed, after a fixed number of steps."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="samples", db_index=False)
    attempt = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    prompt = models.TextField()
    text = models.TextField()
    values = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="one_sample_per_step")]

    def __str__(self) -> str:
        return f"run {self.run_id}, step {self.step}"


class ModelVersion(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="models")
    run = models.OneToOneField(TrainingRun, on_delete=models.PROTECT, related_name="model")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="models")
    name = models.CharField(max_length=120)
    stage = models.CharField(max_length=10, choices=Stage.choices)
    # Foundation models, reward models and filters are not deployable; SFT and RL models are.
    deployable = models.BooleanField()
    stored_prefix = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    files = models.JSONField(default=list, help_text="[{path, bytes, sha256}]; empty for models older than the column.")
    metrics = models.JSONField(default=dict)
    card = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    # When something that it or a model before it learned from was first withdrawn.
    stale_at = models.DateTimeField(null=True)
    # What people said of it beside the model before it, as far as it was summed up, and whether it may not answer
    # anybody before they say more: see deploying.py, which alone writes both.
    people = models.JSONField(default=dict, help_text="{seen, low}")
    waits_for_people = models.BooleanField(default=False, db_default=False)

    objects = ProjectRowQuerySet["ModelVersion"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_model_per_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def may_serve(self) -> bool:
        """Whether people may talk to it: what learned from words taken back no longer speaks."""
        return self.deployable and self.stale_at is None and not self.waits_for_people

    @property
    def may_filter(self) -> bool:
        """Whether it may stand between people and a model."""
        return self.stage == Stage.MODERATION and self.stale_at is None


class ServedState(models.TextChoices):
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


class UpstreamKind(models.TextChoices):
    """What a server elsewhere is asked for, all in the shapes of OpenAI's API."""

    CHAT = "chat"
    MODERATION = "moderation"
    # A guard that answers in a chat whether the last thing said is safe.
    LLAMA_GUARD = "llama_guard"


FILTERING = (UpstreamKind.MODERATION, UpstreamKind.LLAMA_GUARD)


class ServedQuerySet(ProjectRowQuerySet["Served"]):
    def answering(self, user: User) -> Self:
        """Return what this person may ask over the gateway: in their projects, what is meant to be up."""
        return self.filter(project__in=projects_where(user, "chat"), is_wanted=True)


class Served(models.Model):
    """A model version that is kept running, or a server elsewhere that is asked instead, under one name."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="served")
    name = models.CharField(max_length=120, unique=True, help_text="What requests call it.")
    model = models.OneToOneField(ModelVersion, null=True, on_delete=models.PROTECT, related_name="served")
    # An OpenAI-compatible server elsewhere; only the site's owner names one. The key itself is in the environment.
    upstream_kind = models.CharField(max_length=11, choices=UpstreamKind.choices, blank=True, default="")
    upstream_url = models.CharField(max_length=500, blank=True, default="")
    upstream_model = models.CharField(max_length=200, blank=True, default="")
    upstream_key_variable = models.CharField(max_length=100, blank=True, default="")
    is_wanted = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=ServedState.choices, default=ServedState.STARTING)
    said = models.TextField(blank=True, default="", help_text="Why it is not ready.")
    # Where the child answers, and what opens it; new with every start.
    address = models.CharField(max_length=100, blank=True, default="")
    key = models.CharField(max_length=100, blank=True, default="")
    changed_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ServedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(model__isnull=False, upstream_kind="")
                | models.Q(model=None, upstream_kind__in=UpstreamKind.values),
                name="served_is_ours_or_elsewhere",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def can_chat(self) -> bool:
        """Whether people may talk to it; of servers elsewhere, those that the owner named for that."""
        return self.upstream_kind == UpstreamKind.CHAT if self.model is None else self.model.may_serve


class ModelUse(models.Model):
    """What a person has asked of the gateway in a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    minute = models.PositiveSmallIntegerField(help_text="Of the day, that requests_in_minute counts.")
    requests_in_minute = models.PositiveIntegerField()
    requests = models.PositiveIntegerField()
    tokens = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_use_per_person_and_day")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.day}"


class DeployRule(models.Model):
    """What a project asks of a refined model before it may answer people."""

    project = models.OneToOneField(Project, primary_key=True, on_delete=models.CASCADE, related_name="+")
    needed_win_rate = models.FloatField(null=True, help_text="Against the model before it; empty: nothing is asked.")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"project {self.project_id}: {self.needed_win_rate}"


class StaleModel(models.Model):
    """A model has learned from words that were taken back."""

    model = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="staleness", db_index=False)
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "withdrawal"], name="stale_model_once_per_withdrawal")]


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


class ModelComparison(Job):
    """People compare what a model answers with what the model before it does, blind. progress_* count prompts.

    Asked again, the pairs of all of a model's comparisons are one sequence: their interval allows for that.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="comparisons")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="comparisons")
    # The model before: where the other one's training began.
    baseline = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    prompts = models.JSONField(help_text="Held-out prompt ids, drawn when ordered.")
    share = models.FloatField(help_text="The share of the prompts that could be drawn which were.")
    sampling = models.JSONField(help_text="n, temperature, top_p, max_new_tokens, seed: the same for both models.")
    required_answers = models.PositiveSmallIntegerField(help_text="Judges of each pair.")
    counts = models.JSONField(default=dict, help_text="{tasks, same, empty}")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectRowQuerySet["ModelComparison"].as_manager()

    def __str__(self) -> str:
        return f"{self.model} and {self.baseline}, {self.pk}"


class ComparedPair(models.Model):
    """Which of the two completions of a blind task is whose: known to nobody who judges them."""

    comparison = models.ForeignKey(ModelComparison, on_delete=models.CASCADE, related_name="pairs", db_index=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
    after = models.ForeignKey(Completion, on_delete=models.CASCADE, related_name="+")
    before = models.ForeignKey(Completion, on_delete=models.CASCADE, related_name="+")
    # What the run's reward model makes of them: after less before. Empty where there is none.
    reward_difference = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comparison", "task"], name="pair_once_per_comparison")]

    def __str__(self) -> str:
        return f"comparison {self.comparison_id}, task {self.task_id}"


class WorklistKind(models.TextChoices):
    # Held-out pairs that a reward model is sure people labelled the wrong way round: are they?
    RELABEL = "relabel"
    # Pairs nobody has compared, on which the members of a reward model are furthest apart.
    COLLECT = "collect"


class Worklist(Job):
    """Pairs that a reward model would have people compare. progress_* count prompts scored."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="worklists")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="worklists")
    kind = models.CharField(max_length=10, choices=WorklistKind.choices)
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    wanted = models.PositiveIntegerField(help_text="Pairs at most.")
    control_share = models.FloatField(help_text="Of the pairs, the share drawn by lot; of pairs to collect.")
    required_answers = models.PositiveSmallIntegerField(help_text="Judges of each pair.")
    counts = models.JSONField(default=dict, help_text="{candidates, tasks}")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectRowQuerySet["Worklist"].as_manager()

    def __str__(self) -> str:
        return f"{self.kind} by {self.model}, {self.pk}"


class WorklistPair(models.Model):
    """A pair on a worklist, and which of the two the model likes better."""

    worklist = models.ForeignKey(Worklist, on_delete=models.CASCADE, related_name="pairs", db_index=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
    liked = models.ForeignKey(Completion, on_delete=models.CASCADE, related_name="+")
    arm = models.CharField(max_length=10, help_text="chosen or control")
    # By how much it likes it, and how far its members are apart in that.
    difference = models.FloatField()
    spread = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["worklist", "task"], name="pair_once_per_worklist")]

    def __str__(self) -> str:
        return f"worklist {self.worklist_id}, task {self.task_id}"


class Continuation(Job):
    """A text that somebody gave a foundation model to go on from. progress_* count tokens."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="continuations")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="continuations")
    prompt = models.TextField()
    sampling = models.JSONField(help_text="temperature, top_p, max_new_tokens, seed.")
    text = models.TextField(blank=True, default="")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectRowQuerySet["Continuation"].as_manager()

    def __str__(self) -> str:
        return f"{self.model} goes on, {self.pk}"


class DownloadQuerySet(models.QuerySet["Download"]):
    def visible_to(self, user: User) -> DownloadQuerySet:
        return self.filter(project__in=projects_where(user, "view_downloads"))


class Download(models.Model):
    """A request for bytes of a stored file, written before the first of them is sent."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="downloads", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, null=True, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(ModelVersion, null=True, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=500)
    start_bytes = models.BigIntegerField()
    sent_bytes = models.BigIntegerField(help_text="Bytes asked for: whether all arrived only the client knows.")
    size_bytes = models.BigIntegerField()
    by_link = models.BooleanField(help_text="By a signed link rather than by session or token.")
    at = models.DateTimeField()

    objects = DownloadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(release__isnull=False, model=None) | models.Q(release=None, model__isnull=False),
                name="download_of_release_or_model",
            )
        ]
        indexes = [models.Index(fields=["project", "-id"], name="downloads_of_a_project")]
