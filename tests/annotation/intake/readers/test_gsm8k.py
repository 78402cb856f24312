from __future__ import annotations

from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows
from tests.annotation.intake.readers.samples import SAMPLES

(PROBLEM,) = SAMPLES["gsm8k_solutions"]


def test_correct_solutions_rank_above_wrong_ones() -> None:
    row, skipped = outcomes(lines_of(PROBLEM))
    assert (row.kind, row.tiers, row.all_bad, row.annotator) == ("ranking", [[1], [0]], False, "answer-check")
    assert row.completions == [["3", "6b_finetuning"], ["2", "175b_verification"]]
    assert skipped.reason == "reference_answer"


def test_where_all_are_wrong_all_are_bad() -> None:
    (row,) = rows(lines_of(PROBLEM | {"175b_verification": {"solution": "4", "is_correct": False}}))
    assert (row.tiers, row.all_bad) == ([[0, 1]], True)


def test_what_is_neither_right_nor_wrong_is_refused() -> None:
    data = lines_of(PROBLEM | {"6b_finetuning": {"solution": "3", "is_correct": "no"}})
    assert refusals(data) == [(1, "6b_finetuning.is_correct", "wrong_type")]
