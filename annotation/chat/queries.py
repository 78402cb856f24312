"""Reads on conversations: what there is to talk to, one's own conversations, and appeals for those who judge them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from annotation.chat.models import (
    UNDECIDED,
    UNDER_WAY,
    Appeal,
    ChatSetup,
    Choice,
    ConsentState,
    ContributedPrompt,
    Conversation,
    ModerationDecision,
    StandingConsent,
    Turn,
    TurnRole,
    TurnState,
)
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry.models import FILTERING, Served, ServedState
from annotation.tasks.messages import Message

# The stage whose models are filters.
FILTER_STAGE = "moderation"
# What may be answered: an answer that was cut short is still what was said.
SAID = (TurnState.COMPLETE, TurnState.STOPPED)


@dataclass(frozen=True)
class Setup:
    """What a project has to talk to, and what is missing."""

    partners: list[Served]
    filter: Served | None
    # Why nobody can chat now: no_model, no_filter, filter_down; empty where they can.
    missing: list[str]


def setup_of(project: Project) -> Setup:
    found = filter_of(project)
    partners = [one for one in _up(project) if one.can_chat and one != found]
    missing = [] if partners else ["no_model"]
    if found is None:
        missing.append("no_filter")
    elif found.state != ServedState.READY or not found.is_wanted:
        missing.append("filter_down")
    return Setup(partners, found, missing)


def filter_of(project: Project) -> Served | None:
    """Return the filter that was chosen, else the newest of the project's own."""
    chosen = ChatSetup.objects.filter(project=project).select_related("filter__model").first()
    if chosen and chosen.filter:
        return chosen.filter
    return _up(project).filter(model__stage=FILTER_STAGE).order_by("-pk").first()


def filters_for(project: Project) -> QuerySet[Served]:
    """Return what may be chosen as a filter: models trained to be one, and servers elsewhere named for it."""
    rows = Served.objects.filter(project=project)
    rows = rows.filter(Q(upstream_kind__in=FILTERING) | Q(model__stage=FILTER_STAGE))
    return rows.select_related("model").order_by("pk")


def conversations_of(project: Project, user: User) -> QuerySet[Conversation]:
    rows = Conversation.objects.visible_to(user).filter(project=project)
    return rows.select_related("project", "person", "served__model")


def turns_of(conversation: Conversation) -> QuerySet[Turn]:
    """Return the whole tree, oldest first, with what the filter and the person said of each turn.

    `is_blind` are those of which it is not told who wrote them until its person has chosen.
    """
    undecided = Choice.objects.filter(Q(left=OuterRef("pk")) | Q(right=OuterRef("pk")), state__in=UNDECIDED)
    decisions = ModerationDecision.objects.filter(flagged=True).select_related("appeal").order_by("pk")
    rows = Turn.objects.filter(conversation=conversation).annotate(is_blind=Exists(undecided))
    rows = rows.select_related("feedback", "parent", "choice__protocol_version", "choice__guideline_version")
    return rows.prefetch_related(Prefetch("decisions", decisions, to_attr="flags")).order_by("pk")


def path_to(turn: Turn) -> list[Message]:
    """Return what was said up to this turn of the person's, and with it: what the model is given."""
    turns = {row.pk: row for row in Turn.objects.filter(conversation=turn.conversation_id)}
    path = []
    at: Turn | None = turn
    while at is not None:
        path.append({"role": at.role, "content": at.text})
        at = turns[at.parent_id] if at.parent_id else None
    return path[::-1]


def is_answering(conversation: Conversation) -> bool:
    return Turn.objects.filter(conversation=conversation, state__in=UNDER_WAY).exists()


def has_standing_consent(project: Project, person: User) -> bool:
    return StandingConsent.objects.filter(project=project, person=person, revoked_at=None).exists()


@dataclass(frozen=True)
class Consented:
    """What a person lets a project learn from what they say to its models."""

    project: Project
    always: bool
    conversations: int
    prompts: int


def consents_of(person: User) -> list[Consented]:
    """Return where a person has consented, and how much came of it; four queries."""
    standing = StandingConsent.objects.filter(person=person, revoked_at=None)
    always = set(standing.values_list("project", flat=True))
    agreed = Conversation.objects.filter(person=person).exclude(consent=ConsentState.NONE)
    conversations = dict(agreed.order_by().values_list("project").annotate(Count("pk")))
    given = ContributedPrompt.objects.filter(turn__conversation__person=person, prompt__withdrawal=None)
    prompts = dict(given.order_by().values_list("turn__conversation__project").annotate(Count("pk")))
    projects = Project.objects.filter(pk__in={*always, *conversations, *prompts}).order_by("name", "pk")
    return [
        Consented(project, project.pk in always, conversations.get(project.pk, 0), prompts.get(project.pk, 0))
        for project in projects
    ]


def appeals_of(project: Project, user: User) -> QuerySet[Appeal]:
    rows = Appeal.objects.visible_to(user).filter(project=project)
    return rows.select_related("project", "decision", "reviewer", "person")


def two_answers_of(project: Project) -> ChatSetup | None:
    """Return how often two answers are asked for, and of whom; None where nobody has set anything."""
    return ChatSetup.objects.filter(project=project).select_related("second", "protocol").first()


def exported(conversation: Conversation, turns: Iterable[Any]) -> dict[str, Any]:
    """Return a conversation as its person takes it away: the tree, in plain words."""
    return {
        "title": conversation.title,
        "model": conversation.served.name,
        "consent": conversation.consent,
        "created_at": conversation.created_at.isoformat(),
        "turns": [
            {
                "id": turn.pk,
                "parent": turn.parent_id,
                "role": turn.role,
                "text": turn.text,
                "state": turn.state,
                "created_at": turn.created_at.isoformat(),
            }
            | ({"model": "" if turn.is_blind else turn.model_name} if turn.role == TurnRole.ASSISTANT else {})
            | ({"choice": _chosen(turn.choice)} if hasattr(turn, "choice") else {})
            for turn in turns
        ],
    }


def _chosen(choice: Choice) -> dict[str, Any]:
    shown = {"c1": choice.left_id, "c2": choice.right_id}
    return {"shown": shown, "said": choice.payload, "continues": choice.continues_id}


def _up(project: Project) -> QuerySet[Served]:
    return Served.objects.filter(project=project, is_wanted=True).select_related("model").order_by("-pk")
