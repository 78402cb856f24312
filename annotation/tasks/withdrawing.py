"""What taking words back does to prompts, completions, tasks and answers. Part of this room's actions.

Who may take back what is registry's to say. Each step is one statement, however many rows it meets, and repeated it
changes nothing. Callers hold one transaction and the project's row, so that no release is being ended meanwhile;
the tasks' rows are locked here before the answers', as by every verb of the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from annotation.people.models import Withdrawal
from annotation.tasks.reviewing import recount

# What followed from an answer that is taken back may have been written a moment after it.
_PROMPTS = """
    UPDATE tasks_prompt SET withdrawal_id = %(withdrawal)s
    WHERE project_id = %(project)s AND withdrawal_id IS NULL AND (id = %(prompt)s OR (
        author_id = %(author)s AND (created_at <= %(until)s OR id IN (
            SELECT task.prompt_id FROM tasks_answer AS answer JOIN tasks_task AS task ON task.follows_id = answer.id
            WHERE answer.withdrawal_id = %(withdrawal)s
        ))
    ) OR (
        author_id = %(giver)s AND id IN (SELECT prompt_id FROM tasks_task WHERE follows_id = %(answer)s)
    ))
"""
# What was written for such a prompt goes with it, whoever wrote it; and what the person wrote for others' prompts.
_COMPLETIONS = """
    UPDATE tasks_completion AS completion SET withdrawal_id = %(withdrawal)s
    FROM tasks_prompt AS prompt
    WHERE prompt.id = completion.prompt_id AND prompt.project_id = %(project)s AND completion.withdrawal_id IS NULL
      AND completion.id IN (
        SELECT id FROM tasks_completion WHERE author_id = %(author)s AND created_at <= %(until)s
        UNION ALL
        SELECT part.id FROM tasks_answer AS answer
        JOIN tasks_task AS task ON task.follows_id = answer.id
        JOIN tasks_taskcompletion AS shown ON shown.task_id = task.id
        JOIN tasks_completion AS part ON part.id = shown.completion_id
        WHERE answer.withdrawal_id = %(withdrawal)s AND part.author_id = %(author)s
        UNION ALL
        SELECT part.id FROM tasks_task AS task
        JOIN tasks_taskcompletion AS shown ON shown.task_id = task.id
        JOIN tasks_completion AS part ON part.id = shown.completion_id
        WHERE task.follows_id = %(answer)s AND part.author_id = %(giver)s
        UNION ALL
        SELECT part.id FROM tasks_completion AS part JOIN tasks_prompt AS gone ON gone.id = part.prompt_id
        WHERE gone.withdrawal_id = %(withdrawal)s
      )
"""
# A strike alone takes back no words: they are their author's to take back still.
_STANDS = """(answer.withdrawal_id IS NULL OR EXISTS (
    SELECT FROM people_withdrawal AS strike WHERE strike.id = answer.withdrawal_id AND strike.kind = 'strike'))"""
_TASKS_SHOWING = """
    SELECT task.id FROM tasks_task AS task JOIN tasks_prompt AS prompt ON prompt.id = task.prompt_id
    WHERE prompt.withdrawal_id = %(withdrawal)s
    UNION
    SELECT part.task_id FROM tasks_taskcompletion AS part
    JOIN tasks_completion AS completion ON completion.id = part.completion_id
    WHERE completion.withdrawal_id = %(withdrawal)s
"""
_TASKS_ANSWERED = f"""
    SELECT answer.task_id FROM tasks_answer AS answer
    JOIN tasks_task AS task ON task.id = answer.task_id
    JOIN projects_protocol AS protocol ON protocol.id = task.protocol_id
    WHERE protocol.project_id = %(project)s AND {_STANDS}
      AND (answer.id = %(answer)s OR (answer.annotator_id = %(annotator)s AND answer.submitted_at <= %(until)s))
