"""What an annotator may read: their own claims, and which queues have work for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from annotation.assignment.models import Claim, ClaimState
from annotation.assignment.queue import has_waiting
from annotation.assignment.standing import NoWork, Standing, lanes, standing_of, why_not
from annotation.people.models import User
from annotation.projects.masking import masked
from annotation.projects.models import Membership, Project, Protocol, ProtocolState
from annotation.projects.permissions import ROLE_VERBS
from annotation.tasks.answers import labels_for
from annotation.tasks.models import Answer, Completion

_WORKING_ROLES = [role for role, verbs in ROLE_VERBS.items() if "do_work" in verbs]


@dataclass(frozen=True)
class Queue:
    protocol: Protocol
    available: bool
    no_work: NoWork | None
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


def completions_of(claim: Claim) -> list[tuple[str, str]]:
    """Return (label, text) of what a claim shows, in its order, and nothing about where a text came from.

    One query, none for a claim just made.
    """
    texts = claim.texts or dict(Completion.objects.filter(pk__in=claim.shown_order).values_list("pk", "text"))
    shown = [(label, texts[pk]) for label, pk in zip(labels_for(claim.shown_order), claim.shown_order, strict=True)]
    if claim.protocol_version.config.get("mask_identity"):
        return [(label, masked(text)[0]) for label, text in shown]
    return shown


def workable_protocols(user: User) -> QuerySet[Protocol]:
    """Return the active protocols of projects in which the person works."""
    mine = Protocol.objects.filter(state=ProtocolState.ACTIVE, project__archived_at=None)
    if user.is_owner:
        return mine.select_related("project")
    return mine.filter(Exists(_working_membership(user, OuterRef("project")))).select_related("project")


def protocols_seen_by(user: User) -> QuerySet[Protocol]:
    """Return the protocols of the projects that the person sees, paused ones too."""
    return Protocol.objects.filter(project__in=Project.objects.visible_to(user)).select_related("project")


def queues_of(user: User, now: datetime) -> list[Queue]:
    """Return each queue with whether it has a task for this person and how much they have done; two queries each."""
    protocols = workable_protocols(user).order_by("project__name", "pk")
    return [_queue(protocol, user, now) for protocol in protocols]


def _queue(protocol: Protocol, user: User, now: datetime) -> Queue:
    standing = standing_of(user, protocol.pk, now)
    reason = why_not(standing, user) or (None if has_work(standing, user) else NoWork.EMPTY)
    return Queue(protocol, reason is None, reason, standing.answers, standing.answers_today)


def has_work(standing: Standing, user: User) -> bool:
    """Return whether any lane of the queue has a task for this person."""
    walker, share = standing.walker(user), standing.protocol.calibration_share
    return any(
        has_waiting(
            protocol_id=standing.protocol.pk,
            purpose=purpose,
            walker=walker,
            position=standing.position(purpose, walker),
        )
        for purpose, _ in lanes(share, draw=1.0)
    )


def answers_of(user: User) -> QuerySet[Answer]:
    """Return the person's own answers with what is needed to show them."""
    mine = Answer.objects.filter(annotator=user, source_kind="person")
    return mine.select_related("task__protocol__project", "task__prompt")


def _working_membership(user: User, project: OuterRef) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user, project=project, role__in=_WORKING_ROLES)
