"""A project is one assistant being made; its protocols say how people work on it."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models

from annotation.people.models import User


class Role(models.TextChoices):
    MANAGER = "manager"
    RESEARCHER = "researcher"
    REVIEWER = "reviewer"
    ANNOTATOR = "annotator"
    CHAT_USER = "chat_user"


def new_pseudonym_key() -> str:
    return secrets.token_hex(32)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> ProjectQuerySet:
        return self if user.is_owner else self.filter(memberships__user=user)


class Project(models.Model):
    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True, default="")
    # Keys the hash that stands for a person in this project's releases.
    pseudonym_key = models.CharField(max_length=64, default=new_pseudonym_key, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    objects = ProjectQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    qualifications = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    # Languages the person works in; none named means all. Prompts without a language are for everybody.
    languages = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    team = models.CharField(max_length=60, blank=True, default="")
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="one_membership_per_person")]


class Invitation(models.Model):
    """A place in a project, waiting for whoever holds the link."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=12, choices=Role.choices)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True)


class ProtocolState(models.TextChoices):
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class Protocol(models.Model):
    """One kind of work in a project: these columns steer its queue, ProtocolVersion holds its configuration."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="protocols")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=ProtocolState.choices, default=ProtocolState.ACTIVE)
    # The preset it was made from: what a page shows beside the name; nothing depends on it.
    preset = models.CharField(max_length=40, blank=True, default="")
    required_answers = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    # Adaptive overlap: a closed task whose answers agree less than the floor asks for more, up to the maximum.
    maximum_answers = models.PositiveSmallIntegerField(null=True)
    agreement_floor = models.FloatField(null=True)
    lease_seconds = models.PositiveIntegerField(default=1800)
    # Who may work here: each empty list lets everybody in.
    eligible_roles = ArrayField(models.CharField(max_length=12, choices=Role.choices), default=list, blank=True)
    eligible_teams = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    required_qualifications = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    answers_per_person = models.PositiveIntegerField(null=True, help_text="The most one person may answer in all.")
    answers_per_day = models.PositiveIntegerField(null=True, help_text="The most one person may answer in a day.")
    # The share of each person's work that comes from the pool which everybody answers.
    calibration_share = models.FloatField(default=0)
    # [{languages, tags, team, people}]: whom new tasks are for; the first rule that fits a prompt holds.
    assignment_rules = models.JSONField(default=list)
    # Where finished answers go on: demonstrations to be scored, written prompts to be answered.
    follow_up = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="one_protocol_per_name"),
            models.CheckConstraint(condition=models.Q(required_answers__gte=1), name="protocol_requires_an_answer"),
            models.CheckConstraint(
                condition=models.Q(calibration_share__gte=0, calibration_share__lte=0.5),
                name="calibration_is_at_most_half",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProtocolVersion(models.Model):
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    config = models.JSONField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["protocol", "number"], name="one_protocol_version_per_number")]


class GuidelineVersion(models.Model):
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="guidelines")
    number = models.PositiveIntegerField()
    markdown = models.TextField()
    change_note = models.CharField(max_length=500, blank=True, default="", help_text="What changed, in a sentence.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["protocol", "number"], name="one_guideline_per_number")]


class GuidelineReading(models.Model):
    """A person has read a version of a guideline: what they are told about is what came after."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="guideline_readings")
    number = models.PositiveIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "protocol", "number"], name="one_reading_per_person_and_version")
        ]
