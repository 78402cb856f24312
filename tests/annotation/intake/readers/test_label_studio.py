from __future__ import annotations

import json
from typing import Any

import pytest

from annotation.intake.readers.label_studio import key_of
from annotation.intake.rows import Row
from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows, skips

PAIR = {"prompt": "Why?", "answer1": "So.", "answer2": "Not so."}
ITEMS = {
    "prompt": "Why?",
    "items": [
        {"id": "llm_1", "title": "LLM 1", "body": "So."},
        {"id": "llm_2", "title": "Not so."},
        {"id": "llm_3", "html": ""},
    ],
}


def task(data: dict[str, Any], *annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 7, "data": data, "annotations": list(annotations)} | more


def annotation(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 1, "completed_by": 2, "result": list(results), "was_cancelled": False} | more


def selected(side: Any) -> dict[str, Any]:
    return {"type": "pairwise", "from_name": "pw", "to_name": "pw", "value": {"selected": side}}


def ranker(value: Any) -> dict[str, Any]:
    return {"type": "ranker", "from_name": "rank", "to_name": "results", "value": {"ranker": value}}


def keyed(row: Row) -> list[tuple[str, str]]:
    """Return the completions, each with the key or id that an export writes back."""
    return [(text, key_of(source)) for text, source in row.completions]


@pytest.mark.parametrize(
    ("side", "tiers", "strength"),
    [("left", [[0], [1]], 1), ("right", [[1], [0]], 1), ("tie", [[0, 1]], 0)],
)
def test_a_pairwise_result_is_a_comparison(side: str, tiers: list[list[int]], strength: int) -> None:
    given = annotation(selected(side), lead_time=12.5, created_at="2023-04-17T21:54:20.457543Z")
    (row,) = rows(lines_of(task(PAIR, given)))
    assert (row.kind, row.annotator, row.source, row.seconds) == ("comparison", "2", "label-studio", 12.5)
    assert (row.tiers, row.strength, row.order_is_known) == (tiers, strength, True)
    assert keyed(row) == [("So.", "answer1"), ("Not so.", "answer2")]
    assert row.created_at == "2023-04-17T21:54:20.457543+00:00"


@pytest.mark.parametrize(
    "value",
    [
        {"rank": ["llm_3", "llm_1", "llm_2"]},
        ["llm_3", "llm_1", "llm_2"],
        {"_": [], "best": ["llm_3", "llm_1", "llm_2"]},
    ],
)
def test_a_ranker_result_is_a_ranking(value: Any) -> None:
    (row,) = rows(lines_of(task(ITEMS, annotation(ranker(value)))))
    assert (row.kind, row.tiers, row.strength) == ("ranking", [[2], [0], [1]], 0)
    assert row.completions == [
        [text, f"label-studio:llm_{number}"] for number, text in ((1, "So."), (2, "Not so."), (3, ""))
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"tier 2": ["llm_1", "llm_2"], "tier 1": ["llm_3"]},
        {"tier 1": ["llm_3"], "tier 2": [], "tier 3": ["llm_1", "llm_2"]},
    ],
)
def test_buckets_that_are_called_tiers_are_tiers(value: dict[str, list[str]]) -> None:
    (row,) = rows(lines_of(task(ITEMS, annotation(ranker(value)))))
    assert row.tiers == [[2], [0, 1]]


def test_each_annotation_is_a_judgement_of_its_own() -> None:
    first = annotation(selected("left"), completed_by={"id": 4, "email": "j@example.com"})
    comment = {"type": "textarea", "value": {"text": ["Shorter.", "True."]}}
    second = annotation(selected("right"), comment, completed_by="judge-b")
    read = rows(lines_of(task(PAIR, first, second)), source="ls-berlin")
    assert [(row.annotator, row.rationale) for row in read] == [("4", ""), ("judge-b", "Shorter.\n\nTrue.")]
    assert {row.source for row in read} == {"ls-berlin"}


def test_what_is_no_judgement_is_left_out_by_reason_and_the_task_waits() -> None:
    left_out = (
        annotation(selected("left"), was_cancelled=True),
        annotation(),
        annotation(selected("none")),
        annotation({"type": "choices", "value": {"choices": ["x"]}}),
    )
    data = lines_of(task(PAIR, *left_out, drafts=[{"id": 1}], predictions=[{"id": 2}]))
    assert skips(data) == [
        "draft", "prediction", "cancelled_annotation", "empty_annotation", "nothing_selected", "unread_annotation",
    ]  # fmt: skip
    assert [row.kind for row in rows(data)] == ["pair"]
    judged = task(PAIR, annotation(selected("left"), {"type": "rating", "value": {"rating": 3}}), left_out[0])
    assert skips(lines_of(judged)) == ["cancelled_annotation", "unread_result"]
    assert [row.kind for row in rows(lines_of(judged))] == ["comparison"]


