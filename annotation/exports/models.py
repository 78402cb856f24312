"""Frozen releases and the answer revisions each is made of."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotation.durable import Job
from annotation.people.models import User
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

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_release_per_name")]

    def __str__(self) -> str:
        return self.name


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
