"""Whoever the filter refused may say that it was wrong; a person looks, and what they say teaches the next filter.

To appeal is to let the project keep the text that the filter found, as long as the conversation is not deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from annotation.chat import teaching
from annotation.chat.models import Appeal, AppealState, Conversation, Turn
from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.permissions import NotAllowed, require
from training.categories import CATEGORIES

REASON_CHARACTERS = 2_000


class NotAppealable(Exception):
    """The filter refused nothing here, or somebody appealed already."""


class AppealEnded(Exception):
    """The appeal has been decided, or its words are gone."""


def appeal(*, turn: Turn, reason: str, actor: User, now: datetime) -> Appeal:
    """Ask a person to look at what the filter refused. Raise NotAllowed, NotAppealable, BadField."""
    require(actor, "chat", turn.conversation.project)
    decision = turn.decisions.filter(flagged=True).order_by("-pk").first()
    if decision is None:
        raise NotAppealable("The filter refused nothing here.")
    if len(reason) > REASON_CHARACTERS:
        raise BadField("reason", f"at most {REASON_CHARACTERS:,} characters are allowed")
    try:
        with transaction.atomic():
            return Appeal.objects.create(
                project=turn.conversation.project,
                decision=decision,
                person=actor,
                reason=reason.strip(),
                created_at=now,
            )
    except IntegrityError as error:
        raise NotAppealable("You have appealed already: a person will look at it.") from error


@transaction.atomic
def decide_appeal(*, row: Appeal, labels: Mapping[str, bool], note: str, actor: User, now: datetime) -> Appeal:
    """Say of each category whether it holds; the filter was wrong where none of those that it named does.

    What is said becomes a label that the next filter learns from. Nobody judges their own appeal.
    Raise NotAllowed, AppealEnded, BadField.
    """
    require(actor, "review_appeals", row.project)
    if row.person_id == actor.pk:
        raise NotAllowed("Somebody else has to judge your appeal.")
    held = _locked(row)
    if held.state != AppealState.OPEN:
        raise AppealEnded("This appeal has been decided, or its words were deleted.")
    if unknown := sorted(set(labels) - set(CATEGORIES) - set(held.decision.categories)):
        raise BadField("labels", f"{unknown[0][:40]!r} is no category")
    if missing := sorted(set(held.decision.categories) - set(labels)):
        raise BadField("labels", f"say whether {missing[0]!r} holds: the filter found it")
    if len(note) > REASON_CHARACTERS:
        raise BadField("note", f"at most {REASON_CHARACTERS:,} characters are allowed")
    holds = any(labels[name] for name in held.decision.categories)
    held.state = AppealState.DECLINED if holds else AppealState.ACCEPTED
    held.labels, held.note, held.reviewer, held.decided_at = dict(labels), note.strip(), actor, now
    held.save(update_fields=["state", "labels", "note", "reviewer", "decided_at"])
    teaching.teach(held, judge=actor, now=now)
    return held


def _locked(row: Appeal) -> Appeal:
    """Lock the conversation, then the appeal: nothing is learned from words that are being deleted."""
    whole = Conversation.objects.select_for_update(of=("self",), no_key=True)
    whole.get(turns__decisions__appeal=row.pk)
    rows = Appeal.objects.select_for_update(of=("self",))
    return rows.select_related("decision__turn", "project", "person").get(pk=row.pk)
