"""The walk along a protocol's queue: what is handed out next, and to whom.

It begins at the person's own place (see QueuePlace), so its cost depends neither on how long the queue is nor on
how much they have answered.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from annotation import prepared
from annotation.prepared import Asked
from annotation.tasks.queue import Place


@dataclass(frozen=True, slots=True)
class Walker:
    """For whom a task is sought. No languages means all of them."""

    person_id: int
    languages: tuple[str, ...] = ()
    team: str = ""

    @property
    def walked_as(self) -> str:
        """Return what tells apart walks that pass over different tasks."""
        return hashlib.sha256("\n".join([self.team, *self.languages]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Position:
    """Where a person's next walk begins, and where their last one ended."""

    place: Place = field(default_factory=Place)
    last: Place = field(default_factory=Place)


# A task is passed over when it is the person's own text, meant for others, in a language that is not theirs, or
# when they have answered it, hold it, or have skipped it. OFFSET 0 and + 0 keep the planner from reading all that the
# person has ever answered: each look-up is by the task, of which few rows speak.
_THEIRS = """
    task.protocol_id = %(protocol)s::bigint AND task.purpose = %(purpose)s::text AND task.state = 'open'
    AND task.answers_count < task.required_answers
    AND NOT %(person)s::bigint = ANY(task.authors)
    AND (task.assigned_to IS NULL OR %(person)s::bigint = ANY(task.assigned_to))
    AND (task.team = '' OR task.team = %(team)s::text)
    AND (task.language = '' OR %(languages)s::text[] = '{}' OR task.language = ANY(%(languages)s::text[]))
    AND NOT EXISTS (SELECT FROM tasks_answer AS answer
                    WHERE answer.task_id = task.id AND answer.annotator_id + 0 = %(person)s::bigint OFFSET 0)
    AND NOT EXISTS (SELECT FROM assignment_claim AS claim
                    WHERE claim.task_id = task.id AND claim.annotator_id + 0 = %(person)s::bigint
                      AND claim.state IN ('open', 'skipped') OFFSET 0)
"""
_WAITING = f"""
    {_THEIRS}
    AND task.answers_count < task.required_answers - task.claims_count
    AND (task.priority * -1, task.queue_key, task.id)
        >= (%(rank)s::integer, %(queue_key)s::bigint, %(task)s::bigint)
"""
_IN_ORDER = "ORDER BY task.priority * -1, task.queue_key, task.id LIMIT 1"

_EXISTS = f"SELECT EXISTS (SELECT FROM tasks_task AS task WHERE {_WAITING} {_IN_ORDER}) AS found"
# From the claims in flight, which are few, to their tasks.
_HELD = f"""
    SELECT EXISTS (
        SELECT FROM assignment_claim AS held JOIN tasks_task AS task ON task.id = held.task_id
        WHERE held.state = 'open' AND held.answer_id IS NULL AND {_THEIRS}
    ) AS found
"""


def _moved(column: str, last: str) -> str:
    """Return how a place moves: to where the last claim was made, but not past the task just taken.

    A place that somebody has pulled back since this walk began stays where they put it.
    """
    return f"""CASE
        WHEN (place.rank, place.queue_key, place.task)
             < (%(rank)s::integer, %(queue_key)s::bigint, %(task)s::bigint) THEN place.{column}
        WHEN (EXCLUDED.last_rank, EXCLUDED.last_queue_key, EXCLUDED.last_task)
             < (%(last_rank)s::integer, %(last_queue_key)s::bigint, %(last_task)s::bigint) THEN EXCLUDED.{last}
        ELSE %({last})s END"""


