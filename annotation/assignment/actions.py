"""Claim a task, keep a draft, skip, release, expire, reopen; `submitting` hands in.

Every verb locks the task's row before the claim's, so that two of them never wait for each other in a ring,
and `Task.claims_count` always equals the open claims that have a place on the task. A reopened answer has its place
already: its claim takes none.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from annotation.assignment import handing
from annotation.assignment.handing import ClaimEnded, ClaimNotYours
from annotation.assignment.models import Claim, ClaimState, Exposure, SkipReason
from annotation.assignment.offering import next_claim
from annotation.assignment.queries import claims_of
from annotation.assignment.standing import NoWork, standing_of
from annotation.assignment.timing import seconds_within, steps_within
from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.projects.permissions import NotAllowed
from annotation.projects.protocol import kind_of
from annotation.tasks import answers, queue
from annotation.tasks.models import Answer, Task
from annotation.tasks.recording import AlreadyAnswered, check_open

DRAFT_BYTES = 1_000_000


class ProtocolPaused(Exception):
    """Nothing is handed out in this protocol at the moment."""


class NothingForYou(Exception):
    """The protocol has rules by which this person gets nothing (more)."""


class BadDraft(ValueError):
    """The draft is too large or not an object."""


_REFUSALS: dict[NoWork, Exception] = {
    NoWork.PAUSED: ProtocolPaused("This kind of work is paused. The managers of the project can say for how long."),
    NoWork.NOT_ELIGIBLE: NothingForYou("This kind of work is for other people: ask a manager of the project."),
    NoWork.NOT_QUALIFIED: NothingForYou("This kind of work wants a qualification that your membership does not have."),
    NoWork.NOT_AGREED: NothingForYou(
        "These texts may be hard to read: say first, under My work, that you agree to see what they may hold."
    ),
    NoWork.ENOUGH: NothingForYou("You have done all that one person may do of this kind of work. Thank you."),
    NoWork.ENOUGH_FOR_TODAY: NothingForYou("You have done all that one person may do in a day. See you tomorrow."),
}


@transaction.atomic
def claim_next(*, protocol: Protocol, actor: User, now: datetime) -> Claim | None:
    """Hand out the next task of the queue; None when there is none for this person.

    What was fetched ahead and not shown yet comes first, and whoever holds two claims gets the older one back:
    asking again takes nothing more out of the queue.
    Raise NotAllowed, ProtocolPaused, NothingForYou.
    """
    _lock_person(actor)
    standing = standing_of(actor, protocol.pk, now)
    if not standing.may_work(actor):
        raise NotAllowed(f"Your role in “{standing.protocol.project}” does not allow this (do work).")
    claim, reason = next_claim(standing, actor, now)
    if reason in _REFUSALS:
        raise _REFUSALS[reason]
    return claim


@transaction.atomic
def claim_after(*, claim_id: uuid.UUID, actor: User, now: datetime) -> tuple[Claim | None, NoWork | None]:
    """Hand out the next task of the protocol that an own claim belongs to, or say why there is none."""
    _lock_person(actor)
    protocol_id = Claim.objects.values_list("task__protocol_id", flat=True).get(pk=claim_id, annotator=actor)
    return next_claim(standing_of(actor, protocol_id, now), actor, now)


@transaction.atomic
def show(*, claim_id: uuid.UUID, actor: User, now: datetime) -> Claim:
    """Begin the lease, or lengthen it: a heartbeat. Raise ClaimNotYours, ClaimEnded.

    An expired claim that nobody else has taken the place of is held again.
    """
    task, claim = _locked(claim_id, actor)
    if claim.state == ClaimState.EXPIRED and (claim.answer_id or _has_room(task)):
        _revive(task, claim)
    elif claim.state != ClaimState.OPEN:
        raise ClaimEnded("This task is no longer held for you.")
    claim.shown_at = claim.shown_at or now
    claim.expires_at = now + timedelta(seconds=task.protocol.lease_seconds)
    claim.save(update_fields=["shown_at", "expires_at", "state", "ended_at"])
    return claim


def save_draft(
    *,
    claim_id: uuid.UUID,
    actor: User,
    payload: Any,
    seconds: float,
    now: datetime,
    step_seconds: Mapping[str, float] | None = None,
) -> Claim:
    """Keep what is on screen; a draft need not be a valid answer yet. Raise ClaimNotYours, ClaimEnded, BadDraft."""
    if not isinstance(payload, dict) or len(json.dumps(payload)) > DRAFT_BYTES:
        raise BadDraft("A draft is an object of at most 1 MB.")
    if "\\u0000" in json.dumps(payload):
        raise BadDraft("A draft cannot hold a NUL character: remove it.")
    kept = {
        "draft": payload,
        "draft_seconds": seconds_within(seconds),
        "draft_step_seconds": steps_within(step_seconds),
        "draft_saved_at": now,
    }
    alive = claims_of(actor).filter(pk=claim_id, state__in=[ClaimState.OPEN, ClaimState.EXPIRED])
    if not alive.update(**kept):
        _raise_ended(claim_id, actor)
    return Claim.objects.get(pk=claim_id)


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


@transaction.atomic
def reopen(*, answer: Answer, actor: User, now: datetime) -> Claim:
    """Hold an own answer again, as it was, to hand it in in another form. Raise ClaimNotYours, AnswerSealed.

    Asked again while it is open, it returns the same claim.
    """
    if answer.annotator_id != actor.pk:
        raise ClaimNotYours("There is nothing here that you may see.")
    Task.objects.select_for_update(of=("self",)).get(pk=answer.task_id)
    answer = Answer.objects.select_related("task__protocol").get(pk=answer.pk)
    check_open(answer)
    held = Claim.objects.filter(task=answer.task_id, annotator=actor, state=ClaimState.OPEN).first()
    if held:
        return held
    standing = standing_of(actor, answer.task.protocol_id, now)
    if not standing.may_work(actor):
        raise ClaimNotYours("There is nothing here that you may see.")
    return Claim.objects.create(
        task=answer.task,
        annotator=actor,
        answer=answer,
        shown_order=answer.shown_order,
        protocol_version=standing.version,
        guideline_version=standing.guideline,
        selection=answer.selection,
        created_at=now,
        shown_at=now,
        expires_at=now + timedelta(seconds=standing.protocol.lease_seconds),
        draft=answers.to_labels(answer.task.protocol.kind, answer.payload, answer.shown_order),
        draft_seconds=answer.seconds or 0.0,
        draft_step_seconds=answer.step_seconds,
    )


def expire_stale(*, now: datetime, limit: int = 1000) -> int:
    """End the open claims whose time is up; return how many. Safe to run in several places at once."""
    stale = Claim.objects.filter(state=ClaimState.OPEN, expires_at__lte=now).order_by("expires_at")
    return sum(_expire(pk, now) for pk in list(stale.values_list("pk", flat=True)[:limit]))


def _lock_person(actor: User) -> None:
    """Two claims by one person at the same instant go one after the other, or both would be the second."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('annotation.claim'), %s)", [actor.pk])


