"""Foreign files on their way in: the file, the rows staged from it, and every row turned away."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotation.durable import Job
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import projects_where


class ImportQuerySet(models.QuerySet["ImportFile"]):
    def visible_to(self, user: User) -> ImportQuerySet:
        return self.filter(project__in=projects_where(user, "import_data"))


class ImportFile(Job):
    """A file somebody brought. progress_* count its bytes as stored."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=255)
    stored_name = models.CharField(max_length=255, help_text="Name in the default storage.")
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20, default="auto")
    options = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    rejected_by_reason = models.JSONField(default=dict)
    # What was left out without being wrong: a deleted message, a cancelled annotation.
    skipped_by_reason = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.file_name


class StagedRow(models.Model):
    """A checked row waiting for the one transaction that brings the whole file in."""

    import_file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="staged_rows", db_index=False)
    attempt = models.PositiveIntegerField()
    line = models.BigIntegerField()
    row = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["import_file", "attempt", "id"], name="staged_rows_in_order")]


class RejectedRow(models.Model):
    import_file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="rejected_rows", db_index=False)
    attempt = models.PositiveIntegerField()
    line = models.BigIntegerField()
    field = models.CharField(max_length=120, blank=True, default="")
    reason = models.CharField(max_length=60)
    message = models.TextField()
    excerpt = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["import_file", "id"], name="rejected_rows_in_order")]
