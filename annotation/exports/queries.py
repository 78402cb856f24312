"""Which answers a release is made of, and the rows behind them, laid out for millions.

A freeze reads a narrow list of revision ids once, as one snapshot, then the wide rows in batches by id:
revisions are append-only and completions immutable, so no transaction stays open while files are written.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import Collate, RowNumber

from annotation.durable import JobState
from annotation.exports import storage
from annotation.exports.choosing import (
    PROMPT,
    selected,
)
from annotation.exports.models import Release, ReleaseView
from annotation.exports.selection import Selection
from annotation.projects.models import Project
from annotation.tasks.models import (
    AnswerRevision,
    Split,
)
from training.records import FileEntry, Manifest

RECORDS = ("demonstrations", "rankings", "judgements")


class ReleaseNotFrozen(Exception):
    """The release has no files yet, or never will."""


class ViewNotWritten(Exception):
    """The view has no files yet, or never will."""


class StaleData(Exception):
    """What is asked for holds words that were taken back."""


def manifest_of(release: Release) -> Manifest:
    """Return the frozen manifest. Raise ReleaseNotFrozen."""
    _require_done(release)
    return Manifest.from_json(release.manifest)


def manifest_of_view(view: ReleaseView) -> dict[str, Any]:
    """Return what was written. Raise ViewNotWritten."""
    if view.state != JobState.DONE:
        raise ViewNotWritten(f"This view is {view.state}: it has files once it is done.")
    return dict(view.manifest)


def file_of_view(view: ReleaseView, path: str) -> dict[str, Any] | None:
    """Return the file of that path if the manifest lists it: no other leads anywhere.

    Raise ViewNotWritten, StaleData.
    """
    handed_out(view.release)
    return next((entry for entry in manifest_of_view(view)["files"] if entry["path"] == path), None)


def handed_out(release: Release) -> Release:
    """Return the release where its data may be had. Raise ReleaseNotFrozen, StaleData."""
    _require_done(release)
    if release.stale_at is not None:
        raise StaleData(
            f"“{release}” holds answers that were withdrawn on {release.stale_at:%Y-%m-%d}, so its data is not "
            "handed out any more: freeze the corrected release and use that."
        )
    return release


def stored_prefix(release: Release) -> str:
    """Return where the release's directory lies in the default storage. Raise ReleaseNotFrozen, StaleData."""
    return storage.prefix_of(handed_out(release).digest_sha256)


def file_of(release: Release, path: str) -> FileEntry | None:
    """Return the file of that path if the manifest lists it: no other path leads anywhere.

    Raise ReleaseNotFrozen, StaleData.
    """
    return next((entry for entry in manifest_of(handed_out(release)).files if entry.path == path), None)


def _require_done(release: Release) -> None:
    if release.state != JobState.DONE:
        raise ReleaseNotFrozen(f"This release is {release.state}: it has files once it is done.")


def living_partials() -> set[str]:
    """Return the names of the directories that somebody still writes: a release or a view."""
    releases = Release.objects.filter(state=JobState.RUNNING).values_list("pk", "attempt")
    views = ReleaseView.objects.filter(state=JobState.RUNNING).values_list("pk", "attempt")
    names = {storage.partial_name(pk, attempt) for pk, attempt in releases}
    return names | {storage.partial_name(f"view-{pk}", attempt) for pk, attempt in views}


def empty_counts() -> dict[str, dict[str, int]]:
    return {name: {split.value: 0 for split in Split} for name in RECORDS}


class Pinned(NamedTuple):
    """Revisions in the order of their ids, each with its rank in the order of the groups, and what stays out."""

    ids: array[int]
    ranks: array[int]
    left_out: dict[str, int]


def pinned(project: Project, selection: Selection) -> Pinned:
    """Return what goes in, as one snapshot: one COPY, and 16 bytes of memory an answer."""
    found, left_out = Pinned(array("q"), array("q"), {}), Counter[str]()
    by_group = Window(RowNumber(), order_by=[Collate(PROMPT + "group__key", "C"), F("pk")])
    rows = selected(project, selection).annotate(rank=by_group).order_by("pk")
    postgres: Any = connection.ops
    statement = postgres.compose_sql(*rows.values_list("pk", "rank", "reason").query.sql_with_params())
    with connection.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT") as copy:
        for line in copy:
            pk, rank, reason = bytes(line).rstrip(b"\n").split(b"\t")
            if reason:
                left_out[reason.decode()] += 1
            else:
                found.ids.append(int(pk))
                found.ranks.append(int(rank) - 1)
    return found._replace(left_out=dict(left_out))


def as_ids(ids: Iterable[int]) -> array[int]:
    return array("q", ids)


def payloads_of(ids: Sequence[int]) -> Iterable[tuple[int, Any]]:
    return AnswerRevision.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "payload")
