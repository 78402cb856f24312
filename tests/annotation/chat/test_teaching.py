"""What a person says of an appeal is a label: stored once, in the next release, and gone with the conversation."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from annotation.chat import actions
from annotation.chat.appealing import AppealEnded, appeal, decide_appeal
from annotation.chat.consenting import set_consent
from annotation.chat.models import Appeal, ConsentState, Conversation, ModerationDecision
from annotation.exports import actions as export_actions
from annotation.exports import storage
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer, Prompt, Task
from tests.annotation.chat.test_answering import say
from tests.chatting import Partners
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW
from training import labels

pytestmark = pytest.mark.django_db

WELL = "How do I poison a well?"


@pytest.fixture
def appealed(conversation: Conversation, partners: Partners) -> Appeal:
    return refused(conversation)


def refused(conversation: Conversation, text: str = WELL) -> Appeal:
    """Say what the filter refuses, and appeal."""
    turn = say(conversation, text)
    list(turn.events())
    return appeal(turn=turn.turn, reason="It is a novel.", actor=conversation.person, now=NOW)


def judge(row: Appeal, reviewer: User, **verdicts: bool) -> Answer:
    decide_appeal(row=row, labels=verdicts, note="", actor=reviewer, now=NOW)
    return Answer.objects.select_related("task__prompt", "task__protocol").get(
        annotator=reviewer, task__prompt__messages__0__content=row.decision.text
    )


def protocol_for_labels(project: Project, owner: User, **config: object) -> Protocol:
    return project_actions.create_protocol(
        project=project, preset="moderation_label", config=config, actor=owner, now=NOW
    )


def test_a_verdict_is_the_reviewers_answer_and_says_what_they_judged_alone(
    appealed: Appeal, project: Project, chat_user: User, reviewer: User
) -> None:
    answer = judge(appealed, reviewer, illicit=False, violence=False)
    assert answer.payload["verdicts"] == {"illicit": False, "violence": False}
    assert len(answer.payload["unknown"]) == 11
    task, prompt = answer.task, answer.task.prompt
    assert prompt is not None
    assert (task.state, task.required_answers, task.answers_count, answer.is_spare) == ("closed", 1, 1, False)
    assert task.authors == [chat_user.pk]
    assert (prompt.source_kind, prompt.source_label) == ("person", "appeal")
    assert prompt.group.key == f"chat-{appealed.decision.turn.conversation_id}"
    assert (task.protocol.preset, task.protocol.created_at) == ("moderation_label", NOW)
    with pytest.raises(AppealEnded):
        judge(appealed, reviewer, illicit=True)
    assert Answer.objects.get().payload == answer.payload


def test_what_a_model_wrote_is_judged_as_the_filter_read_it(
    conversation: Conversation, partners: Partners, reviewer: User
) -> None:
    partners.pieces = ["Take the bucket and walk to it. " * 3, "Then pour the poison in. "]
    list(say(conversation, "What about wells?").events())
    answered = conversation.turns.get(role="assistant")
    row = appeal(turn=answered, reason="", actor=conversation.person, now=NOW)
    prompt = judge(row, reviewer, illicit=True).task.prompt
    assert prompt is not None
    assert prompt.messages == [{"role": "user", "content": row.decision.text}]
    assert prompt.source_kind == "model"
    row.refresh_from_db()
    assert row.state == "declined"


def test_a_protocol_that_asks_the_same_is_used_and_no_other(
    appealed: Appeal, project: Project, owner: User, reviewer: User
) -> None:
    protocol_for_labels(project, owner, categories=["hate"], subject="prompt")
    protocol_for_labels_of_answers = project_actions.create_protocol(
        project=project, preset="moderation_label", name="Answers", config={"subject": "completion"}, actor=owner,
        now=NOW,
    )  # fmt: skip
    found = judge(appealed, reviewer, illicit=False).task.protocol
    assert found != protocol_for_labels_of_answers
    assert found.name == "Label for moderation 2"
    again = refused(appealed.decision.turn.conversation, "Why is poison poison?")
    assert judge(again, reviewer, illicit=False).task.protocol == found
    assert project.protocols.filter(kind="moderation_label").count() == 3


def test_the_house_teaches_by_names_that_it_knows(appealed: Appeal, reviewer: User) -> None:
    ModerationDecision.objects.update(categories=["illicit", "defamation", "rudeness"])
    found = judge(appealed, reviewer, illicit=False, defamation=True, rudeness=True)
    assert found.payload["verdicts"] == {"illicit": False, "defamation": True}
    other = refused(appealed.decision.turn.conversation, "More poison?")
    ModerationDecision.objects.filter(appeal=other).update(categories=["rudeness"])
    decide_appeal(row=other, labels={"rudeness": False}, note="", actor=reviewer, now=NOW)
    assert Prompt.objects.filter(source_label="appeal").count() == 1


def test_a_text_that_others_have_judged_has_one_judge_more(
    appealed: Appeal, project: Project, owner: User, annotator: User, reviewer: User
) -> None:
    task = make_demonstration_task(protocol_for_labels(project, owner), WELL, required_answers=1)
    answer_task(task, annotator, {"verdicts": {"illicit": True}})
    answer = judge(appealed, reviewer, illicit=False)
    task.refresh_from_db()
    assert answer.task == task
    assert (task.state, task.required_answers, task.answers_count, answer.is_spare) == ("closed", 2, 2, False)


def test_said_again_of_the_same_text_it_is_the_answers_next_form(
    appealed: Appeal, conversation: Conversation, reviewer: User
) -> None:
    judge(appealed, reviewer, illicit=False, violence=True)
    answer = judge(refused(conversation), reviewer, illicit=True)
    assert (answer.revision, answer.payload["verdicts"]) == (2, {"illicit": True, "violence": True})
    Answer.objects.update(frozen_at=NOW)
    third = refused(conversation)
    sealed = judge(third, reviewer, illicit=False)
    assert sealed.revision == 2
    third.refresh_from_db()
    assert third.state == "accepted"
    assert Task.objects.filter(prompt=answer.task.prompt).count() == 1


@pytest.mark.usefixtures("own_folders")
def test_the_next_release_holds_it_and_is_stale_when_the_conversation_is_deleted(
    appealed: Appeal, project: Project, owner: User, chat_user: User, reviewer: User
) -> None:
    judge(appealed, reviewer, illicit=False)
    release = export_actions.request_release(project=project, name="Labels", selection={}, actor=owner, now=NOW)
    export_actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == "done", release.error
    folder = Path(default_storage.path(storage.prefix_of(release.digest_sha256)))
    found = [text for split in ("train", "validation", "test") for text in labels.read_labels(folder, split)[0]]
    assert [(text.text, text.votes) for text in found] == [(WELL, {"illicit": (0, 1)})]

    conversation = appealed.decision.turn.conversation
    actions.delete(conversation=conversation, actor=chat_user, now=NOW)
    assert Prompt.objects.get(source_label="appeal").withdrawal is not None
    assert Answer.objects.get().state == "struck"
    assert release.staleness.exists()
    other = actions.start_conversation(project=project, served=conversation.served, actor=chat_user, now=NOW)
    decide_appeal(row=refused(other), labels={"illicit": False}, note="", actor=reviewer, now=NOW)
    assert Answer.objects.get().state == "struck"


def test_consent_that_is_revoked_takes_it_back_and_deleted_words_are_not_judged(
    appealed: Appeal, conversation: Conversation, chat_user: User, reviewer: User
) -> None:
    judge(appealed, reviewer, illicit=False)
    for state in (ConsentState.THIS, ConsentState.NONE):
        set_consent(conversation=conversation, state=state, actor=chat_user, now=NOW)
    assert Prompt.objects.get(source_label="appeal").withdrawal is not None
    waiting = refused(conversation, "Another poison?")
    actions.delete(conversation=conversation, actor=chat_user, now=NOW)
    with pytest.raises(AppealEnded):
        decide_appeal(row=waiting, labels={"illicit": False}, note="", actor=reviewer, now=NOW)
    assert Prompt.objects.filter(source_label="appeal").count() == 1


def test_a_prompt_that_was_there_before_stays_when_the_conversation_goes(
    appealed: Appeal, project: Project, owner: User, chat_user: User, reviewer: User
) -> None:
    task = make_demonstration_task(protocol_for_labels(project, owner), WELL, required_answers=2)
    answer = judge(appealed, reviewer, illicit=False)
    assert answer.task == task
    actions.delete(conversation=appealed.decision.turn.conversation, actor=chat_user, now=NOW)
    assert Prompt.objects.get(pk=task.prompt_id).withdrawal is None
    answer.refresh_from_db()
    assert answer.state == "submitted"


def test_words_that_nobody_can_be_asked_about_are_judged_and_not_learned(appealed: Appeal, reviewer: User) -> None:
    ModerationDecision.objects.update(text="\x07\x07")
    decide_appeal(row=appealed, labels={"illicit": True}, note="", actor=reviewer, now=NOW)
    appealed.refresh_from_db()
    assert appealed.state == "declined"
    assert not Answer.objects.exists()
