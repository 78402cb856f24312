"""Whether a queue has work for a person, and why not where it has none."""

from __future__ import annotations

from annotation.assignment.queue import Walk, has_waiting, is_held_by_others
from annotation.assignment.standing import NoWork, Standing, lanes
from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.tasks.tallies import task_counts


def has_work(standing: Standing, person: User) -> bool:
    """Return whether any lane of the queue has a task for this person."""
    return any(map(has_waiting, _walks(standing, person)))


def why_empty(standing: Standing, person: User) -> NoWork:
    """Return why a queue in which they may work has no task for this person; two queries, however much is in it."""
    if any(map(is_held_by_others, _walks(standing, person))):
        return NoWork.WITH_OTHERS
    counts = task_counts(Protocol.objects.filter(pk=standing.protocol.pk))
    return NoWork.FOR_OTHERS if any(count.open for count in counts.values()) else NoWork.EMPTY


def _walks(standing: Standing, person: User) -> list[Walk]:
    walker, protocol = standing.walker(person), standing.protocol
    return [
        Walk(protocol.pk, purpose, walker, standing.position(purpose, walker))
        for purpose, _ in lanes(protocol.calibration_share, draw=1.0)
    ]
