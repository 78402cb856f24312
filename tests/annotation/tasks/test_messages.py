from __future__ import annotations

from typing import Any

import pytest

from annotation.tasks.messages import MAXIMUM_CHARACTERS, BadMessages, check_messages, check_text

ASK = {"role": "user", "content": "What is a lease?"}
REPLY = {"role": "assistant", "content": "A contract."}
SYSTEM = {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize("messages", [[ASK], [SYSTEM, ASK], [ASK, REPLY, ASK], [SYSTEM, ASK, REPLY, ASK], [ASK, ASK]])
def test_a_conversation_that_ends_with_the_user_is_a_prompt(messages: list[dict[str, str]]) -> None:
    assert check_messages(messages) == messages


@pytest.mark.parametrize(
    ("messages", "field"),
    [
        (None, "messages"),
        ([], "messages"),
        ("What?", "messages"),
        ({"role": "user"}, "messages"),
        (["What?"], "messages[0]"),
        ([{"content": "What?"}], "messages[0].role"),
        ([{"role": "human", "content": "What?"}], "messages[0].role"),
        ([{"role": ["user"], "content": "What?"}], "messages[0].role"),
        ([{"role": "user"}], "messages[0].content"),
        ([{"role": "user", "content": 5}], "messages[0].content"),
        ([{"role": "user", "content": " \n "}], "messages[0].content"),
        ([ASK | {"name": "Ada"}], "messages[0].name"),
        ([ASK, REPLY], "messages[1].role"),
        ([SYSTEM], "messages[0].role"),
        ([ASK, SYSTEM, ASK], "messages[1].role"),
        ([SYSTEM, SYSTEM, ASK], "messages[1].role"),
        ([ASK, REPLY, {"role": "user", "content": "a\x00b"}], "messages[2].content"),
    ],
)
def test_what_is_no_prompt_is_refused_by_its_place(messages: Any, field: str) -> None:
    with pytest.raises(BadMessages) as refused:
        check_messages(messages)
    assert refused.value.field == field
    assert refused.value.message


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\x7f", "\x80", "\x9f", "\ud83d"])
def test_control_characters_and_halves_of_pairs_are_refused_with_their_code(character: str) -> None:
    with pytest.raises(BadMessages, match=f"U\\+{ord(character):04X} at 1: remove it"):
        check_text(f"a{character}", "text")


@pytest.mark.parametrize("character", ["\t", "\n", "\x85", "\u2028", "\u2029"])
def test_line_and_paragraph_separators_are_text(character: str) -> None:
    assert check_text(f"a{character}b", "text") == f"a{character}b"


def test_line_ends_become_line_feeds_and_blanks_stay() -> None:
    assert check_text("  a\r\nb\rc ", "text") == "  a\nb\nc "


def test_a_prompt_has_a_longest_length_over_all_its_messages() -> None:
    half = "x" * (MAXIMUM_CHARACTERS // 2)
    whole = [ASK | {"content": half}, REPLY | {"content": half}]
    with pytest.raises(BadMessages, match="200,000"):
        check_messages([*whole, ASK | {"content": "x"}])
    assert check_messages([ASK | {"content": half + half}])
