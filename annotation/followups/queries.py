"""Which answers wait to be followed. Each query walks a partial index that holds little else: see tasks.models."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from annotation.projects.models import ProtocolState, ProtocolVersion
from annotation.tasks.models import Answer


def waiting(limit: int) -> list[int]:
    """Return the ids of some answers for whom something is to be opened or taken back."""
    taken_back = list(Answer.objects.to_take_back().values_list("pk", flat=True)[:limit])
    return taken_back + list(to_follow(_versions()).values_list("pk", flat=True)[: limit - len(taken_back)])


def is_anything_waiting() -> bool:
    return bool(waiting(1))


def to_follow(versions: Sequence[int]) -> QuerySet[Answer]:
    """Return the answers that wait, of those given under these versions of protocols.

    The versions are named one by one, so that the index is asked for each: it also holds the answers of protocols
    that nothing follows, which would be walked past otherwise.
    """
    return Answer.objects.to_follow().filter(protocol_version__in=versions)


def _versions() -> list[int]:
    going_on = ProtocolVersion.objects.filter(protocol__follow_up__isnull=False)
    return list(going_on.exclude(protocol__follow_up__state=ProtocolState.ARCHIVED).values_list("pk", flat=True))
