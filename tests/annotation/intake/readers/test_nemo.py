"""Rows as NeMo-RL's guide has them; not seen on a published file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.intake.readers.reading import lines_of, refusals, rows
from tests.annotation.intake.readers.samples import ASK, BLUE, GREEN, SAMPLES

RED = {"role": "assistant", "content": "It is red."}


def ranked(*pairs: tuple[Any, Any]) -> bytes:
    return lines_of({"context": [ASK], "completions": [{"rank": rank, "completion": [reply]} for rank, reply in pairs]})


def test_completions_stand_best_first_and_equal_ranks_are_ties() -> None:
    (row,) = rows(ranked((2, GREEN), (0, BLUE), (2, RED)))
    assert [text for text, _ in row.completions] == ["It is blue.", "It is green.", "It is red."]
    assert (row.kind, row.tiers, row.messages) == ("ranking", [[0], [1, 2]], [ASK])
    assert rows(lines_of(SAMPLES["nemo_preference"][0] | {"context": ASK["content"]}))[0].messages == [ASK]


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (ranked((0, BLUE)), "completions", "too_few_completions"),
        (ranked((0, BLUE), ("1", GREEN)), "completions[1].rank", "wrong_type"),
        (ranked((0, BLUE), (True, GREEN)), "completions[1].rank", "wrong_type"),
        (ranked((0, BLUE), (1, BLUE)), "completions[1]", "repeated_completion"),
        (ranked((0, BLUE), (1, ASK)), "completions[1].completion", "no_reply"),
        (lines_of({"context": [BLUE], "completions": SAMPLES["nemo_preference"][0]["completions"]}),
         "messages[0].role", "bad_messages"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_refused(data: bytes, field: str, reason: str) -> None:
    assert refusals(data) == [(1, field, reason)]


def test_a_completion_of_several_turns_is_refused() -> None:
    sides = [{"rank": 0, "completion": [GREEN, ASK, BLUE]}, {"rank": 1, "completion": [RED]}]
    data = lines_of({"context": [ASK], "completions": sides})
    assert refusals(data) == [(1, "completions[0].completion", "several_turns")]
