"""Texts to learn language from, written a batch at a time: what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from annotation.projects.models import Project
from annotation.tasks.by_column import insert
from annotation.tasks.models import Document
from annotation.tasks.splits import split_of, text_sha256


@dataclass(frozen=True, slots=True)
class NewDocument:
    text: str
    language: str = ""
    source_label: str = ""


def add_documents(project: Project, documents: Sequence[NewDocument], *, now: datetime) -> int:
    """Write the documents; return how many were new. Hold the project by `bulk.take_turn` meanwhile."""
    if not documents:
        return 0
    digests = [text_sha256(document.text) for document in documents]
    columns = {
        "text": [document.text for document in documents],
        "text_sha256": digests,
        "split": [split_of(digest) for digest in digests],
        "language": [document.language for document in documents],
        "source_label": [document.source_label for document in documents],
    }
    return len(insert(Document, same={"project": project.pk, "created_at": now}, columns=columns))
