"""What each kind of work takes as an answer. Nothing here knows a database."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.projects.kinds.shape import InvalidAnswer, character_fault
from annotation.projects.protocol import KINDS, check_config

LABELS = ["c1", "c2", "c3"]
STRICT = [["c2"], ["c1"], ["c3"]]
TIED = [["c2"], ["c1", "c3"]]


def check(kind: str, payload: dict[str, Any], labels: list[str] = LABELS, **config: object) -> dict[str, Any]:
    return KINDS[kind].check(payload, check_config(kind, config), labels)


def refused(kind: str, payload: dict[str, Any], labels: list[str] = LABELS, **config: object) -> dict[str, str]:
    with pytest.raises(InvalidAnswer) as error:
        check(kind, payload, labels, **config)
    return dict(error.value.errors)


def test_a_ranking_keeps_its_tiers_and_ties_whole() -> None:
    answer = {"tiers": TIED, "all_bad": True, "rationale": "  None is good.\r\n"}
    assert check("ranking", answer) == {"tiers": TIED, "all_bad": True, "rationale": "None is good."}
    assert check("ranking", {"tiers": STRICT}) == {"tiers": STRICT, "all_bad": False, "rationale": ""}
    assert check("ranking", {"tiers": [LABELS]})["tiers"] == [LABELS]


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        ([["c1"], ["c2"]], "'c3' is not ranked"),
        ([["c1"], ["c2"], ["c3", "c1"]], "ranked twice"),
        ([["c1"], ["c2"], ["c3"], ["c4"]], "does not belong"),
        ([["c1"], [], ["c2", "c3"]], "is empty"),
        ([[["c1"]], ["c2"], ["c3"]], "does not belong"),
        ([[1], [2], [3]], "does not belong"),
        ([], "not ranked"),
        ("c1", "list of lists"),
        (None, "list of lists"),
        (["c1", "c2", "c3"], "list of lists"),
        ([{"c1": 1}], "list of lists"),
    ],
)
def test_tiers_that_rank_something_else_are_refused(tiers: object, says: str) -> None:
    assert says in refused("ranking", {"tiers": tiers})["tiers"]


def test_ties_are_refused_where_the_protocol_wants_none() -> None:
    assert "no ties" in refused("ranking", {"tiers": TIED}, allow_ties=False)["tiers"]
    assert check("ranking", {"tiers": STRICT}, allow_ties=False)["tiers"] == STRICT


def test_a_rationale_is_asked_for_where_the_protocol_wants_one() -> None:
    assert refused("ranking", {"tiers": STRICT, "rationale": " "}, require_rationale=True) == {
        "rationale": "must not be empty"
    }
    assert "5,001" in refused("ranking", {"tiers": STRICT, "rationale": "x" * 5001})["rationale"]


@pytest.mark.parametrize("value", [1, "yes", None])
def test_all_bad_is_true_or_false(value: object) -> None:
    assert "all_bad" in refused("ranking", {"tiers": STRICT, "all_bad": value})


def test_fields_of_no_protocol_are_refused_each_by_name() -> None:
    assert set(refused("ranking", {"tiers": STRICT, "winner": "c1", "score": 3})) == {"winner", "score"}
    assert set(refused("demonstration", {"completion": "Yes.", "tiers": []}, [])) == {"tiers"}


def test_a_demonstration_is_a_text_with_line_feeds() -> None:
    assert check("demonstration", {"completion": " One.\r\nTwo.\rThree.\n"}, []) == {"completion": "One.\nTwo.\nThree."}


@pytest.mark.parametrize(
    "payload", [{}, {"completion": ""}, {"completion": " \n\t"}, {"completion": None}, {"completion": 5}]
)
def test_a_demonstration_that_is_empty_or_no_text_is_refused(payload: dict[str, Any]) -> None:
    assert set(refused("demonstration", payload, [])) == {"completion"}


def test_a_demonstration_is_as_long_as_its_protocol_allows() -> None:
    assert check("demonstration", {"completion": "x" * 10}, [], maximum_characters=10)
    assert (
        "11 characters" in refused("demonstration", {"completion": "x" * 11}, [], maximum_characters=10)["completion"]
    )


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x9f", "\ud800"])
def test_characters_that_cannot_be_kept_are_refused_by_their_place(character: str) -> None:
    said = refused("demonstration", {"completion": f"ab{character}"}, [])["completion"]
    assert f"U+{ord(character):04X} at 2" in said


@pytest.mark.parametrize("character", ["\t", "\n", "\x85", "\u2028", "\u2029", "\ufeff", "\U0001f600", "\u202e"])
def test_characters_that_only_look_odd_are_kept(character: str) -> None:
    assert character_fault(f"a{character}b") == ""
