"""Claim a task, keep a draft, submit, skip, release, expire.

Every verb locks the task's row before the claim's, so that two of them never wait for each other in a ring,
and `Task.claims_count` always equals the open claims on the task.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from annotation.assignment.models import Claim, ClaimState, SkipReason
from annotation.assignment.queries import NEXT_TASK, claims_of, current_versions
from annotation.assignment.strategies import shown_order
from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.models import Protocol, ProtocolState
from annotation.projects.permissions import require
from annotation.tasks import answers
from annotation.tasks.actions import AlreadyAnswered, record_answer
from annotation.tasks.models import Answer, Task, TaskCompletion

# The one on screen and the one fetched ahead.
MOST_OPEN_CLAIMS = 2
UNSHOWN_SECONDS = 600
DRAFT_BYTES = 1_000_000
SECONDS_MAXIMUM = 24 * 3600.0


class ClaimNotYours(Exception):
    """No such claim, or somebody else's: which of the two is not told."""


class ClaimEnded(Exception):
    """The claim was submitted, skipped or released before."""


class ProtocolPaused(Exception):
    """Nothing is handed out in this protocol at the moment."""


class BadDraft(ValueError):
    """The draft is too large or not an object."""


@transaction.atomic
def claim_next(*, protocol: Protocol, actor: User, now: datetime) -> Claim | None:
    """Hand out the next task of the queue; None when there is none for this person.

    What was fetched ahead and not shown yet comes first, and whoever holds two claims gets the older one back:
    asking again takes nothing more out of the queue.
    Raise NotAllowed, ProtocolPaused.
    """
    require(actor, "do_work", protocol.project)
    if protocol.state != ProtocolState.ACTIVE:
        raise ProtocolPaused("This kind of work is paused. The managers of the project can say for how long.")
    _lock_person(actor)
    held = Claim.objects.filter(annotator=actor, state=ClaimState.OPEN, expires_at__gt=now)
    mine = list(held.select_related("task").order_by("created_at"))
    here = [claim for claim in mine if claim.task.protocol_id == protocol.pk]
    waiting = [claim for claim in here if claim.shown_at is None]
    if waiting or len(mine) >= MOST_OPEN_CLAIMS:
        return (waiting or here or mine)[0]
    return _claim_task(protocol, actor, now)


@transaction.atomic
def show(*, claim_id: uuid.UUID, actor: User, now: datetime) -> Claim:
    """Begin the lease, or lengthen it: a heartbeat. Raise ClaimNotYours, ClaimEnded.

    An expired claim that nobody else has taken the place of is held again.
    """
    task, claim = _locked(claim_id, actor)
    if claim.state == ClaimState.EXPIRED and _has_room(task):
        _reopen(task, claim)
    elif claim.state != ClaimState.OPEN:
        raise ClaimEnded("This task is no longer held for you.")
    claim.shown_at = claim.shown_at or now
    claim.expires_at = now + timedelta(seconds=task.protocol.lease_seconds)
    claim.save(update_fields=["shown_at", "expires_at", "state", "ended_at"])
    return claim


def save_draft(*, claim_id: uuid.UUID, actor: User, payload: Any, seconds: float, now: datetime) -> Claim:
    """Keep what is on screen; a draft need not be a valid answer yet. Raise ClaimNotYours, ClaimEnded, BadDraft."""
    if not isinstance(payload, dict) or len(json.dumps(payload)) > DRAFT_BYTES:
        raise BadDraft("A draft is an object of at most 1 MB.")
    if "\\u0000" in json.dumps(payload):
        raise BadDraft("A draft cannot hold a NUL character: remove it.")
    kept = {"draft": payload, "draft_seconds": _seconds(seconds), "draft_saved_at": now}
    alive = claims_of(actor).filter(pk=claim_id, state__in=[ClaimState.OPEN, ClaimState.EXPIRED])
    if not alive.update(**kept):
        _raise_ended(claim_id, actor)
    return Claim.objects.get(pk=claim_id)


@transaction.atomic
def submit(
    *, claim_id: uuid.UUID, actor: User, payload: Any, seconds: float, idempotency_key: uuid.UUID, now: datetime
) -> Answer:
    """Store the answer of a claim. Sent again with the same key it returns the same answer.

    The answer to an expired claim is stored too: it counts if the task is still short, else it is a spare.
    Raise ClaimNotYours, ClaimEnded, InvalidAnswer, AlreadyAnswered.
    """
    task, claim = _locked(claim_id, actor)
    if claim.state == ClaimState.SUBMITTED and claim.idempotency_key == idempotency_key and claim.answer:
        return claim.answer
    if claim.state not in (ClaimState.OPEN, ClaimState.EXPIRED):
        raise ClaimEnded(f"This task was {claim.state} before: it takes no answer.")
    config = claim.protocol_version.config
    checked = answers.from_labels(task.protocol.kind, config, payload, claim.shown_order)
    if claim.state == ClaimState.OPEN:
        _give_back_place(task)
    answer = record_answer(
        task=task,
        annotator=actor,
        payload=checked,
        shown_order=claim.shown_order,
        seconds=_seconds(seconds),
        protocol_version=claim.protocol_version,
        guideline_version=claim.guideline_version,
        selection=claim.selection,
        now=now,
    )
    claim.state, claim.ended_at, claim.answer, claim.idempotency_key = (
        ClaimState.SUBMITTED,
        now,
        answer,
        idempotency_key,
    )
    claim.save(update_fields=["state", "ended_at", "answer", "idempotency_key"])
    return answer


