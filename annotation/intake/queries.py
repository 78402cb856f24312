"""Reads of imports."""

from __future__ import annotations

from django.db.models import QuerySet

from annotation.intake.models import ImportFile, RejectedRow
from annotation.people.models import User
from annotation.projects.models import Project


def imports_of(project: Project, user: User) -> QuerySet[ImportFile]:
    rows = ImportFile.objects.visible_to(user).filter(project=project)
    return rows.select_related("created_by").order_by("-pk")


def rejections_of(import_file: ImportFile) -> QuerySet[RejectedRow]:
    """Return the rows that the newest attempt turned away, in the file's order."""
    return RejectedRow.objects.filter(import_file=import_file, attempt=import_file.attempt).order_by("pk")
