"""What an annotator may read: their own claims, and which queues have work for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotation.assignment.models import Claim, ClaimState
from annotation.people.models import User
from annotation.projects.models import GuidelineVersion, Membership, Project, Protocol, ProtocolState, ProtocolVersion
from annotation.projects.permissions import ROLE_VERBS
from annotation.tasks.answers import labels_for
from annotation.tasks.models import Answer, Completion

_WORKING_ROLES = [role for role, verbs in ROLE_VERBS.items() if "do_work" in verbs]

# Walks the queue's partial index from its head and takes the first task that nobody else is looking at.
# A task is passed over when this person has answered it, holds it, or has skipped it.
NEXT_TASK = """
    SELECT task.id FROM tasks_task AS task
    WHERE task.protocol_id = %(protocol)s AND task.purpose = 'work' AND task.state = 'open'
      AND task.answers_count < task.required_answers - task.claims_count
      AND NOT EXISTS (SELECT 1 FROM tasks_answer AS answer
                      WHERE answer.task_id = task.id AND answer.annotator_id = %(annotator)s)
      AND NOT EXISTS (SELECT 1 FROM assignment_claim AS claim
                      WHERE claim.task_id = task.id AND claim.annotator_id = %(annotator)s
                        AND claim.state IN ('open', 'skipped'))
    ORDER BY task.priority * -1, task.queue_key, task.id
    LIMIT 1
"""


@dataclass(frozen=True)
class Queue:
    protocol: Protocol
    available: bool
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
    """Return (label, text) of what a claim shows, in its order, and nothing about where a text came from; one query."""
    texts = dict(Completion.objects.filter(pk__in=claim.shown_order).values_list("pk", "text"))
    return [(label, texts[pk]) for label, pk in zip(labels_for(claim.shown_order), claim.shown_order, strict=True)]


def current_versions(protocol: Protocol) -> tuple[ProtocolVersion, GuidelineVersion | None]:
    version = protocol.versions.order_by("-number")[0]
    return version, protocol.guidelines.order_by("-number").first()


def workable_protocols(user: User) -> QuerySet[Protocol]:
    """Return the active protocols of projects in which the person works."""
    mine = Protocol.objects.filter(state=ProtocolState.ACTIVE, project__archived_at=None)
    if user.is_owner:
        return mine.select_related("project")
    return mine.filter(Exists(_working_membership(user, OuterRef("project")))).select_related("project")


def protocols_seen_by(user: User) -> QuerySet[Protocol]:
    """Return the protocols of the projects that the person sees, paused ones too."""
    return Protocol.objects.filter(project__in=Project.objects.visible_to(user)).select_related("project")


def queues_of(user: User, day_start: datetime) -> list[Queue]:
    """Return each queue with whether it has a task for this person and how much they have done."""
    protocols = list(workable_protocols(user).order_by("project__name", "pk"))
    mine = Answer.objects.filter(annotator=user, task__protocol__in=protocols).values("task__protocol")
    today = Count("pk", filter=Q(submitted_at__gte=day_start))
    done: dict[int, Any] = {row["task__protocol"]: row for row in mine.annotate(total=Count("pk"), today=today)}
    queues = []
    for protocol in protocols:
        row = done.get(protocol.pk, {"total": 0, "today": 0})
        queues.append(Queue(protocol, has_work(protocol, user), row["total"], row["today"]))
    return queues


def has_work(protocol: Protocol, user: User) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_TASK, {"protocol": protocol.pk, "annotator": user.pk})
        return cursor.fetchone() is not None


def answers_of(user: User) -> QuerySet[Answer]:
    """Return the person's own answers with what is needed to show them."""
    mine = Answer.objects.filter(annotator=user, source_kind="person")
    return mine.select_related("task__protocol__project", "task__prompt")


def _working_membership(user: User, project: OuterRef) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user, project=project, role__in=_WORKING_ROLES)
