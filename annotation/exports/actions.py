"""Verbs on releases: request, freeze, cancel, try again."""

from __future__ import annotations

import errno
import logging
import time
from array import array
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from annotation import durable
from annotation.durable import JobState
from annotation.exports import documents, queries, snapshot, staleness, storage, tombstones
from annotation.exports.choosing import going_in
from annotation.exports.leaks import LeakFound
from annotation.exports.models import Release, ReleaseMember
from annotation.exports.selection import InvalidSelection, Selection
from annotation.people.models import User
from annotation.projects.models import GuidelineVersion, Project
from annotation.projects.permissions import require
from annotation.tasks.freezing import freeze_answers
from training.fields import RecordError

logger = logging.getLogger(__name__)

NAME_LIMIT = 120
PROGRESS_SECONDS = 0.25
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

NOTHING_TO_RELEASE = (
    "No answer passes this selection, so there is nothing to freeze: widen its protocols, days or languages, "
    "collect answers first, or take the project's documents."
)


class EmptySelection(ValueError):
    """No answer passes the selection."""

    field, message = "selection", NOTHING_TO_RELEASE

    def __init__(self) -> None:
        super().__init__(self.message)


class InvalidReleaseName(ValueError):
    """The name is missing, too long or not printable."""

    field, message = "name", f"Give the release a name of 1 to {NAME_LIMIT} printable characters."

    def __init__(self) -> None:
        super().__init__(self.message)


class ReleaseNotStale(Exception):
    """Nothing of the release was withdrawn."""


class ReleaseNameTaken(Exception):
    """The project has a release of this name already."""


def request_release(
    *, project: Project, name: str, selection: Mapping[str, Any], actor: User, now: datetime
) -> Release:
    """Queue a release. Raise NotAllowed, InvalidReleaseName, InvalidSelection, EmptySelection, ReleaseNameTaken."""
    require(actor, "create_release", project)
    wanted = parse_selection(project=project, selection=selection)
    name = _checked_name(name)
    if not going_in(project, wanted).exists() and not documents.going_in(project, wanted).exists():
        raise EmptySelection
    try:
        with transaction.atomic():
            return Release.objects.create(
                project=project, name=name, selection=wanted.to_json(), created_by=actor, created_at=now
            )
    except IntegrityError as error:
        raise ReleaseNameTaken(f"This project has a release named “{name}”: choose another name.") from error


def parse_selection(*, project: Project, selection: object) -> Selection:
    """Return the selection. Raise InvalidSelection, also for protocols of another project."""
    wanted = Selection.parse(selection)
    known: dict[str, tuple[tuple[int, ...], QuerySet[Any]]] = {
        "protocols": (wanted.protocols, project.protocols.all()),
        "guideline_versions": (
            wanted.guideline_versions,
            GuidelineVersion.objects.filter(protocol__project=project),
        ),
    }
    for field, (asked, rows) in known.items():
        foreign = set(asked) - set(rows.filter(pk__in=asked).values_list("pk", flat=True))
        if foreign:
            one = field.removesuffix("s").replace("_", " ")
            raise InvalidSelection(field, f"{min(foreign)} is no {one} of this project: choose among its own")
    if wanted.corrects and not project.releases.filter(pk=wanted.corrects, stale_at__isnull=False).exists():
        raise InvalidSelection("corrects", "is no release of this project from which something was withdrawn")
    return wanted


def request_correction(*, release: Release, actor: User, now: datetime, name: str = "") -> Release:
    """Queue the release that takes a stale one's place: the same answers without those withdrawn since.

    Asked again while that one stands, it is returned. Raise NotAllowed, ReleaseNotStale, InvalidReleaseName,
    EmptySelection, ReleaseNameTaken.
    """
    require(actor, "create_release", release.project)
    if release.stale_at is None:
        raise ReleaseNotStale(f"Nothing was withdrawn from “{release}”: there is nothing to correct.")
    if standing := corrections_of(release).first():
        return standing
    selection = release.selection | {"corrects": release.pk}
    wanted = name or _corrected_name(release)
    return request_release(project=release.project, name=wanted, selection=selection, actor=actor, now=now)


def corrections_of(release: Release) -> QuerySet[Release]:
    """Return the releases that correct this one and are not stale or ended badly themselves, newest first."""
    rows = Release.objects.filter(project=release.project_id, selection__corrects=release.pk, stale_at=None)
    return rows.exclude(state__in=[JobState.FAILED, JobState.CANCELLED]).order_by("-pk")


