"""Rows as the data set's card has them; not seen on a published file."""

from __future__ import annotations

from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows
from tests.annotation.intake.readers.samples import ASK, SAMPLES

(PAIR,) = SAMPLES["ultrafeedback"]


def test_the_scores_say_which_is_better_and_are_counted_as_left_out() -> None:
    row, skipped = outcomes(lines_of(PAIR))
    assert (row.kind, row.messages, row.source) == ("ranking", [ASK], "ultrafeedback")
    assert (row.tiers, skipped.reason) == ([[0], [1]], "score")


def test_equal_scores_are_a_tie() -> None:
    assert rows(lines_of(PAIR | {"score_rejected": 8.5}))[0].tiers == [[0, 1]]


def test_scores_that_contradict_are_refused() -> None:
    assert refusals(lines_of(PAIR | {"score_rejected": 9})) == [(1, "score_chosen", "contradiction")]
    assert refusals(lines_of(PAIR | {"score_rejected": "3"})) == [(1, "score_rejected", "wrong_type")]
    assert refusals(lines_of(PAIR | {"prompt": "Another."})) == [(1, "chosen", "unequal_prompts")]
