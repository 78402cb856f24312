"""The beginning of a stored file as its annotators will see it, read while somebody waits; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.files.storage import default_storage

from annotation.intake.fitting import Fitting
from annotation.intake.lines import Meter
from annotation.intake.models import ImportFile
from annotation.intake.options import Options, read_options
from annotation.intake.protocols import Plan
from annotation.intake.reading import lines_of, read_file
from annotation.intake.rows import BadFile, Outcome, Rejected, Row, Skipped
from annotation.intake.table import Table, table_of
from annotation.projects.masking import masked
from annotation.tasks.splits import text_sha256

# How far is read: enough to see by, and little enough to wait for.
HEAD_ROWS, HEAD_CHARACTERS = 300, 4_000_000
SHOWN_ROWS, SHOWN_CHARACTERS, SHOWN_LEFT_OUT = 20, 400_000, 50
# How much of a document: it may be a whole book.
SHOWN_TEXT = 5_000


@dataclass(frozen=True)
class Shown:
    """A row as its annotator will see it. `answer` is what came with it, by the labels of the completions shown."""

    line: int
    kind: str
    plan: Plan | None
    messages: Sequence[dict[str, str]]
    completions: Sequence[dict[str, str]]
    answer: dict[str, Any]
    annotator: str
    source: str
    language: str
    tags: Sequence[str]


@dataclass
class Preview:
    """What the beginning of a file holds. `error` says why no more can be read, or nothing at all."""

    format: str = ""
    table: Table | None = None
    rows: list[Shown] = field(default_factory=list)
    left_out: list[Rejected | Skipped] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    is_whole: bool = False
    error: str = ""


def preview(import_file: ImportFile, *, now: datetime) -> Preview:
    options = read_options(import_file.options)
    found = Preview()
    try:
        with default_storage.open(import_file.stored_name, "rb") as stored:
            found.table = table_of(lines_of(Meter(stored), options), options)
        with default_storage.open(import_file.stored_name, "rb") as stored:
            _read(found, import_file, Meter(stored), options, now)
    except BadFile as error:
        found.error = str(error)
    return found


def _read(found: Preview, import_file: ImportFile, meter: Meter, options: Options, now: datetime) -> None:
    reading = read_file(meter, format=import_file.format, options=options)
    found.format = reading.format
    fitting = Fitting(import_file, reading.format, now)
    for outcome in _head(reading.outcomes, found):
        fitted = fitting.fitted(outcome)
        if isinstance(fitted, Row):
            found.counts.update(("read", fitted.kind))
            _show(found, fitted, fitting.plan(fitted))
        else:
            found.counts.update(("skipped",) if isinstance(fitted, Skipped) else ("read", "rejected"))
            found.left_out += [fitted] if len(found.left_out) < SHOWN_LEFT_OUT else []


def _head(outcomes: Iterator[Outcome], found: Preview) -> Iterator[Outcome]:
    """Yield outcomes as far as is read, and note whether that is all."""
    characters = 0
    for outcome in islice(outcomes, HEAD_ROWS):
        yield outcome
        characters += outcome.characters if isinstance(outcome, Row) else 0
        if characters > HEAD_CHARACTERS:
            break
    found.is_whole = next(outcomes, None) is None


def _show(found: Preview, row: Row, plan: Plan | None) -> None:
    shown = sum(len(completion["text"]) for other in found.rows for completion in other.completions)
    shown += sum(len(message["content"]) for other in found.rows for message in other.messages)
    if len(found.rows) < SHOWN_ROWS and (not found.rows or shown + row.characters <= SHOWN_CHARACTERS):
        found.rows.append(shown_row(row, plan))


def shown_row(row: Row, plan: Plan | None) -> Shown:
    """Return the row as it is shown: completions under labels, masked, in an order that says nothing."""
    texts = [text for text, _ in row.completions]
    order = list(range(len(texts)))
    if not row.order_is_known:
        order.sort(key=lambda place: text_sha256(texts[place]))
    if plan is not None and plan.config.get("mask_identity"):
        texts = [masked(text)[0] for text in texts]
    label = {place: f"c{number}" for number, place in enumerate(order, 1)}
    return Shown(
        line=row.line,
        kind=row.kind,
        plan=plan,
        messages=row.messages,
        completions=[{"label": label[place], "text": texts[place]} for place in order],
        answer=_answer(row, label),
        annotator=row.annotator,
        source=row.source,
        language=row.language,
        tags=row.tags,
    )


def _answer(row: Row, label: dict[int, str]) -> dict[str, Any]:
    return {
        "completion": row.completion,
        "text": row.text[:SHOWN_TEXT],
        "tiers": [[label[place] for place in tier] for tier in row.tiers],
        "all_bad": row.all_bad,
        "labels": list(row.labels) or [name for name, holds in dict(row.verdicts).items() if holds],
        "rationale": row.rationale,
    }
