"""What a review does to answers and their tasks, for one answer or thousands alike. Part of this room's actions.

Whoever may review what, and why, is quality's to say. Callers hold one transaction; the tasks' rows are locked here
before the answers', as by every verb of the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from annotation.tasks import queue
from annotation.tasks.models import Answer, AnswerState, Task


def lock_tasks_of(answer_ids: Sequence[int]) -> list[int]:
    """Lock the tasks of these answers until the transaction ends, and return their ids."""
    tasks = Task.objects.filter(pk__in=Answer.objects.filter(pk__in=answer_ids).values("task"))
    return list(tasks.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def set_state(answer_ids: Sequence[int], state: AnswerState, *, note: str, now: datetime) -> list[int]:
    """Give the answers this state, and their tasks the counts, spares and place in the queue that follow from it.

    Return the tasks whose counting answers are others now. A struck answer counts nowhere: a spare takes its place,
    else its task opens again, for others. One that is struck no longer counts if its task is still short, else it is
    a spare. The caller has locked the tasks.
    """
    rows = Answer.objects.filter(pk__in=answer_ids)
    came_back = state != AnswerState.STRUCK
    uncounted = rows.filter(state=AnswerState.STRUCK) if came_back else rows.exclude(state=AnswerState.STRUCK)
    changed = list(uncounted.values_list("pk", "task_id"))
    rows.update(state=state, review_note=note)
    if not changed:
        return []
    if came_back:
        Answer.objects.filter(pk__in=[pk for pk, _ in changed]).update(is_spare=True, withdrawal=None)
    task_ids = sorted({task_id for _, task_id in changed})
    recount(task_ids, now)
    return task_ids


_COUNTED = "NOT answer.is_spare AND answer.state <> 'struck'"

_PROMOTE = f"""
    UPDATE tasks_answer SET is_spare = false WHERE id IN (
        SELECT spare.id FROM tasks_task AS task CROSS JOIN LATERAL (
            SELECT answer.id FROM tasks_answer AS answer
            WHERE answer.task_id = task.id AND answer.is_spare AND answer.state <> 'struck'
            ORDER BY answer.id LIMIT GREATEST(0, task.required_answers - (
                SELECT count(*) FROM tasks_answer AS answer WHERE answer.task_id = task.id AND {_COUNTED}))
        ) AS spare
        WHERE task.id = ANY(%(tasks)s) AND task.state <> 'cancelled'
    )
"""

_COUNT = f"""
    UPDATE tasks_task AS task SET
        answers_count = counted.answers,
        compared_answers = 0,
        state = CASE WHEN task.state = 'cancelled' THEN task.state
                     WHEN counted.answers < task.required_answers THEN 'open' ELSE 'closed' END,
        closed_at = CASE WHEN task.state = 'cancelled' THEN task.closed_at
                         WHEN counted.answers < task.required_answers THEN NULL
                         ELSE COALESCE(task.closed_at, %(now)s) END
    FROM unnest(%(tasks)s::bigint[]) AS changed(id) CROSS JOIN LATERAL (
        SELECT count(*) AS answers FROM tasks_answer AS answer WHERE answer.task_id = changed.id AND {_COUNTED}
    ) AS counted
    WHERE task.id = changed.id
"""


def recount(task_ids: Sequence[int], now: datetime) -> None:
    """Give tasks, locked by the caller, the counts, spares and place in the queue that follow from their answers."""
    with connection.cursor() as cursor:
        cursor.execute(_PROMOTE, {"tasks": list(task_ids)})
        cursor.execute(_COUNT, {"tasks": list(task_ids), "now": now})
    queue.bring_all_back(task_ids)
