"""Conversations of OpenAI and ShareGPT; OpenAI's preferences are not seen on a published file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows, skips
from tests.annotation.intake.readers.samples import ASK, BLUE, GPT, GREEN, HUMAN, SAMPLES

CALL = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function"}]}


def messages(*turns: Any, **more: Any) -> bytes:
    return lines_of({"messages": list(turns), **more})


def test_the_last_reply_is_the_demonstration() -> None:
    (row,) = rows(lines_of(SAMPLES["openai_chat"][0]))
    assert (row.kind, row.completion, row.source) == ("demonstration", "It is blue.", "")
    assert [message["role"] for message in row.messages] == ["system", "user"]


def test_both_spellings_of_a_conversation_read_alike() -> None:
    assert rows(lines_of({"conversations": [HUMAN, GPT]})) == rows(messages(ASK, BLUE))
    assert rows(messages({"role": "developer", "content": "Be brief."}, ASK, BLUE)) == rows(
        lines_of({"conversations": [HUMAN, GPT], "system": "Be brief."})
    )
    parts = [{"type": "text", "text": "What color "}, {"type": "text", "text": "is the sky?"}]
    assert rows(messages({"role": "user", "content": parts}, BLUE)) == rows(messages(ASK, BLUE))


def test_a_conversation_that_ends_with_the_user_is_a_prompt() -> None:
    row, skipped = outcomes(messages(ASK, BLUE, ASK))
    assert (row.kind, len(row.messages), skipped.reason) == ("prompt", 3, "earlier_reply")


def test_a_reply_of_no_weight_is_no_demonstration() -> None:
    no_weight = {**GREEN, "weight": 0}
    assert skips(lines_of(SAMPLES["openai_chat"][1])) == []
    row, skipped = outcomes(messages(ASK, BLUE, ASK, no_weight))
    assert (row.kind, row.completion, skipped.reason) == ("demonstration", "It is blue.", "weight")
    row, skipped = outcomes(messages(ASK, no_weight))
    assert (row.kind, row.messages, skipped.reason) == ("prompt", [ASK], "weight")


def test_what_has_no_place_here_is_counted() -> None:
    named = {**ASK, "name": "Kim"}
    thought = {**BLUE, "reasoning_content": "Hm."}
    data = messages(named, thought, tools=[{"type": "function"}], parallel_tool_calls=True, user="u")
    assert skips(data) == ["speaker", "thinking", "tools", "unread_field"]


def test_openais_preference_has_one_reply_on_each_side() -> None:
    (row,) = rows(lines_of(SAMPLES["openai_preference"][0]))
    assert (row.kind, row.messages, row.tiers) == ("ranking", [ASK], [[0], [1]])
    assert [text for text, _ in row.completions] == ["It is blue.", "It is green."]


@pytest.mark.parametrize(
    ("turns", "field", "reason"),
    [
        ([], "messages", "wrong_type"),
        (["Hi"], "messages[0]", "wrong_type"),
        ([{"role": "pirate", "content": "Ho"}], "messages[0].role", "bad_role"),
        ([ASK, CALL], "messages[1]", "tool_turn"),
        ([ASK, {"role": "tool", "content": "4"}], "messages[1]", "tool_turn"),
        ([ASK, {"role": "assistant", "content": None}], "messages[1].content", "missing_field"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "messages[0].content", "not_text"),
        ([ASK, BLUE, {"role": "system", "content": "x"}, ASK], "messages[2].role", "bad_messages"),
        ([BLUE], "messages", "bad_messages"),
        ([ASK, {"role": "assistant", "content": " "}], "completion", "empty_text"),
    ],
)
def test_a_conversation_that_cannot_be_read_is_refused(turns: list[Any], field: str, reason: str) -> None:
    assert refusals(messages(*turns), "openai_chat") == [(1, field, reason)]


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"input": None}, "input", "missing_field"),
        ({"input": {}}, "input.messages", "missing_field"),
        ({"preferred_output": None}, "preferred_output", "missing_field"),
        ({"preferred_output": [GREEN]}, "rejected", "identical_replies"),
    ],
)
def test_a_preference_that_cannot_be_read_is_refused(change: dict[str, Any], field: str, reason: str) -> None:
    data = lines_of(SAMPLES["openai_preference"][0] | change)
    assert refusals(data, "openai_preference") == [(1, field, reason)]
