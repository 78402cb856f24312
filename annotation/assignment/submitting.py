"""Hand an answer in, and get the next task in the same round trip. Part of this room's actions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from annotation import prepared
from annotation.assignment import handing, standing
from annotation.assignment.handing import ClaimEnded, Locked
from annotation.assignment.models import Claim, ClaimState
from annotation.assignment.offering import next_claim, offer
from annotation.assignment.standing import NoWork, Standing
from annotation.assignment.timing import Timing, seconds_within, steps_within
from annotation.people.models import User
from annotation.tasks import answers
from annotation.tasks.models import Answer
from annotation.tasks.recording import Given, Recording, known_answer, recording, revise_answer


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What came of a submit: the answer, and the next task or why there is none."""

    answer: Answer
    next: Claim | None
    no_work: NoWork | None = None


@transaction.atomic
def submit(
    *,
    claim_id: uuid.UUID,
    actor: User,
    payload: Any,
    seconds: float,
    idempotency_key: uuid.UUID,
    now: datetime,
    step_seconds: Mapping[str, float] | None = None,
) -> Answer:
    """Store the answer of a claim. Sent again with the same key it returns the same answer.

    The answer to an expired claim is stored too: it counts if the task is still short, else it is a spare.
    Raise ClaimNotYours, ClaimEnded, InvalidAnswer, AlreadyAnswered, AnswerSealed.
    """
    locked = handing.lock(claim_id, actor)
    known = _known(locked, idempotency_key)
    if known:
        return known
    given = _given(locked, payload, Timing(seconds, step_seconds))
    if locked.claim.answer_id:
        return _revise(locked, given, idempotency_key, now)
    answer = _recording(locked, actor, given, now).store()
    prepared.run(*handing.marking_submitted(locked.claim, idempotency_key, now))
    return answer


@transaction.atomic
def hand_in(
    *,
    claim_id: uuid.UUID,
    actor: User,
    payload: Any,
    timing: Timing,
    idempotency_key: uuid.UUID,
    now: datetime,
    showing: uuid.UUID | None = None,
) -> HandedIn:
    """Store the answer of a claim and hand out the next task of its protocol: the annotator's whole round trip.

    `showing` is a claim fetched ahead that is on screen by now: its lease begins. Raise what `submit` raises.
    """
    locked, before = _lock_and_stand(claim_id, actor, now, showing)
    answer = _known(locked, idempotency_key)
    if answer:
        return HandedIn(answer, *next_claim(before, actor, now))
    given = _given(locked, payload, timing)
    if locked.claim.answer_id:
        answer = _revise(locked, given, idempotency_key, now)
        return HandedIn(answer, *next_claim(before, actor, now))
    made = _recording(locked, actor, given, now)
    offered = offer(before.having_answered(claim_id), actor)
    marking = handing.marking_submitted(locked.claim, idempotency_key, now)
    recorded, _, *first = prepared.together(made.asked, marking, *offered.asked)
    return HandedIn(made.stored(recorded), *offered.claim(now, first))


def _lock_and_stand(
    claim_id: uuid.UUID, actor: User, now: datetime, showing: uuid.UUID | None
) -> tuple[Locked, Standing]:
    """Lock a claim and read how its person stands, in one round trip; what they hold is read under the lock."""
    asked = [handing.locking(claim_id, actor), standing.reading_by_claim(actor, claim_id, now)]
    if showing:
        asked.insert(1, handing.leasing(showing, actor, now))
    replies = prepared.together(*asked)
    return handing.locked(replies[0]), standing.read(replies[-1], now)


def _known(locked: Locked, key: uuid.UUID) -> Answer | None:
    """Return the answer that came under this key before. Raise ClaimEnded when the claim takes none any more."""
    claim = locked.claim
    if claim.state == ClaimState.SUBMITTED and claim.idempotency_key == key and claim.answer_id:
        return known_answer(claim.answer_id)
    if claim.state not in (ClaimState.OPEN, ClaimState.EXPIRED):
        raise ClaimEnded(f"This task was {claim.state} before: it takes no answer.")
    return None


def _given(locked: Locked, payload: Any, timing: Timing) -> Given:
    """Check what was handed in against the protocol that its person works by. Raise InvalidAnswer."""
    claim, kind = locked.claim, locked.task.protocol.kind
    return Given(
        payload=answers.from_labels(kind, claim.protocol_version.config, payload, claim.shown_order),
        shown_order=claim.shown_order,
        protocol_version=claim.protocol_version,
        guideline_version=claim.guideline_version,
        seconds=seconds_within(timing.seconds),
        step_seconds=steps_within(timing.step_seconds),
        evidence=timing.evidence,
    )


def _recording(locked: Locked, actor: User, given: Given, now: datetime) -> Recording:
    in_flight = locked.claim.state == ClaimState.OPEN
    selection = locked.claim.selection
    return recording(
        task=locked.task, annotator=actor, given=given, selection=selection, now=now, frees_place=in_flight
    )


def _revise(locked: Locked, given: Given, key: uuid.UUID, now: datetime) -> Answer:
    answer = revise_answer(answer=locked.claim.answer, given=given, now=now)  # type: ignore[arg-type]
    prepared.run(*handing.marking_submitted(locked.claim, key, now))
    return answer
