"""The files of a release: one Arrow schema a kind of record, and how a record stands in a row of it.

A record's JSON is the truth that digests are made of; its row here says the same in typed columns. What a protocol
may fill as it likes (`payload`, `outputs`, flags, times by step) is JSON text in one column, marked so in the field's
metadata: such mappings have no type that all of them share. A field that a record leaves out is null.
Releases of schema 1 are JSON lines and are read here too.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.json as arrow_json
import pyarrow.parquet as pq

from training import handover, records
from training.fields import RecordError
from training.records import DemonstrationRecord, DocumentRecord, JudgementRecord, RankingRecord

Record = DemonstrationRecord | RankingRecord | JudgementRecord | DocumentRecord

# Arrow's own allocator keeps a hundred megabytes of the few that it needs at a time; the system's gives them back.
pa.set_memory_pool(pa.system_memory_pool())

ROWS_AT_ONCE = 512
BLOCK_BYTES = 1 << 20

_JSON = {b"content": b"json"}
_TEXTS = pa.list_(pa.string())


def _text(*names: str) -> list[pa.Field]:
    return [pa.field(name, pa.string()) for name in names]


def _open(*names: str) -> list[pa.Field]:
    return [pa.field(name, pa.string(), metadata=_JSON) for name in names]


_MESSAGES = pa.list_(pa.struct(_text("role", "content")))
_COMPLETIONS = pa.list_(pa.struct(_text("completion_id", "text", "source_kind", "source_label", "edit_of")))
_SHARED = [
    *_text("record_id", "prompt_id", "group", "split"),
    pa.field("messages", _MESSAGES),
    *_text("annotator", "protocol"),
    pa.field("guideline_version", pa.int64()),
    *_text("language", "source"),
    pa.field("seconds", pa.float64()),
    *_text("created_at"),
    *_open("step_seconds", "selection"),
]
SCHEMAS: dict[str, pa.Schema] = {
    "demonstrations": pa.schema([*_SHARED, *_text("completion")]),
    "rankings": pa.schema(
        [
            *_SHARED,
            pa.field("completions", _COMPLETIONS),
            pa.field("tiers", pa.list_(_TEXTS)),
            pa.field("shown_order", _TEXTS),
            pa.field("all_bad", pa.bool_()),
            *_text("rationale"),
            *_open("prompt_flags"),
            *_text("use_case"),
            *_open("outputs"),
            pa.field("strength", pa.int64()),
            pa.field("strength_levels", pa.int64()),
        ]
    ),
    "judgements": pa.schema(
        [
            *_SHARED,
            *_text("judgement"),
            *_open("payload"),
            pa.field("completions", _COMPLETIONS),
            pa.field("shown_order", _TEXTS),
            *_open("brief"),
        ]
    ),
    "documents": pa.schema(_text("record_id", "split", "text", "language", "source")),
}
RECORDS: dict[str, type[Record]] = {
    "demonstrations": DemonstrationRecord,
    "rankings": RankingRecord,
    "judgements": JudgementRecord,
    "documents": DocumentRecord,
}
OPEN_FIELDS = {
    kind: tuple(field.name for field in schema if field.metadata == _JSON) for kind, schema in SCHEMAS.items()
}
# What is read of completions that are asked for by name, by its paths in the file.
_PARTS = {"completions": tuple(f"completions.list.element.{name}" for name in ("completion_id", "text", "edit_of"))}
# Records say these as null rather than leave them out.
_NULLABLE = frozenset({"guideline_version", "seconds", "created_at"})
# Few different values, so a dictionary pays; and what a reader may look for without reading the texts.
_REPEATED = ("group", "split", "annotator", "protocol", "language", "source")
_SOUGHT = ("record_id", "prompt_id", "group", "split", "annotator", "language", "created_at")


def table_of(kind: str, lines: bytes, longest: int = 0) -> pa.Table:
    """Parse JSON lines whose open fields are text already. Raises RecordError where one does not fit the schema.

    `longest`: bytes of the longest line, where the caller knows.
    """
    # Blocks are parsed at the same time; each has to hold the longest line.
    reading = arrow_json.ReadOptions(block_size=max(BLOCK_BYTES, longest or len(lines)))
    parsing = arrow_json.ParseOptions(explicit_schema=SCHEMAS[kind], unexpected_field_behavior="ignore")
    if not lines:
        return SCHEMAS[kind].empty_table()
    try:
        return arrow_json.read_json(pa.BufferReader(lines), reading, parsing)
    except pa.ArrowInvalid as error:
        raise RecordError(f"A record does not fit the columns of {kind}: {error}") from error


def writer_of(kind: str, sink: Path | IO[bytes]) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        sink, SCHEMAS[kind], compression="zstd", use_dictionary=list(_REPEATED), write_statistics=list(_SOUGHT)
    )


def plain_of(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON of the record that stands in a row."""
    plain: dict[str, Any] = {"kind": kind.removesuffix("s")}
    for name, value in row.items():
        if value is not None or name in _NULLABLE:
            plain[name] = json.loads(value) if value is not None and name in OPEN_FIELDS[kind] else value
    for completion in plain.get("completions", ()):
        if completion["edit_of"] is None:
            del completion["edit_of"]
    return plain


def rows_of(kind: str, source: Path | IO[bytes], fields: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the JSON of every record of a file, or only these fields of it, `ROWS_AT_ONCE` in memory.

    Asked for by name, completions come without where they came from.

    Raises RecordError on any other file.
    """
    columns = [path for name in SCHEMAS[kind].names if name in fields for path in _PARTS.get(name, (name,))]
    try:
        with pq.ParquetFile(source) as file:
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns or None):
                for row in batch.to_pylist():
                    yield plain_of(kind, row)
    except (pa.ArrowInvalid, OSError) as error:
        raise RecordError(f"not a Parquet file of {kind}: {error}") from error


def read_demonstrations(release: Path, split: str) -> Iterator[DemonstrationRecord]:
    """Yield a split's demonstrations, whichever schema the release has. Raises RecordError naming file and row."""
    return _read(release, split, "demonstrations", handover.read_demonstrations)


def read_rankings(release: Path, split: str) -> Iterator[RankingRecord]:
    """Yield a split's rankings, whichever schema the release has. Raises RecordError naming file and row."""
    return _read(release, split, "rankings", handover.read_rankings)


def read_judgements(release: Path, split: str) -> Iterator[JudgementRecord]:
    """Yield a split's other judgements, whichever schema the release has. Raises RecordError naming file and row."""
    return _read(release, split, "judgements", handover.read_judgements)


def read_documents(release: Path, split: str) -> Iterator[DocumentRecord]:
    """Yield a split's documents; none in a release without them. Raises RecordError naming file and row."""
    path = release / split / "documents.parquet"
    return _from_columns(path, "documents") if path.is_file() else iter(())


def _read(release: Path, split: str, kind: str, read_lines: Callable[[Path, str], Iterator[Any]]) -> Iterator[Any]:
    if handover.read_manifest(release).schema == records.LINES_SCHEMA:
        return read_lines(release, split)
    return _from_columns(release / split / f"{kind}.parquet", kind)


def _from_columns(path: Path, kind: str) -> Iterator[Any]:
    place = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        raise RecordError(f"{place} is missing.")
    number = 0
    try:
        for plain in rows_of(kind, path):
            number += 1
            yield RECORDS[kind].from_json(plain)
    except RecordError as error:
        raise RecordError(f"{place} row {number}: {error}" if number else f"{place}: {error}") from error
