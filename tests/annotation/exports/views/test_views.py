"""Each view against the trainer's documented shape, with nothing but json to read it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from annotation.exports.views import VIEWS
from training.records import (
    DemonstrationRecord,
    Message,
    RankedCompletion,
    RankingRecord,
    dump_line,
)

CONVERSATION = (
    Message("system", "Be brief."),
    Message("user", "Hello?"),
    Message("assistant", "Yes."),
    Message("user", "Name a bird."),
)
SHARED = {"record_id": "1", "prompt_id": "2", "group": "g", "split": "train", "messages": CONVERSATION}
DEMONSTRATION = DemonstrationRecord(**SHARED, completion="A wren.\u2028Small.")
RANKING = RankingRecord(
    **SHARED,
    completions=tuple(RankedCompletion(pk, f"text {pk}", "model", "secret") for pk in "abcd"),
    tiers=(("b",), ("a", "d"), ("c",)),
)
ALL_BAD = RankingRecord(**SHARED, completions=RANKING.completions, tiers=RANKING.tiers, all_bad=True)

COMPARISON = RankingRecord(
    **SHARED,
    completions=(*RANKING.completions[:2], RankedCompletion("a-edit-1", "text a, edited", "person", "", "a")),
    tiers=(("a-edit-1",), ("a",), ("b",)),
    strength=2,
    strength_levels=3,
)

TURNS = [{"role": turn.role, "content": turn.content} for turn in CONVERSATION]


def says(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def rows(view: str, *records: Any) -> list[Any]:
    """Go the whole way: records to lines of a file, lines to rows, rows to lines that json reads."""
    stored = [dump_line(record.to_json()) for record in records]
    written = b"".join(dump_line(row) for row in VIEWS[view].stream(stored))
    return [json.loads(line) for line in written.split(b"\n") if line]


def test_sft_is_one_conversation() -> None:
    assert rows("trl_sft", DEMONSTRATION) == [{"messages": [*TURNS, *says("A wren.\u2028Small.")]}]


def test_sft_in_two_parts() -> None:
    expected = {"prompt": TURNS, "completion": says("A wren.\u2028Small.")}
    assert rows("trl_sft_prompt_completion", DEMONSTRATION) == [expected]


def test_a_ranking_is_its_strict_pairs() -> None:
    found = rows("trl_preference", RANKING)
    pairs = [("b", "a"), ("b", "d"), ("b", "c"), ("a", "c"), ("d", "c")]
    assert found == [
        {"prompt": TURNS, "chosen": says(f"text {better}"), "rejected": says(f"text {worse}")}
        for better, worse in pairs
    ]
    assert VIEWS["trl_preference"].left_out(RANKING) == {"tied_pair": 1}


def test_an_all_bad_ranking_makes_no_pair_and_is_counted() -> None:
    assert rows("trl_preference", ALL_BAD) == []
    assert VIEWS["trl_preference"].left_out(ALL_BAD) == {"all_bad_ranking": 1}


def test_the_edit_of_a_comparison_is_preferred_to_both() -> None:
    pairs = [(row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in rows("trl_preference", COMPARISON)]
    assert pairs == [("text a, edited", "text a"), ("text a, edited", "text b"), ("text a", "text b")]


def test_a_comparison_has_a_margin() -> None:
    assert rows("trl_reward_margin", COMPARISON) == [
        {"prompt": TURNS, "chosen": says("text a"), "rejected": says("text b"), "margin": 2 / 3}
    ]
    assert VIEWS["trl_reward_margin"].left_out(COMPARISON) == {"tied_pair": 0, "edit_pair": 2}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (RANKING, "ranking_without_strength"),
        (replace(COMPARISON, all_bad=True), "all_bad_ranking"),
        (replace(COMPARISON, completions=RANKING.completions[:2], tiers=(("a", "b"),), strength=0), "tied_pair"),
    ],
)
def test_what_has_no_margin_is_counted(record: RankingRecord, reason: str) -> None:
    assert rows("trl_reward_margin", record) == []
    assert VIEWS["trl_reward_margin"].left_out(record)[reason] == 1


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_says_what_it_loses_and_writes_no_null(name: str) -> None:
    view = VIEWS[name]
    assert view.name == name
    assert view.loses
    records = (RANKING, COMPARISON) if view.record is RankingRecord else (DEMONSTRATION,)
    for row in rows(name, *records):
        assert None not in row.values()
        turns = [turn for part in row.values() if isinstance(part, list) for turn in part]
        assert all(set(turn) == {"role", "content"} for turn in turns)


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_tells_where_a_completion_came_from(name: str) -> None:
    records = (RANKING, COMPARISON) if VIEWS[name].record is RankingRecord else (DEMONSTRATION,)
    assert "secret" not in json.dumps(rows(name, *records))
