"""A claim is one person's hold on one task, until submitted, skipped, released or expired."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from annotation.projects.models import GuidelineVersion, ProtocolVersion
from annotation.tasks.models import Answer, Task


class ClaimState(models.TextChoices):
    OPEN = "open"
    SUBMITTED = "submitted"
    SKIPPED = "skipped"
    RELEASED = "released"
    EXPIRED = "expired"


class SkipReason(models.TextChoices):
    UNCLEAR = "unclear"
    NOT_MY_EXPERTISE = "not_my_expertise"
    HARMFUL = "harmful"
    WRONG_LANGUAGE = "wrong_language"
    BROKEN = "broken"
    OTHER = "other"
    # No more of this now: held against nobody, and explained to nobody.
    TOO_MUCH = "too_much"


class Claim(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="claims", db_index=False)
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims", db_index=False
    )
    state = models.CharField(max_length=9, choices=ClaimState.choices, default=ClaimState.OPEN)
    # Completion ids in the order shown: the annotator sees them as c1 … cK and nothing else of them.
    shown_order = ArrayField(models.BigIntegerField(), default=list)
    # What the person works by: rules and guideline that change meanwhile are for the next claim.
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    guideline_version = models.ForeignKey(
        GuidelineVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    selection = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, help_text="When the lease began; empty while only fetched ahead.")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    draft = models.JSONField(null=True)
    draft_seconds = models.FloatField(default=0)
    draft_step_seconds = models.JSONField(default=dict)
    draft_saved_at = models.DateTimeField(null=True)
    skip_reason = models.CharField(max_length=20, choices=SkipReason.choices, blank=True, default="")
    skip_note = models.TextField(blank=True, default="")
    # What came of it; on an open claim the answer that its author has reopened, which takes no place on the task.
    answer = models.ForeignKey(Answer, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    idempotency_key = models.UUIDField(null=True)

    # The texts of the completions by id, as they are shown, where whoever made the claim has read them already.
    texts: dict[int, str] | None = None

    class Meta:
        constraints = [
            # The person first: it finds what they hold as well. Open claims are few, so the sweep for those whose time
            # is up reads all of them here; an index by that time would cost each hand-over more than the sweep saves,
            # and tempt the planner to look for a person's claims among everybody's.
            models.UniqueConstraint(
                fields=["annotator", "task"], condition=Q(state="open"), name="one_open_claim_per_person_and_task"
            )
        ]
        indexes = [
            models.Index(fields=["task", "annotator"], name="claims_on_a_task"),
            models.Index(fields=["answer"], condition=Q(answer__isnull=False), name="claims_answered"),
            # For the hours worked on what never became an answer; claims that did are not in it.
            models.Index(
                fields=["ended_at"], condition=Q(state__in=["skipped", "released", "expired"]), name="claims_given_up"
            ),
            # For their person to go on with: what ran out with something written in it.
            models.Index(
                fields=["annotator", "-ended_at"],
                condition=Q(state="expired", draft_saved_at__isnull=False),
                name="claims_left_with_a_draft",
            ),
        ]


class Exposure(models.Model):
    """How many texts that are hard to read somebody was handed on a day, in all projects together."""

    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exposures", db_index=False
    )
    day = models.DateField()
    texts = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["annotator", "day"], name="one_exposure_per_person_and_day")]

    def __str__(self) -> str:
        return f"{self.annotator}, {self.day}: {self.texts}"
