"""What a corrected release says of what was taken out: which records, when and how, and none of their words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

from django.db import transaction

from annotation.exports.models import Release, ReleaseMember
from training.handover import write_records
from training.records import Manifest

FILE = "tombstones.jsonl"
_CHUNK = 2_000


def added(work: Path, release: Release, manifest: Manifest) -> Manifest:
    """Return the manifest; for a corrected release with a file of tombstones, and the release that it replaces."""
    replaced = Release.objects.filter(pk=release.selection.get("corrects")).first()
    if replaced is None:
        return manifest
    entry = write_records(work / FILE, tombstones_of(replaced), FILE)
    corrects = {"release": replaced.name, "digest_sha256": replaced.digest_sha256, "tombstones": entry.rows}
    return replace(manifest, files=(*manifest.files, entry), extra={**manifest.extra, "corrects": corrects})


def tombstones_of(release: Release) -> Iterator[dict[str, Any]]:
    """Yield {record_id, withdrawn_at, kind} of each of a release's records that was taken back since, by record."""
    answer = "answer_revision__answer__withdrawal"
    rows = ReleaseMember.objects.filter(release=release, **{f"{answer}__isnull": False}).order_by("answer_revision")
    columns = ("answer_revision", f"{answer}__created_at", f"{answer}__kind")
    with transaction.atomic():
        for revision, at, kind in rows.values_list(*columns).iterator(chunk_size=_CHUNK):
            stamp = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            yield {"record_id": str(revision), "withdrawn_at": stamp, "kind": kind}
