"""How far answers agree, and what reviewers decided about them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.people.models import User
from annotation.projects.models import GuidelineVersion, Project, Protocol
from annotation.projects.permissions import projects_where
from annotation.tasks.models import Answer, Task


class Level(models.TextChoices):
    AGREES = "agrees"
    MIXED = "mixed"
    DISAGREES = "disagrees"


class AnswerAgreementQuerySet(models.QuerySet["AnswerAgreement"]):
    def visible_to(self, user: User) -> AnswerAgreementQuerySet:
        return self.filter(project__in=projects_where(user, "view_quality"))


class AnswerAgreement(models.Model):
    """One counting answer beside the others to its task: sums, of which every figure is a ratio.

    What a report groups by is copied here from answer and task, so that it reads one narrow table.
    """

    answer = models.OneToOneField(Answer, primary_key=True, on_delete=models.CASCADE, related_name="agreement")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="+")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    guideline_version = models.ForeignKey(
        GuidelineVersion, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    week = models.DateField(help_text="The Monday of the week in which it was handed in, UTC.")
    # See judgements.Comparison.
    others = models.PositiveSmallIntegerField()
    compared = models.PositiveIntegerField()
    agreeing = models.FloatField()
    decided = models.PositiveIntegerField()
    decided_alike = models.PositiveIntegerField()
    correlation = models.FloatField()
    coincidences = models.JSONField(default=dict)
    agreement = models.FloatField(help_text="agreeing / compared")
    level = models.CharField(max_length=9, choices=Level.choices)

    objects = AnswerAgreementQuerySet.as_manager()

    class Meta:
        # The answers browser filters by level and walks the newest first.
        indexes = [models.Index(fields=["project", "level", "-answer"], name="answers_by_agreement")]

    def __str__(self) -> str:
        return f"agreement of answer {self.answer_id}"


class AgreementReport(models.Model):
    """When a protocol's figures were computed, and whether answers have changed since.

    `changes` goes up in the transaction that changes the rows underneath. A report that has seen fewer is due.
    """

    protocol = models.OneToOneField(Protocol, primary_key=True, on_delete=models.CASCADE, related_name="+")
    changes = models.BigIntegerField(default=0)
    computed_changes = models.BigIntegerField(default=0)
    computed_at = models.DateTimeField(null=True)
    # What the last computation took: the next one waits in proportion.
    cost_seconds = models.FloatField(default=0)
    categories = models.JSONField(default=list, db_default=[], help_text="Of moderation; see quality/categories.py.")
    hinted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"agreement in protocol {self.protocol_id}"


class Scope(models.TextChoices):
    PROTOCOL = "protocol"
    ANNOTATOR = "annotator"
    GUIDELINE = "guideline"
    WEEK = "week"


class AgreementFigureQuerySet(models.QuerySet["AgreementFigure"]):
    def visible_to(self, user: User) -> AgreementFigureQuerySet:
        return self.filter(protocol__project__in=projects_where(user, "view_quality"))


class AgreementFigure(models.Model):
    """A row of a report: the whole protocol, or one annotator, guideline version or week of it."""

    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=9, choices=Scope.choices)
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    guideline_version = models.ForeignKey(GuidelineVersion, null=True, on_delete=models.CASCADE, related_name="+")
    week = models.DateField(null=True)
    tasks = models.PositiveIntegerField()
    answers = models.PositiveIntegerField()
    agreement = models.FloatField()
    agreement_low = models.FloatField(null=True)
    agreement_high = models.FloatField(null=True)
    # Without ties, for rankings; exactly alike, for the rest.
    strict = models.FloatField(null=True)
    strict_low = models.FloatField(null=True)
    strict_high = models.FloatField(null=True)
    tau_b = models.FloatField(null=True)
    tau_b_low = models.FloatField(null=True)
    tau_b_high = models.FloatField(null=True)
    alpha = models.FloatField(null=True)
    alpha_low = models.FloatField(null=True)
    alpha_high = models.FloatField(null=True)

    objects = AgreementFigureQuerySet.as_manager()

    def __str__(self) -> str:
        return f"agreement in protocol {self.protocol_id}, {self.scope}"


class Verdict(models.TextChoices):
    ACCEPT = "accept"
    RETURN = "return"
    STRIKE = "strike"
    # Takes the verdict before it back: the answer is as it was handed in.
    RESTORE = "restore"


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, user: User) -> ReviewQuerySet:
        return self.filter(answer__task__protocol__project__in=projects_where(user, "view_quality"))


class Review(models.Model):
    """What a reviewer decided about one form of an answer. Append-only: whoever thinks again adds a row."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    revision = models.PositiveIntegerField()
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=7, choices=Verdict.choices)
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(verdict="return") | ~Q(reason=""), name="what_is_returned_has_a_reason")
        ]
        indexes = [models.Index(fields=["answer", "-id"], name="reviews_of_an_answer")]

    def __str__(self) -> str:
        return f"{self.verdict} of answer {self.answer_id}"
