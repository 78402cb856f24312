from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows
from tests.annotation.intake.readers.samples import SAMPLES


def test_the_input_follows_the_instruction() -> None:
    (row,) = rows(lines_of(SAMPLES["alpaca"][0]))
    assert (row.kind, row.completion) == ("demonstration", "Blue.")
    assert row.messages == [{"role": "user", "content": "Name the color.\n\nThe sky"}]


def test_system_and_history_come_first() -> None:
    row, skipped = outcomes(lines_of(SAMPLES["alpaca"][1]))
    assert [message["content"] for message in row.messages] == ["Be brief.", "Hi", "Hello.", "Go on."]
    assert skipped.reason == "earlier_reply"


def test_each_instance_of_a_seed_task_is_a_demonstration() -> None:
    task = SAMPLES["alpaca"][2] | {"instances": [{"input": "a", "output": "b"}, {"input": "", "output": ""}]}
    assert [type(outcome).__name__ for outcome in outcomes(lines_of(task))] == ["Row", "Rejected"]


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"instruction": " ", "input": ""}, "instruction", "empty_text"),
        ({"output": ""}, "output", "empty_text"),
        ({"output": 7}, "output", "wrong_type"),
        ({"input": 7}, "input", "wrong_type"),
        ({"history": "Hi"}, "history", "wrong_type"),
        ({"history": [["Hi"]]}, "history[0]", "wrong_type"),
        ({"history": [["Hi", None]]}, "history[0]", "missing_field"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused(change: dict[str, Any], field: str, reason: str) -> None:
    assert refusals(lines_of(SAMPLES["alpaca"][0] | change)) == [(1, field, reason)]


def test_a_row_without_an_output_is_a_prompt() -> None:
    assert rows(lines_of(SAMPLES["alpaca"][0] | {"output": None}))[0].kind == "prompt"
