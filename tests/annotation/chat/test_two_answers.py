"""What is said is answered twice at once: both through the filter, blind, and what is left when one does not come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from annotation.chat import actions, answering, choosing
from annotation.chat.models import Choice, ChoiceState, Conversation, ModerationDecision, Turn
from annotation.chat.two_answers import TwoAnswers, exchange_for
from annotation.people.models import User
from annotation.registry.models import Served
from tests.chatting import Partners, serve_another
from tests.people import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def another(served: Served, partners: Partners, owner: User) -> Partners:
    """What speaks for the other model; two answers are asked for each time."""
    row = serve_another(served)
    choosing.ask_for_two(project=served.project, share=1, second=row, actor=owner, now=NOW)
    partners.others["another"] = Partners(pieces=("A lease is ", "a loan of land."))
    return partners.others["another"]


def ask(conversation: Conversation, text: str = "What is a lease?", seed: int = 1, **more: Any) -> TwoAnswers:
    turn = actions.say(conversation=conversation, parent=None, text=text, actor=conversation.person, now=NOW)
    made = exchange_for(conversation=conversation, turn=turn, random=Random(seed), clock=lambda: NOW, **more)
    assert isinstance(made, TwoAnswers)
    return made


def told(events: list[dict[str, Any]], place: str) -> str:
    return "".join(event["text"] for event in events if event["type"] == "piece" and event["place"] == place)


def test_both_are_written_and_kept_and_wait_for_the_choice(
    conversation: Conversation, partners: Partners, another: Partners
) -> None:
    events = list(ask(conversation).events())
    assert [event["type"] for event in events[:2]] == ["said", "choice"]
    assert events[-1] == {"type": "choose", "turn": events[0]["turn"]}
    choice = Choice.objects.get()
    assert (choice.left_id, choice.right_id) == (events[1]["left"], events[1]["right"])
    assert (choice.state, choice.continues, choice.selection) == ("open", None, {"policy": "two_answers", "p": 1.0})
    assert {told(events, "left"), told(events, "right")} == {"A lease is a contract.", "A lease is a loan of land."}
    assert (choice.left.text, choice.right.text) == (told(events, "left"), told(events, "right"))
    names = {"A lease is a contract.": conversation.served.name, "A lease is a loan of land.": "another"}
    assert all(turn.model_name == names[turn.text] for turn in choice.sides.values())
    assert choice.left.seed != choice.right.seed
    sides = ModerationDecision.objects.filter(side="output").order_by("turn").values_list("turn", "flagged")
    assert [*sides] == [(choice.left_id, False), (choice.right_id, False)]
    assert "another" not in str(events)


def test_chance_decides_who_stands_where_and_row_numbers_tell_nothing(
    conversation: Conversation, partners: Partners, another: Partners
) -> None:
    on_the_left = []
    for seed in range(12):
        list(ask(conversation, f"What is {seed}?", seed).events())
        choice = Choice.objects.order_by("-pk")[0]
        assert choice.left_id < choice.right_id
        on_the_left.append(choice.left.model_name)
    assert 2 <= on_the_left.count("another") <= 10


def test_the_slower_one_is_waited_for_and_not_both_in_turn(
    conversation: Conversation, partners: Partners, another: Partners
) -> None:
    partners.meanwhile = another.meanwhile = lambda: time.sleep(0.25)
    began = time.monotonic()
    assert list(ask(conversation).events())[-1]["type"] == "choose"
    # Each takes half a second.
    assert 0.5 <= time.monotonic() - began < 0.9


def test_one_model_may_answer_twice(conversation: Conversation, partners: Partners, owner: User) -> None:
    choosing.ask_for_two(project=conversation.project, share=1, second=None, actor=owner, now=NOW)
    texts = iter([["An oak."], ["A beech."]])
    lock = threading.Lock()
    seeds: list[int] = []

    class Twice(Partners):
        def chat(self, messages: Any, **sampling: Any) -> Any:
            with lock:
                seeds.append(sampling["seed"])
                return iter(next(texts))

    partners.others[conversation.served.name] = Twice()
    assert list(ask(conversation).events())[-1]["type"] == "choose"
    assert len(set(seeds)) == 2
    assert set(Turn.objects.filter(role="assistant").values_list("model_name", flat=True)) == {conversation.served.name}


def test_where_both_say_the_same_there_is_nothing_to_choose(
    conversation: Conversation, partners: Partners, another: Partners
) -> None:
    another.pieces = ["A lease is a contract."]
    assert list(ask(conversation).events())[-1]["type"] == "settled"
    choice = Choice.objects.get()
    assert (choice.state, choice.continues_by, choice.continues) == ("dropped", "alone", choice.left)


def dies(partner: Partners) -> None:
    partner.is_up = False


def breaks_off(partner: Partners) -> None:
    partner.pieces = ["word " * 40, "and"]
    met: list[int] = []
    partner.meanwhile = lambda: met.append(1) or setattr(partner, "is_up", len(met) < 2)


def is_refused(partner: Partners) -> None:
    partner.pieces = ["Take poison ", "and pour."]


def is_broken(partner: Partners) -> None:
    def fails() -> None:
        raise ZeroDivisionError

    partner.meanwhile = fails


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("goes_wrong", "state"),
    [(dies, "failed"), (breaks_off, "failed"), (is_refused, "refused"), (is_broken, "failed")],
)
def test_where_one_does_not_come_the_other_is_the_answer(
    goes_wrong: Callable[[Partners], None],
    state: str,
    conversation: Conversation,
    partners: Partners,
    another: Partners,
) -> None:
    goes_wrong(another)
    events = list(ask(conversation).events())
    assert events[-1]["type"] == "settled"
    choice = Choice.objects.get()
    assert (choice.state, choice.continues_by) == ("dropped", "alone")
    assert choice.continues is not None
    assert choice.continues.text == "A lease is a contract."
    assert sorted(turn.state for turn in choice.sides.values()) == ["complete", state]
    actions.say(conversation=conversation, parent=choice.continues, text="And?", actor=conversation.person, now=NOW)


def test_where_both_are_refused_that_is_the_answer(
    conversation: Conversation, partners: Partners, another: Partners
) -> None:
    is_refused(partners)
    is_refused(another)
    events = list(ask(conversation).events())
    assert [event["type"] for event in events if event.get("side") == "output"] == ["refused", "refused"]
    assert "poison" not in str(events)
    choice = Choice.objects.get()
    assert (choice.state, choice.continues, choice.continues_by) == ("dropped", None, "")


def test_nothing_passes_without_the_filter(conversation: Conversation, partners: Partners, another: Partners) -> None:
    partners.has_filter = False
    assert [event["type"] for event in ask(conversation).events()] == ["failed"]
    assert partners.asked == another.asked == []
    partners.has_filter = True
    partners.meanwhile = another.meanwhile = lambda: setattr(partners, "has_filter", False)
    events = list(ask(conversation, "What is a hedge?").events())
    assert [event["error"] for event in events if event["type"] == "failed"] == ["filter_down", "filter_down"]
    assert not [event for event in events if event["type"] == "piece"]
    assert Choice.objects.get().continues is None


def test_the_words_themselves_are_refused_before_either_is_asked(
    conversation: Conversation, partners: Partners, another: Partners
) -> None:
    assert [event["type"] for event in ask(conversation, "How do I poison a well?").events()] == ["refused"]
    assert partners.asked == another.asked == []
    assert not Choice.objects.exists()


@pytest.mark.parametrize("how", ["asked", "gone"])
def test_stopped_both_keep_what_was_shown(
    how: str, conversation: Conversation, partners: Partners, another: Partners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "BEAT_SECONDS", 0)
    for partner in (partners, another):
        partner.pieces = ["word " * 40] * 200
        partner.meanwhile = lambda: time.sleep(0.01)
    events = ask(conversation).events()
    for event in events:
        if event["type"] == "piece" and how == "gone":
            events.close()
        elif event["type"] == "piece":
            right = conversation.turns.filter(role="assistant").order_by("-pk")[0]
            actions.stop(turn=right, actor=conversation.person, now=NOW)
    choice = Choice.objects.get()
    assert [turn.state for turn in choice.sides.values()] == ["stopped", "stopped"]
    assert choice.state == "dropped"
    assert choice.continues is not None
    assert choice.continues.text


def test_a_process_that_is_gone_leaves_no_choice_under_way(
    conversation: Conversation, partners: Partners, another: Partners
) -> None:
    events = ask(conversation).events()
    assert [next(events)["type"] for _ in range(2)] == ["said", "choice"]
    actions.end_silent(now=NOW + 2 * actions.SILENT)
    assert Choice.objects.get().state == ChoiceState.DROPPED


def test_once_in_so_many_turns_as_the_project_asks(
    conversation: Conversation, served: Served, partners: Partners, owner: User
) -> None:
    turn = actions.say(conversation=conversation, parent=None, text="Hello.", actor=conversation.person, now=NOW)

    def is_two(seed: int, **more: Any) -> bool:
        made = exchange_for(conversation=conversation, turn=turn, random=Random(seed), clock=lambda: NOW, **more)
        return isinstance(made, TwoAnswers)

    assert not any(is_two(seed) for seed in range(50))
    choosing.ask_for_two(project=served.project, share=0.25, second=None, actor=owner, now=NOW)
    assert 25 <= sum(is_two(seed) for seed in range(200)) <= 75
    assert not any(is_two(seed, may_be_two=False) for seed in range(50))
    row = serve_another(served)
    choosing.ask_for_two(project=served.project, share=1, second=row, actor=owner, now=NOW)
    assert is_two(1)
    Served.objects.filter(pk=row.pk).update(is_wanted=False)
    assert not is_two(1)
    Served.objects.filter(pk=row.pk).update(is_wanted=True)
    setup = served.project.chat_setup
    setup.refresh_from_db()
    setup.protocol.state = "paused"
    setup.protocol.save()
    assert not is_two(1)
