"""Places in a protocol's queue: its order, and how those are called back who have passed a task.

The order is priority, key, age. It stands in the index `task_queue`, one lane for each purpose, which holds only
tasks that still want somebody. `assignment.queue` walks it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotation import prepared
from annotation.tasks.models import FIRST_KEY, FIRST_RANK, Task


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A place in a queue; without arguments the one before everything."""

    rank: int = FIRST_RANK
    queue_key: int = FIRST_KEY
    task_id: int = 0

    @classmethod
    def of(cls, task: Task) -> Place:
        return cls(-task.priority, task.queue_key, task.pk)

    @property
    def columns(self) -> dict[str, int]:
        """Return it as the parameters of a statement."""
        return {"rank": self.rank, "queue_key": self.queue_key, "task": self.task_id}


# Locked in the order of their ids: two people who give something back at the same instant would else wait for
# each other in a ring.
_PULL_BACK = """
    UPDATE tasks_queueplace SET rank = %(rank)s::integer, queue_key = %(queue_key)s::bigint, task = %(task)s::bigint
    WHERE id IN (
        SELECT id FROM tasks_queueplace
        WHERE protocol_id = %(protocol)s::bigint AND purpose = %(purpose)s::text
          AND (rank, queue_key, task) > (%(rank)s::integer, %(queue_key)s::bigint, %(task)s::bigint)
        ORDER BY id FOR NO KEY UPDATE
    )
"""


def pull_back(*, protocol_id: int, purpose: str, place: Place) -> None:
    """Say that a task at this place is to be had (again): whoever has passed it will meet it."""
    prepared.run(_PULL_BACK, {"protocol": protocol_id, "purpose": purpose, **place.columns})


def bring_back(task: Task) -> None:
    """Pull everybody back to a task that is open to others again."""
    pull_back(protocol_id=task.protocol_id, purpose=task.purpose, place=Place.of(task))


_FIRST_IN_EACH_LANE = """
    SELECT DISTINCT ON (protocol_id, purpose) protocol_id, purpose, priority * -1 AS rank, queue_key, id
    FROM tasks_task WHERE id = ANY(%(tasks)s::bigint[]) AND state = 'open'
    ORDER BY protocol_id, purpose, priority * -1, queue_key, id
"""


def bring_all_back(task_ids: Sequence[int]) -> None:
    """Pull everybody back to the first of these tasks in each lane, of those that are open."""
    for row in prepared.run(_FIRST_IN_EACH_LANE, {"tasks": list(task_ids)}):
        pull_back(protocol_id=row.protocol_id, purpose=row.purpose, place=Place(row.rank, row.queue_key, row.id))
