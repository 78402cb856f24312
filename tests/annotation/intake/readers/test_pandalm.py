from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.intake.readers.reading import lines_of, refusals, rows

ITEM = {
    "idx": 0,
    "motivation_app": "Grammarly",
    "cmp_key": "bloom-7b_llama-7b",
    "instruction": "Rewrite.",
    "input": "I has.",
    "response1": "I have.",
    "response2": "",
    "annotator1": 1,
    "annotator2": 0,
    "annotator3": 2,
}


def test_each_annotator_gives_a_comparison() -> None:
    read = rows(lines_of(ITEM))
    assert [(row.kind, row.annotator, row.tiers, row.strength) for row in read] == [
        ("comparison", "annotator1", [[0], [1]], 1),
        ("comparison", "annotator2", [[0, 1]], 0),
        ("comparison", "annotator3", [[1], [0]], 1),
    ]
    (row, *_) = read
    assert row.messages == [{"role": "user", "content": "Rewrite.\n\nI has."}]
    assert row.completions == [["I have.", "bloom-7b"], ["", "llama-7b"]]
    assert (row.tags, row.source, row.order_is_known) == (["Grammarly"], "pandalm", False)


def test_a_response_of_true_is_that_word_and_a_missing_input_is_none() -> None:
    row = rows(lines_of(ITEM | {"input": "", "response1": True, "response2": False, "cmp_key": "one"}))[0]
    assert row.completions == [["true", "response1"], ["false", "response2"]]
    assert row.messages[0]["content"] == "Rewrite."


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"annotator2": 3}, "annotator2", "unknown_label"),
        ({"annotator2": True}, "annotator2", "unknown_label"),
        ({"annotator2": "1"}, "annotator2", "unknown_label"),
        ({"annotator2": None}, "annotator2", "unknown_label"),
    ],
)
def test_one_annotators_odd_verdict_leaves_the_others(change: dict[str, Any], field: str, reason: str) -> None:
    assert refusals(lines_of(ITEM | change)) == [(1, field, reason)]


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"instruction": " ", "input": ""}, "messages[0].content", "empty_text"),
        ({"response1": 1}, "response1", "wrong_type"),
        ({"response2": None}, "response2", "missing_field"),
        ({"response2": "I have.", "cmp_key": "same_same"}, "responses", "repeated_completion"),
        ({"response1": "a\x00"}, "response1", "control_character"),
        ({"cmp_key": 1}, "cmp_key", "wrong_type"),
    ],
)
def test_an_item_that_cannot_be_read_is_refused_in_whole(change: dict[str, Any], field: str, reason: str) -> None:
    assert refusals(lines_of(ITEM | change)) == [(1, field, reason)]


def test_an_item_that_nobody_compared_says_so() -> None:
    item = {key: value for key, value in ITEM.items() if not key.startswith("annotator")}
    assert refusals(lines_of(item), "pandalm") == [(1, "annotator1", "missing_field")]
