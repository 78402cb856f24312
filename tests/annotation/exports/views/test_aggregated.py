"""Several people's rankings of a prompt as one row."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.exports.views import VIEWS, aggregated

pytestmark = pytest.mark.training

VIEW = VIEWS["aggregated"]


def ranked(prompt: int, annotator: str, *tiers: str, **changes: Any) -> dict[str, Any]:
    names = sorted(name for tier in tiers for name in tier)
    return {
        "kind": "ranking",
        "prompt_id": str(prompt),
        "group": f"g{prompt}",
        "messages": [{"role": "user", "content": f"Question {prompt}"}],
        "annotator": annotator,
        "completions": [{"completion_id": name, "text": f"text {name}"} for name in names],
        "tiers": [list(tier) for tier in tiers],
        **changes,
    }


def rows(*records: dict[str, Any], **options: Any) -> list[Any]:
    return list(VIEW.stream(records, VIEW.choices(options)))


def test_a_prompt_has_one_row_with_scores_best_first_and_what_is_not_known_of_them() -> None:
    [row] = rows(ranked(1, "ann", "a", "b", "c"), ranked(1, "bo", "a", "bc"), ranked(1, "cy", "b", "a", "c"))

    assert row["prompt"] == [{"role": "user", "content": "Question 1"}]
    assert [one["completion_id"] for one in row["completions"]] == ["a", "b", "c"]
    assert row["completions"][0]["text"] == "text a"
    scores = [one["score"] for one in row["completions"]]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(0, abs=1e-5)
    assert all(one["standard_error"] > 0 for one in row["completions"])
    chances = {(one["better"], one["worse"]): one["probability"] for one in row["preferences"]}
    assert set(chances) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert 0.5 < chances["a", "b"] < chances["a", "c"] < 1
    assert [judge["annotator"] for judge in row["judges"]] == ["ann", "bo", "cy"]
    assert all(judge["reliability"] > 0 for judge in row["judges"])


def test_as_pairs_each_carries_its_probability() -> None:
    pairs = rows(ranked(1, "ann", "a", "b", "c"), ranked(1, "bo", "a", "b", "c"), unit="pair")
    assert [(pair["chosen"], pair["rejected"]) for pair in pairs] == [
        ("text a", "text b"),
        ("text a", "text c"),
        ("text b", "text c"),
    ]
    assert all(pair["margin"] > 0 and 0.5 < pair["probability"] < 1 and pair["judges"] == 2 for pair in pairs)


def test_what_is_left_out_is_counted_by_reason() -> None:
    edited = ranked(3, "ann", "e", "a", "b")
    edited["completions"][2]["edit_of"] = "a"
    found = rows(
        ranked(1, "ann", "a", "b", all_bad=True),
        ranked(2, "ann", "a", "b"),
        edited,
        ranked(3, "bo", "a", "b"),
        ranked(4, "ann", "a"),
        fewest_judges=2,
    )
    assert sorted(one for one in found if isinstance(one, str)) == [
        "all_bad_ranking",
        "fewer_judges_than_asked",
        "fewer_than_two_completions",
    ]
    # What a judge made by editing is nobody else's to rank.
    [row] = [one for one in found if isinstance(one, dict)]
    assert [one["completion_id"] for one in row["completions"]] == ["a", "b"]


def test_blocks_end_between_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregated, "BLOCK", 2)
    records = [ranked(prompt, judge, "a", "b") for prompt in (1, 2, 3) for judge in ("ann", "bo", "cy")]
    found = rows(*records)
    assert [(row["prompt_id"], len(row["judges"])) for row in found] == [("1", 3), ("2", 3), ("3", 3)]
