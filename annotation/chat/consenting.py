"""Conversations become training prompts with their person's consent, and cease to be when it is revoked. What a
filter refused becomes one when its person appeals (`teaching.py`), and is taken back with the rest.

Callers hold the conversation's row, so that nothing is contributed while consent is taken back.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotation.chat import queries
from annotation.chat.models import (
    ConsentState,
    ContributedPrompt,
    Conversation,
    StandingConsent,
    Turn,
    TurnRole,
    TurnState,
)
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import require
from annotation.registry.withdrawals import withdraw_prompt
from annotation.tasks.actions import add_prompt

REVOKED = "Consent to learn from the conversation was revoked."


@transaction.atomic
def set_consent(*, conversation: Conversation, state: ConsentState, actor: User, now: datetime) -> None:
    """Give or revoke consent. `this` is for one conversation, `always` for it and for all that begin until revoked;
    `none` takes back, with all that came of it, what this conversation's consent has given. Raise NotAllowed.
    """
    require(actor, "chat", conversation.project)
    row = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    was = ConsentState(row.consent)
    if was == state:
        return
    standing = StandingConsent.objects.filter(person=actor, project=row.project, revoked_at=None)
    if was == ConsentState.ALWAYS:
        standing.update(revoked_at=now)
        _revoke_others(row, actor, now)
    if state == ConsentState.ALWAYS and not standing.exists():
        StandingConsent.objects.create(person=actor, project=row.project, given_at=now)
    row.consent, row.consent_changed_at = state, now
    row.save(update_fields=["consent", "consent_changed_at"])
    if state == ConsentState.NONE:
        take_back(row, actor=actor, now=now)
    else:
        for turn in row.turns.filter(role=TurnRole.USER, state=TurnState.COMPLETE).order_by("pk"):
            contribute(row, turn, now=now)


@transaction.atomic
def revoke_all(*, project: Project, actor: User, now: datetime) -> int:
    """Take back every consent that a person gave in a project, with all that came of it; return how many conversations.

    Whoever has left the project may, too. Done twice, it changes nothing.
    """
    StandingConsent.objects.filter(person=actor, project=project, revoked_at=None).update(revoked_at=now)
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(person=actor, project=project)
    given = list(rows.exclude(consent=ConsentState.NONE).select_related("project").order_by("pk"))
    for row in given:
        take_back(row, actor=actor, now=now)
        Conversation.objects.filter(pk=row.pk).update(consent=ConsentState.NONE, consent_changed_at=now)
    return len(given)


def contribute(conversation: Conversation, turn: Turn, *, now: datetime) -> None:
    """Make what the person said a prompt of the project, where they consented. Repeated, it changes nothing.

    A text that is a prompt already is somebody else's, and stays so.
    """
    if conversation.consent == ConsentState.NONE or ContributedPrompt.objects.filter(turn=turn).exists():
        return
    prompt, is_new = add_prompt(
        project=conversation.project,
        messages=queries.path_to(turn),
        author=conversation.person,
        now=now,
        group_key=f"chat-{conversation.pk}",
        source_label="chat",
    )
    if is_new:
        ContributedPrompt.objects.create(turn=turn, prompt=prompt, at=now)


def take_back(conversation: Conversation, *, actor: User, now: datetime) -> None:
    """Withdraw every prompt that came from the conversation, with what was made of it."""
    given = ContributedPrompt.objects.filter(turn__conversation=conversation, prompt__withdrawal=None)
    for row in given.select_related("prompt__project", "prompt__author").order_by("prompt"):
        withdraw_prompt(prompt=row.prompt, actor=actor, now=now, reason=REVOKED)


def _revoke_others(conversation: Conversation, actor: User, now: datetime) -> None:
    """What was consented to always is revoked everywhere."""
    others = Conversation.objects.select_for_update(no_key=True).filter(
        person=actor, project=conversation.project_id, consent=ConsentState.ALWAYS
    )
    for row in others.exclude(pk=conversation.pk).order_by("pk"):
        take_back(row, actor=actor, now=now)
        Conversation.objects.filter(pk=row.pk).update(consent=ConsentState.NONE, consent_changed_at=now)
