"""Verbs on imports: receive a file, bring it in, cancel, try again."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError

from annotation import durable
from annotation.intake import checking, first_pass, merging
from annotation.intake.detect import AUTO, FORMATS
from annotation.intake.models import ImportFile
from annotation.intake.options import BadOption, read_options
from annotation.intake.rows import BadFile
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import require


class UploadTooLarge(Exception):
    """The file is larger than the site takes."""

    def __init__(self) -> None:
        limit = f"{settings.UPLOAD_LIMIT_BYTES / 2**20:,.1f}".removesuffix(".0")
        super().__init__(
            f"The file is larger than {limit} MiB, the most that is taken. Split it, or pack it with gzip."
        )


def check_size(size_bytes: int) -> None:
    """Raise UploadTooLarge."""
    if size_bytes > settings.UPLOAD_LIMIT_BYTES:
        raise UploadTooLarge


def check_settings(format: str, options: Any) -> None:
    """Raise BadOption naming what cannot be said of a file."""
    if format not in FORMATS:
        raise BadOption("format", f"must be one of {', '.join(FORMATS)}")
    read_options(options)


def receive_file(
    *,
    actor: User,
    project: Project,
    file: File[bytes],
    file_name: str,
    now: datetime,
    format: str = AUTO,
    options: dict[str, Any] | None = None,
    dry_run: bool = False,
) -> ImportFile:
    """Store the file and queue its import, or only its dry run. Raise NotAllowed, UploadTooLarge, BadOption."""
    require(actor, "import_data", project)
    options = {} if options is None else options
    check_settings(format, options)
    check_size(file.size)
    sha256, size_bytes = _digest(file)
    stored_name = default_storage.save(f"imports/{uuid.uuid4()}", file)
    try:
        return ImportFile.objects.create(
            project=project,
            file_name=_shown_name(file_name),
            stored_name=stored_name,
            size_bytes=size_bytes,
            sha256=sha256,
            format=format,
            options=options,
            progress_total=size_bytes,
            created_by=actor,
            created_at=now,
            confirmed_at=None if dry_run else now,
        )
    except Exception:
        default_storage.delete(stored_name)
        raise


def run_import(*, import_file_id: int, clock: Callable[[], datetime]) -> None:
    """Work on a queued import, or its dry run, until it ends; do nothing when another worker has it.

    All of the file comes in or nothing does. When the database goes away the row stays as it is: the sweep finds it.
    """
    job = durable.start(ImportFile, import_file_id, now=clock())
    if job is None:
        return
    progress: dict[str, int] = {}
    with durable.beating(job, columns=progress) as lost:
        try:
            if job.is_dry_run:
                checking.check(job, lost=lost, clock=clock)
            else:
                tally = first_pass.read_through(job, clock=clock)
                merging.bring_in(job, tally, lost=lost, progress=progress, clock=clock)
        except durable.JobLost:
            return
        except BadFile as error:
            durable.fail(job, error=str(error), now=clock())
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            sentence = f"The import stopped on an unexpected error ({type(error).__name__}). Nothing came in."
            durable.fail(job, error=sentence, now=clock())
            raise


def cancel_import(*, import_file: ImportFile, actor: User, now: datetime) -> None:
    """Stop an import before it is brought in. Raise NotAllowed, JobNotEndable."""
    require(actor, "import_data", import_file.project)
    durable.cancel(import_file, now=now)


def retry_import(*, import_file: ImportFile, actor: User, now: datetime) -> None:
    """Queue a failed or cancelled import again. Raise NotAllowed, JobNotRetryable."""
    require(actor, "import_data", import_file.project)
    durable.retry(import_file, now=now)


def _digest(file: File[bytes]) -> tuple[str, int]:
    """Return digest and size. Raise UploadTooLarge, and BadOption when there is nothing in it."""
    digest, size_bytes = hashlib.sha256(), 0
    for chunk in file.chunks():
        digest.update(chunk)
        size_bytes += len(chunk)
        check_size(size_bytes)
    if not size_bytes:
        raise BadOption("file", "is empty: choose one with at least one row")
    file.seek(0)
    return digest.hexdigest(), size_bytes


def _shown_name(file_name: str) -> str:
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[-255:] or "file"
