from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.intake.readers.reading import lines_of, refusals, rows

PROMPT = {"kind": "prompt", "text": "What is a lease?"}
RANKING = {
    "kind": "ranking",
    "text": "What is a lease?",
    "completions": [{"id": "a", "text": "A contract."}, {"id": "b", "text": "A dog."}, {"id": "c", "text": "A tax."}],
    "tiers": [["b"], ["a", "c"]],
}

COMPARISON = {
    "kind": "comparison",
    "text": "What is a lease?",
    "completions": [{"id": "a", "text": "A contract."}, {"id": "b", "text": "A dog."}],
    "preferred": "b",
    "strength": 2,
}
LABELS = {"kind": "labels", "text": "What is a lease?", "labels": ["safe"]}


def ranking_of(count: int) -> dict[str, Any]:
    completions = [{"id": str(number), "text": f"Completion {number}"} for number in range(count)]
    tiers = [[completion["id"]] for completion in completions]
    return {"kind": "ranking", "text": "Which?", "completions": completions, "tiers": tiers}


def test_every_kind_is_read_with_its_fields() -> None:
    given = lines_of(
        PROMPT | {"id": "p1", "group": "g", "language": "en", "tags": ["law"]},
        {"kind": "demonstration", "messages": [{"role": "user", "content": "Hi"}], "completion": " Hello. ",
         "annotator": "judge-a", "source": "study", "created_at": "2026-05-01T12:00:00Z"},
        RANKING | {"all_bad": True, "rationale": "None is whole."},
        {"kind": "completions", "text": "Which?", "completions": RANKING["completions"][:2]},
    )  # fmt: skip
    prompt, demonstration, ranking, completions = rows(given)
    assert prompt.messages == [{"role": "user", "content": "What is a lease?"}]
    assert (prompt.line, prompt.group, prompt.language, prompt.tags) == (1, "g", "en", ["law"])
    assert (demonstration.completion, demonstration.annotator, demonstration.source) == ("Hello.", "judge-a", "study")
    assert demonstration.created_at == "2026-05-01T12:00:00+00:00"
    assert ranking.completions == [["A contract.", ""], ["A dog.", ""], ["A tax.", ""]]
    assert (ranking.tiers, ranking.all_bad, ranking.rationale) == ([[1], [0, 2]], True, "None is whole.")
    assert (completions.kind, completions.tiers) == ("completions", [])


def test_comparisons_and_labels_are_read_with_their_fields() -> None:
    given = lines_of(
        COMPARISON | {"both_bad": True, "outputs": {"b": {"true": False}}, "seconds": 4.5, "annotator": "judge-a"},
        COMPARISON | {"preferred": None, "strength": 0},
        LABELS | {"rationale": "It is.", "seconds": 3},
        {key: COMPARISON[key] for key in ("text", "completions")} | {"kind": "pair"},
    )
    comparison, tie, labels, pair = rows(given)
    assert (comparison.tiers, comparison.strength, comparison.all_bad) == ([[1], [0]], 2, True)
    assert (comparison.outputs, comparison.seconds, comparison.annotator) == ([{}, {"true": False}], 4.5, "judge-a")
    assert (tie.tiers, tie.strength) == ([[0, 1]], 0)
    assert (labels.labels, labels.rationale, labels.seconds) == (["safe"], "It is.", 3.0)
    assert (pair.kind, len(pair.completions), pair.tiers) == ("pair", 2, [])


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"preferred": "c"}, "preferred", "foreign_completion"),
        ({"preferred": ["a"]}, "preferred", "foreign_completion"),
        ({"strength": "2"}, "strength", "wrong_type"),
        ({"strength": True}, "strength", "wrong_type"),
        ({"strength": 10}, "strength", "wrong_type"),
        ({"completions": RANKING["completions"]}, "completions", "not_a_pair"),
        ({"outputs": {"c": {}}}, "c", "unknown_field"),
        ({"outputs": {"a": ["true"]}}, "outputs", "wrong_type"),
        ({"outputs": {"a": {"true": "yes"}}}, "outputs.true", "wrong_type"),
        ({"both_bad": 1}, "both_bad", "wrong_type"),
        ({"seconds": "5"}, "seconds", "bad_seconds"),
        ({"tiers": [["a"], ["b"]]}, "tiers", "unknown_field"),
    ],
)
def test_a_bad_comparison_is_refused_by_field_and_reason(change: dict[str, Any], field: str, reason: str) -> None:
    assert refusals(lines_of(COMPARISON | change)) == [(1, field, reason)]


