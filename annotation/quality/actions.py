"""Verbs of reviewers: accept, return with a reason, strike, take a verdict back; strike all of one person's work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from annotation.people.actions import BadField
from annotation.people.models import User, Withdrawal
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import require
from annotation.quality import comparing, queries
from annotation.quality.models import Review, Verdict
from annotation.tasks import reviewing
from annotation.tasks.models import Answer, AnswerState, Source

REASON_CHARACTERS = 2_000
# Struck in one transaction at most; who has more is struck protocol by protocol or from a day on.
STRUCK_AT_ONCE = 50_000

_STATE_AFTER = {
    Verdict.ACCEPT: AnswerState.ACCEPTED,
    Verdict.RETURN: AnswerState.RETURNED,
    Verdict.STRIKE: AnswerState.STRUCK,
    Verdict.RESTORE: AnswerState.SUBMITTED,
}


class OwnAnswer(Exception):
    """Nobody reviews what they wrote themselves."""


class AnswerChanged(Exception):
    """The answer has another form than the one that was read."""


class NotReturnable(Exception):
    """Nobody is there to take the answer back."""


class AnswerWithdrawn(Exception):
    """Its author has taken the answer back."""


class TooManyToStrike(ValueError):
    """More answers than one transaction takes."""


@transaction.atomic
def review_answer(
    *, answer: Answer, revision: int, verdict: str, actor: User, now: datetime, reason: str = ""
) -> Review:
    """Decide about the form of an answer that the reviewer has read; the last verdict stands.

    Given once more, the same verdict on the same form returns the same review.
    Raise NotAllowed, OwnAnswer, BadField, AnswerChanged, NotReturnable, AnswerWithdrawn.
    """
    require(actor, "review_answers", answer.task.protocol.project)
    if answer.annotator_id == actor.pk:
        raise OwnAnswer("This answer is your own: somebody else has to review it.")
    reason = _reason(verdict, reason)
    reviewing.lock_tasks_of([answer.pk])
    answer = Answer.objects.select_for_update(of=("self",)).select_related("annotator", "withdrawal").get(pk=answer.pk)
    if answer.revision != revision:
        raise AnswerChanged(f"Its author has handed in form {answer.revision} meanwhile: read it before you decide.")
    if answer.withdrawal and answer.withdrawal.hides_texts:
        raise AnswerWithdrawn("This answer was withdrawn: nobody reviews it any more.")
    last = answer.reviews.order_by("-pk").first()
    if last and (last.revision, last.verdict, last.reason, last.reviewer_id) == (revision, verdict, reason, actor.pk):
        return last
    if verdict == Verdict.RETURN and answer.source_kind == Source.IMPORT:
        raise NotReturnable("This answer came with a file: its author does not work here. Strike it instead.")
    _decide([answer.pk], Verdict(verdict), reason, now)
    return Review.objects.create(
        answer=answer, revision=revision, reviewer=actor, verdict=verdict, reason=reason, created_at=now
    )


@transaction.atomic
def strike_work(
    *,
    project: Project,
    annotator: User,
    actor: User,
    now: datetime,
    protocol: Protocol | None = None,
    since: datetime | None = None,
    reason: str = "",
) -> int:
    """Strike all that one person has handed in, in one protocol or since a time if given; return how many answers.

    Each gets a review of its own, so each can be restored. Raise NotAllowed, OwnAnswer, BadField, TooManyToStrike.
    """
    require(actor, "review_answers", project)
    if annotator.pk == actor.pk:
        raise OwnAnswer("These answers are your own: somebody else has to review them.")
    reason = _reason(Verdict.STRIKE, reason)
    rows = queries.work_of(project, annotator, protocol=protocol, since=since)
    ids = list(rows.values_list("pk", flat=True)[: STRUCK_AT_ONCE + 1])
    if len(ids) > STRUCK_AT_ONCE:
        raise TooManyToStrike(f"At most {STRUCK_AT_ONCE:,} answers are struck at once: choose a protocol or a day.")
    reviewing.lock_tasks_of(ids)
    left = list(Answer.objects.standing().filter(pk__in=ids).select_for_update().values_list("pk", "revision"))
    _decide([pk for pk, _ in left], Verdict.STRIKE, reason, now)
    _note_each(left, Verdict.STRIKE, reason, actor, now)
    return len(left)


@transaction.atomic
def restore_work(*, project: Project, strike: Withdrawal, actor: User, now: datetime) -> int:
    """Take back what one strike of a person's work struck and nobody has restored yet; return how many answers.

    Each gets a review of its own, as with the strike. Raise NotAllowed, OwnAnswer.
    """
    require(actor, "review_answers", project)
    if strike.person_id == actor.pk:
        raise OwnAnswer("These answers are your own: somebody else has to review them.")
    struck = Answer.objects.filter(withdrawal=strike, state=AnswerState.STRUCK)
    reviewing.lock_tasks_of(list(struck.values_list("pk", flat=True)))
    left = list(struck.select_for_update().values_list("pk", "revision"))
    _decide([pk for pk, _ in left], Verdict.RESTORE, "", now)
    _note_each(left, Verdict.RESTORE, "", actor, now)
    return len(left)


def _note_each(answers: Sequence[tuple[int, int]], verdict: Verdict, reason: str, actor: User, now: datetime) -> None:
    Review.objects.bulk_create(
        [
            Review(answer_id=pk, revision=revision, reviewer=actor, verdict=verdict, reason=reason, created_at=now)
            for pk, revision in answers
        ],
        batch_size=5_000,
    )


def _decide(answer_ids: Sequence[int], verdict: Verdict, reason: str, now: datetime) -> None:
    note = reason if verdict == Verdict.RETURN else ""
    recounted = reviewing.set_state(answer_ids, _STATE_AFTER[verdict], note=note, now=now)
    comparing.forget(recounted)


def _reason(verdict: str, reason: str) -> str:
    if verdict not in Verdict.values:
        raise BadField("verdict", f"must be one of {', '.join(Verdict.values)}")
    reason = reason.strip()
    if verdict == Verdict.RETURN and not reason:
        raise BadField("reason", "must say what the author is to change")
    if len(reason) > REASON_CHARACTERS:
        raise BadField("reason", f"has {len(reason):,} characters; at most {REASON_CHARACTERS:,} are allowed")
    return reason