def _locked(claim_id: uuid.UUID, actor: User) -> tuple[Task, Claim]:
    locked = handing.lock(claim_id, actor)
    return locked.task, locked.claim


def _end(task: Task, claim: Claim, state: ClaimState, now: datetime) -> None:
    if claim.state not in (ClaimState.OPEN, ClaimState.EXPIRED):
        raise ClaimEnded(f"This task was {claim.state} before.")
    if claim.state == ClaimState.OPEN:
        _give_back_place(task, claim)
        _forget_unseen(task, claim)
    claim.state, claim.ended_at = state, now
    claim.save(update_fields=["state", "ended_at"])


def _give_back_place(task: Task, claim: Claim) -> None:
    if claim.answer_id is None:
        Task.objects.filter(pk=task.pk).update(claims_count=F("claims_count") - 1)
        queue.bring_back(task)


def _forget_unseen(task: Task, claim: Claim) -> None:
    """A text that was fetched ahead and never came on screen is no exposure."""
    if claim.shown_at is None and kind_of(task.protocol.kind).is_hard_to_read:
        that_day = Exposure.objects.filter(annotator=claim.annotator_id, day=claim.created_at.date(), texts__gt=0)
        that_day.update(texts=F("texts") - 1)


def _has_room(task: Task) -> bool:
    return task.state == "open" and task.answers_count + task.claims_count < task.required_answers


def _revive(task: Task, claim: Claim) -> None:
    if claim.answer_id is None and Answer.objects.filter(task=task, annotator=claim.annotator_id).exists():
        raise AlreadyAnswered("You have answered this task already.")
    if Claim.objects.filter(task=task, annotator=claim.annotator_id, state=ClaimState.OPEN).exists():
        raise ClaimEnded("This task is held for you under another claim.")
    claim.state, claim.ended_at = ClaimState.OPEN, None
    if claim.answer_id is None:
        Task.objects.filter(pk=task.pk).update(claims_count=F("claims_count") + 1)


@transaction.atomic
def _expire(claim_id: uuid.UUID, now: datetime) -> bool:
    task_id = Claim.objects.values_list("task_id", flat=True).get(pk=claim_id)
    task = Task.objects.select_for_update().get(pk=task_id)
    stale = Claim.objects.filter(pk=claim_id, state=ClaimState.OPEN, expires_at__lte=now)
    expired = bool(stale.update(state=ClaimState.EXPIRED, ended_at=now))
    if expired:
        claim = Claim.objects.get(pk=claim_id)
        _give_back_place(task, claim)
        _forget_unseen(task, claim)
    return expired


def _raise_ended(claim_id: uuid.UUID, actor: User) -> None:
    if claims_of(actor).filter(pk=claim_id).exists():
        raise ClaimEnded("This task is no longer held for you.")
    raise ClaimNotYours("There is nothing here that you may see.")
