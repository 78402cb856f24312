from __future__ import annotations

import io
from typing import Any

import pytest

from annotation.intake.detect import detect
from annotation.intake.lines import Meter, read_lines
from annotation.intake.options import Options
from annotation.intake.rows import BadFile


def detected(data: bytes, **options: Any) -> str:
    lines = read_lines(Meter(io.BytesIO(data)), limit_bytes=2**24)
    name, again = detect(lines, Options(**options))
    assert [line.number for line in again] == list(range(1, data.rstrip(b"\n").count(b"\n") + 2))
    return name


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (b'{"kind": "prompt", "text": "Hi"}\n', "bennet"),
        (b'{"chosen": "\\n\\nHuman: a", "rejected": "\\n\\nHuman: b"}\n', "hh_rlhf"),
        (b'{"message_tree_id": "1", "prompt": {}}\n', "openassistant"),
        (b'{"message_id": "1", "role": "prompter", "text": "Hi", "replies": []}\n', "openassistant"),
        (b'"Why is it so?"\n"How?"\n', "openassistant"),
        (b'{"user_message_id": "a"}\n', "openassistant"),
        (b'{"data": {"prompt": "Hi"}, "annotations": []}\n', "label_studio"),
        (b'{"prompt": "Hi", "answer1": "a", "answer2": "b"}\n', "label_studio"),
        (b'{"instruction": "Hi", "response1": "a", "response2": "b", "annotator1": 0}\n', "pandalm"),
        (b'{"prompt": "Hi", "model_a": "a", "model_b": "b", "preference": "tie", "evaluator": "y"}\n', "tulu"),
        (b",count,hate_speech,offensive_language,neither,class,tweet\n0,3,0,0,3,2,Hi\n", "davidson"),
        (b'"count","hate_speech","offensive_language","neither","class","tweet"\n', "davidson"),
        (b'{"prompt": "Hi", "completion": "Hello"}\n', "trl_sft"),
        (b"prompt,completion\nHi,Hello\n", "csv"),
        (b'"prompt"\n"Hi"\n', "csv"),
        (b"prompt\tcompletion\nHi\tHello\n", "csv"),
        (b'\n{broken\n{"kind": "prompt", "text": "Hi"}\n', "bennet"),
        (b'{"a": "\xff"}\n{"kind": "prompt", "text": "Hi"}\n', "bennet"),
    ],
)
def test_a_format_is_told_by_content(data: bytes, format: str) -> None:
    assert detected(data) == format


def test_a_list_is_told_by_its_elements() -> None:
    lines = read_lines(Meter(io.BytesIO(b'[\n{"kind": "prompt", "text": "Hi"},\n{}]')), limit_bytes=2**24)
    name, again = detect(lines, Options())
    assert (name, [(line.number, line.raw[:3]) for line in again]) == ("bennet", [(2, b'{"k'), (3, b"{}")])


def test_a_column_mapping_tells_json_lines_of_any_keys() -> None:
    assert detected(b'{"question": "Why?", "answer": "So."}\n', prompt_column="question") == "jsonl"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"\n\n\n", "empty"),
        (b'{"question": "Why?"}\n', "the fields 'question'"),
        (b'[{"a": 1}]\n', "the fields 'a'"),
        (b"[]\n", "empty"),
        (b"{broken\n" * 30, "format is unknown"),
        (b"name,colour\n", "the header is: 'name', 'colour'"),
    ],
)
def test_what_is_no_known_format_says_why(data: bytes, sentence: str) -> None:
    with pytest.raises(BadFile, match=sentence):
        detected(data)