@pytest.mark.parametrize("count", [2, 9])
def test_two_to_nine_completions_are_ranked(count: int) -> None:
    (row,) = rows(lines_of(ranking_of(count)))
    assert row.tiers == [[place] for place in range(count)]


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"kind": "poem"}, "kind", "unknown_kind"),
        ({"kind": ["prompt"]}, "kind", "unknown_kind"),
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"text": ""}, "text", "empty_text"),
        ({"text": 7}, "text", "wrong_type"),
        ({"text": "a\x00b"}, "text", "control_character"),
        ({"text": "a\x07b"}, "text", "control_character"),
        ({"text": "x" * 200_001}, "text", "too_long"),
        ({"messages": [{"role": "user", "content": "Hi"}]}, "messages", "missing_field"),
        ({"group": "x" * 201}, "group", "too_long"),
        ({"language": "a\nb"}, "language", "control_character"),
        ({"tags": "law"}, "tags", "wrong_type"),
        ({"created_at": "yesterday"}, "created_at", "bad_time"),
        ({"created_at": "2026-05-01T12:00:00"}, "created_at", "bad_time"),
        ({"created_at": "0001-01-01T00:00:00Z"}, "created_at", "bad_time"),
    ],
)
def test_a_bad_prompt_is_refused_by_field_and_reason(change: dict[str, Any], field: str, reason: str) -> None:
    assert refusals(lines_of(PROMPT, PROMPT | change), "bennet") == [(2, field, reason)]


@pytest.mark.parametrize(
    ("messages", "field", "reason"),
    [
        ([], "messages", "bad_messages"),
        ([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}], "messages[1].role",
         "bad_messages"),
        ([{"role": "pirate", "content": "Hi"}], "messages[0].role", "bad_messages"),
        ([{"role": "user", "content": "\x1b[31m"}], "messages[0].content", "control_character"),
        ([{"role": "user", "content": " "}], "messages[0].content", "empty_text"),
    ],
)  # fmt: skip
def test_a_bad_conversation_is_refused_by_its_message(messages: Any, field: str, reason: str) -> None:
    assert refusals(lines_of({"kind": "prompt", "messages": messages})) == [(1, field, reason)]


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"tiers": [["a"], ["b"]]}, "tiers", "incomplete_tiers"),
        ({"tiers": [["a", "b", "c"], []]}, "tiers", "incomplete_tiers"),
        ({"tiers": [["a"], ["b", "a"], ["c"]]}, "tiers", "repeated_completion"),
        ({"tiers": [["a"], ["b"], ["c"], ["z"]]}, "tiers", "foreign_completion"),
        ({"tiers": [["a"], [{"b": 1}], ["c"]]}, "tiers", "foreign_completion"),
        ({"tiers": ["a", "b", "c"]}, "tiers", "wrong_type"),
        ({"completions": "abc"}, "completions", "missing_field"),
        ({"completions": [*RANKING["completions"][:2], {"id": "a", "text": "Other."}]}, "completions",
         "repeated_completion"),
        ({"completions": [*RANKING["completions"][:2], {"id": "c", "text": "A dog. "}]}, "completions[2]",
         "repeated_completion"),
        ({"completions": [*RANKING["completions"][:2], {"id": "c", "text": ""}]}, "completions[2].text", "empty_text"),
        (ranking_of(1), "completions", "too_few_completions"),
        (ranking_of(10), "completions", "too_many_completions"),
        ({"all_bad": "yes"}, "all_bad", "wrong_type"),
    ],
)  # fmt: skip
def test_a_bad_ranking_is_refused_by_field_and_reason(change: dict[str, Any], field: str, reason: str) -> None:
    assert refusals(lines_of(RANKING | change)) == [(1, field, reason)]


def test_a_lone_surrogate_is_refused() -> None:
    assert refusals(rb'{"kind": "prompt", "text": "\ud83d alone"}') == [(1, "text", "lone_surrogate")]


def test_a_line_separator_inside_a_text_stays_in_its_row() -> None:
    text = "one\u2028two\u2029three\u0085four"
    (row,) = rows(lines_of({"kind": "prompt", "text": text}))
    assert row.messages[0]["content"] == text


def test_windows_line_ends_and_a_utf8_mark_are_taken() -> None:
    data = b"\xef\xbb\xbf" + lines_of(PROMPT | {"text": "a\r\nb"}).replace(b"}\n", b"}\r\n") + b"\r\n"
    (row,) = rows(data)
    assert row.messages[0]["content"] == "a\nb"


def test_moderation_labels_are_read_and_null_is_unknown() -> None:
    given = {"kind": "moderation_label", "text": "Go away.", "annotator": "kim"}
    (row,) = rows(lines_of(given | {"verdicts": {"harassment": True, "hate": False, "sexual": None}}))
    assert (row.kind, row.verdicts) == ("moderation_label", {"harassment": True, "hate": False})
    for verdicts in ({}, ["hate"], {"weather": True}, {"hate": "yes"}):
        assert len(refusals(lines_of(given | {"verdicts": verdicts}))) == 1
