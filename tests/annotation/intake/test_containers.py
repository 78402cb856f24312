"""What a file may be packed in: the same rows come out, damage is told, and no small file becomes a large one."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.intake import archive, parquet
from annotation.intake.lines import Line, Meter, read_lines
from annotation.intake.rows import BadFile
from tests.annotation.intake.readers.reading import rows as rows_of

LIMIT = 2**24


def read(data: bytes, limit_bytes: int = LIMIT) -> list[Line]:
    return list(read_lines(Meter(io.BytesIO(data)), limit_bytes=limit_bytes))


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue())


def table(rows: Any, **how: Any) -> bytes:
    if not isinstance(rows, pa.Table):
        names = dict.fromkeys(name for row in rows for name in row)
        rows = pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows])
    sink = io.BytesIO()
    pq.write_table(rows, sink, **how)
    return sink.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return sink.getvalue()


@pytest.fixture
def peak() -> Iterator[Any]:
    """Say how much Arrow and Python have held at once since the beginning."""
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    yield lambda: max(tracemalloc.get_traced_memory()[1], pa.default_memory_pool().max_memory() - before)
    tracemalloc.stop()


def test_zstd_reads_as_what_is_in_it() -> None:
    data = b"one\r\n\ntwo\nthree"
    assert read(zstd(data)) == read(data)
    assert read(zstd(data[:5]) + zstd(data[5:])) == read(data)


@pytest.mark.parametrize("cut", [6, 40, -9, -1])
def test_a_truncated_zstd_is_refused(cut: int) -> None:
    packed = zstd(b"".join(f"line {number * 7919}\n".encode() for number in range(1000)))
    with pytest.raises(BadFile, match="damaged or ends too early"):
        read(packed[:cut])


def test_a_zstd_bomb_stops_at_the_limit() -> None:
    bomb = zstd(b"0" * 50_000_000)
    assert len(bomb) < 10_000
    with pytest.raises(BadFile, match="larger than 10 MiB"):
        read(bomb, 10 * 2**20)


@pytest.mark.parametrize("outer", [zstd, lambda data: zipped({"a.jsonl": data})])
def test_what_is_packed_twice_is_refused(outer: Any) -> None:
    for inner in (zstd(b"{}"), table([{"a": 1}]), zipped({"a.txt": b"x"})):
        with pytest.raises(BadFile, match=r"packed twice|within another"):
            read(outer(inner))


def test_every_json_format_is_read_from_parquet_as_well() -> None:
    rows = [
        {"kind": "prompt", "text": "Why?", "tags": ["x"]},
        {"kind": "ranking", "text": "Who?", "completions": [{"id": "a", "text": "I."}, {"id": "b", "text": "You."}],
         "tiers": [["b"], ["a"]], "annotator": "ann"},
    ]  # fmt: skip
    as_lines = rows_of(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    assert rows_of(table(rows)) == as_lines
    assert rows_of(table(rows, row_group_size=1, compression="zstd", use_dictionary=False)) == as_lines


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_ROW = st.fixed_dictionaries(
    {"a": _TEXT, "n": st.integers(-(2**53), 2**53), "m": st.lists(st.fixed_dictionaries({"r": _TEXT, "t": _TEXT}))},
    optional={"b": st.booleans()},
)


@given(st.lists(_ROW, min_size=1, max_size=8))
def test_rows_of_parquet_are_the_objects_that_were_written(rows: list[dict[str, Any]]) -> None:
    names = pa.struct([("r", pa.string()), ("t", pa.string())])
    schema = pa.schema([("a", pa.string()), ("n", pa.int64()), ("m", pa.list_(names)), ("b", pa.bool_())])
    lines = read(table(pa.Table.from_pylist(rows, schema)))
    assert [json.loads(line.raw) for line in lines] == rows
    assert [line.number for line in lines] == list(range(1, len(rows) + 1))


def test_what_json_has_no_word_for_becomes_text() -> None:
    rows = pa.table({
        "at": pa.array([0], pa.timestamp("us", "UTC")), "raw": pa.array([b"x"], pa.binary()),
        "map": pa.array([[("k", "v")]], pa.map_(pa.string(), pa.string())), "none": pa.nulls(1),
    })  # fmt: skip
    (line,) = read(table(rows))
    assert json.loads(line.raw) == {"at": "1970-01-01T00:00:00+00:00", "raw": "x", "map": {"k": "v"}}


@pytest.mark.parametrize("cut", [5, 100, -1])
def test_a_damaged_parquet_is_refused(cut: int) -> None:
    with pytest.raises(BadFile, match="damaged"):
        read(table([{"a": "x" * 50, "b": number} for number in range(100)])[:cut])


def test_a_parquet_bomb_of_one_text_said_a_million_times_stops_at_the_limit(peak: Any) -> None:
    said = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000_000, pa.int32()), pa.array(["x" * 2**20]))
    bomb = table(pa.table({"text": said}))
    assert len(bomb) < 200_000
    with pytest.raises(BadFile, match="larger than 16 MiB"):
        read(bomb)
    assert peak() < 64 * 2**20


def test_a_row_that_nests_a_million_texts_is_turned_away_unwritten(peak: Any) -> None:
    said = pa.DictionaryArray.from_arrays(pa.array([0] * 300_000, pa.int32()), pa.array(["x" * 10_000]))
    nested = pa.ListArray.from_arrays(pa.array([0, 300_000]), said)
    bomb = table(pa.table({"texts": nested}))
    (line,) = read(bomb, 2**40)
    assert (line.raw, line.fault.reason if line.fault else "") == (b"", "line_too_long")
    assert peak() < 64 * 2**20


def test_a_row_group_too_large_to_hold_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MAXIMUM_GROUP_BYTES", 2**20)
    with pytest.raises(BadFile, match="larger than 1 MiB"):
        read(table(pa.table({"n": pa.array(range(300_000))})))


def test_a_folder_of_texts_is_read_file_by_file() -> None:
    lines = read(zipped({"b/two.txt": b"Two.\n", "a/one.txt": b"One.\nMore.", "__MACOSX/x.bin": b"\x00"}))
    assert [(line.member, line.number, line.raw) for line in lines] == [
        ("a/one.txt", 1, b"One."), ("a/one.txt", 2, b"More."), ("b/two.txt", 1, b"Two."),
    ]  # fmt: skip


def test_an_archive_of_anything_else_is_refused_by_name() -> None:
    with pytest.raises(BadFile, match=r"holds 'a/b\.exe'.*\.txt"):
        read(zipped({"a/b.exe": b"x", "c.txt": b"y"}))
    with pytest.raises(BadFile, match="is empty"):
        read(zipped({".DS_Store": b"x"}))


def test_a_zip_bomb_is_refused_by_what_it_announces(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped({"a.txt": b"0" * 30_000_000, "b.txt": b"0" * 30_000_000})
    assert len(bomb) < 100_000
    with pytest.raises(BadFile, match="larger than 16 MiB"):
        read(bomb)
    monkeypatch.setattr(archive, "MAXIMUM_MEMBERS", 1)
    with pytest.raises(BadFile, match="at most 1 are read"):
        read(bomb)


def test_texts_that_outgrow_their_dictionary_are_read_all_the_same() -> None:
    rows = [{"m": [{"t": f"{number}-{turn}" * 9} for turn in range(number % 4)]} for number in range(2000)]
    schema = pa.schema([("m", pa.list_(pa.struct([("t", pa.string())])))])
    data = table(pa.Table.from_pylist(rows, schema), row_group_size=700, dictionary_pagesize_limit=2_000)
    assert [json.loads(line.raw) for line in read(data)] == rows
