"""Laws of every reader: whatever the bytes, a file gives rows that can be stored or a refusal that says why."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from annotation.intake.readers import READERS, davidson
from annotation.intake.rows import BadFile, Outcome, Row, Skipped
from tests.annotation.intake.readers.reading import outcomes

NAMES = (
    "kind", "text", "messages", "role", "content", "completion", "completions", "tiers", "id", "annotator", "tags",
    "preferred", "strength", "outputs", "labels", "seconds",
    "chosen", "rejected", "message_tree_id", "prompt", "message_id", "parent_id", "replies", "rank", "deleted",
    "data", "annotations", "result", "type", "value", "selected", "ranker", "items", "answer1", "answer2", "lead_time",
    "conversations", "from", "input", "output", "instances", "history", "context", "label", "is_correct",
    "instruction", "response1", "response2", "annotator1", "model_a", "completion_a", "preference", "evaluator",
)  # fmt: skip
WORDS = (
    "prompt", "ranking", "demonstration", "comparison", "labels", "pair", "prompter", "assistant", "user", "a", "b",
    "\n\nHuman: a\n\nAssistant: b", "nul \x00", "bell \x07", "lone \ud83d", "line \u2028", "", " ",
)  # fmt: skip
HEADS = (b"", b"prompt,completion\n", b"[", b"PK\x03\x04", b'"', b"\x1f\x8b\x08")

names = st.sampled_from(NAMES) | st.text(max_size=5)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=8)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6), max_leaves=12
)
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=8)


def assert_storable(outcome: Outcome) -> None:
    if isinstance(outcome, Skipped):
        return
    if isinstance(outcome, Row):
        as_stored = json.dumps(outcome.to_json(), ensure_ascii=False)
        assert Row.from_json(outcome.line, json.loads(as_stored)).to_json() == json.loads(as_stored)
        # An escaped backslash before it makes it six letters, which may stand anywhere.
        assert "\\u0000" not in as_stored.replace("\\\\", "")
        as_stored.encode()
        return
    assert outcome.reason
    assert len(outcome.reason) <= 60
    assert outcome.message.endswith(".")
    for text in (outcome.field, outcome.message, outcome.excerpt):
        assert text.isprintable()


def read(data: bytes, format: str) -> None:
    with contextlib.suppress(BadFile):
        for outcome in outcomes(data, format):
            assert_storable(outcome)


# What is nearly right is tried in test_shapes: here whatever comes, so few examples of each do.
@pytest.mark.parametrize("format", ["auto", *READERS])
@settings(deadline=None, max_examples=30)
@given(rows=st.lists(objects | values, min_size=1, max_size=4), is_ascii=st.booleans())
@example(rows=[None, {"kind": "nul \x00"}], is_ascii=False)
def test_any_json_is_read_or_refused(format: str, rows: list[Any], is_ascii: bool) -> None:
    lines = [json.dumps(row, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass") for row in rows]
    read(b"\n".join(lines), format)


@pytest.mark.parametrize("format", ["auto", *READERS])
@settings(deadline=None, max_examples=30)
@given(data=st.binary(max_size=200), head=st.sampled_from(HEADS))
def test_any_bytes_are_read_or_refused(format: str, data: bytes, head: bytes) -> None:
    read(head + data, format)


@pytest.mark.parametrize("format", ["auto", *READERS])
def test_deep_nesting_is_read_or_refused(format: str) -> None:
    whole = {"kind": "ranking", "text": "a", "completions": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]}
    for depth in (100, 900, 950, 990):
        for name in NAMES:
            line = json.dumps(whole | {name: "DEEP"}).replace('"DEEP"', "[" * depth + "]" * depth)
            read(line.encode(), format)


@settings(deadline=None)
@given(values=st.dictionaries(st.sampled_from(davidson.HEADER), st.text(max_size=6) | st.sampled_from("0123")))
def test_any_row_of_votes_is_read_or_refused(values: dict[str, str]) -> None:
    sheet = io.StringIO()
    csv.writer(sheet).writerows([davidson.HEADER, [values.get(name, "1") for name in davidson.HEADER]])
    read(sheet.getvalue().encode("utf-8", "surrogatepass"), "davidson")


@pytest.mark.parametrize("data", [b"prompt\rHi\rHo\r", b"x" * 200_000 + b"\n", b'"prompt"x,y\na,b\n'])
def test_a_header_that_is_not_csv_is_refused_in_whole(data: bytes) -> None:
    for format in ("auto", "csv"):
        with pytest.raises(BadFile):
            outcomes(data, format)