def test_an_import_file_waits_to_be_judged_as_lines_or_as_a_list() -> None:
    files = [lines_of(PAIR, PAIR), json.dumps([PAIR, PAIR], indent=2).encode(), lines_of({"data": PAIR}, task(PAIR))]
    for data in files:
        assert [(row.kind, row.completions[1]) for row in rows(data)] == [
            ("pair", ["Not so.", "label-studio:answer2"])
        ] * 2
    assert [row.kind for row in rows(lines_of({"data": ITEMS}))] == ["completions"]


def test_other_keys_are_named_in_options() -> None:
    data = {"instruction": [{"role": "user", "content": "Why?"}], "a": "So.", "b": "Not so."}
    (row,) = rows(lines_of({"data": data}), prompt_column="instruction", completion_column="a, b")
    assert (row.messages[0]["content"], row.completions) == (
        "Why?",
        [["So.", "label-studio:a"], ["Not so.", "label-studio:b"]],
    )
    (listed,) = rows(lines_of({"data": ITEMS | {"list": ITEMS["items"]}}), completion_column="list")
    assert listed.kind == "completions"


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        (task(PAIR, annotation(selected("both"))), "selected", "unknown_label"),
        (task(PAIR, annotation(selected(["left"]))), "selected", "unknown_label"),
        (task(PAIR, annotation(selected("left"), selected("right"))), "result", "unexpected_result"),
        (task(PAIR, annotation(ranker(["a"]))), "result", "unexpected_result"),
        (task(ITEMS, annotation(selected("left"))), "result", "unexpected_result"),
        (task(ITEMS, annotation(ranker({"a": ["llm_1", "llm_2"], "b": ["llm_3"]}))), "ranker", "several_buckets"),
        (task(ITEMS, annotation(ranker(["llm_1", "llm_2"]))), "ranker", "incomplete_tiers"),
        (task(ITEMS, annotation(ranker(["llm_1", "llm_1", "llm_2", "llm_3"]))), "ranker", "incomplete_tiers"),
        (task(ITEMS, annotation(ranker(3))), "ranker", "incomplete_tiers"),
        (task(ITEMS, annotation(ranker({"rank": [{}]}))), "ranker", "incomplete_tiers"),
        (task(PAIR, annotation(selected("left"), lead_time=-1)), "lead_time", "bad_seconds"),
        (task(PAIR, annotation(selected("left"), lead_time=True)), "lead_time", "bad_seconds"),
        (task(PAIR, annotation(selected("left"), created_at="2023")), "created_at", "bad_time"),
        (task(PAIR, {"result": "left"}), "result", "wrong_type"),
        (task(PAIR, {"result": ["left"]}), "result", "wrong_type"),
        (task(PAIR, annotation({"type": "pairwise", "value": "left"})), "value", "wrong_type"),
        (task(PAIR | {"answer2": "So. "}), "answer1 and answer2", "repeated_completion"),
        (task(PAIR | {"answer2": None}), "answer2", "missing_field"),
        (task(PAIR | {"prompt": ""}), "prompt", "empty_text"),
        (task(ITEMS | {"items": ITEMS["items"][:1]}), "items", "too_few_completions"),
        (task({"prompt": "Why?", "items": [{"body": "a"}, {"id": "x", "body": "b"}]}), "items[0].id", "empty_text"),
        (PAIR | {"annotation_id": 3, "annotator": 2, "comparison": "left"}, "", "flat_export"),
    ],
)
def test_what_cannot_be_read_is_refused_and_the_next_is_read(given: dict[str, Any], field: str, reason: str) -> None:
    data = lines_of(given, task(PAIR))
    assert refusals(data, "label_studio") == [(1, field, reason)]
    assert [outcome.line for outcome in outcomes(data, "label_studio") if isinstance(outcome, Row)] == [2]


def test_one_bad_annotation_leaves_the_others() -> None:
    data = lines_of(task(PAIR, annotation(selected("up"), id=5), annotation(selected("left"), completed_by=3)))
    bad, good = outcomes(data)
    assert (bad.message, good.annotator) == ("annotation 5: selected must be left, right or tie.", "3")
