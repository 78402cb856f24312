from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.annotation.projects.kinds import checking

check = partial(checking.check, "demonstration")
refused = partial(checking.refused, "demonstration")

TURNS = [{"role": "assistant", "content": "For how long?"}, {"role": "user", "content": "A year."}]


def test_a_demonstration_is_a_text_with_line_feeds() -> None:
    assert check({"completion": " One.\r\nTwo.\rThree.\n"}) == {"completion": "One.\nTwo.\nThree."}


@pytest.mark.parametrize(
    "payload", [{}, {"completion": ""}, {"completion": " \n\t"}, {"completion": None}, {"completion": 5}]
)
def test_a_demonstration_that_is_empty_or_no_text_is_refused(payload: dict[str, Any]) -> None:
    assert set(refused(payload)) == {"completion"}


def test_a_demonstration_is_as_long_as_its_protocol_allows() -> None:
    assert check({"completion": "x" * 10}, maximum_characters=10)
    assert "11 characters" in refused({"completion": "x" * 11}, maximum_characters=10)["completion"]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x9f", "\ud800"])
def test_characters_that_cannot_be_kept_are_refused_by_their_place(character: str) -> None:
    assert f"U+{ord(character):04X} at 2" in refused({"completion": f"ab{character}"})["completion"]


def test_turns_between_prompt_and_answer_are_kept_where_the_protocol_asks_for_them() -> None:
    said = {"completion": "Then it is a lease.", "turns": TURNS}
    assert check(said, multi_turn=True) == said
    assert check({"completion": "A lease."}, multi_turn=True) == {"completion": "A lease.", "turns": []}
    assert check({"completion": "A lease.", "turns": []}) == {"completion": "A lease."}
    assert "is not asked for" in refused(said)["turns"]


@pytest.mark.parametrize(
    ("turns", "field"),
    [
        (TURNS[:1], "turns"),
        ([TURNS[1], TURNS[0]], "turns[0].role"),
        ([TURNS[0], TURNS[0]], "turns[1].role"),
        ([TURNS[0], {"role": "system", "content": "Be kind."}], "turns[1].role"),
        ([TURNS[0], {"role": "user", "content": " "}], "turns[1].content"),
        ([TURNS[0], {"role": "user"}], "turns[1].content"),
        ([TURNS[0], TURNS[1] | {"name": "Ann"}], "turns[1].name"),
        ([TURNS[0], "A year."], "turns[1]"),
        (TURNS * 2, "turns"),
        ("A year.", "turns"),
        (None, "turns"),
    ],
)
def test_turns_that_do_not_lead_to_the_answer_are_refused_by_their_place(turns: object, field: str) -> None:
    assert field in refused({"completion": "A lease.", "turns": turns}, multi_turn=True, maximum_turns=2)
