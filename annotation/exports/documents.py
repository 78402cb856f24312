"""Documents in a release: texts to learn language from, each in the split that it was stored with.

They are answers to nobody: no revision stands for them, and protocols, people and reviews say nothing of them. Of a
selection only its days and languages are asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.db.models import Count, QuerySet

from annotation.exports.canonical import canonical
from annotation.exports.digest import ReleaseDigest
from annotation.exports.files import ReleaseFile, row_line
from annotation.exports.selection import Selection
from annotation.projects.models import Project
from annotation.tasks.models import Document
from training.records import SPLITS, DocumentRecord, FileEntry

KIND = "documents"
# A document may have millions of characters: few at a time.
_BATCH = 20


def going_in(project: Project, selection: Selection) -> QuerySet[Document]:
    """Return the documents that a selection takes: none, unless it asks for them."""
    if not selection.documents:
        return Document.objects.none()
    rows = Document.objects.filter(project=project)
    if selection.begins_at:
        rows = rows.filter(created_at__gte=selection.begins_at)
    if selection.ends_before:
        rows = rows.filter(created_at__lt=selection.ends_before)
    return rows.filter(language__in=selection.languages) if selection.languages else rows


def counts(project: Project, selection: Selection) -> dict[str, int]:
    """Count by split what goes in. One query."""
    found = going_in(project, selection).order_by().values_list("split").annotate(Count("pk"))
    return dict.fromkeys(SPLITS, 0) | dict(found)


def write(work: Path, project: Project, selection: Selection, digest: ReleaseDigest) -> dict[str, FileEntry]:
    """Write a file of documents a split, in the order in which they came; nothing where none is asked for."""
    if not selection.documents:
        return {}
    with ExitStack() as closing, ThreadPoolExecutor(1, "release-file") as beside:
        files = {split: ReleaseFile.create(work, split, KIND, closing, beside) for split in SPLITS}
        for document in _batches(going_in(project, selection)):
            record = record_of(document)
            text = canonical(record)
            digest.add_canonical(text)
            files[document.split].add(row_line(KIND, record, text))
        return {split: file.finish() for split, file in files.items()}


def record_of(document: Document) -> dict[str, Any]:
    """Return a document's record: named by its text, so that the same text has the same digest in every project."""
    return DocumentRecord(
        record_id=document.text_sha256,
        split=document.split,
        text=document.text,
        language=document.language,
        source=document.source_label,
    ).to_json()


def _batches(rows: QuerySet[Document]) -> Iterator[Document]:
    """Yield documents by id, a query a batch: no transaction stays open while files are written."""
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:_BATCH]):
        yield from found
        last = found[-1].pk
