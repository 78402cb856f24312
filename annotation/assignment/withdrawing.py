"""Claims on what is taken back: ended, with their drafts gone. Part of this room's actions.

The caller holds one transaction and the rows of the tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

# Expired ones too: their answers would still be stored. Ended ones keep who, when and why, not what was typed.
_END = """
    UPDATE assignment_claim AS claim SET
        draft = NULL, skip_note = '',
        state = CASE WHEN claim.state IN ('open', 'expired') THEN 'released' ELSE claim.state END,
        ended_at = CASE WHEN claim.state = 'open' THEN %(now)s ELSE claim.ended_at END
    FROM tasks_task AS task JOIN projects_protocol AS protocol ON protocol.id = task.protocol_id
    WHERE task.id = claim.task_id AND (
        claim.task_id = ANY(%(tasks)s)
        OR claim.answer_id = %(answer)s
        OR (claim.annotator_id = %(person)s AND protocol.project_id = %(project)s AND claim.created_at <= %(until)s)
    ) AND (claim.draft IS NOT NULL OR claim.skip_note <> '' OR claim.state IN ('open', 'expired'))
"""
# Tasks that go on get their places back.
_GIVE_BACK = """
    UPDATE tasks_task AS task SET claims_count = task.claims_count - held.claims
    FROM (
        SELECT claim.task_id, count(*) AS claims FROM assignment_claim AS claim
        JOIN tasks_task AS task ON task.id = claim.task_id
        JOIN projects_protocol AS protocol ON protocol.id = task.protocol_id
        WHERE claim.annotator_id = %(person)s AND claim.state = 'open' AND claim.answer_id IS NULL
          AND claim.created_at <= %(until)s AND protocol.project_id = %(project)s AND NOT claim.task_id = ANY(%(tasks)s)
        GROUP BY claim.task_id
    ) AS held
    WHERE task.id = held.task_id
    RETURNING task.id
"""


def end_claims(
    *,
    project_id: int,
    person_id: int | None,
    answer_id: int | None,
    until: datetime,
    showing: Sequence[int],
    now: datetime,
) -> list[int]:
    """End the person's claims in a project made until then, that on one answer, and all on the tasks `showing`.

    Return the tasks that have room again.
    """
    of = {
        "project": project_id,
        "person": person_id,
        "answer": answer_id,
        "until": until,
        "tasks": list(showing),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, of)
        freed = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(_END, of)
    return freed
