"""The filter stands on both sides: what goes in, what comes out, and what happens when something is gone."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.chat import actions, answering
from annotation.chat.answering import Exchange
from annotation.chat.models import Conversation, ModerationDecision, Turn
from annotation.people.models import User
from annotation.registry import serving
from annotation.registry.models import Served
from tests.chatting import POISON, Partners
from tests.elsewhere import Messages, serving_elsewhere
from tests.people import NOW

pytestmark = pytest.mark.django_db


def say(conversation: Conversation, text: str, parent: Turn | None = None) -> Exchange:
    turn = actions.say(conversation=conversation, parent=parent, text=text, actor=conversation.person, now=NOW)
    return exchange(conversation, turn)


def exchange(conversation: Conversation, turn: Turn) -> Exchange:
    filtering = Served.objects.get(model=None)
    return Exchange(turn=turn, served=conversation.served, filter_served=filtering, seed=3, clock=lambda: NOW)


def tree(conversation: Conversation) -> list[tuple[str, str, str]]:
    return [(row.role, row.state, row.text) for row in conversation.turns.order_by("pk")]


def test_an_answer_is_streamed_kept_and_says_what_wrote_it(conversation: Conversation, partners: Partners) -> None:
    events = list(say(conversation, "What is a lease?").events())
    assert [event["type"] for event in events] == ["said", "answering", "piece", "done"]
    assert events[2]["text"] == "A lease is a contract."
    assert tree(conversation) == [
        ("user", "complete", "What is a lease?"),
        ("assistant", "complete", "A lease is a contract."),
    ]
    answer = conversation.turns.get(role="assistant")
    assert conversation.served.model is not None
    assert (answer.model_sha256, answer.seed) == (conversation.served.model.sha256, 3)
    decisions = ModerationDecision.objects.order_by("pk").values_list("side", "flagged", "filter_name", "text")
    assert [*decisions] == [(side, False, f"filter-{conversation.project_id}", "") for side in ("input", "output")]
    conversation.refresh_from_db()
    assert conversation.title == "What is a lease?"


def test_what_the_filter_refuses_never_reaches_the_model(conversation: Conversation, partners: Partners) -> None:
    events = list(say(conversation, "How do I poison a well?").events())
    assert [(event["type"], event.get("side"), event.get("categories")) for event in events] == [
        ("refused", "input", ["illicit"])
    ]
    assert partners.asked == []
    assert tree(conversation) == [("user", "refused", "How do I poison a well?")]
    assert ModerationDecision.objects.get().text == "How do I poison a well?"


def test_a_stream_ends_before_what_the_filter_finds(conversation: Conversation, partners: Partners) -> None:
    partners.pieces = ["Take the bucket and walk to it. " * 3, "Then pour the poi", "son in. ", "more " * 100]
    events = list(say(conversation, "What about wells?").events())
    shown = "".join(event.get("text", "") for event in events)
    assert shown == "Take the bucket and walk to it. " * 3
    assert events[-1]["type"] == "refused"
    assert events[-1]["side"] == "output"
    assert tree(conversation)[1] == ("assistant", "refused", shown)
    assert "poison" in ModerationDecision.objects.get(flagged=True).text


def test_a_guard_elsewhere_reads_both_sides_and_lets_nothing_pass_without_a_verdict(
    conversation: Conversation, owner: User
) -> None:
    def guard(messages: Messages) -> list[str]:
        return ["unsafe\nS2" if POISON in messages[-1]["content"] else "safe"]

    with serving_elsewhere(guard) as reading, serving_elsewhere(lambda _: ["Take a bucket. ", "Add poison."]) as saying:
        named = {"project": conversation.project, "actor": owner, "model": "m", "key_variable": "", "now": NOW}
        stands = serving.add_upstream(name="Guard", url=reading.url, kind="llama_guard", **named)
        partner = serving.add_upstream(name="Partner", url=saying.url, **named)

        def ask(text: str) -> list[answering.Event]:
            turn = actions.say(conversation=conversation, parent=None, text=text, actor=conversation.person, now=NOW)
            return list(Exchange(turn, partner, stands, 3, lambda: NOW).events())

        assert ask("How do I poison a well?")[-1]["side"] == "input"
        assert not saying.asked
        events = ask("What about wells?")
        assert (events[-1]["side"], events[-1]["categories"]) == ("output", ["illicit"])
        assert [turn["role"] for turn in reading.asked[-1]["messages"]] == ["user", "assistant"]
        reading.says = lambda _: ["I cannot tell."]
        assert [event["error"] for event in ask("And now?")] == ["filter_down"]


def test_without_its_filter_nothing_is_let_in_or_out(conversation: Conversation, partners: Partners) -> None:
    partners.has_filter = False
    assert [event["error"] for event in say(conversation, "What is a lease?").events()] == ["filter_down"]
    assert partners.asked == []
    partners.has_filter = True
    partners.meanwhile = lambda: setattr(partners, "has_filter", False)
    events = list(say(conversation, "What is a hedge?").events())
    assert [event["type"] for event in events] == ["said", "answering", "failed"]
    assert tree(conversation)[-1] == ("assistant", "failed", "")


def test_a_model_that_breaks_off_leaves_what_it_said(conversation: Conversation, partners: Partners) -> None:
    partners.pieces = ["word " * 40, "and"]
    partners.meanwhile = lambda: partners.asked.append("piece") or setattr(partners, "is_up", len(partners.asked) < 3)
    events = list(say(conversation, "What is a lease?").events())
    assert events[-1] == {"type": "failed", "turn": events[1]["turn"], "error": "model_down"}
    assert tree(conversation)[1] == ("assistant", "failed", "word " * 40)


def test_what_no_column_holds_is_replaced(conversation: Conversation, partners: Partners) -> None:
    partners.pieces = ["A lease\x00", " is \ud800", "a contract."]
    assert list(say(conversation, "What is a lease?").events())[-1]["state"] == "complete"
    assert tree(conversation)[1][2] == "A lease\ufffd is ?a contract."


@pytest.mark.parametrize("how", ["asked", "gone"])
def test_stopped_it_keeps_what_was_shown(
    how: str, conversation: Conversation, partners: Partners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "BEAT_SECONDS", 0)
    partners.pieces = ["word " * 40] * 9
    events = say(conversation, "What is a lease?").events()
    shown = ""
    for event in events:
        shown += event.get("text", "")
        if shown and how == "gone":
            events.close()
        elif shown:
            answer = conversation.turns.get(role="assistant")
            actions.stop(turn=answer, actor=conversation.person, now=NOW)
    assert shown == "word " * 40
    assert tree(conversation)[1] == ("assistant", "stopped", shown)


def test_edits_and_other_tries_stand_beside_the_first(
    conversation: Conversation, partners: Partners, chat_user: User
) -> None:
    list(say(conversation, "What is a lease?").events())
    first = conversation.turns.get(role="assistant")
    list(say(conversation, "Say it shorter.", parent=first).events())
    assert [message["content"] for message in partners.asked[-1]] == [
        "What is a lease?", "A lease is a contract.", "Say it shorter."
    ]  # fmt: skip
    list(say(conversation, "Say it longer.", parent=first).events())
    again = actions.try_again(turn=first, actor=chat_user, now=NOW)
    list(exchange(conversation, again).events())
    assert sorted(first.children.values_list("text", flat=True)) == ["Say it longer.", "Say it shorter."]
    assert again.children.count() == 2


def test_one_answer_at_a_time_and_only_to_what_was_answered(conversation: Conversation, partners: Partners) -> None:
    waiting = say(conversation, "What is a lease?")
    with pytest.raises(actions.StillAnswering):
        say(conversation, "And a hedge?")
    list(waiting.events())
    with pytest.raises(actions.NotAnswerable):
        say(conversation, "And a hedge?", parent=waiting.turn)


def test_a_process_that_is_gone_leaves_no_answer_open(conversation: Conversation, partners: Partners) -> None:
    turn = say(conversation, "What is a lease?").turn
    actions.end_silent(now=NOW + actions.SILENT)
    actions.end_silent(now=NOW + 2 * actions.SILENT)
    turn.refresh_from_db()
    assert (turn.state, turn.error) == ("failed", "broken_off")


def test_nobody_chats_without_a_filter(conversation: Conversation, partners: Partners) -> None:
    conversation.project.chat_setup.delete()
    with pytest.raises(actions.ChatNotReady, match="No filter"):
        say(conversation, "What is a lease?")


def words_of(conversation: Conversation) -> list[Any]:
    return [
        *conversation.turns.values_list("text", flat=True),
        *ModerationDecision.objects.values_list("text", flat=True),
    ]


def test_deleted_words_are_gone(conversation: Conversation, partners: Partners, chat_user: User) -> None:
    list(say(conversation, "How do I poison a well?").events())
    actions.delete(conversation=conversation, actor=chat_user, now=NOW)
    assert set(words_of(conversation)) == {""}
    assert not Conversation.objects.visible_to(chat_user).exists()
