"""The statements under the annotator's round trip: lock a claim, open one, end one. Part of this room's actions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from psycopg.types.json import Jsonb

from annotation import prepared
from annotation.assignment.models import Claim, ClaimState
from annotation.assignment.queue import Taken
from annotation.assignment.standing import Standing, guideline_of, version_of
from annotation.assignment.strategies import shown_order
from annotation.people.models import User
from annotation.prepared import Asked, RowT
from annotation.projects.masking import as_shown, masked, names_nobody
from annotation.projects.models import Project, Protocol, ProtocolVersion
from annotation.projects.permissions import ROLE_VERBS
from annotation.projects.protocol import kind_of
from annotation.tasks.models import Prompt, Task

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


class ClaimEnded(Exception):
    """The claim was submitted, skipped or released before."""


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
    return locked(prepared.run(*locking(claim_id, actor)))


def locking(claim_id: uuid.UUID, actor: User) -> Asked:
    who = {"person": actor.pk, "is_owner": actor.is_owner, "roles": _WORKING_ROLES}
    return LOCK, {"claim": claim_id, **who}


def locked(rows: Sequence[Any]) -> Locked:
    """Return what was locked. Raise ClaimNotYours when that is nothing."""
    if not rows:
        raise ClaimNotYours("There is nothing here that you may see.")
    (row,) = rows
    task = _built(Task, row, "task", _TASK, protocol=_built(Protocol, row, "protocol", _PROTOCOL))
    claim = _built(Claim, row, "claim", (*_CLAIM, "selection"), task=task, protocol_version=_version(row))
    return Locked(task, claim)


def _version(row: Any) -> ProtocolVersion:
    return version_of(row.claim_protocol_version_id, row.protocol_id, row.version_number, row.config)


OPEN = """
    INSERT INTO assignment_claim (
        id, task_id, annotator_id, state, shown_order, protocol_version_id, guideline_version_id, selection,
        created_at, expires_at, draft_seconds, draft_step_seconds, skip_reason, skip_note
    ) VALUES (
        %(id)s::uuid, %(task_id)s::bigint, %(annotator_id)s::bigint, 'open', %(shown_order)s::bigint[],
        %(protocol_version_id)s::bigint, %(guideline_version_id)s::bigint, %(selection)s::jsonb,
        %(created_at)s::timestamptz, %(expires_at)s::timestamptz, 0, '{}', '', ''
    )
"""
_UNTOUCHED: dict[str, Any] = {
    "shown_at": None, "ended_at": None, "answer_id": None, "idempotency_key": None, "draft": None, "draft_seconds": 0.0,
    "draft_step_seconds": {}, "draft_saved_at": None, "skip_reason": "", "skip_note": "",
}  # fmt: skip


def open_claim(
    taken: Taken, standing: Standing, actor: User, lane: Mapping[str, Any], *, now: datetime, expires_at: datetime
) -> Claim:
    """Write the claim on a task just taken, and return it with all that its person is to see."""
    texts = dict(taken.completions)
    is_masked = standing.version.config.get("mask_identity") and not names_nobody(texts.values())
    shown = {pk: masked(text) for pk, text in texts.items()} if is_masked else {}
    claim_id = uuid.uuid4()
    columns = {
        "id": claim_id,
        "task_id": taken.task_id,
        "annotator_id": actor.pk,
        "state": ClaimState.OPEN,
        "shown_order": shown_order(list(texts), seed=str(claim_id), task_id=taken.task_id, turn=taken.turn),
        "protocol_version_id": standing.version.pk,
        "guideline_version_id": standing.guideline.pk if standing.guideline else None,
        "selection": {**taken.selection, **lane, **_hidden(shown)},
        "created_at": now,
        "expires_at": expires_at,
    }
    # With the COMMIT: whoever opens a claim has nothing left to do.
    exposing = _exposing(standing, actor, now)
    prepared.together((OPEN, {**columns, "selection": Jsonb(columns["selection"])}), *exposing, commits=True)
    task = prepared.built(
        Task,
        {"id": taken.task_id, "protocol_id": standing.protocol.pk, "prompt_id": taken.prompt_id, "brief": taken.brief},
        protocol=standing.protocol,
        prompt=_prompt(taken.prompt_id, taken.messages),
    )
    claim = prepared.built(
        Claim,
        {**columns, **_UNTOUCHED},
        task=task,
        protocol_version=standing.version,
        guideline_version=standing.guideline,
    )
    claim.texts = {pk: text for pk, (text, _) in shown.items()} or texts
    return claim


def _prompt(pk: int | None, messages: list[dict[str, str]]) -> Prompt | None:
    return prepared.built(Prompt, {"id": pk, "messages": messages}) if pk else None


_DRAFT = ("draft_seconds", "draft_saved_at", "created_at")
HELD = f"""
    SELECT {_columns("claim", _CLAIM + _DRAFT)}, claim.selection::json AS claim_selection,
           claim.draft::json AS claim_draft, claim.draft_step_seconds::json AS claim_draft_step_seconds,
           {_columns("task", ("id", "protocol_id", "prompt_id"))}, task.brief::json AS task_brief,
           {_columns("protocol", _PROTOCOL)}, {_columns("project", ("id", "name"))},
           version.number AS version_number, version.config::json, guideline.number AS guideline_number,
           guideline.markdown, prompt.messages::json,
           (SELECT json_agg(json_build_array(completion.id, completion.text)) FROM tasks_completion AS completion
            WHERE completion.id = ANY(claim.shown_order)) AS texts
    FROM assignment_claim AS claim
    JOIN tasks_task AS task ON task.id = claim.task_id
    JOIN projects_protocol AS protocol ON protocol.id = task.protocol_id
    JOIN projects_project AS project ON project.id = protocol.project_id
    JOIN projects_protocolversion AS version ON version.id = claim.protocol_version_id
    LEFT JOIN projects_guidelineversion AS guideline ON guideline.id = claim.guideline_version_id
    LEFT JOIN tasks_prompt AS prompt ON prompt.id = task.prompt_id
    WHERE claim.id = %(claim)s::uuid AND claim.annotator_id = %(person)s::bigint
