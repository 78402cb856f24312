"""Demonstrations as a table, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from annotation.exports.choices import Choices
from annotation.exports.conversations import as_reading
from annotation.exports.views.shape import Outcome, Record, View


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    yield {
        "record_id": record["record_id"],
        "prompt_id": record["prompt_id"],
        "prompt": as_reading(record["messages"]),
        "completion": record["completion"],
        "annotator": record.get("annotator", ""),
        "protocol": record.get("protocol", ""),
        "guideline_version": record.get("guideline_version") or "",
        "language": record.get("language", ""),
        "seconds": "" if record.get("seconds") is None else record["seconds"],
        "created_at": record.get("created_at") or "",
    }


VIEW = View(
    id="csv_demonstrations",
    label="Demonstrations as a table (CSV)",
    source="RFC 4180; cells that look like formulas begin with an apostrophe",
    kinds=("demonstrations",),
    fields=(
        "record_id",
        "prompt_id",
        "messages",
        "completion",
        "annotator",
        "protocol",
        "guideline_version",
        "language",
        "seconds",
        "created_at",
    ),
    extension="csv",
    rows=rows,
    loses=(
        "who says what in a prompt of several turns: it is one text with the speakers' names",
        "a text's own apostrophe, or sign of a formula, at its beginning: another apostrophe stands before it",
        "group, source, seconds by step and how the task was chosen",
    ),
)
