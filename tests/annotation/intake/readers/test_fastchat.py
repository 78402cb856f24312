"""MT-bench and Vicuna; battles of the Chatbot Arena's shape are not seen on a published file."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from annotation.intake.rows import BadFile, Rejected, Row
from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows, skips

DATA = Path(os.environ.get("BENNET_DATA", "")) / "fastchat"
real_files = pytest.mark.skipif("BENNET_DATA" not in os.environ, reason="BENNET_DATA names no folder of real files")

QUESTION = {"question_id": 1, "text": "Why?", "category": "generic"}
ANSWERS = [
    {"answer_id": name, "question_id": 1, "model_id": f"model-{name}", "text": f"Text of {name}", "metadata": {}}
    for name in "abc"
]
REVIEW = {
    "review_id": "r", "question_id": 1, "answer1_id": "a", "answer2_id": "b", "reviewer_id": 1, "text": "8 9\nSo.",
    "score": [8, 9.0], "metadata": {},
}  # fmt: skip
BATTLE = {
    "question_id": 81, "model_a": "x", "model_b": "y", "winner": "model_b", "judge": "expert_1", "turn": 1,
    "conversation_a": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}],
    "conversation_b": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Thus."},
                       {"role": "user", "content": "How?"}, {"role": "assistant", "content": "Thus too."}],
}  # fmt: skip


def test_a_review_is_a_comparison_by_its_reviewer_whatever_the_order_of_lines() -> None:
    for data in (lines_of(QUESTION, *ANSWERS[:2], REVIEW), lines_of(REVIEW, *ANSWERS[:2], QUESTION)):
        (row,) = rows(data)
        assert (row.kind, row.annotator, row.tiers, row.strength) == ("comparison", "1", [[1], [0]], 1)
        assert row.completions == [["Text of a", "model-a"], ["Text of b", "model-b"]]
        assert (row.tags, row.source, row.rationale) == (["generic"], "fastchat", "8 9\nSo.")


@pytest.mark.parametrize(("score", "tiers"), [([8, 7.5], [[0], [1]]), ([0, 0], [[0, 1]])])
def test_scores_say_which_is_better(score: list[float], tiers: list[list[int]]) -> None:
    assert rows(lines_of(QUESTION, *ANSWERS[:2], REVIEW | {"score": score}))[0].tiers == tiers


def test_answers_that_nobody_reviewed_wait_to_be_ranked() -> None:
    (row,) = rows(lines_of(QUESTION, *ANSWERS))
    assert (row.kind, len(row.completions)) == ("completions", 3)
    assert [type(o).__name__ for o in outcomes(lines_of(QUESTION, ANSWERS[0]))] == ["Row", "Skipped"]
    assert skips(lines_of(QUESTION, *ANSWERS, REVIEW)) == ["unreviewed_answer"]


def test_of_several_turns_only_the_first_is_asked() -> None:
    question = {"question_id": 81, "category": "writing", "turns": ["Write.", "Rewrite."], "reference": ["Hm", ""]}
    answers = [
        {"answer_id": name, "question_id": 81, "model_id": name, "choices": [{"index": 0, "turns": [name, "more"]}]}
        for name in "ab"
    ]
    row, *skipped = sorted(outcomes(lines_of(question, *answers)), key=lambda outcome: not isinstance(outcome, Row))
    assert (row.kind, [text for text, _ in row.completions]) == ("completions", ["a", "b"])
    assert Counter(outcome.reason for outcome in skipped) == {"later_turn": 3, "reference_answer": 1}


def test_a_battle_holds_both_conversations() -> None:
    (row,) = rows(lines_of(BATTLE))
    assert (row.kind, row.annotator, row.tiers) == ("comparison", "expert_1", [[1], [0]])
    assert row.completions == [["So.", "x"], ["Thus.", "y"]]
    (row,) = rows(lines_of(BATTLE | {"winner": "tie (bothbad)", "judge": ["gpt-4", "pair-v2"]}))
    assert (row.tiers, row.all_bad, row.annotator, row.strength) == ([[0, 1]], True, "gpt-4", 0)


def test_a_battle_over_a_later_turn_has_no_prompt_in_common() -> None:
    first, second = BATTLE["conversation_a"], BATTLE["conversation_b"]
    battle = BATTLE | {"turn": 2, "conversation_a": [*first, *second[2:]]}
    assert skips(lines_of(battle)) == ["later_turn"]


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        ([QUESTION, QUESTION], "question_id", "duplicate_id"),
        ([QUESTION | {"question_id": True}], "question_id", "wrong_type"),
        ([QUESTION | {"turns": []}], "turns", "wrong_type"),
        ([ANSWERS[0]], "question_id", "missing_question"),
        ([QUESTION, ANSWERS[0] | {"choices": [{}, {}]}], "choices", "several_choices"),
        ([QUESTION, *ANSWERS[1:], REVIEW], "answer1_id", "missing_answer"),
        ([QUESTION, *ANSWERS[:2], REVIEW | {"score": [-1, -1]}], "score", "no_score"),
        ([QUESTION, *ANSWERS[:2], REVIEW | {"score": 8}], "score", "no_score"),
        ([BATTLE | {"winner": "model_c"}], "winner", "unknown_label"),
        ([BATTLE | {"conversation_a": BATTLE["conversation_b"][2:]}], "conversation_b", "unequal_prompts"),
        ([QUESTION, {"question_id": 1, "model": "m", "score": 7}], "", "unknown_line"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(given: list[Any], field: str, reason: str) -> None:
    assert (field, reason) in [(field, reason) for _, field, reason in refusals(lines_of(*given), "mt_bench")]


def test_what_belongs_together_must_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotation.intake.readers.fastchat.MAXIMUM_BYTES", 200)
    with pytest.raises(BadFile, match="fewer questions"):
        outcomes(lines_of(QUESTION, *ANSWERS))


@real_files
def test_vicunas_evaluation_in_one_file() -> None:
    files = sorted((DATA / "vicuna_eval").rglob("*.jsonl"))
    data = b"".join(file.read_bytes() for file in files)
    read = outcomes(data)
    comparisons = [outcome for outcome in read if isinstance(outcome, Row)]
    assert {row.kind for row in comparisons} == {"comparison"}
    assert (len(comparisons), len({row.messages[0]["content"] for row in comparisons})) == (13 * 40, 40)
    assert Counter(len(row.tiers) for row in comparisons) == {2: 469, 1: 51}
    assert len({row.annotator for row in comparisons}) == 6
    assert not [outcome for outcome in read if isinstance(outcome, Rejected)]
    assert Counter(skips(data)) == {"model_description": 7, "reviewer_description": 3}
    answers = b"".join(file.read_bytes() for file in files if "review" not in str(file) and file.name != "model.jsonl")
    assert Counter((row.kind, len(row.completions)) for row in rows(answers)) == {("completions", 7): 40}


@real_files
def test_mt_benchs_questions_and_reference_answers() -> None:
    questions = (DATA / "mt_bench" / "question.part.jsonl").read_bytes()
    assert Counter(row.kind for row in rows(questions)) == {"prompt": 40}
    references = (DATA / "mt_bench" / "reference_answer_gpt-4.part.jsonl").read_bytes()
    assert len(refusals(references)) == 15
    both = Counter(skips(questions + references))
    assert (both["single_reply"], both["later_turn"]) == (15, 40 + 15)
