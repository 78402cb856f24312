"""Foreign files on their way in: the file, and every row turned away."""

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


class Phase(models.TextChoices):
    READING = "reading"
    WRITING = "writing"


class ImportFile(Job):
    """A file somebody brought. progress_* count its bytes as stored, which are read once in each phase.

    Until it is confirmed its job is a dry run: the whole file is read, what would come in is counted and what would
    not is listed, and nothing of it is written anywhere else.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=255)
    stored_name = models.CharField(max_length=255, help_text="Name in the default storage.")
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=40, default="auto")
    phase = models.CharField(max_length=7, choices=Phase.choices, default=Phase.READING)
    phase_started_at = models.DateTimeField(null=True)
    found_format = models.CharField(max_length=40, blank=True, default="", help_text="By which it was read.")
    options = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    rejected_by_reason = models.JSONField(default=dict)
    # What was left out without being wrong: a deleted message, a cancelled annotation.
    skipped_by_reason = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_dry_run(self) -> bool:
        return self.confirmed_at is None


class RejectedRow(models.Model):
    """A row turned away, or what was skipped without being wrong."""

    import_file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="rejected_rows", db_index=False)
    attempt = models.PositiveIntegerField()
    line = models.BigIntegerField()
    field = models.CharField(max_length=120, blank=True, default="")
    reason = models.CharField(max_length=60)
    message = models.TextField()
    excerpt = models.CharField(max_length=300, blank=True, default="")
    is_skipped = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["import_file", "id"], name="rejected_rows_in_order")]


class SearchQuerySet(models.QuerySet["DuplicateSearch"]):
    def visible_to(self, user: User) -> SearchQuerySet:
        return self.filter(project__in=projects_where(user, "view_prompts"))


class DuplicateSearch(Job):
    """A look for prompts that are nearly the same, after an import or when somebody asks.

    progress_* count the prompts that have no digest yet: comparing the digests is short beside making them.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="duplicate_searches")
    counts = models.JSONField(default=dict, help_text="{sketched, clusters, prompts}: what it did and what it found.")

    objects = SearchQuerySet.as_manager()
