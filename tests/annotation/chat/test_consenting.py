"""Conversations are learned from with consent alone, and no longer when it is revoked."""

from __future__ import annotations

import pytest

from annotation.chat import actions, queries
from annotation.chat.consenting import revoke_all, set_consent
from annotation.chat.models import ConsentState, Conversation
from annotation.people.models import User
from annotation.registry.models import Served
from annotation.tasks.models import Prompt
from tests.annotation.chat.test_answering import say
from tests.chatting import Partners
from tests.factories import make_prompt
from tests.people import NOW

pytestmark = pytest.mark.django_db


def consent(conversation: Conversation, state: ConsentState) -> None:
    set_consent(conversation=conversation, state=state, actor=conversation.person, now=NOW)


def standing(author: User) -> list[str]:
    rows = Prompt.objects.filter(author=author, withdrawal=None).order_by("pk")
    return [row.messages[-1]["content"] for row in rows]


def test_nothing_is_learned_from_whoever_was_not_asked(
    conversation: Conversation, partners: Partners, chat_user: User
) -> None:
    list(say(conversation, "What is a lease?").events())
    assert standing(chat_user) == []


def test_consent_covers_what_was_said_and_what_comes_and_is_revoked_with_all_of_it(
    conversation: Conversation, partners: Partners, chat_user: User
) -> None:
    list(say(conversation, "What is a lease?").events())
    consent(conversation, ConsentState.THIS)
    list(say(conversation, "How do I poison a well?").events())
    answer = conversation.turns.get(role="assistant")
    list(say(conversation, "And a hedge?", parent=answer).events())
    assert standing(chat_user) == ["What is a lease?", "And a hedge?"]
    prompt = Prompt.objects.get(messages__2__content="And a hedge?")
    assert (prompt.group.key, prompt.source_label) == (f"chat-{conversation.pk}", "chat")
    consent(conversation, ConsentState.NONE)
    assert standing(chat_user) == []
    list(say(conversation, "And a moat?").events())
    assert standing(chat_user) == []


def test_consent_always_reaches_new_conversations_and_its_end_reaches_all(
    conversation: Conversation, partners: Partners, chat_user: User, served: Served
) -> None:
    consent(conversation, ConsentState.ALWAYS)
    other = actions.start_conversation(project=served.project, served=served, actor=chat_user, now=NOW)
    list(say(other, "What is a lease?").events())
    assert standing(chat_user) == ["What is a lease?"]
    conversation.refresh_from_db()
    consent(conversation, ConsentState.NONE)
    assert standing(chat_user) == []
    third = actions.start_conversation(project=served.project, served=served, actor=chat_user, now=NOW)
    assert third.consent == ConsentState.NONE


def test_a_prompt_of_somebody_else_stays_theirs(
    conversation: Conversation, partners: Partners, chat_user: User
) -> None:
    theirs = make_prompt(conversation.project, "What is a lease?")
    consent(conversation, ConsentState.THIS)
    list(say(conversation, "What is a lease?").events())
    consent(conversation, ConsentState.NONE)
    theirs.refresh_from_db()
    assert theirs.withdrawal is None
    assert standing(chat_user) == []


def test_deleting_takes_back(conversation: Conversation, partners: Partners, chat_user: User) -> None:
    consent(conversation, ConsentState.THIS)
    list(say(conversation, "What is a lease?").events())
    actions.delete(conversation=conversation, actor=chat_user, now=NOW)
    assert standing(chat_user) == []


def test_all_consent_is_taken_back_at_once_also_by_who_has_left(
    conversation: Conversation, partners: Partners, chat_user: User, served: Served
) -> None:
    project = served.project
    consent(conversation, ConsentState.ALWAYS)
    other = actions.start_conversation(project=project, served=served, actor=chat_user, now=NOW)
    list(say(other, "What is a lease?").events())
    assert queries.consents_of(chat_user) == [queries.Consented(project, True, 2, 1)]
    project.memberships.filter(user=chat_user).delete()
    assert revoke_all(project=project, actor=chat_user, now=NOW) == 2
    assert (standing(chat_user), queries.consents_of(chat_user)) == ([], [])
    assert revoke_all(project=project, actor=chat_user, now=NOW) == 0