@transaction.atomic
def skip(*, claim_id: uuid.UUID, actor: User, reason: str, now: datetime, note: str = "") -> Claim:
    """Give the task up for good: this person is never asked again. Raise ClaimNotYours, ClaimEnded, BadField."""
    if reason not in SkipReason.values:
        raise BadField("reason", f"must be one of {', '.join(SkipReason.values)}")
    task, claim = _locked(claim_id, actor)
    _end(task, claim, ClaimState.SKIPPED, now)
    claim.skip_reason, claim.skip_note = reason, note[:2000].replace("\x00", "")
    claim.save(update_fields=["skip_reason", "skip_note"])
    return claim


@transaction.atomic
def release(*, claim_id: uuid.UUID, actor: User, now: datetime) -> None:
    """Give the task back; it may come again. Raise ClaimNotYours, ClaimEnded."""
    task, claim = _locked(claim_id, actor)
    _end(task, claim, ClaimState.RELEASED, now)


def expire_stale(*, now: datetime, limit: int = 1000) -> int:
    """End the open claims whose time is up; return how many. Safe to run in several places at once."""
    stale = Claim.objects.filter(state=ClaimState.OPEN, expires_at__lte=now).order_by("expires_at")
    return sum(_expire(pk, now) for pk in list(stale.values_list("pk", flat=True)[:limit]))


def _claim_task(protocol: Protocol, actor: User, now: datetime) -> Claim | None:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_TASK + " FOR UPDATE OF task SKIP LOCKED", {"protocol": protocol.pk, "annotator": actor.pk})
        row = cursor.fetchone()
    if row is None:
        return None
    task = Task.objects.get(pk=row[0])
    Task.objects.filter(pk=task.pk).update(claims_count=F("claims_count") + 1)
    shown = TaskCompletion.objects.filter(task=task).order_by("position").values_list("completion_id", flat=True)
    claim_id = uuid.uuid4()
    version, guideline = current_versions(protocol)
    return Claim.objects.create(
        pk=claim_id,
        task=task,
        annotator=actor,
        shown_order=shown_order(list(shown), seed=str(claim_id)),
        protocol_version=version,
        guideline_version=guideline,
        selection=task.selection,
        created_at=now,
        expires_at=now + timedelta(seconds=UNSHOWN_SECONDS),
    )


def _lock_person(actor: User) -> None:
    """Two claims by one person at the same instant go one after the other, or both would be the second."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('annotation.claim'), %s)", [actor.pk])


def _locked(claim_id: uuid.UUID, actor: User) -> tuple[Task, Claim]:
    """Lock the task's row, then the claim's, and return both. Raise ClaimNotYours."""
    task_id = claims_of(actor).filter(pk=claim_id).values_list("task_id", flat=True).first()
    if task_id is None:
        raise ClaimNotYours("There is nothing here that you may see.")
    rows = Task.objects.select_for_update(of=("self",)).select_related("protocol__project", "prompt")
    task = rows.get(pk=task_id)
    claims = Claim.objects.select_for_update(of=("self",))
    claim = claims.select_related("answer", "protocol_version", "guideline_version").get(pk=claim_id)
    claim.task = task
    return task, claim


def _end(task: Task, claim: Claim, state: ClaimState, now: datetime) -> None:
    if claim.state not in (ClaimState.OPEN, ClaimState.EXPIRED):
        raise ClaimEnded(f"This task was {claim.state} before.")
    if claim.state == ClaimState.OPEN:
        _give_back_place(task)
    claim.state, claim.ended_at = state, now
    claim.save(update_fields=["state", "ended_at"])


def _give_back_place(task: Task) -> None:
    task.claims_count -= 1
    Task.objects.filter(pk=task.pk).update(claims_count=F("claims_count") - 1)


def _has_room(task: Task) -> bool:
    return task.state == "open" and task.answers_count + task.claims_count < task.required_answers


def _reopen(task: Task, claim: Claim) -> None:
    if Answer.objects.filter(task=task, annotator=claim.annotator_id).exists():
        raise AlreadyAnswered("You have answered this task already.")
    if Claim.objects.filter(task=task, annotator=claim.annotator_id, state=ClaimState.OPEN).exists():
        raise ClaimEnded("This task is held for you under another claim.")
    claim.state, claim.ended_at = ClaimState.OPEN, None
    Task.objects.filter(pk=task.pk).update(claims_count=F("claims_count") + 1)


@transaction.atomic
def _expire(claim_id: uuid.UUID, now: datetime) -> bool:
    task_id = Claim.objects.values_list("task_id", flat=True).get(pk=claim_id)
    task = Task.objects.select_for_update().get(pk=task_id)
    stale = Claim.objects.filter(pk=claim_id, state=ClaimState.OPEN, expires_at__lte=now)
    expired = bool(stale.update(state=ClaimState.EXPIRED, ended_at=now))
    if expired:
        _give_back_place(task)
    return expired


def _raise_ended(claim_id: uuid.UUID, actor: User) -> None:
    if claims_of(actor).filter(pk=claim_id).exists():
        raise ClaimEnded("This task is no longer held for you.")
    raise ClaimNotYours("There is nothing here that you may see.")


def _seconds(value: Any) -> float:
    return min(max(float(value), 0.0), SECONDS_MAXIMUM)