TAKE = f"""
    WITH next AS MATERIALIZED (
        SELECT task.id FROM tasks_task AS task WHERE {_WAITING} {_IN_ORDER}
        FOR NO KEY UPDATE OF task SKIP LOCKED
    ), taken AS (
        UPDATE tasks_task AS task SET claims_count = task.claims_count + 1 FROM next WHERE task.id = next.id
        RETURNING task.id, task.prompt_id, task.brief, task.selection, task.priority * -1 AS rank, task.queue_key,
                  task.answers_count + task.claims_count AS turn
    ), moved AS (
        INSERT INTO tasks_queueplace AS place (
            protocol_id, annotator_id, purpose, rank, queue_key, task,
            last_rank, last_queue_key, last_task, walked_as
        )
        SELECT %(protocol)s::bigint, %(person)s::bigint, %(purpose)s::text, rank, queue_key, id,
               rank, queue_key, id, %(walked_as)s::text
        FROM taken
        ON CONFLICT (protocol_id, annotator_id, purpose) DO UPDATE SET
            rank = {_moved("rank", "last_rank")},
            queue_key = {_moved("queue_key", "last_queue_key")},
            task = {_moved("task", "last_task")},
            last_rank = EXCLUDED.last_rank, last_queue_key = EXCLUDED.last_queue_key,
            last_task = EXCLUDED.last_task, walked_as = EXCLUDED.walked_as
    )
    SELECT taken.id, taken.prompt_id, taken.brief::json, taken.selection::json,
           prompt.messages::json, shown.completions, taken.turn
    FROM taken LEFT JOIN tasks_prompt AS prompt ON prompt.id = taken.prompt_id
    LEFT JOIN LATERAL (
        SELECT json_agg(json_build_array(completion.id, completion.text) ORDER BY part.position) AS completions
        FROM tasks_taskcompletion AS part JOIN tasks_completion AS completion ON completion.id = part.completion_id
        WHERE part.task_id = taken.id
    ) AS shown ON TRUE
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A task that has just lost one of its free places to somebody, with all that they are to see."""

    task_id: int
    prompt_id: int | None
    brief: dict[str, Any]
    selection: dict[str, Any]
    messages: list[dict[str, str]]
    # (id, text) in the task's own order.
    completions: list[tuple[int, str]]
    # The how manieth this is to hold it or have answered it, from 1.
    turn: int


@dataclass(frozen=True, slots=True)
class Walk:
    """One person's way along one lane of a protocol's queue."""

    protocol_id: int
    purpose: str
    walker: Walker
    position: Position

    @property
    def starts(self) -> list[Place]:
        """Return where to begin: what others hold locked this instant is passed over, so when nothing is left from
        the person's place on, the whole queue is looked through once more.
        """
        return list(dict.fromkeys([self.position.place, Place()]))

    def parameters(self, start: Place) -> dict[str, Any]:
        return parameters(self.protocol_id, self.purpose, self.walker, start, self.position.last)


def taking(walk: Walk) -> Asked:
    """Takes a place on the first task from the person's place on."""
    return TAKE, walk.parameters(walk.starts[0])


def take_next(walk: Walk, first: list[Any] | None = None) -> Taken | None:
    """Take a place on the first task of the lane that this person may do; None when there is none.

    One statement, two at the end of a queue; one less where `first` is what came of `taking`.
    """
    again = walk.starts[1:]
    rows = prepared.run(*taking(walk)) if first is None else first
    if not rows and again:
        rows = prepared.run(TAKE, walk.parameters(again[0]))
    if not rows:
        return None
    (row,) = rows
    completions = [(pk, text) for pk, text in row.completions or []]
    return Taken(row.id, row.prompt_id, row.brief, row.selection, row.messages or [], completions, row.turn)


def has_waiting(walk: Walk) -> bool:
    """Return whether the lane has a task for this person."""
    return any(prepared.run(_EXISTS, walk.parameters(start))[0].found for start in walk.starts)


def is_held_by_others(walk: Walk) -> bool:
    """Return whether somebody else holds a task of the lane that this person could do, were it given back."""
    return bool(prepared.run(_HELD, walk.parameters(Place()))[0].found)


def parameters(protocol_id: int, purpose: str, walker: Walker, start: Place, last: Place) -> dict[str, Any]:
    return {
        "protocol": protocol_id,
        "purpose": purpose,
        "person": walker.person_id,
        "languages": list(walker.languages),
        "team": walker.team,
        "walked_as": walker.walked_as,
        **start.columns,
        "last_rank": last.rank,
        "last_queue_key": last.queue_key,
        "last_task": last.task_id,
    }
