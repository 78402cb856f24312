"""A stored file as outcomes: unpacked, its format recognised, read. What imports and dry runs share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from annotation.intake.detect import AUTO, detect
from annotation.intake.lines import Line, Meter, read_lines
from annotation.intake.options import Options
from annotation.intake.readers import READERS
from annotation.intake.rows import Outcome, Row, Skipped

# How many times larger than the largest upload a file may become when unpacked: what stops a gzip bomb.
UNPACKED_TIMES = 4
# What is taken in hand at once.
BATCH_ROWS, BATCH_CHARACTERS = 1_000, 8_000_000


@dataclass(frozen=True)
class Reading:
    """The format by which a file is read, and what its reader gives."""

    format: str
    outcomes: Iterator[Outcome]


def lines_of(meter: Meter, options: Options) -> Iterator[Line]:
    return read_lines(meter, limit_bytes=UNPACKED_TIMES * settings.UPLOAD_LIMIT_BYTES, sheet=options.sheet)


def read_file(meter: Meter, *, format: str, options: Options) -> Reading:
    """Begin to read a file. Raise BadFile, as do its outcomes."""
    lines, name = lines_of(meter, options), format
    if name == AUTO:
        name, lines = detect(lines, options)
    return Reading(name, _first(READERS[name](lines, options), options.limit_rows))


def batches(outcomes: Iterator[Outcome]) -> Iterator[list[Outcome]]:
    batch: list[Outcome] = []
    characters = 0
    for outcome in outcomes:
        batch.append(outcome)
        characters += outcome.characters if isinstance(outcome, Row) else 0
        if len(batch) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _first(outcomes: Iterator[Outcome], limit_rows: int) -> Iterator[Outcome]:
    """Yield what belongs to the first rows, wrong ones counted; all when the limit is 0."""
    if not limit_rows:
        yield from outcomes
        return
    rows = 0
    for outcome in outcomes:
        yield outcome
        rows += not isinstance(outcome, Skipped)
        if rows >= limit_rows:
            return
