"""Texts that are hard to read: nobody gets one unasked, or too many of them, and leaving one costs nothing."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest

from annotation.assignment import actions, queries, submitting
from annotation.assignment.models import Exposure
from annotation.assignment.standing import NoWork
from annotation.assignment.timing import Timing
from annotation.people.agreeing import agree_to, agreed_by
from annotation.people.models import User
from annotation.projects.actions import create_protocol
from annotation.projects.models import Project, Protocol
from tests.factories import make_demonstration_task

WARNED = ("hate", "violence")
SAID = {"verdicts": {"hate": False}}


@pytest.fixture
def protocol(project: Project, owner: User, now: datetime) -> Protocol:
    config = {"warns_of": list(WARNED), "texts_per_day": 2}
    protocol = create_protocol(project=project, preset="moderation_label", config=config, actor=owner, now=now)
    for number in range(4):
        make_demonstration_task(protocol, f"Text {number}")
    return protocol


def why_none(person: User, now: datetime) -> tuple[NoWork | None, tuple[str, ...]]:
    (queue,) = [row for row in queries.queues_of(person, now) if row.protocol.kind == "moderation_label"]
    return queue.no_work, queue.to_agree


def test_nobody_is_handed_a_text_who_has_not_agreed_to_all_that_it_may_hold(
    protocol: Protocol, annotator: User, owner: User, now: datetime
) -> None:
    agree_to(actor=annotator, categories=["hate"], now=now)
    assert why_none(annotator, now) == (NoWork.NOT_AGREED, ("violence",))
    for person in (annotator, owner):
        with pytest.raises(actions.NothingForYou):
            actions.claim_next(protocol=protocol, actor=person, now=now)
    agree_to(actor=annotator, categories=WARNED, now=now)
    assert why_none(annotator, now) == (None, ())
    held = actions.claim_next(protocol=protocol, actor=annotator, now=now)
    assert held
    # Taken back, what was fetched ahead is not handed out either.
    agree_to(actor=annotator, categories=[], now=now)
    assert agreed_by(annotator) == ()
    with pytest.raises(actions.NothingForYou):
        actions.claim_next(protocol=protocol, actor=annotator, now=now)


def test_a_day_has_an_end_whether_texts_are_labelled_or_left(
    protocol: Protocol, annotator: User, now: datetime
) -> None:
    agree_to(actor=annotator, categories=WARNED, now=now)
    first = actions.claim_next(protocol=protocol, actor=annotator, now=now)
    assert first
    actions.show(claim_id=first.pk, actor=annotator, now=now)
    left = actions.skip(claim_id=first.pk, actor=annotator, reason="too_much", now=now)
    assert left.skip_note == ""
    second, reason = actions.claim_after(claim_id=first.pk, actor=annotator, now=now)
    assert second
    assert not reason
    done = submitting.hand_in(
        claim_id=second.pk,
        actor=annotator,
        payload=SAID,
        timing=Timing(3.0),
        idempotency_key=uuid.uuid4(),
        now=now,
    )
    assert (done.next, done.no_work) == (None, NoWork.ENOUGH_FOR_TODAY)
    assert actions.claim_next(protocol=protocol, actor=annotator, now=now + timedelta(days=1))


def test_a_text_that_never_came_on_screen_is_no_exposure(protocol: Protocol, annotator: User, now: datetime) -> None:
    agree_to(actor=annotator, categories=WARNED, now=now)
    claim = actions.claim_next(protocol=protocol, actor=annotator, now=now)
    assert claim
    assert Exposure.objects.get().texts == 1
    actions.expire_stale(now=now + timedelta(hours=1))
    assert Exposure.objects.get().texts == 0
