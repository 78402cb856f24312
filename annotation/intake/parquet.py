"""A Parquet file as lines: each row one JSON object, as data sets are published. Read by batches, in constant memory.

A few bytes of Parquet can stand for any number of long texts: repeated values are stored once, in a dictionary. So
texts stay dictionaries until it is known how large they are, and what is too large is parted or turned away before it
becomes text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from annotation.intake.limits import MAXIMUM_LINE_BYTES, check_unpacked
from annotation.intake.rows import BadFile, BadRow

MAGIC = b"PAR1"
BATCH_ROWS = 256
# What is turned into objects at once, unless a single row is larger.
BATCH_BYTES = 4 * 2**20
MAXIMUM_COLUMNS = 1_000
# Whether of texts in it or of places in a dictionary, what a row group decodes to is held at once.
MAXIMUM_GROUP_BYTES = 512 * 2**20


def rows(file: Any, *, limit_bytes: int) -> Iterator[tuple[int, bytes, BadRow | None]]:
    """Yield number, JSON and fault of each row. Raise BadFile for what is damaged, or over the limit unpacked."""
    import pyarrow as pa  # here, not above: nobody but who reads such a file pays for it

    try:
        yield from _rows(file, limit_bytes)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        message = "The Parquet file is damaged, encrypted or ends too early. Write it anew and upload it again."
        raise BadFile(message) from error


def _rows(file: Any, limit_bytes: int) -> Iterator[tuple[int, bytes, BadRow | None]]:
    import pyarrow.parquet as pq

    with _opened(pq, file, ()) as found:
        _check(found.metadata, limit_bytes)
        groups = found.metadata.num_row_groups
        leaves = [found.schema.column(place) for place in range(len(found.schema))]
    texts = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
    flat = [leaf.path for leaf in leaves if leaf.path in texts and not leaf.max_repetition_level]
    number = unpacked = 0
    for group in range(groups):
        for part, size_bytes in _parts_of_group(pq, file, group, texts, flat):
            unpacked += size_bytes
            check_unpacked(unpacked, limit_bytes)
            for value in _values(part, size_bytes):
                number += 1
                yield number, *_line(value)


def _opened(pq: Any, file: Any, dictionaries: Sequence[str]) -> Any:
    import pyarrow as pa

    file.seek(0)
    return pq.ParquetFile(pa.PythonFile(file, mode="r"), pre_buffer=False, read_dictionary=dictionaries)


def _parts_of_group(pq: Any, file: Any, group: int, texts: list[str], flat: list[str]) -> Iterator[tuple[Any, int]]:
    """Yield the group in parts, with all texts as dictionaries; where Arrow cannot, with those that stand in no list.

    It cannot where a list's texts stand partly in a dictionary. Then it holds two gigabytes of one column at most.
    """
    import pyarrow as pa

    done = 0
    try:
        for part, size_bytes in _parts_of(_opened(pq, file, texts), group):
            yield part, size_bytes
            done += part.num_rows
        return
    except pa.ArrowNotImplementedError:
        pass
    for part, size_bytes in _parts_of(_opened(pq, file, flat), group):
        left, done = part.slice(done), max(0, done - part.num_rows)
        if left.num_rows:
            yield left, size_bytes


def _parts_of(found: Any, group: int) -> Iterator[tuple[Any, int]]:
    with found:
        for batch in found.iter_batches(batch_size=BATCH_ROWS, row_groups=[group], use_threads=False):
            yield from _parts(batch)


def _check(metadata: Any, limit_bytes: int) -> None:
    """Refuse by what is announced: a reader that finds more than that takes the file for damaged."""
    if metadata.num_columns > MAXIMUM_COLUMNS:
        raise BadFile(f"The file has {metadata.num_columns:,} columns; at most {MAXIMUM_COLUMNS:,} are read.")
    whole = 0
    for place in range(metadata.num_row_groups):
        group = metadata.row_group(place)
        columns = [group.column(column) for column in range(group.num_columns)]
        # A place in a dictionary takes four bytes, however few it is packed in.
        size_bytes = sum(max(column.total_uncompressed_size, 4 * column.num_values) for column in columns)
        check_unpacked(size_bytes, MAXIMUM_GROUP_BYTES)
        whole += size_bytes
        check_unpacked(whole, limit_bytes)


def _parts(batch: Any) -> Iterator[tuple[Any, int]]:
    """Yield the batch in parts that are small enough to become objects, each with its size as text."""
    size_bytes = sum(_size(column) for column in batch.columns)
    if size_bytes <= BATCH_BYTES or batch.num_rows <= 1:
        yield batch, size_bytes
        return
    half = batch.num_rows // 2
    yield from _parts(batch.slice(0, half))
    yield from _parts(batch.slice(half))


def _size(array: Any) -> int:
    """Return about how many bytes the values are when written out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if pa.types.is_dictionary(kind):
        lengths = pc.take(pc.binary_length(array.dictionary), array.indices)
        return int(pc.sum(lengths).as_py() or 0)
    if pa.types.is_struct(kind):
        return sum(_size(field) for field in array.flatten())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _size(array.flatten())
    if pa.types.is_map(kind):
        # Not parted as lists are: its flattening is all of it, whichever rows are meant.
        return _size(array.keys) + _size(array.items)
    if pa.types.is_binary(kind) or pa.types.is_string(kind):
        return int(pc.sum(pc.binary_length(array)).as_py() or 0)
    return 8 * len(array)


def _values(part: Any, size_bytes: int) -> list[Any]:
    if part.num_rows == 1 and size_bytes > MAXIMUM_LINE_BYTES:
        return [None]
    values: list[Any] = part.to_pylist(maps_as_pydicts="lossy")
    return values


def _line(value: dict[str, Any] | None) -> tuple[bytes, BadRow | None]:
    if value is None:
        message = f"The row is larger than {MAXIMUM_LINE_BYTES // 2**20} MiB. Split it into several."
        return b"", BadRow("", "line_too_long", message)
    text = json.dumps(_without_nulls(value), ensure_ascii=False, default=_plain)
    return text.encode("utf-8", "surrogatepass"), None


def _without_nulls(value: Any) -> Any:
    """Leave out what is null: a column that most rows lack makes it stand in all of them."""
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | timedelta):
        return str(value)
    return repr(value)
