from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from annotation.intake.rows import BadFile, Rejected, Row
from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows, skips

DATA = Path(os.environ.get("BENNET_DATA", "")) / "doccano_formats"
real_files = pytest.mark.skipif("BENNET_DATA" not in os.environ, reason="BENNET_DATA names no folder of real files")


def test_labels_are_a_list_or_one_text() -> None:
    for labels in ({"label": ["a", "b"]}, {"labels": ["a", "b"]}, {"cats": ["a", "b"], "entities": []}):
        (row,) = rows(lines_of({"text": "Hi", **labels}))
        assert (row.kind, row.labels, row.source) == ("labels", ["a", "b"], "doccano")
    assert rows(b"text,label\nHi,a\n") == rows(b"label,text\na,Hi\n")
    assert rows(b"text,label\nHi,a#b\n")[0].labels == ["a", "b"]
    assert rows(b"__label__a __label__b Hi there\n")[0].labels == ["a", "b"]
    assert rows(b"__label__a Hi there\n")[0].messages == [{"role": "user", "content": "Hi there"}]


def test_a_label_of_a_part_is_left_out() -> None:
    assert skips(lines_of({"text": "Hi", "label": [[0, 1, "LOC"]]})) == ["no_label", "part_label"]
    assert skips(lines_of({"text": "Hi", "cats": ["a"], "entities": [[0, 1, "LOC"]], "meta": {"a": 1}})) == [
        "part_label",
        "unread_field",
    ]


def test_what_answers_a_text_is_read_where_somebody_says_so() -> None:
    data = lines_of({"text": "Hello!", "label": ["Hei!", "Hallo!"]}, {"text": "Hm", "label": []})
    first, second, third = rows(data, "doccano_pairs")
    assert [(row.kind, row.completion) for row in (first, second, third)] == [
        ("demonstration", "Hei!"),
        ("demonstration", "Hallo!"),
        ("prompt", ""),
    ]


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        ({"label": ["a"]}, "text", "missing_field"),
        ({"text": "Hi", "label": 7}, "label", "wrong_type"),
        ({"text": "Hi", "label": [None]}, "label", "missing_field"),
        ({"text": "Hi", "label": ["a\nb"]}, "label", "control_character"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused(given: dict[str, Any], field: str, reason: str) -> None:
    assert refusals(lines_of(given), "doccano") == [(1, field, reason)]


@real_files
@pytest.mark.parametrize(
    ("name", "labels", "skipped", "refused"),
    [
        ("export/text_classification/example.csv", [["negative"], ["positive"], ["positive"]], [], 0),
        ("export/text_classification/example.json", [["negative"], ["positive"], ["positive"]], [], 0),
        ("export/text_classification/example.jsonl", [["negative"], ["positive"], ["positive"]], [], 0),
        ("export/text_classification/example.txt", [["negative"], ["positive"], ["positive"]], [], 0),
        ("export/sequence_labeling/example.jsonl", [], ["no_label", "part_label"] * 3, 0),
        ("export/intent_detection/example.jsonl", [["flight"], ["airport"]], ["part_label"] * 2, 0),
        ("import/text_classification/example.csv", [["positive"]], ["no_label"], 2),
        ("import/text_classification/example.json", [["positive"], ["positive", "negative"]], ["no_label"], 1),
        ("import/text_classification/example.jsonl", [["positive"], ["positive", "negative"]],
         ["unread_field", "unread_field", "no_label", "unread_field"], 0),
        ("import/text_classification/example_fasttext.txt", [["positive"], ["positive", "negative"]], ["no_label"], 1),
        ("import/text_classification/example_out_of_order_columns.csv", [["positive"]],
         ["unread_field", "no_label", "unread_field"], 1),
        ("import/text_classification/example.invalid.2.csv", [["Negative"], ["Negative"]], [], 1),
        ("import/text_classification/example.xlsx", [["positive"]], ["no_label"], 1),
        ("import/intent/example.jsonl", [["positive"], ["positive"]], ["part_label", "no_label", "part_label",
                                                                      "no_label"], 1),
        ("import/sequence_labeling/example.jsonl", [], ["no_label", "part_label", "unread_field", "no_label",
                                                        "unread_field"], 1),
    ],
)  # fmt: skip
def test_doccanos_own_files(name: str, labels: list[list[str]], skipped: list[str], refused: int) -> None:
    data = (DATA / name).read_bytes()
    read = outcomes(data)
    assert [row.labels for row in read if isinstance(row, Row)] == labels
    assert skips(data) == skipped
    assert len([outcome for outcome in read if isinstance(outcome, Rejected)]) == refused


@real_files
@pytest.mark.parametrize("ending", ["csv", "json", "jsonl"])
def test_doccanos_own_answers(ending: str) -> None:
    read = rows((DATA / "export" / "sequence_to_sequence" / f"example.{ending}").read_bytes(), "doccano_pairs")
    assert [row.completion for row in read] == ["こんにちは！", "おはようございます。", "さようなら。"]


@real_files
@pytest.mark.parametrize("ending", ["csv", "json", "jsonl"])
def test_doccanos_own_answers_with_holes(ending: str) -> None:
    data = (DATA / "import" / "seq2seq" / f"example.{ending}").read_bytes()
    read = [outcome for outcome in outcomes(data, "doccano_pairs") if isinstance(outcome, Row)]
    assert [(row.kind, row.completion) for row in read] == [("demonstration", "label1"), ("prompt", "")]
    assert [reason for _, _, reason in refusals(data, "doccano_pairs")] == ["missing_field"] * 2


@real_files
@pytest.mark.parametrize(
    "name",
    [
        "export/bounding_box/example.jsonl",
        "export/segmentation/example.jsonl",
        "export/relation_extraction/example.jsonl",
        "export/image_captioning/example.jsonl",
        "export/image_classification/example.jsonl",
        "export/speech_to_text/example.jsonl",
        "import/example.utf16.csv",
        "import/sequence_labeling/example.conll",
        "import/text_classification/example_one_column_no_header.xlsx",
    ],
)
def test_pictures_sounds_tokens_and_what_is_no_json_are_refused_in_whole(name: str) -> None:
    with pytest.raises(BadFile):
        outcomes((DATA / name).read_bytes())
