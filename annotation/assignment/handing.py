"""The statements under the annotator's round trip: lock a claim, open one, end one. Part of this room's actions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from annotation import prepared
from annotation.assignment.models import Claim, ClaimState
from annotation.assignment.queue import Taken
from annotation.assignment.standing import Standing
from annotation.assignment.strategies import shown_order
from annotation.people.models import User
from annotation.prepared import RowT
from annotation.projects.masking import masked
from annotation.projects.models import Protocol, ProtocolVersion
from annotation.projects.permissions import ROLE_VERBS
from annotation.tasks.models import Answer, Prompt, Task

_WORKING_ROLES = [role for role, verbs in ROLE_VERBS.items() if "do_work" in verbs]

_CLAIM = (
    "id", "task_id", "annotator_id", "state", "shown_order", "protocol_version_id", "guideline_version_id",
    "shown_at", "expires_at", "ended_at", "answer_id", "idempotency_key",
)  # fmt: skip
_TASK = (
    "id", "protocol_id", "prompt_id", "state", "required_answers", "answers_count", "claims_count", "priority",
    "queue_key", "purpose", "closed_at",
)  # fmt: skip
_PROTOCOL = ("id", "project_id", "kind", "name", "lease_seconds")


class ClaimNotYours(Exception):
    """No such claim, or somebody else's: which of the two is not told."""


@dataclass(frozen=True, slots=True)
class Locked:
    task: Task
    claim: Claim


def _columns(table: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{name} AS {table}_{name}" for name in names)


# The person, so that their claims go one after the other; then the task before the claim: see actions.py.
LOCK = f"""
    SELECT pg_advisory_xact_lock(hashtext('annotation.claim'), %(person)s::int),
           {_columns("claim", _CLAIM)}, claim.selection::json AS claim_selection,
           {_columns("task", _TASK)}, {_columns("protocol", _PROTOCOL)},
           version.number AS version_number, version.config::json
    FROM tasks_task AS task
    JOIN assignment_claim AS claim ON claim.task_id = task.id
    JOIN projects_protocol AS protocol ON protocol.id = task.protocol_id
    JOIN projects_protocolversion AS version ON version.id = claim.protocol_version_id
    WHERE claim.id = %(claim)s::uuid AND claim.annotator_id = %(person)s::bigint
      AND (%(is_owner)s::boolean OR EXISTS (
          SELECT FROM projects_membership AS member
          WHERE member.project_id = protocol.project_id AND member.user_id = %(person)s::bigint
            AND member.role = ANY(%(roles)s::text[])))
    FOR NO KEY UPDATE OF task, claim
"""


def lock(claim_id: uuid.UUID, actor: User) -> Locked:
    """Lock the task's row, then the claim's, and return both. Raise ClaimNotYours."""
    who = {"person": actor.pk, "is_owner": actor.is_owner, "roles": _WORKING_ROLES}
    rows = prepared.run(LOCK, {"claim": claim_id, **who})
    if not rows:
        raise ClaimNotYours("There is nothing here that you may see.")
    (row,) = rows
    task = _built(Task, row, "task", _TASK)
    task.protocol = _built(Protocol, row, "protocol", _PROTOCOL)
    claim = _built(Claim, row, "claim", (*_CLAIM, "selection"))
    claim.task = task
    claim.protocol_version = ProtocolVersion(
        pk=row.claim_protocol_version_id, protocol_id=row.protocol_id, number=row.version_number, config=row.config
    )
    return Locked(task, claim)


OPEN = """
    INSERT INTO assignment_claim (
        id, task_id, annotator_id, state, shown_order, protocol_version_id, guideline_version_id, selection,
        created_at, expires_at, draft_seconds, draft_step_seconds, skip_reason, skip_note
    ) VALUES (
        %(id)s::uuid, %(task)s::bigint, %(person)s::bigint, 'open', %(shown_order)s::bigint[],
        %(version)s::bigint, %(guideline)s::bigint, %(selection)s::jsonb,
        %(now)s::timestamptz, %(expires_at)s::timestamptz, 0, '{}', '', ''
    )
"""


def open_claim(
    taken: Taken, standing: Standing, actor: User, lane: Mapping[str, Any], *, now: datetime, expires_at: datetime
) -> Claim:
    """Write the claim on a task just taken, and return it with all that its person is to see."""
    claim_id = uuid.uuid4()
    claim = Claim(
        pk=claim_id,
        task_id=taken.task_id,
        annotator=actor,
        shown_order=shown_order([pk for pk, _ in taken.completions], seed=str(claim_id)),
        protocol_version=standing.version,
        guideline_version=standing.guideline,
        selection={**taken.selection, **lane, **_hidden(taken, standing)},
        created_at=now,
        expires_at=expires_at,
    )
    prepared.run(
        OPEN,
        {
            "id": claim_id,
            "task": taken.task_id,
            "person": actor.pk,
            "shown_order": claim.shown_order,
            "version": standing.version.pk,
            "guideline": standing.guideline.pk if standing.guideline else None,
            "selection": Jsonb(claim.selection),
            "now": now,
            "expires_at": expires_at,
        },
    )
    claim._state.adding, claim._state.db = False, "default"
    task = {"id": taken.task_id, "protocol_id": standing.protocol.pk}
    claim.task = prepared.built(Task, {**task, "prompt_id": taken.prompt_id, "brief": taken.brief})
    claim.task.protocol = standing.protocol
    if taken.prompt_id:
        claim.task.prompt = prepared.built(Prompt, {"id": taken.prompt_id, "messages": taken.messages})
    claim.texts = dict(taken.completions)
    return claim


def _hidden(taken: Taken, standing: Standing) -> dict[str, Any]:
    """Return what will be hidden in the completions, by id: it travels with the answer."""
    if not standing.version.config.get("mask_identity"):
        return {}
    words = {str(pk): masked(text)[1] for pk, text in taken.completions}
    hidden = {pk: found for pk, found in words.items() if found}
    return {"masked": hidden} if hidden else {}


SUBMITTED = """
    UPDATE assignment_claim SET state = 'submitted', ended_at = %(now)s::timestamptz, answer_id = %(answer)s::bigint,
        idempotency_key = %(key)s::uuid
    WHERE id = %(claim)s::uuid
"""


def mark_submitted(claim: Claim, answer: Answer, key: uuid.UUID, now: datetime) -> None:
    prepared.run(SUBMITTED, {"claim": claim.pk, "answer": answer.pk, "key": key, "now": now})
    claim.state, claim.ended_at, claim.answer, claim.idempotency_key = ClaimState.SUBMITTED, now, answer, key


_LEASE = """
    UPDATE assignment_claim AS claim
    SET shown_at = COALESCE(claim.shown_at, %(now)s::timestamptz),
        expires_at = %(now)s::timestamptz + protocol.lease_seconds * interval '1 second'
    FROM tasks_task AS task JOIN projects_protocol AS protocol ON protocol.id = task.protocol_id
    WHERE claim.id = %(claim)s::uuid AND claim.annotator_id = %(person)s::bigint AND claim.state = 'open'
      AND task.id = claim.task_id
"""


def begin_lease(claim_id: uuid.UUID, actor: User, now: datetime) -> None:
    """Begin the lease of a claim that is on screen; nothing happens to one that is no longer held."""
    prepared.run(_LEASE, {"claim": claim_id, "person": actor.pk, "now": now})


def _built(model: type[RowT], row: Any, table: str, columns: tuple[str, ...]) -> RowT:
    return prepared.built(model, {column: getattr(row, f"{table}_{column}") for column in columns})
