"""What an annotator may read: their own claims, and which queues have work for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation.assignment.emptiness import has_work, why_empty
from annotation.assignment.models import Claim, ClaimState
from annotation.assignment.standing import NoWork, standing_of, why_not
from annotation.people.models import User
from annotation.projects.masking import as_shown
from annotation.projects.models import Membership, Project, Protocol, ProtocolState
from annotation.projects.permissions import ROLE_VERBS
from annotation.tasks.answers import labels_for
from annotation.tasks.models import Answer, Completion, TaskState

# For how long, and how many, claims that ran out are brought back to mind.
LEFT_DAYS, LEFT_MOST = 14, 10
_WORKING_ROLES = [role for role, verbs in ROLE_VERBS.items() if "do_work" in verbs]


@dataclass(frozen=True)
class Queue:
    protocol: Protocol
    available: bool
    no_work: NoWork | None
    # What its texts may hold that the person has still to agree to see.
    to_agree: tuple[str, ...]
    answered_by_me: int
    answered_today: int


def claims_of(user: User) -> QuerySet[Claim]:
    """Return the person's own claims where they still work: the only way to the text of a task for an annotator."""
    shown = ("task__protocol__project", "task__prompt", "protocol_version", "guideline_version")
    mine = Claim.objects.filter(annotator=user).select_related(*shown)
    if user.is_owner:
        return mine
    return mine.filter(Exists(_working_membership(user, OuterRef("task__protocol__project"))))


def open_claims_of(user: User, now: datetime) -> QuerySet[Claim]:
    """Return the claims that are still held, oldest first."""
    return claims_of(user).filter(state=ClaimState.OPEN, expires_at__gt=now).order_by("created_at")


def left_claims_of(user: User, now: datetime) -> QuerySet[Claim]:
    """Return the latest claims that ran out with something written in them and can still be handed in, newest first."""
    left = claims_of(user).filter(state=ClaimState.EXPIRED, draft_saved_at__isnull=False)
    left = left.filter(ended_at__gte=now - timedelta(days=LEFT_DAYS)).exclude(task__state=TaskState.CANCELLED)
    answered = Answer.objects.filter(task=OuterRef("task"), annotator=user)
    held = Claim.objects.filter(task=OuterRef("task"), annotator=user, state=ClaimState.OPEN)
    # An own answer that was reopened is answered by itself.
    left = left.filter(~Exists(answered) | Q(answer__isnull=False), ~Exists(held))
    return left.order_by("-ended_at")[:LEFT_MOST]


def completions_of(claim: Claim) -> list[tuple[str, str]]:
    """Return (label, text) of what a claim shows, in its order, and nothing about where a text came from.

    One query, none for a claim just made.
    """
    texts = claim.texts or _texts_of(claim)
    return [(label, texts[pk]) for label, pk in zip(labels_for(claim.shown_order), claim.shown_order, strict=True)]


def with_texts(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims with all that they show; one query for the texts of all."""
    found = list(claims)
    shown = {pk for claim in found for pk in claim.shown_order}
    texts = dict(Completion.objects.filter(pk__in=shown).values_list("pk", "text")) if shown else {}
    for claim in found:
        claim.texts = as_shown({pk: texts[pk] for pk in claim.shown_order}, claim.protocol_version.config)
    return found


def _texts_of(claim: Claim) -> dict[int, str]:
    texts = dict(Completion.objects.filter(pk__in=claim.shown_order).values_list("pk", "text"))
    return as_shown(texts, claim.protocol_version.config)


def workable_protocols(user: User) -> QuerySet[Protocol]:
    """Return the protocols of projects in which the person works, those that only pause among them."""
    going_on = [ProtocolState.ACTIVE, ProtocolState.PAUSED]
    mine = Protocol.objects.filter(state__in=going_on, project__archived_at=None)
    if user.is_owner:
        return mine.select_related("project")
    return mine.filter(Exists(_working_membership(user, OuterRef("project")))).select_related("project")


def protocols_seen_by(user: User) -> QuerySet[Protocol]:
    """Return the protocols of the projects that the person sees, paused ones too."""
    return Protocol.objects.filter(project__in=Project.objects.visible_to(user)).select_related("project")


def queues_of(user: User, now: datetime) -> list[Queue]:
    """Return each queue with whether it has a task for this person and how much they have done.

    Two queries each, and two more on one that is empty for them.
    """
    protocols = workable_protocols(user).order_by("project__name", "pk")
    return [_queue(protocol, user, now) for protocol in protocols]


def _queue(protocol: Protocol, user: User, now: datetime) -> Queue:
    standing = standing_of(user, protocol.pk, now)
    reason = why_not(standing, user) or (None if has_work(standing, user) else why_empty(standing, user))
    return Queue(protocol, reason is None, reason, standing.to_agree, standing.answers, standing.answers_today)


def answers_of(user: User) -> QuerySet[Answer]:
    """Return the person's own answers with what is needed to show them."""
    mine = Answer.objects.filter(annotator=user, source_kind="person")
    return mine.select_related("task__protocol__project", "task__prompt", "withdrawal")


def _working_membership(user: User, project: OuterRef) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user, project=project, role__in=_WORKING_ROLES)
