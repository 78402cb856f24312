"""Conversations of people with a model, what the filter said of them, and what people said back."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from annotation.people.models import User
from annotation.projects.models import GuidelineVersion, Project, Protocol, ProtocolVersion
from annotation.projects.permissions import projects_where
from annotation.registry.models import Served
from annotation.tasks.models import Answer, Prompt


class ConsentState(models.TextChoices):
    """Whether what a person writes may become training prompts. Nobody has consented who was not asked."""

    NONE = "none"
    THIS = "this"
    ALWAYS = "always"


class TurnRole(models.TextChoices):
    USER = "user"
    ASSISTANT = "assistant"


class TurnState(models.TextChoices):
    # What a person wrote, until the filter has read it.
    CHECKING = "checking"
    WRITING = "writing"
    COMPLETE = "complete"
    REFUSED = "refused"
    STOPPED = "stopped"
    FAILED = "failed"


UNDER_WAY = (TurnState.CHECKING, TurnState.WRITING)


class Side(models.TextChoices):
    INPUT = "input"
    OUTPUT = "output"


class AppealState(models.TextChoices):
    OPEN = "open"
    # The filter was wrong, says a person; or it was right; or the words were deleted before anybody looked.
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ChatSetup(models.Model):
    """Which filter stands before and behind the models of a project; without one nobody chats.

    And how often people are given two answers to choose from, by whom, and what kind of work their choices are.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="chat_setup")
    filter = models.ForeignKey(Served, null=True, on_delete=models.PROTECT, related_name="+")
    # How likely what is said is answered twice: the propensity of each comparison. 0 is never.
    two_answers_share = models.FloatField(default=0, db_default=0)
    # What writes the other answer; empty: the model of the conversation, once more.
    second = models.ForeignKey(Served, null=True, on_delete=models.PROTECT, related_name="+")
    protocol = models.ForeignKey(Protocol, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(two_answers_share__gte=0, two_answers_share__lte=1), name="share_of_two_answers"
            ),
        ]


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> ConversationQuerySet:
        """Return the person's own, and nobody else's, whatever their role."""
        return self.filter(person=user, deleted_at=None, project__in=projects_where(user, "chat"))


class Conversation(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="conversations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    served = models.ForeignKey(Served, on_delete=models.PROTECT, related_name="conversations")
    title = models.CharField(max_length=120, blank=True, default="")
    consent = models.CharField(max_length=10, choices=ConsentState.choices, default=ConsentState.NONE)
    consent_changed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    # Deleted words are gone; the row stays so that counts and decisions do.
    deleted_at = models.DateTimeField(null=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "project", "-id"], name="conversations_of_a_person"),
        ]

    def __str__(self) -> str:
        return self.title or f"conversation {self.pk}"


class StandingConsent(models.Model):
    """A person lets a project learn from all that they say to its models, from then until they revoke it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "project"], condition=Q(revoked_at=None), name="one_standing_consent"
            ),
        ]


class Turn(models.Model):
    """What one side said. Turns are a tree: an edit or another try stands beside the first, under the same parent."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")
    role = models.CharField(max_length=10, choices=TurnRole.choices)
    text = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=TurnState.choices)
    # What wrote it, to the byte; empty for what a person wrote, and for a server elsewhere.
    model_name = models.CharField(max_length=120, blank=True, default="")
    model_sha256 = models.CharField(max_length=64, blank=True, default="")
    seed = models.BigIntegerField(null=True)
    error = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField()
    # A turn under way says so every second; one that has fallen silent has lost its process.
    beat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["beat_at"], condition=Q(state__in=UNDER_WAY), name="turns_under_way")]


class ChoiceState(models.TextChoices):
    WRITING = "writing"
    # Both answers stand, and their person has to choose.
    OPEN = "open"
    CHOSEN = "chosen"
    # Nothing to compare: one was refused, failed or stopped, or both say the same.
    DROPPED = "dropped"


# Who wrote which is not told before.
UNDECIDED = (ChoiceState.WRITING, ChoiceState.OPEN)


class ContinuesBy(models.TextChoices):
    """Why it is this answer that goes on."""

    PREFERRED = "preferred"
    # Neither was better, so its person or chance picked one.
    PERSON = "person"
    CHANCE = "chance"
    # There was only this one, or no difference.
    ALONE = "alone"


class Choice(models.Model):
    """Two answers to what a person said, side by side. Both stay in the tree; the one chosen goes on."""

    said = models.OneToOneField(Turn, on_delete=models.CASCADE, related_name="choice")
    left = models.OneToOneField(Turn, on_delete=models.CASCADE, related_name="+")
    right = models.OneToOneField(Turn, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=ChoiceState.choices, default=ChoiceState.WRITING)
    # What the person chooses by, as on a claim.
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="+")
    guideline_version = models.ForeignKey(GuidelineVersion, null=True, on_delete=models.PROTECT, related_name="+")
    selection = models.JSONField(help_text="{policy, p}: how likely this was answered twice.")
    asked_at = models.DateTimeField()
    # The comparison as its protocol stores it, left as c1 and right as c2; kept here whether or not it is learned from.
    payload = models.JSONField(null=True)
    seconds = models.FloatField(null=True)
    continues = models.ForeignKey(Turn, null=True, on_delete=models.CASCADE, related_name="+")
    continues_by = models.CharField(max_length=10, choices=ContinuesBy.choices, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    # What it became, with consent.
    answer = models.OneToOneField(Answer, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["asked_at"], condition=Q(state="writing"), name="choices_under_way")]

    @property
    def sides(self) -> dict[str, Turn]:
        """Both answers, by what the person's choice calls them."""
        return {"c1": self.left, "c2": self.right}


class ModerationDecision(models.Model):
    """What the filter said of a turn: of all of it where nothing was found, else of the part where it was."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="decisions")
    side = models.CharField(max_length=10, choices=Side.choices)
    flagged = models.BooleanField()
    categories = ArrayField(models.CharField(max_length=40), default=list)
    scores = models.JSONField(default=dict, help_text="{category: score}, the highest of all that was read.")
    # What was found, so that a person can judge it; nobody is shown what was held back otherwise.
    text = models.TextField(blank=True, default="")
    # To the byte where the models are ours; a server elsewhere has a name alone.
    filter_name = models.CharField(max_length=120)
    filter_sha256 = models.CharField(max_length=64, blank=True, default="")
    model_sha256 = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField()


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: User) -> AppealQuerySet:
        """Return what the person may judge."""
        return self.filter(project__in=projects_where(user, "review_appeals"))


class Appeal(models.Model):
    """Somebody says that the filter was wrong, and somebody else looks."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="appeals")
    decision = models.OneToOneField(ModerationDecision, on_delete=models.CASCADE, related_name="appeal")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=AppealState.choices, default=AppealState.OPEN)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # {category: true or false}: what the reviewer says holds; a category that is not there is unknown.
    labels = models.JSONField(default=dict)
    note = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "state", "-id"], name="appeals_to_decide")]


class Feedback(models.Model):
    """A thumb for an answer, with reasons."""

    turn = models.OneToOneField(Turn, on_delete=models.CASCADE, related_name="feedback")
    liked = models.BooleanField()
    reasons = ArrayField(models.CharField(max_length=40), default=list)
    note = models.TextField(blank=True, default="")
    at = models.DateTimeField()


class ContributedPrompt(models.Model):
    """A prompt that came from a conversation, with consent or by an appeal; withdrawn when either is taken back."""

    turn = models.OneToOneField(Turn, on_delete=models.CASCADE, related_name="contributed")
    prompt = models.OneToOneField(Prompt, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
