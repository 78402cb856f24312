"""Verbs on a file that is stored but not confirmed: read it otherwise, bring it in, drop it.

A file is uploaded once. Its dry run is a job on the same row; to confirm is to queue that row as an import.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from annotation import durable
from annotation.intake.actions import check_settings
from annotation.intake.models import ImportFile
from annotation.people.models import User
from annotation.projects.permissions import require

# How long a file waits for somebody to confirm it.
KEPT = timedelta(days=1)

_NOTHING_YET = {"counts": {}, "rejected_by_reason": {}, "skipped_by_reason": {}, "found_format": ""}


class AlreadyConfirmed(Exception):
    """The import has been confirmed: what it does is settled."""

    def __init__(self) -> None:
        super().__init__("This import has been confirmed, so it cannot be changed. Upload the file anew.")


@transaction.atomic
def revise_import(
    *,
    import_file: ImportFile,
    actor: User,
    now: datetime,
    format: str | None = None,
    options: dict[str, Any] | None = None,
) -> None:
    """Read the file otherwise; its dry run starts over. Raise NotAllowed, BadOption, AlreadyConfirmed."""
    row = _unconfirmed(import_file, actor)
    settings: dict[str, Any] = {"format": row.format if format is None else format}
    settings["options"] = row.options if options is None else options
    check_settings(**settings)
    durable.start_over(row, now=now, **settings, **_NOTHING_YET)


@transaction.atomic
def confirm_import(*, import_file: ImportFile, actor: User, now: datetime) -> None:
    """Queue the import of what has been looked at. Raise NotAllowed, AlreadyConfirmed."""
    row = _unconfirmed(import_file, actor)
    durable.start_over(row, now=now, confirmed_at=now, **_NOTHING_YET)


def discard_import(*, import_file: ImportFile, actor: User) -> None:
    """Drop the file and all that is known of it. Raise NotAllowed, AlreadyConfirmed."""
    with transaction.atomic():
        row = _unconfirmed(import_file, actor)
        row.delete()
    default_storage.delete(row.stored_name)


def forget_unconfirmed(*, now: datetime) -> int:
    """Drop the files that nobody confirmed in time; return how many."""
    old = ImportFile.objects.filter(confirmed_at=None, created_at__lt=now - KEPT)
    with transaction.atomic():
        rows = list(old.select_for_update(skip_locked=True))
        ImportFile.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        default_storage.delete(row.stored_name)
    return len(rows)


def _unconfirmed(import_file: ImportFile, actor: User) -> ImportFile:
    """Return the row, locked."""
    require(actor, "import_data", import_file.project)
    row = ImportFile.objects.select_for_update().get(pk=import_file.pk)
    if not row.is_dry_run:
        raise AlreadyConfirmed
    return row
