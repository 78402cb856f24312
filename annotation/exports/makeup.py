"""What a release's members come from, summed up once: at a million members counting takes seconds, reading must not."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from annotation.durable import JobState
from annotation.exports.models import Release, ReleaseMember


def makeup_of(release: Release) -> dict[str, Any]:
    """Return {answers, people, versions: [[protocol version, guideline version or None, answers], …]}, most first.

    No query where it is stored; two where the worker that froze it has not come to it yet.
    """
    return dict(release.makeup) if release.makeup else _count(release.pk)


def fill(*, release_id: int | None = None) -> int:
    """Store what frozen releases are made of, for one or for all that lack it; return how many. Safe to repeat."""
    rows = Release.objects.filter(state=JobState.DONE, makeup__isnull=True)
    rows = rows if release_id is None else rows.filter(pk=release_id)
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        Release.objects.filter(pk=pk).update(makeup=_count(pk))
    return len(ids)


def _count(release_id: int) -> dict[str, Any]:
    members = ReleaseMember.objects.filter(release=release_id)
    of = ("answer_revision__protocol_version", "answer_revision__guideline_version")
    versions = members.values_list(*of).annotate(answers=Count("pk")).order_by("-answers", *of)
    people = members.aggregate(people=Count("answer_revision__answer__annotator", distinct=True))["people"]
    found = [list(row) for row in versions]
    return {"answers": sum(row[2] for row in found), "people": people, "versions": found}