"""


def held_claim(claim_id: str, actor: User) -> Claim:
    """Return a claim that this person holds already, with all that they are to see: a reply that was lost is sent anew.

    Whether they still work there the caller has asked.
    """
    (row,) = prepared.run(HELD, {"claim": uuid.UUID(claim_id), "person": actor.pk})
    protocol = _built(Protocol, row, "protocol", _PROTOCOL, project=_built(Project, row, "project", ("id", "name")))
    task = _built(
        Task, row, "task", ("id", "protocol_id", "prompt_id", "brief"),
        protocol=protocol, prompt=_prompt(row.task_prompt_id, row.messages),
    )  # fmt: skip
    columns = (*_CLAIM, *_DRAFT, "selection", "draft", "draft_step_seconds")
    version = _version(row)
    guideline = guideline_of(row.claim_guideline_version_id, row.protocol_id, row.guideline_number, row.markdown)
    claim = _built(Claim, row, "claim", columns, task=task, protocol_version=version, guideline_version=guideline)
    claim.texts = as_shown(dict(row.texts or ()), version.config)
    return claim


_EXPOSE = """
    INSERT INTO assignment_exposure AS exposure (annotator_id, day, texts)
    VALUES (%(person)s::bigint, %(day)s::date, 1)
    ON CONFLICT (annotator_id, day) DO UPDATE SET texts = exposure.texts + 1
"""


def _exposing(standing: Standing, actor: User, now: datetime) -> list[Asked]:
    """Count a text that is hard to read among those its person is handed today; nothing for other kinds."""
    if not kind_of(standing.protocol.kind).is_hard_to_read:
        return []
    return [(_EXPOSE, {"person": actor.pk, "day": now.date()})]


def _hidden(shown: Mapping[int, tuple[str, list[str]]]) -> dict[str, Any]:
    """Return what is hidden in the completions, by id: it travels with the answer."""
    hidden = {str(pk): words for pk, (_, words) in shown.items() if words}
    return {"masked": hidden} if hidden else {}


# By the answer's own key, so that it may travel with the statement that stores the answer.
SUBMITTED = """
    UPDATE assignment_claim AS claim SET state = 'submitted', ended_at = %(now)s::timestamptz,
        idempotency_key = %(key)s::uuid, answer_id = (
            SELECT id FROM tasks_answer WHERE task_id = claim.task_id AND annotator_id = claim.annotator_id)
    WHERE id = %(claim)s::uuid
"""


def marking_submitted(claim: Claim, key: uuid.UUID, now: datetime) -> Asked:
    return SUBMITTED, {"claim": claim.pk, "key": key, "now": now}


_LEASE = """
    UPDATE assignment_claim AS claim
    SET shown_at = COALESCE(claim.shown_at, %(now)s::timestamptz),
        expires_at = %(now)s::timestamptz + protocol.lease_seconds * interval '1 second'
    FROM tasks_task AS task JOIN projects_protocol AS protocol ON protocol.id = task.protocol_id
    WHERE claim.id = %(claim)s::uuid AND claim.annotator_id = %(person)s::bigint AND claim.state = 'open'
      AND task.id = claim.task_id
"""


def leasing(claim_id: uuid.UUID, actor: User, now: datetime) -> Asked:
    """Begins the lease of a claim that is on screen; nothing happens to one that is no longer held."""
    return _LEASE, {"claim": claim_id, "person": actor.pk, "now": now}


def _built(model: type[RowT], row: Any, table: str, columns: tuple[str, ...], **related: Model | None) -> RowT:
    return prepared.built(model, {column: getattr(row, f"{table}_{column}") for column in columns}, **related)