"""
# Where a withdrawn prompt was written: the answer that it was made from says the same words.
_SOURCES = f"""
    SELECT answer.id, answer.task_id FROM tasks_prompt AS prompt
    JOIN tasks_task AS task ON task.prompt_id = prompt.id
    JOIN tasks_answer AS answer ON answer.id = task.follows_id AND answer.annotator_id = prompt.author_id
    WHERE prompt.withdrawal_id = %(withdrawal)s AND {_STANDS}
"""
_LOCK = "SELECT id FROM tasks_task WHERE id = ANY(%(tasks)s) ORDER BY id FOR NO KEY UPDATE"
_CANCEL = """
    UPDATE tasks_task SET state = 'cancelled', closed_at = %(now)s, claims_count = 0
    WHERE id = ANY(%(tasks)s) AND (state <> 'cancelled' OR claims_count > 0)
"""
_ANSWERS = f"""
    UPDATE tasks_answer AS answer SET withdrawal_id = %(withdrawal)s, state = 'struck', review_note = ''
    WHERE {_STANDS} AND (
        task_id = ANY(%(showing)s) OR id = ANY(%(sources)s) OR id = %(answer)s
        OR (task_id = ANY(%(answered)s) AND annotator_id = %(annotator)s AND submitted_at <= %(until)s)
    )
    RETURNING task_id
"""
# Tasks made from withdrawn texts after all was settled, by a file that brought the same text once more.
_LATE_TASKS = """
    UPDATE tasks_task AS task SET state = 'cancelled', closed_at = %(now)s
    FROM tasks_prompt AS prompt
    WHERE prompt.id = task.prompt_id AND prompt.withdrawal_id IS NOT NULL AND task.state <> 'cancelled'
"""


def withdraw_texts(withdrawal: Withdrawal) -> list[int]:
    """Mark the prompts and completions that are taken back; return the tasks that show any of them."""
    of = {
        "withdrawal": withdrawal.pk,
        "project": withdrawal.project_ref,
        "author": withdrawal.person_id if withdrawal.is_of_all else None,
        "giver": withdrawal.person_id,
        "answer": withdrawal.answer_ref,
        "prompt": withdrawal.prompt_ref,
        "until": withdrawal.created_at,
    }
    _run(_PROMPTS, of)
    _run(_COMPLETIONS, of)
    return _ids(_TASKS_SHOWING, of)


def withdraw_answers(withdrawal: Withdrawal, *, showing: Sequence[int], now: datetime) -> list[int]:
    """Take out the person's own answers, or the one, and all on tasks that show what is withdrawn.

    Return the tasks that change.

    The tasks in `showing` end; the others want somebody else's answer instead.
    """
    of: dict[str, Any] = {
        "withdrawal": withdrawal.pk,
        "project": withdrawal.project_ref,
        "annotator": withdrawal.person_id if withdrawal.is_of_all else None,
        "answer": withdrawal.answer_ref,
        "until": withdrawal.created_at,
        "showing": list(showing),
        "now": now,
    }
    of["answered"] = _ids(_TASKS_ANSWERED, of)
    sources = dict(_rows(_SOURCES, of))
    of |= {"sources": list(sources), "tasks": sorted({*showing, *of["answered"], *sources.values()})}
    _run(_LOCK, of)
    changed = sorted(set(_ids(_ANSWERS, of)))
    _run(_CANCEL, of | {"tasks": of["showing"]})
    if changed:
        recount(changed, now)
    return changed


def note_struck(withdrawal: Withdrawal, answer_ids: Sequence[int]) -> None:
    """Say of answers that a reviewer has just struck that this is why."""
    statement = """
        UPDATE tasks_answer SET withdrawal_id = %(withdrawal)s
        WHERE id = ANY(%(answers)s) AND state = 'struck' AND withdrawal_id IS NULL
    """
    _run(statement, {"withdrawal": withdrawal.pk, "answers": list(answer_ids)})


def cancel_late_tasks(*, now: datetime) -> None:
    """Cancel the tasks whose prompt was withdrawn before they were opened."""
    _run(_LATE_TASKS, {"now": now})


def _run(statement: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _rows(statement: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _ids(statement: str, parameters: dict[str, Any]) -> list[int]:
    return [pk for (pk,) in _rows(statement, parameters)]
