from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.intake.readers.reading import lines_of, refusals, rows, skips
from tests.annotation.intake.workbooks import inline, number, sheet, workbook

JUDGEMENT = {
    "id": 213,
    "prompt": "Why?\n",
    "model_a": "tulu_65B",
    "model_b": "chatgpt",
    "completion_a": "So.",
    "completion_b": "Not so.",
    "completion_a_is_acceptable": "yes",
    "completion_b_is_acceptable": "no",
    "preference": "a-is-better",
    "comment": "B is wrong.",
    "evaluator": "yo",
    "timestamp": "2023-05-19T13:11:45",
}


def test_a_judgement_comes_with_its_sides_strength_flags_and_reason() -> None:
    (row,) = rows(lines_of(JUDGEMENT))
    assert (row.kind, row.annotator, row.source, row.rationale) == ("comparison", "yo", "tulu", "B is wrong.")
    assert row.completions == [["So.", "tulu_65B"], ["Not so.", "chatgpt"]]
    assert row.outputs == [{"acceptable": True}, {"acceptable": False}]
    assert (row.order_is_known, row.created_at) == (True, "2023-05-19T13:11:45+00:00")


@pytest.mark.parametrize(
    ("preference", "tiers", "strength"),
    [
        ("a-is-better", [[0], [1]], 2),
        ("a-is-slightly-better", [[0], [1]], 1),
        ("tie", [[0, 1]], 0),
        ("b-is-slightly-better", [[1], [0]], 1),
        ("b-is-better", [[1], [0]], 2),
    ],
)
def test_the_five_preferences(preference: str, tiers: list[list[int]], strength: int) -> None:
    (row,) = rows(lines_of(JUDGEMENT | {"preference": preference}))
    assert (row.tiers, row.strength) == (tiers, strength)


def test_it_is_read_from_a_workbook_whose_blank_rows_are_no_rows() -> None:
    values = {name: inline(str(value)) for name, value in JUDGEMENT.items() if name != "completion_b"}
    values |= {"id": number(213), "completion_b": ""}
    book = sheet("".join(map(inline, values)), "".join(values.values()), "", "")
    (row,) = rows(workbook(book))
    assert (row.line, row.completions[1]) == (2, ["", "chatgpt"])


def test_two_models_may_say_the_same() -> None:
    (row,) = rows(lines_of(JUDGEMENT | {"completion_b": "So.", "preference": "tie", "comment": None}))
    assert row.completions == [["So.", "tulu_65B"], ["So.", "chatgpt"]]
    same = JUDGEMENT | {"completion_b": "So.", "model_b": "tulu_65B"}
    assert refusals(lines_of(same)) == [(1, "completions", "repeated_completion")]


def test_what_is_said_of_the_prompt_is_left_out_and_counted() -> None:
    assert skips(lines_of(JUDGEMENT | {"instance_quality": "bad"})) == ["instance_quality"]


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"preference": "a-is-much-better"}, "preference", "unknown_label"),
        ({"preference": None}, "preference", "unknown_label"),
        ({"preference": ["tie"]}, "preference", "unknown_label"),
        ({"completion_a_is_acceptable": "maybe"}, "completion_a_is_acceptable", "unknown_label"),
        ({"completion_b_is_acceptable": None}, "completion_b_is_acceptable", "unknown_label"),
        ({"evaluator": None}, "evaluator", "missing_field"),
        ({"evaluator": 7}, "evaluator", "wrong_type"),
        ({"prompt": 7}, "prompt", "wrong_type"),
        ({"completion_a": 7}, "completion_a", "wrong_type"),
        ({"timestamp": 45065.5}, "timestamp", "bad_time"),
        ({"timestamp": "1901-01-01T00:00:00"}, "timestamp", "bad_time"),
        ({"comment": "x" * 5_001}, "comment", "too_long"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused(change: dict[str, Any], field: str, reason: str) -> None:
    assert refusals(lines_of(JUDGEMENT | change)) == [(1, field, reason)]


def test_a_number_that_is_none_is_refused() -> None:
    book = sheet("".join(map(inline, JUDGEMENT)), number("NaN") + inline("x"))
    assert refusals(workbook(book), "tulu") == [(2, "", "json_constant")]


def test_a_time_with_an_offset_keeps_it() -> None:
    for given, taken in {"2023-05-19T13:11:45+02:00": "2023-05-19T13:11:45+02:00", "": ""}.items():
        assert rows(lines_of(JUDGEMENT | {"timestamp": given}))[0].created_at == taken
