"""A judgement made outside the queue, while its person talks: an ordinary claim, begun and handed in at once.

Whoever calls supplies the task and its completions; this room fetches none. Part of this room's actions.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from annotation.assignment.models import Claim, ClaimState
from annotation.assignment.timing import seconds_within
from annotation.people.models import User
from annotation.projects.models import GuidelineVersion, ProtocolVersion
from annotation.projects.permissions import require
from annotation.tasks import answers
from annotation.tasks.models import Answer, Task
from annotation.tasks.recording import Given, recording


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a person was shown and what they said of it, in the labels c1 … cK of the order shown."""

    payload: Mapping[str, Any]
    shown_order: Sequence[int]
    protocol_version: ProtocolVersion
    guideline_version: GuidelineVersion | None
    seconds: float
    shown_at: datetime
    judged_at: datetime


@transaction.atomic
def judge_live(*, task: Task, judged: Judged, actor: User, now: datetime) -> Answer:
    """Store a person's judgement of what came up in their conversation, with its claim.

    Raise NotAllowed, InvalidAnswer, AlreadyAnswered.
    """
    require(actor, "chat", task.protocol.project)
    locked = Task.objects.select_for_update(of=("self",), no_key=True).select_related("protocol").get(pk=task.pk)
    payload = answers.from_labels(
        locked.protocol.kind, judged.protocol_version.config, dict(judged.payload), judged.shown_order
    )
    given = Given(
        payload=payload,
        shown_order=judged.shown_order,
        protocol_version=judged.protocol_version,
        guideline_version=judged.guideline_version,
        seconds=seconds_within(judged.seconds),
    )
    answer = recording(task=locked, annotator=actor, given=given, selection=locked.selection, now=now).store()
    Claim.objects.create(
        task=locked,
        annotator=actor,
        state=ClaimState.SUBMITTED,
        shown_order=list(judged.shown_order),
        protocol_version=judged.protocol_version,
        guideline_version=judged.guideline_version,
        selection=locked.selection,
        created_at=judged.shown_at,
        shown_at=judged.shown_at,
        expires_at=judged.judged_at,
        ended_at=judged.judged_at,
        answer=answer,
        idempotency_key=uuid.uuid4(),
    )
    return answer
