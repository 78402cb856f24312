"""Which releases hold words that were taken back. Part of this room's actions: callers hold the project's row."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Q

from annotation.exports import storage
from annotation.exports.models import Release, StaleRelease
from annotation.people.models import Withdrawal
from annotation.projects.models import Project

_MEMBERS = """
    SELECT member.release_id, answer.withdrawal_id, count(*)
    FROM tasks_answer AS answer
    JOIN tasks_answerrevision AS revision ON revision.answer_id = answer.id
    JOIN exports_releasemember AS member ON member.answer_revision_id = revision.id
    WHERE {of} GROUP BY member.release_id, answer.withdrawal_id
"""
OF_WITHDRAWAL = _MEMBERS.format(of="answer.withdrawal_id = %(pk)s")
OF_RELEASE = _MEMBERS.format(of="answer.withdrawal_id IS NOT NULL AND member.release_id = %(pk)s")


def mark_holders(withdrawal: Withdrawal, *, now: datetime) -> list[int]:
    """Mark every release that holds an answer of this withdrawal as stale; return their ids."""
    return _mark(OF_WITHDRAWAL, withdrawal.pk, now)


def lift(withdrawal: Withdrawal) -> None:
    """Take back the marks of a withdrawal that was taken back itself. What has lost its files stays marked."""
    marks = StaleRelease.objects.filter(withdrawal=withdrawal, release__purged_at=None)
    marked = list(marks.values_list("release", flat=True))
    marks.delete()
    Release.objects.filter(pk__in=marked, staleness=None).update(stale_at=None)


def take_turn(project_id: int) -> None:
    """Hold the project's row until the transaction ends: whoever withdraws comes before a freeze ends, or after."""
    Project.objects.select_for_update(no_key=True).get(pk=project_id)


def mark_frozen(release: Release, *, now: datetime) -> None:
    """Mark a release that is just ending as stale if something in it was withdrawn while it was written."""
    meanwhile = Q(settled_at=None) | Q(settled_at__gte=release.started_at)
    if Withdrawal.objects.filter(meanwhile, project_ref=release.project_id).exists():
        _mark(OF_RELEASE, release.pk, now)


def purge(*, before: datetime, now: datetime) -> int:
    """Delete the files of releases that have been stale since before this moment; return how many had any."""
    rows = Release.objects.filter(stale_at__lt=before, purged_at=None).exclude(digest_sha256="")
    for release in rows.order_by("pk"):
        # Equal digests are equal records: what one must not show, none may.
        if not Release.objects.filter(digest_sha256=release.digest_sha256, stale_at=None).exists():
            storage.remove(release.digest_sha256)
        Release.objects.filter(pk=release.pk).update(purged_at=now)
    return len(rows)


def _mark(statement: str, pk: int, now: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"pk": pk})
        found = cursor.fetchall()
    StaleRelease.objects.bulk_create(
        [StaleRelease(release_id=release, withdrawal_id=by, answers=answers, at=now) for release, by, answers in found],
        update_conflicts=True,
        unique_fields=["release", "withdrawal"],
        update_fields=["answers"],
    )
    ids = sorted({release for release, *_ in found})
    Release.objects.filter(pk__in=ids, stale_at=None).update(stale_at=now)
    return ids
