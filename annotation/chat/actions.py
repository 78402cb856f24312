"""Verbs on conversations. `answering.py` writes what a model answers, `consenting.py` says what is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from annotation.chat import choosing, consenting, queries
from annotation.chat.models import (
    UNDER_WAY,
    Appeal,
    AppealState,
    ChatSetup,
    Choice,
    ConsentState,
    Conversation,
    Feedback,
    ModerationDecision,
    Turn,
    TurnRole,
    TurnState,
)
from annotation.exports.queries import StaleData
from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import require
from annotation.registry.models import Served
from annotation.tasks.messages import check_text

MOST_CHARACTERS = 20_000
MOST_TURNS = 1_000
NOTE_CHARACTERS = 2_000
# Why an answer is good or is not: what the page offers.
REASONS = ("correct", "helpful", "well_written", "wrong", "unhelpful", "harmful", "badly_written", "not_followed")
# A turn under way that has been silent for so long has lost its process.
SILENT = timedelta(minutes=3)


class ChatNotReady(Exception):
    """There is no model to talk to, or no filter before it."""


class StillAnswering(Exception):
    """One answer at a time in a conversation."""


class TooManyAnswers(Exception):
    """As many answers are being written as this process has threads to spare."""

    wait = 5


class NotAnswerable(Exception):
    """This turn cannot be answered or tried again."""


def choose_filter(*, project: Project, served: Served | None, actor: User, now: datetime) -> None:
    """Say which filter stands before the project's models, None: its own newest. Raise NotAllowed, BadField."""
    require(actor, "manage_chat", project)
    if served is not None and not queries.filters_for(project).filter(pk=served.pk).exists():
        raise BadField("filter", "must be a filter that this project serves, or a server elsewhere")
    ChatSetup.objects.update_or_create(
        project=project, defaults={"filter": served, "changed_by": actor, "changed_at": now}
    )


@transaction.atomic
def start_conversation(*, project: Project, served: Served, actor: User, now: datetime) -> Conversation:
    """Begin to talk to a model. Raise NotAllowed, ChatNotReady, StaleData."""
    require(actor, "chat", project)
    require_ready(project, served)
    always = queries.has_standing_consent(project, actor)
    return Conversation.objects.create(
        project=project,
        person=actor,
        served=served,
        consent=ConsentState.ALWAYS if always else ConsentState.NONE,
        created_at=now,
    )


def rename(*, conversation: Conversation, actor: User, title: str) -> None:
    """Raise NotAllowed, BadField."""
    _require_own(conversation, actor)
    title = title.strip()
    if not title or len(title) > 120:
        raise BadField("title", "must have between 1 and 120 characters")
    Conversation.objects.filter(pk=conversation.pk).update(title=title)


@transaction.atomic
def delete(*, conversation: Conversation, actor: User, now: datetime) -> None:
    """Wipe a conversation's words, and take back the prompts that came from it. Raise NotAllowed."""
    row = consenting.locked(conversation, actor)
    consenting.take_back(row, actor=actor, now=now)
    turns = Turn.objects.filter(conversation=row)
    turns.filter(state__in=UNDER_WAY).update(state=TurnState.STOPPED, finished_at=now)
    turns.update(text="")
    Choice.objects.filter(said__conversation=row).update(payload=None)
    ModerationDecision.objects.filter(turn__conversation=row).update(text="")
    Feedback.objects.filter(turn__conversation=row).update(note="")
    appeals = Appeal.objects.filter(decision__turn__conversation=row)
    appeals.filter(state=AppealState.OPEN).update(state=AppealState.WITHDRAWN, decided_at=now)
    appeals.update(reason="")
    Conversation.objects.filter(pk=row.pk).update(title="", consent=ConsentState.NONE, deleted_at=now)


@transaction.atomic
def say(*, conversation: Conversation, parent: Turn | None, text: str, actor: User, now: datetime) -> Turn:
    """Add what the person says after an answer, or first; beside what they said there before, which is how one edits.

    Raise NotAllowed, ChatNotReady, StaleData, StillAnswering, NotAnswerable, NotChosen, BadMessages, BadField.
    """
    row = _ready(conversation, actor)
    if parent is not None and (
        parent.role != TurnRole.ASSISTANT or parent.state not in queries.SAID or not parent.text
    ):
        raise NotAnswerable("Only an answer can be answered: change what you said before, or try it again.")
    choosing.require_chosen(parent.parent if parent else None)
    text = check_text(text, "text").strip()
    if len(text) > MOST_CHARACTERS:
        raise BadField("text", f"has {len(text):,} characters; at most {MOST_CHARACTERS:,} are allowed")
    if not row.title:
        Conversation.objects.filter(pk=row.pk).update(title=" ".join(text.split())[:60])
    return _turn(row, parent, TurnRole.USER, TurnState.CHECKING, now, text=text)