def _corrected_name(release: Release) -> str:
    taken = set(release.project.releases.values_list("name", flat=True))
    stem = f"{release.name[: NAME_LIMIT - 20]} corrected"
    return next(name for number in count(1) if (name := stem if number == 1 else f"{stem} {number}") not in taken)


def cancel(*, release: Release, actor: User, now: datetime) -> None:
    """Stop a release that is not done. Raise NotAllowed, JobNotEndable."""
    require(actor, "create_release", release.project)
    durable.cancel(release, now=now)


def retry(*, release: Release, actor: User, now: datetime) -> None:
    """Queue a failed or cancelled release again. Raise NotAllowed, JobNotRetryable."""
    require(actor, "create_release", release.project)
    durable.retry(release, now=now)


def freeze(*, release_id: int, clock: Callable[[], datetime] = timezone.now) -> None:
    """Do a queued release's long work, between the transaction that takes the row and the one that ends it."""
    release = durable.start(Release, release_id, now=clock())
    if release is None:
        return
    try:
        with durable.beating(release):
            _freeze(release, clock)
    except durable.JobLost:
        logger.info("Release %s, attempt %s: cancelled or taken over.", release.pk, release.attempt)
    except (OperationalError, InterfaceError):
        # Without a database nothing can be said in the row: the sweep finds it again.
        raise
    except Exception as error:
        sentence = _sentence(error)
        durable.fail(release, error=sentence or "The release could not be written: see the worker's log.", now=clock())
        if sentence is None:
            raise


def _freeze(release: Release, clock: Callable[[], datetime]) -> None:
    storage.clear_partials(but=queries.living_partials())

    told = 0.0

    def progress(done: int, total: int) -> None:
        # Each is a transaction: several a second tell a reader nothing more.
        nonlocal told
        if done not in (0, total) and time.monotonic() < told + PROGRESS_SECONDS:
            return
        told = time.monotonic()
        durable.beat(release, now=clock(), progress_done=done, progress_total=total)

    with storage.workplace(storage.partial_name(release.pk, release.attempt)) as place:
        work = place / "release"
        work.mkdir()
        written = snapshot.write(
            work,
            project=release.project,
            name=release.name,
            selection=parse_selection(project=release.project, selection=release.selection),
            now=clock(),
            progress=progress,
        )
        whole = tombstones.added(work, release, written.manifest)
        standing = storage.publish(work, whole)
    manifest = replace(whole, files=standing.files)
    with transaction.atomic():
        staleness.take_turn(release.project_id)
        durable.finish(
            release,
            now=clock(),
            digest_sha256=manifest.digest_sha256,
            counts=manifest.counts,
            left_out=manifest.left_out,
            manifest=manifest.to_json(),
        )
        _copy_members(release, written.members)
        freeze_answers(release.members.values("answer_revision"), now=clock())
        staleness.mark_frozen(release, now=clock())


def _copy_members(release: Release, members: Mapping[str, array[int]]) -> None:
    table = ReleaseMember._meta.db_table
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{table}" (release_id, answer_revision_id, split) FROM STDIN') as copy,
    ):
        for split, revisions in members.items():
            for revision in revisions:
                copy.write_row((release.pk, revision, split))


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise InvalidReleaseName
    return name


def _sentence(error: Exception) -> str | None:
    """Say what went wrong and what to do about it; None for what nobody foresaw."""
    if isinstance(error, snapshot.NothingToRelease):
        return NOTHING_TO_RELEASE
    if isinstance(error, InvalidSelection):
        return f"The selection no longer fits the project: {error}."
    if isinstance(error, LeakFound):
        return (
            f"Nothing was frozen, because the same {error.what} stand in two splits: {', '.join(error.ids)}. "
            "Look for near-duplicate prompts again, then try again; what bridges two splits is then left out."
        )
    if isinstance(error, RecordError):
        return f"An answer cannot be written as a record: {error}"
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return (
            "The disk is full: there is not enough room for the release's files. Nothing of it was kept. "
            "Free some space (the System page shows how much is left), then try again."
        )
    if isinstance(error, OSError):
        return f"The release's files could not be stored: {error.strerror or error}. Nothing of it was kept."
    return None
