"""TRL's shapes, with nothing but json to read them. What TRL itself makes of them: test_loaders."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from annotation.exports.views import VIEWS
from tests.annotation.exports.views.records import (
    ALL_BAD,
    COMPARISON,
    DEMONSTRATION,
    QUESTION,
    RANKING,
    TURNS,
)
from training.handover import dump_line, parse_line
from training.records import Message


def says(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def outcomes(view: str, *records: Any, **options: Any) -> list[Any]:
    """Go the whole way: records to lines of a file, lines to rows, rows to lines that json reads."""
    stored = [parse_line(dump_line(record.to_json())) for record in records]
    made = VIEWS[view].stream(stored, VIEWS[view].choices(options))
    return [outcome if isinstance(outcome, str) else json.loads(dump_line(outcome)) for outcome in made]


def rows(view: str, *records: Any, **options: Any) -> list[Any]:
    return [outcome for outcome in outcomes(view, *records, **options) if not isinstance(outcome, str)]


def reasons(view: str, *records: Any, **options: Any) -> list[str]:
    return [outcome for outcome in outcomes(view, *records, **options) if isinstance(outcome, str)]


def asked_once(record: Any) -> Any:
    return replace(record, messages=tuple(Message(**turn) for turn in QUESTION))


def texts(view: str, *records: Any, **options: Any) -> list[tuple[str, str]]:
    found = rows(view, *records, **options)
    return [(row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in found]


def test_sft_is_one_conversation() -> None:
    assert rows("trl_sft", DEMONSTRATION) == [{"messages": [*TURNS, *says("A wren.\u2028Small.")]}]


def test_sft_in_two_parts() -> None:
    expected = {"prompt": TURNS, "completion": says("A wren.\u2028Small.")}
    assert rows("trl_sft_prompt_completion", DEMONSTRATION) == [expected]


def test_plain_texts_hold_one_question() -> None:
    standard = {"form": "standard"}
    assert rows("trl_sft_prompt_completion", asked_once(DEMONSTRATION), **standard) == [
        {"prompt": "Name a bird.", "completion": "A wren.\u2028Small."}
    ]
    assert rows("trl_preference", asked_once(COMPARISON), pairs="adjacent", **standard)[0] == {
        "prompt": "Name a bird.",
        "chosen": "text a, edited",
        "rejected": "text a",
    }
    assert outcomes("trl_prompt", asked_once(RANKING), RANKING, **standard) == [
        {"prompt": "Name a bird."},
        "several_turns",
    ]


def test_a_ranking_is_its_strict_pairs() -> None:
    pairs = [("b", "a"), ("b", "d"), ("b", "c"), ("a", "c"), ("d", "c")]
    assert rows("trl_preference", RANKING) == [
        {"prompt": TURNS, "chosen": says(f"text {better}"), "rejected": says(f"text {worse}")}
        for better, worse in pairs
    ]
    assert reasons("trl_preference", RANKING) == ["tied_pair"]


def test_an_all_bad_ranking_makes_no_pair_and_is_counted() -> None:
    assert outcomes("trl_preference", ALL_BAD) == ["all_bad_ranking"]


def test_the_edit_of_a_comparison_is_preferred_to_both() -> None:
    pairs = [("text a, edited", "text a"), ("text a, edited", "text b"), ("text a", "text b")]
    assert texts("trl_preference", COMPARISON) == pairs


def test_weights_of_a_ranking_sum_to_one() -> None:
    weighed = [row["weight"] for row in rows("trl_preference", RANKING, weights=True)]
    assert weighed == [pytest.approx(1 / 5)] * 5


def test_a_comparison_has_a_margin() -> None:
    assert rows("trl_reward_margin", COMPARISON) == [
        {"prompt": TURNS, "chosen": says("text a"), "rejected": says("text b"), "margin": 2 / 3}
    ]
    assert reasons("trl_reward_margin", COMPARISON) == ["edit_pair", "edit_pair"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (RANKING, "ranking_without_strength"),
        (replace(COMPARISON, all_bad=True), "all_bad_ranking"),
        (replace(COMPARISON, completions=RANKING.completions[:2], tiers=(("a", "b"),), strength=0), "tied_pair"),
    ],
)
def test_what_has_no_margin_is_counted(record: Any, reason: str) -> None:
    assert outcomes("trl_reward_margin", record) == [reason]


def test_the_best_are_desirable_and_the_worst_are_not() -> None:
    found = [(row["completion"][0]["content"], row["label"]) for row in rows("trl_unpaired", RANKING)]
    assert found == [("text b", True), ("text c", False)]
    assert reasons("trl_unpaired", RANKING) == ["completion_between"] * 2
    assert outcomes("trl_unpaired", replace(RANKING, tiers=(("a", "b", "c", "d"),))) == ["all_tied_ranking"]


def test_completions_marked_all_bad_may_be_undesirable() -> None:
    assert outcomes("trl_unpaired", ALL_BAD) == ["all_bad_ranking"]
    assert [row["label"] for row in rows("trl_unpaired", ALL_BAD, all_bad="undesirable")] == [False] * 4
