"""Verbs on views of releases: request, build, cancel."""

from __future__ import annotations

import errno
import hashlib
import logging
import time
from collections.abc import Callable
from datetime import datetime
from importlib.util import find_spec
from typing import Any

import pyarrow as pa
import rfc8785
from django.db import transaction
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from annotation import durable
from annotation.durable import JobState
from annotation.exports import queries, storage, view_writing
from annotation.exports.choices import BadChoice
from annotation.exports.models import Release, ReleaseView
from annotation.exports.queries import StaleData
from annotation.exports.storage import FilesGone
from annotation.exports.view_files import choices_of
from annotation.exports.views import VIEWS, View
from annotation.people.models import User
from annotation.projects.permissions import require

logger = logging.getLogger(__name__)

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# So many characters of the options' digest stand in a view's name.
_NAME_DIGITS = 16
# Telling the row how far the work is costs a transaction; giving freed memory back to the system, a moment.
PROGRESS_SECONDS = 0.5


def request_view(*, release: Release, format: str, options: object, actor: User, now: datetime) -> ReleaseView:
    """Return the view of these choices, queued unless it stands or is being built.

    Raise NotAllowed, ReleaseNotFrozen, StaleData, BadChoice.
    """
    require(actor, "create_release", release.project)
    queries.handed_out(release)
    view = _view_of(format)
    if view.needs_training and not find_spec("numpy"):
        raise BadChoice("format", "needs training's packages, which are not installed yet: try again when they are")
    choices = choices_of(view, options)
    lookup = {"release": release, "format": view.id, "options_sha256": options_sha256(view, choices)}
    with transaction.atomic():
        ReleaseView.objects.filter(**lookup).select_for_update().first()
        standing = ReleaseView.objects.filter(**lookup).first()
        if standing and standing.state == JobState.DONE and storage.standing_view(place_of(standing)) is None:
            standing.delete()
        row, _ = ReleaseView.objects.get_or_create(
            **lookup,
            defaults={"project": release.project, "options": choices, "created_by": actor, "created_at": now},
        )
        if row.state in (JobState.FAILED, JobState.CANCELLED):
            durable.retry(row, now=now)
            row.refresh_from_db()
    return row


def cancel_view(*, view: ReleaseView, actor: User, now: datetime) -> None:
    """Stop a view that is not written yet. Raise NotAllowed, JobNotEndable."""
    require(actor, "create_release", view.project)
    durable.cancel(view, now=now)


def build(*, view_id: int, clock: Callable[[], datetime] = timezone.now) -> None:
    """Do a queued view's long work, between the statement that takes the row and the one that ends it."""
    view = durable.start(ReleaseView, view_id, now=clock())
    if view is None:
        return
    try:
        with durable.beating(view):
            _build(view, clock)
    except durable.JobLost:
        logger.info("View %s, attempt %s: cancelled or taken over.", view.pk, view.attempt)
    except (OperationalError, InterfaceError):
        # Without a database nothing can be said in the row: the sweep finds it again.
        raise
    except Exception as error:
        sentence = _sentence(error)
        durable.fail(view, error=sentence or "The view could not be written: see the worker's log.", now=clock())
        if sentence is None:
            raise


def place_of(view: ReleaseView) -> str:
    """Return where the view's files lie in the default storage."""
    name = f"{view.format}-{view.options_sha256[:_NAME_DIGITS]}"
    return storage.place_of_view(view.release.digest_sha256, name)


def options_sha256(view: View, choices: dict[str, Any]) -> str:
    """Return the digest of everything that the view's rows depend on beside the release."""
    told: dict[str, Any] = {"format": view.id, "version": view.version, "options": choices}
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def _view_of(format: str) -> View:
    if format not in VIEWS:
        raise BadChoice("format", f"must be one of {', '.join(VIEWS)}")
    return VIEWS[format]


def _build(view: ReleaseView, clock: Callable[[], datetime]) -> None:
    queries.handed_out(view.release)
    storage.clear_partials(but=queries.living_partials())

    told_at = -PROGRESS_SECONDS

    def progress(done: int, total: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= PROGRESS_SECONDS or done == total:
            durable.beat(view, now=clock(), progress_done=done, progress_total=total)
            told_at = time.monotonic()
            pa.default_memory_pool().release_unused()

    with storage.workplace(storage.partial_name(f"view-{view.pk}", view.attempt)) as place:
        work = place / "view"
        work.mkdir()
        manifest = view_writing.write(
            work, release=view.release, format=view.format, choices=view.options, progress=progress
        )
        manifest = storage.publish_view(work, place_of(view), manifest)
    durable.finish(view, now=clock(), counts=manifest["counts"], left_out=manifest["left_out"], manifest=manifest)


def _sentence(error: Exception) -> str | None:
    """Say what went wrong and what to do about it; None for what nobody foresaw."""
    if isinstance(error, FilesGone | StaleData):
        return str(error)
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return (
            "The disk is full: there is not enough room for the view's files. Nothing of it was kept. "
            "Free some space (the System page shows how much is left), then ask for the view again."
        )
    if isinstance(error, OSError):
        return f"The view's files could not be stored: {error.strerror or error}. Nothing of it was kept."
    return None
