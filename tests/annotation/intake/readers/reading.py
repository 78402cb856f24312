"""Read bytes with a reader, as an import does, without a database."""

from __future__ import annotations

import io
import json
from typing import Any

from annotation.intake.detect import AUTO, detect
from annotation.intake.lines import Meter, read_lines
from annotation.intake.options import Options
from annotation.intake.readers import READERS
from annotation.intake.rows import Outcome, Rejected, Row, Skipped


def outcomes(data: bytes, format: str = AUTO, **options: Any) -> list[Outcome]:
    lines = read_lines(Meter(io.BytesIO(data)), limit_bytes=2**24)
    chosen = Options(**options)
    if format == AUTO:
        format, lines = detect(lines, chosen)
    return list(READERS[format](lines, chosen))


def rows(data: bytes, format: str = AUTO, **options: Any) -> list[Row]:
    """Return the rows; nothing may have been turned away."""
    read = outcomes(data, format, **options)
    assert not [outcome for outcome in read if isinstance(outcome, Rejected)]
    return [outcome for outcome in read if isinstance(outcome, Row)]


def refusals(data: bytes, format: str = AUTO, **options: Any) -> list[tuple[int, str, str]]:
    """Return line, field and reason of every row that was turned away."""
    refused = [outcome for outcome in outcomes(data, format, **options) if isinstance(outcome, Rejected)]
    assert all(outcome.message for outcome in refused)
    return [(outcome.line, outcome.field, outcome.reason) for outcome in refused]


def skips(data: bytes, format: str = AUTO, **options: Any) -> list[str]:
    return [outcome.reason for outcome in outcomes(data, format, **options) if isinstance(outcome, Skipped)]


def lines_of(*values: Any) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)
