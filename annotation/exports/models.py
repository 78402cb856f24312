"""Frozen releases and the answer revisions each is made of."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotation.durable import Job
from annotation.people.models import User, Withdrawal
from annotation.projects.models import Project
from annotation.projects.permissions import projects_where
from annotation.tasks.models import AnswerRevision, Split


class ReleaseQuerySet(models.QuerySet["Release"]):
    def visible_to(self, user: User) -> ReleaseQuerySet:
        return self.filter(project__in=projects_where(user, "view_release"))


class Release(Job):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="releases")
    name = models.CharField(max_length=120)
    selection = models.JSONField(default=dict)
    digest_sha256 = models.CharField(max_length=64, blank=True, default="")
    counts = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict, help_text="Answers left out, by reason.")
    manifest = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # When something in it was first withdrawn: from then on it is not handed out. Its manifest never changes.
    stale_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True, help_text="When a stale release's files went.")
    makeup = models.JSONField(null=True, help_text="What its members come from, summed up once: see makeup.py.")

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_release_per_name")]

    def __str__(self) -> str:
        return self.name


class ReleaseViewQuerySet(models.QuerySet["ReleaseView"]):
    def visible_to(self, user: User) -> ReleaseViewQuerySet:
        return self.filter(project__in=projects_where(user, "view_release"))


class ReleaseView(Job):
    """A release as one trainer reads it, written once for each set of choices. Files: exports/view_files.py."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    # The unique constraint's index begins with the release, so it needs none of its own.
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="views", db_index=False)
    format = models.CharField(max_length=40)
    options = models.JSONField(default=dict)
    options_sha256 = models.CharField(max_length=64)
    counts = models.JSONField(default=dict, help_text="Records read and rows written, by split.")
    left_out = models.JSONField(default=dict, help_text="What became no row, by reason.")
    manifest = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ReleaseViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "format", "options_sha256"], name="one_view_per_set_of_choices")
        ]

    def __str__(self) -> str:
        return f"{self.format} of release {self.release_id}"


class ReleaseMember(models.Model):
    """Which answer revision went into which release: lineage in both directions."""

    # The unique constraint's index begins with the release, so it needs none of its own.
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="members", db_index=False)
    answer_revision = models.ForeignKey(AnswerRevision, on_delete=models.PROTECT, related_name="+")
    split = models.CharField(max_length=10, choices=Split.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "answer_revision"], name="revision_once_per_release")]

    def __str__(self) -> str:
        return f"release {self.release_id}, revision {self.answer_revision_id}"


class ReleaseTag(models.Model):
    """A name that can be moved from release to release: what `latest` means today."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="release_tags", db_index=False)
    name = models.CharField(max_length=60)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="tags")
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_tag_per_name")]

    def __str__(self) -> str:
        return self.name


class ReleaseTagMove(models.Model):
    """Where a tag was put, by whom and when. Append-only: a paper's tag that moved is found out here."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="release_tag_moves", db_index=False)
    name = models.CharField(max_length=60)
    # Empty where the tag was taken away.
    release = models.ForeignKey(Release, null=True, on_delete=models.CASCADE, related_name="+")
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project", "-id"], name="tag_moves_of_a_project")]

    def __str__(self) -> str:
        return f"{self.name} to release {self.release_id}"


class StaleRelease(models.Model):
    """A release holds words that were taken back."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="staleness", db_index=False)
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="+")
    answers = models.PositiveIntegerField(help_text="How many of its answers.")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "withdrawal"], name="stale_once_per_withdrawal")]
