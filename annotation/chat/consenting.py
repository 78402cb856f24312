"""Conversations become training prompts with their person's consent, and cease to be when it is revoked. What a
filter refused becomes one when its person appeals (`teaching.py`), and is taken back with the rest.

Callers hold the conversation's row, so that nothing is contributed while consent is taken back.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotation.assignment.living import Judged, judge_live
from annotation.chat import queries
from annotation.chat.models import (
    Choice,
    ChoiceState,
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
from annotation.tasks.actions import add_completion, add_prompt, open_task
from annotation.tasks.models import Completion, Prompt, Source

# What is read of a choice to make an answer of it.
_TO_JUDGE = ("said", "left", "right", "protocol_version__protocol", "guideline_version")
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
        choices = Choice.objects.filter(said__conversation=row, state=ChoiceState.CHOSEN, answer=None)
        for choice in choices.select_related(*_TO_JUDGE).order_by("pk"):
            contribute_choice(row, choice, now=now)


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


def contribute_choice(conversation: Conversation, choice: Choice, *, now: datetime) -> None:
    """Make what the person chose an answer of its protocol, where they consented. Repeated, it changes nothing.

    It hangs on the prompt that came of the same words, and so is taken back with it: words that were a prompt before,
    or have been taken back once, get no answers from here.
    """
    given = ContributedPrompt.objects.filter(turn=choice.said, prompt__withdrawal=None).select_related("prompt").first()
    if conversation.consent == ConsentState.NONE or given is None or choice.answer_id or choice.payload is None:
        return
    completions = [_completion(given.prompt, turn, now) for turn in choice.sides.values()]
    version = choice.protocol_version
    task, _ = open_task(
        protocol=version.protocol,
        prompt=given.prompt,
        completions=completions,
        required_answers=1,
        selection=choice.selection,
        # What was shown was two, whatever the protocol says by now.
        bounds=(len(completions), len(completions)),
        now=now,
    )
    choice.answer = judge_live(
        task=task,
        judged=Judged(
            payload=choice.payload,
            shown_order=[completion.pk for completion in completions],
            protocol_version=version,
            guideline_version=choice.guideline_version,
            seconds=choice.seconds or 0.0,
            shown_at=choice.asked_at,
            judged_at=choice.decided_at or now,
        ),
        actor=conversation.person,
        now=now,
    )
    choice.save(update_fields=["answer"])


def locked(conversation: Conversation, actor: User) -> Conversation:
    """Return the person's own conversation with its row held. Raise NotAllowed."""
    require(actor, "chat", conversation.project)
    assert conversation.person_id == actor.pk, "conversations are read through visible_to"
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("project", "served__model", "person").get(pk=conversation.pk)


def _completion(prompt: Prompt, turn: Turn, now: datetime) -> Completion:
    row, _ = add_completion(
        prompt=prompt,
        text=turn.text,
        source_kind=Source.MODEL,
        source_label=turn.model_name,
        model_sha256=turn.model_sha256,
        now=now,
    )
    return row


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
