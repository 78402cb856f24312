"""A record's row says all that its JSON says, and training reads either schema of release."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.releases import demonstration, ranking, write_columns, write_release
from training import parquet
from training.fields import RecordError
from training.records import LINES_SCHEMA, SCHEMA, JudgementRecord, Message, RankedCompletion

# JSON text in UTF-8 carries no lone surrogates, and the database no NUL.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
NAMES = st.text("abc_", min_size=1, max_size=5)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
OPEN = st.dictionaries(NAMES, VALUES, max_size=3)
COMPLETION = st.builds(
    RankedCompletion,
    completion_id=st.uuids().map(str),
    text=TEXT,
    source_label=TEXT,
    edit_of=st.sampled_from(["", "a"]),
)
SHARED: dict[str, Any] = {
    "messages": st.lists(
        st.builds(Message, role=st.sampled_from(["system", "user", "assistant"]), content=TEXT), min_size=1, max_size=3
    ).map(tuple),
    "annotator": TEXT,
    "language": TEXT,
    "guideline_version": st.none() | st.integers(1, 9),
    "seconds": st.none() | st.floats(0, 1e9),
    "step_seconds": st.dictionaries(NAMES, st.floats(0, 1e6), max_size=2),
    "selection": OPEN,
}


@st.composite
def rankings(draw: st.DrawFn) -> Any:
    completions = draw(st.lists(COMPLETION, min_size=2, max_size=4, unique_by=lambda one: one.completion_id))
    ids = [one.completion_id for one in completions]
    cut = draw(st.integers(1, len(ids)))
    tiers = tuple(tuple(tier) for tier in (ids[:cut], ids[cut:]) if tier)
    asked = {
        "outputs": OPEN,
        "prompt_flags": OPEN,
        "use_case": TEXT,
        "strength": st.none() | st.integers(0, 3),
        "all_bad": st.booleans(),
    }
    given_ = {name: draw(strategy) for name, strategy in {**SHARED, **asked}.items()}
    return ranking(1, completions=tuple(completions), tiers=tiers, shown_order=tuple(reversed(ids)), **given_)


@st.composite
def judgements(draw: st.DrawFn) -> Any:
    named = {name: draw(strategy) for name, strategy in SHARED.items()}
    return JudgementRecord(
        record_id="1", prompt_id="", group="g", split="train", judgement="score", payload=draw(OPEN),
        completions=tuple(draw(st.lists(COMPLETION, max_size=2))), brief=draw(st.dictionaries(NAMES, TEXT)), **named,
    )  # fmt: skip


def through_a_file(directory: Path, kind: str, record: Any) -> Any:
    write_columns(directory, "train", kind, [record.to_json()])
    (plain,) = parquet.rows_of(kind, directory / "train" / f"{kind}.parquet")
    assert parquet.RECORDS[kind].from_json(plain).to_json() == record.to_json()
    return plain


@settings(max_examples=60, deadline=None)
@given(record=rankings())
def test_a_ranking_is_the_same_after_its_row(record: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = through_a_file(tmp_path_factory.mktemp("release"), "rankings", record)
    assert plain == json.loads(json.dumps(record.to_json()))


@settings(max_examples=60, deadline=None)
@given(record=judgements())
def test_a_judgement_is_the_same_after_its_row(record: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = through_a_file(tmp_path_factory.mktemp("release"), "judgements", record)
    assert plain == json.loads(json.dumps(record.to_json()))


@pytest.mark.parametrize("kind", parquet.SCHEMAS)
def test_the_columns_are_the_fields_of_the_record(kind: str) -> None:
    """One schema stays: whoever adds a field to a record finds out here that it has no column."""
    assert set(parquet.SCHEMAS[kind].names) == {field.name for field in fields(parquet.RECORDS[kind])}


def test_columns_are_typed() -> None:
    schema = parquet.SCHEMAS["rankings"]
    assert str(schema.field("tiers").type) == "list<item: list<item: string>>"
    assert str(schema.field("messages").type) == "list<item: struct<role: string, content: string>>"
    assert (str(schema.field("seconds").type), str(schema.field("all_bad").type)) == ("double", "bool")
    assert parquet.OPEN_FIELDS["rankings"] == ("step_seconds", "selection", "prompt_flags", "outputs")


@pytest.mark.parametrize("schema", [SCHEMA, LINES_SCHEMA])
def test_either_schema_reads_as_the_same_records(tmp_path: Path, schema: str) -> None:
    first, second = demonstration(1), ranking(2)
    write_release(tmp_path, [first], [second], schema=schema)
    assert list(parquet.read_demonstrations(tmp_path, "train")) == [first]
    assert list(parquet.read_rankings(tmp_path, "train")) == [second]
    assert list(parquet.read_rankings(tmp_path, "test")) == []


def test_what_does_not_fit_is_named_by_its_place(tmp_path: Path) -> None:
    write_release(tmp_path, rankings=[ranking(1)])
    broken = ranking(2).to_json() | {"tiers": [["polite"]]}
    write_columns(tmp_path, "train", "rankings", [ranking(1).to_json(), broken])
    with pytest.raises(RecordError, match=r"train/rankings.parquet row 2: tiers"):
        list(parquet.read_rankings(tmp_path, "train"))

    (tmp_path / "train/rankings.parquet").write_bytes(b"no columns here")
    with pytest.raises(RecordError, match=r"train/rankings.parquet: not a Parquet file"):
        list(parquet.read_rankings(tmp_path, "train"))
    (tmp_path / "train/rankings.parquet").unlink()
    with pytest.raises(RecordError, match=r"train/rankings.parquet is missing"):
        list(parquet.read_rankings(tmp_path, "train"))


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(RecordError, match="does not fit the columns of rankings"):
        parquet.table_of("rankings", b'{"tiers": "none"}')


def test_a_kind_without_records_is_a_file_too() -> None:
    sink = io.BytesIO()
    with parquet.writer_of("judgements", sink) as writer:
        writer.write_table(parquet.table_of("judgements", b""))
    sink.seek(0)
    assert list(parquet.rows_of("judgements", sink)) == []
