"""Rows to bytes and back, whatever stands in them: Unicode, empty and huge texts, ends of lines, formulas."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.exports import view_files
from annotation.exports.choices import BadChoice
from annotation.exports.views import VIEWS, View
from tests.annotation.exports.views.records import TEXTS
from tests.annotation.exports.views.test_views import ANY, chosen, stored

WITH_COLUMNS = [name for name, view in VIEWS.items() if view_files.has_columns(view)]
TABLES = [name for name, view in VIEWS.items() if view.extension == "csv"]


def written(view: View, rows: list[Any], choices: dict[str, Any]) -> bytes:
    with tempfile.TemporaryDirectory() as place:
        name = f"train.{view_files.extension_of(choices)}"
        with view_files.ViewFile(Path(place), name, choices, view.columns(choices)) as file:
            for row in rows:
                file.add(row)
            entry = file.entry()
        raw = (Path(place) / name).read_bytes()
        assert (entry["rows"], entry["bytes"]) == (len(rows), len(raw))
        return raw


def some_rows(data: st.DataObject, view: View, choices: dict[str, Any]) -> list[Any]:
    kinds = st.one_of([ANY[kind] for kind in view.kinds if kind in ANY])
    records = [stored(record) for record in data.draw(st.lists(kinds, min_size=1, max_size=4))]
    return [outcome for outcome in view.stream(records, choices) if not isinstance(outcome, str)]


@pytest.mark.parametrize("name", WITH_COLUMNS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_parquet_and_lines_hold_the_same_rows(name: str, data: st.DataObject) -> None:
    view = VIEWS[name]
    given = data.draw(chosen(view))
    lines = view_files.choices_of(view, given | {"compression": data.draw(st.sampled_from(["none", "gz", "zst"]))})
    rows = some_rows(data, view, lines)
    if not rows:
        return
    raw = written(view, rows, lines)
    if lines["compression"] == "gz":
        raw = gzip.decompress(raw)
    if lines["compression"] == "zst":
        raw = pa.CompressedInputStream(pa.BufferReader(raw), "zstd").read()
    assert [json.loads(line) for line in raw.decode().splitlines()] == rows
    columns = written(view, rows, view_files.choices_of(view, given | {"container": "parquet"}))
    assert pq.read_table(pa.BufferReader(columns)).to_pylist() == rows


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_cell_of_a_table_is_a_formula_and_none_is_lost(name: str, data: st.DataObject) -> None:
    view = VIEWS[name]
    choices = view_files.choices_of(view, {})
    rows = some_rows(data, view, choices)
    raw = written(view, rows, choices).decode()
    found = list(csv.reader(io.StringIO(raw, newline=""), strict=True))
    assert found[0] == list(rows[0])
    cells = [cell for row in found[1:] for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in cells)
    plain = [cell.removeprefix("'") for cell in cells]
    assert plain == [str(value) for row in rows for value in row.values()]


@settings(deadline=None)
@given(text=TEXTS)
def test_an_apostrophe_is_told_from_ours(text: str) -> None:
    cell = view_files.cell_of(text)
    assert cell == text or cell == f"'{text}"
    assert cell.removeprefix("'") == text


def test_chunks_make_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_files, "CHUNK_BYTES", 1_000)
    view = VIEWS["trl_sft_prompt_completion"]
    choices = view_files.choices_of(view, {"container": "parquet", "form": "standard"})
    rows = [{"prompt": f"question {number}", "completion": "answer " * 20} for number in range(100)]
    raw = written(view, rows, choices)
    file = pq.ParquetFile(pa.BufferReader(raw))
    assert file.num_row_groups > 10
    assert file.read().to_pylist() == rows


def test_what_has_no_columns_is_no_parquet() -> None:
    assert "openai_sft" not in WITH_COLUMNS
    with pytest.raises(BadChoice) as refused:
        view_files.choices_of(VIEWS["openai_sft"], {"container": "parquet"})
    assert refused.value.field == "options.container"
