"""Close answers to their authors once they stand in a release. Part of this room's actions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from annotation.tasks.models import Answer, Source


def freeze_answers(revisions: QuerySet[Any], *, now: datetime) -> int:
    """Freeze the answers that have any of these revisions, but for those frozen before; return how many.

    `revisions` are rows of ids of AnswerRevision. One statement, in the caller's transaction. What was imported has no
    author who could reopen it, and is not written anew: it may be a million rows.
    """
    people_s = Answer.objects.filter(frozen_at=None).exclude(source_kind=Source.IMPORT)
    return people_s.filter(revisions__in=revisions).update(frozen_at=now)
