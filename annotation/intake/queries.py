"""Reads of imports."""

from __future__ import annotations

from django.db.models import QuerySet

from annotation.durable import JobState
from annotation.intake.models import DuplicateSearch, ImportFile, RejectedRow
from annotation.people.models import User
from annotation.projects.models import Project


def imports_of(project: Project, user: User) -> QuerySet[ImportFile]:
    rows = ImportFile.objects.visible_to(user).filter(project=project)
    return rows.select_related("created_by").order_by("-pk")


def rejections_of(import_file: ImportFile) -> QuerySet[RejectedRow]:
    """Return the rows that the newest attempt turned away, in the file's order."""
    return RejectedRow.objects.filter(import_file=import_file, attempt=import_file.attempt).order_by("pk")


def searches_after(import_file_id: int) -> QuerySet[DuplicateSearch, int]:
    """Return the ids of the searches for near-duplicates that wait in the import's project."""
    waiting = DuplicateSearch.objects.filter(state=JobState.QUEUED, project__imports=import_file_id)
    return waiting.values_list("pk", flat=True)


def newest_search(project: Project, user: User) -> DuplicateSearch | None:
    """Return the newest search for near-duplicates that the person may see."""
    return DuplicateSearch.objects.visible_to(user).filter(project=project).order_by("-pk").first()
