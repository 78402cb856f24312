"""Choosing between two answers: which one goes on, what is kept of it, and what it becomes with consent."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from annotation.assignment.models import Claim
from annotation.chat import actions, choosing
from annotation.chat.consenting import set_consent
from annotation.chat.models import Choice, ConsentState, Conversation, Turn
from annotation.exports import actions as export_actions
from annotation.exports.models import Release
from annotation.exports.reading import records_of
from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.kinds.shape import InvalidAnswer
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed
from annotation.registry.models import Served
from annotation.registry.withdrawals import withdraw_work
from annotation.tasks.actions import add_prompt
from annotation.tasks.models import Answer, Completion, Task
from tests.chatting import offer_two
from tests.factories import user_says
from tests.people import NOW

pytestmark = pytest.mark.django_db

BETTER = {"preferred": "c2", "strength": 3, "both_bad": False, "rationale": "", "edit": None}
TIE = BETTER | {"preferred": None, "strength": 0}


@pytest.fixture
def said(served: Served, chat_user: User) -> Turn:
    return offer_two(served, chat_user)


def choose(said: Turn, payload: dict[str, Any] = BETTER, continue_with: str | None = None, seed: int = 1) -> Choice:
    return choosing.choose(
        turn=said, payload=payload, continue_with=continue_with, seconds=7.5, actor=said.conversation.person, now=NOW,
        random=Random(seed),
    )  # fmt: skip


def go_on(turn: Turn) -> Turn:
    whole = turn.conversation
    return actions.say(conversation=whole, parent=turn, text="Go on.", actor=whole.person, now=NOW)


def consent(conversation: Conversation, state: ConsentState) -> None:
    set_consent(conversation=conversation, state=state, actor=conversation.person, now=NOW)


def test_the_better_one_goes_on_and_both_stay(said: Turn) -> None:
    for turn in said.children.all():
        with pytest.raises(choosing.NotChosen):
            go_on(turn)
    with pytest.raises(choosing.NotChosen):
        actions.try_again(turn=said, actor=said.conversation.person, now=NOW)
    choice = choose(said)
    assert (choice.state, choice.continues, choice.continues_by, choice.seconds) == (
        "chosen", choice.right, "preferred", 7.5
    )  # fmt: skip
    assert choice.payload == BETTER | {"tiers": [["c2"], ["c1"]], "all_bad": False}
    assert said.children.count() == 2
    go_on(choice.right)
    with pytest.raises(choosing.NotChoosable):
        choose(said)


def test_where_neither_is_better_a_person_or_chance_picks(served: Served, chat_user: User) -> None:
    def picked(text: str, **more: Any) -> tuple[str, int]:
        choice = choose(offer_two(served, chat_user, text), TIE | {"both_bad": True}, **more)
        return choice.continues_by, [choice.left, choice.right].index(choice.continues)

    assert picked("Name a bush.", continue_with="c2") == ("person", 1)
    by_chance = {picked(f"Name {seed} trees.", seed=seed) for seed in range(10)}
    assert by_chance == {("chance", 0), ("chance", 1)}


def test_what_does_not_fit_is_refused_and_the_choice_stays_open(said: Turn) -> None:
    for payload in (BETTER | {"strength": 5}, BETTER | {"preferred": "c3"}, {}, TIE | {"score": 1}):
        with pytest.raises(InvalidAnswer):
            choose(said, payload)
    for payload, continue_with in ((BETTER, "c1"), (TIE, "c3")):
        with pytest.raises(BadField):
            choose(said, payload, continue_with)
    assert Choice.objects.get().state == "open"


def test_without_consent_the_choice_stays_in_the_conversation(said: Turn) -> None:
    choose(said)
    assert [model.objects.count() for model in (Answer, Task, Completion, Claim)] == [0, 0, 0, 0]


def check_ranking(said: Turn, choice: Choice) -> Answer:
    answer = Answer.objects.get()
    left, right = Completion.objects.order_by("pk")
    assert (left.text, right.text) == (choice.left.text, choice.right.text)
    assert {row.source_label for row in (left, right)} == {said.conversation.served.name}
    assert answer.payload["tiers"] == [[right.pk], [left.pk]]
    assert answer.payload["strength"] == 3
    assert (answer.shown_order, answer.seconds) == ([left.pk, right.pk], 7.5)
    assert answer.selection == {"policy": "two_answers", "p": 1.0}
    assert answer.annotator == said.conversation.person
    assert (answer.task.state, answer.is_spare, answer.task.protocol.preset) == ("closed", False, "hh_live")
    assert answer.task.prompt is not None
    assert answer.task.prompt.messages == [{"role": "user", "content": said.text}]
    claim = Claim.objects.get()
    assert (claim.state, claim.answer, claim.shown_order) == ("submitted", answer, answer.shown_order)
    return answer


def test_with_consent_it_is_an_answer_of_its_protocol(said: Turn) -> None:
    consent(said.conversation, ConsentState.THIS)
    assert not Answer.objects.exists()
    choice = choose(said)
    assert choice.answer == check_ranking(said, choice)


def test_consent_that_comes_later_reaches_back_and_its_end_takes_back(said: Turn) -> None:
    choice = choose(said)
    consent(said.conversation, ConsentState.THIS)
    answer = check_ranking(said, choice)
    consent(said.conversation, ConsentState.NONE)
    answer.refresh_from_db()
    assert (answer.state, answer.is_hidden) == ("struck", True)
    assert not Completion.objects.filter(withdrawal=None).exists()
    # What was taken back does not come back.
    consent(said.conversation, ConsentState.THIS)
    assert Answer.objects.get().state == "struck"


def test_whoever_withdraws_all_their_work_withdraws_their_choices(said: Turn, project: Project) -> None:
    consent(said.conversation, ConsentState.ALWAYS)
    choose(said)
    person = said.conversation.person
    withdraw_work(project=project, person=person, actor=person, now=NOW)
    assert Answer.objects.get().is_hidden


def test_words_that_somebody_else_wrote_before_get_no_answers_from_here(said: Turn, owner: User) -> None:
    add_prompt(project=said.conversation.project, messages=user_says(said.text), author=owner, now=NOW)
    consent(said.conversation, ConsentState.THIS)
    choose(said)
    assert not Answer.objects.exists()


def test_deleted_its_words_are_gone(said: Turn) -> None:
    consent(said.conversation, ConsentState.THIS)
    choose(said, BETTER | {"rationale": "A car is no tree.", "edit": {"of": "c2", "text": "A beech."}})
    actions.delete(conversation=said.conversation, actor=said.conversation.person, now=NOW)
    assert Choice.objects.get().payload is None
    assert Answer.objects.get().is_hidden


def test_it_stands_in_a_release_as_a_ranking_with_its_propensity(
    said: Turn, project: Project, owner: User, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    choosing.ask_for_two(project=project, share=0.25, second=None, actor=owner, now=NOW)
    Choice.objects.update(selection={"policy": "two_answers", "p": 0.25})
    consent(said.conversation, ConsentState.THIS)
    choose(said, BETTER | {"edit": {"of": "c2", "text": "A beech."}})
    release = export_actions.request_release(project=project, name="live", selection={}, actor=owner, now=NOW)
    export_actions.freeze(release_id=release.pk)
    release = Release.objects.get(pk=release.pk)
    split = Answer.objects.get().task.prompt.group.split  # type: ignore[union-attr]
    (record,) = records_of(release, split, "rankings")
    assert [message["content"] for message in record["messages"]] == [said.text]
    assert record["selection"] == {"policy": "two_answers", "p": 0.25}
    texts = {one["completion_id"]: one["text"] for one in record["completions"]}
    assert [[texts[pk] for pk in tier] for tier in record["tiers"]] == [
        ["A beech."], ["Name a tree. A car."], ["Name a tree. An oak."]
    ]  # fmt: skip
    assert (record["strength"], record["strength_levels"], record["seconds"]) == (3, 4, 7.5)
    assert [texts[pk] for pk in record["shown_order"]] == ["Name a tree. An oak.", "Name a tree. A car."]
    consent(said.conversation, ConsentState.NONE)
    release.refresh_from_db()
    assert release.stale_at is not None


def test_who_may_ask_for_two(
    project: Project, served: Served, manager: User, researcher: User, reviewer: User, chat_user: User
) -> None:
    for actor in (researcher, manager):
        choosing.ask_for_two(project=project, share=0.5, second=None, actor=actor, now=NOW)
    for actor in (reviewer, chat_user):
        with pytest.raises(NotAllowed):
            choosing.ask_for_two(project=project, share=0.5, second=None, actor=actor, now=NOW)
    assert project.protocols.filter(preset="hh_live").count() == 1
    filtering = project.chat_setup.filter
    for share, second in ((1.5, None), (-1, None), (0.5, filtering)):
        with pytest.raises(BadField):
            choosing.ask_for_two(project=project, share=share, second=second, actor=manager, now=NOW)