@transaction.atomic
def try_again(*, turn: Turn, actor: User, now: datetime) -> Turn:
    """Return what the person said, to be answered once more beside this answer. Raise as `say`."""
    _ready(turn.conversation, actor)
    said = turn.parent if turn.role == TurnRole.ASSISTANT else turn
    if said is None or said.state != TurnState.COMPLETE:
        raise NotAnswerable("There is nothing here that could be answered again.")
    choosing.require_chosen(said)
    return said


def stop(*, turn: Turn, actor: User, now: datetime) -> None:
    """End an answer where it is; done twice, or to one that has ended, it changes nothing. Raise NotAllowed."""
    _require_own(turn.conversation, actor)
    ended = Turn.objects.filter(pk__in=choosing.beside(turn), state__in=UNDER_WAY)
    ended.update(state=TurnState.STOPPED, finished_at=now)


@transaction.atomic
def give_feedback(
    *, turn: Turn, liked: bool | None, reasons: Sequence[str], note: str, actor: User, now: datetime
) -> None:
    """Give a thumb for an answer, or take it back. Raise NotAllowed, NotAnswerable, BadField."""
    _require_own(turn.conversation, actor)
    if turn.role != TurnRole.ASSISTANT:
        raise NotAnswerable("Thumbs are for answers.")
    if liked is None:
        Feedback.objects.filter(turn=turn).delete()
        return
    if unknown := sorted(set(reasons) - set(REASONS)):
        raise BadField("reasons", f"{unknown[0][:40]!r} is not one of {', '.join(REASONS)}")
    if len(note) > NOTE_CHARACTERS:
        raise BadField("note", f"at most {NOTE_CHARACTERS:,} characters are allowed")
    given = {"liked": liked, "reasons": sorted(set(reasons)), "note": note.strip(), "at": now}
    Feedback.objects.update_or_create(turn=turn, defaults=given)


def end_silent(*, now: datetime) -> None:
    """End the turns whose process is gone: what had been shown by then stays."""
    Turn.objects.filter(state__in=UNDER_WAY, beat_at__lt=now - SILENT).update(
        state=TurnState.FAILED, error="broken_off", finished_at=now
    )
    choosing.end_silent(before=now - SILENT, now=now)


def require_ready(project: Project, served: Served) -> None:
    """Raise ChatNotReady, StaleData."""
    if served.model is not None and served.model.stale_at is not None:
        raise StaleData(f"{served} has learned from words that were withdrawn since: talk to another model.")
    if served.model is not None and served.model.waits_for_people:
        raise ChatNotReady(f"{served} waits for people to find it better than the model before it.")
    if not served.is_wanted or not served.can_chat:
        raise ChatNotReady(f"{served} is not served to talk to.")
    if queries.filter_of(project) is None:
        raise ChatNotReady(
            "No filter stands before this project's models, so nobody can chat: train and serve a moderation model, "
            "or name a moderation server."
        )


def _ready(conversation: Conversation, actor: User) -> Conversation:
    row = consenting.locked(conversation, actor)
    require_ready(row.project, row.served)
    if queries.is_answering(row):
        raise StillAnswering("The model is still answering in this conversation: wait, or stop it.")
    if Turn.objects.filter(conversation=row).count() >= MOST_TURNS:
        raise NotAnswerable(f"A conversation has at most {MOST_TURNS:,} turns: begin another.")
    return row


def _require_own(conversation: Conversation, actor: User) -> None:
    require(actor, "chat", conversation.project)
    assert conversation.person_id == actor.pk, "conversations are read through visible_to"


def _turn(
    conversation: Conversation, parent: Turn | None, role: TurnRole, state: TurnState, now: datetime, *, text: str
) -> Turn:
    return Turn.objects.create(
        conversation=conversation, parent=parent, role=role, state=state, text=text, created_at=now, beat_at=now
    )
