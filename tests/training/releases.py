"""Tiny releases, written through the same functions as real ones."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from training import handover, parquet, records
from training.records import (
    SCHEMA,
    DemonstrationRecord,
    DocumentRecord,
    FileEntry,
    JudgementRecord,
    Manifest,
    Message,
    RankedCompletion,
    RankingRecord,
)

DIGEST = "d" * 64
WORDS = ("river", "stone", "lamp", "winter", "garden", "paper", "silver", "quiet", "bread", "window")


def demonstration(number: int, split: str = "train", **changes: Any) -> DemonstrationRecord:
    word = WORDS[number % len(WORDS)]
    facts: dict[str, Any] = {
        "record_id": f"demonstration-{split}-{number}",
        "prompt_id": f"prompt-{split}-{number}",
        "group": f"group-{split}-{number}",
        "split": split,
        "messages": (Message("user", f"Say something about the {word}."),),
        "completion": f"The {word} is near the {WORDS[(number + 3) % len(WORDS)]}.",
    }
    return DemonstrationRecord(**{**facts, **changes})


def ranking(number: int, split: str = "train", **changes: Any) -> RankingRecord:
    """A ranking that prefers the polite completion, so that a small model can learn it."""
    word = WORDS[number % len(WORDS)]
    facts: dict[str, Any] = {
        "record_id": f"ranking-{split}-{number}",
        "prompt_id": f"prompt-{split}-{number}",
        "group": f"group-{split}-{number}",
        "split": split,
        "messages": (Message("user", f"Tell me about the {word}."),),
        "completions": (
            RankedCompletion("rude", f"Go away with your {word}."),
            RankedCompletion("polite", f"Gladly, the {word} is lovely."),
            RankedCompletion("short", f"Gladly, the {word}."),
        ),
        "tiers": (("polite", "short"), ("rude",)),
    }
    return RankingRecord(**{**facts, **changes})


def document(number: int, split: str = "train") -> DocumentRecord:
    word = WORDS[number % len(WORDS)]
    text = "".join(f"The {word} of day {day} was not that of day {day + 1}.\n" for day in range(60))
    return DocumentRecord(record_id=f"document-{number}", split=split, text=text)


def label(text: str, verdicts: Mapping[str, bool], split: str = "train", **changes: Any) -> JudgementRecord:
    """What one person said of a text, yes and no by category."""
    facts: dict[str, Any] = {
        "record_id": f"label-{split}-{text}",
        "prompt_id": f"prompt-{split}-{text}",
        "group": f"group-{split}-{text}",
        "split": split,
        "messages": (Message("user", text),),
        "judgement": "moderation_label",
        "payload": {"verdicts": dict(verdicts)},
    }
    return JudgementRecord(**{**facts, **changes})


def labels_of(split: str, size: int, start: int = 0) -> list[JudgementRecord]:
    """Texts that are rude, violent, both or neither; every third is not judged for violence."""
    rows = []
    for number in range(start, start + size):
        rude, violent = number % 2 == 0, number % 4 < 2
        text = f"{WORDS[number % 10]} {number} {'you fool' if rude else 'dear friend'}"
        text += " hit him hard" if violent else " sit down here"
        rows.append(label(text, {"harassment": rude} | ({} if number % 3 == 0 else {"violence": violent}), split))
    return rows


def labelled_release(directory: Path, train: int = 60, validation: int = 60, test: int = 24) -> Path:
    sizes = {"train": train, "validation": validation, "test": test}
    rows = [row for split, size in sizes.items() for row in labels_of(split, size, 1000 * len(split))]
    return write_release(directory, judgements=rows)


def write_release(
    directory: Path,
    demonstrations: Sequence[DemonstrationRecord] = (),
    rankings: Sequence[RankingRecord] = (),
    digest: str = DIGEST,
    schema: str = SCHEMA,
    documents: Sequence[DocumentRecord] = (),
    judgements: Sequence[JudgementRecord] = (),
) -> Path:
    files = []
    for split in records.SPLITS:
        for kind, rows in (("demonstrations", demonstrations), ("rankings", rankings)):
            plain = [row.to_json() for row in rows if row.split == split]
            write = write_columns if schema == SCHEMA else write_lines
            files.append(write(directory, split, kind, plain))
        if judgements:
            plain = [row.to_json() for row in judgements if row.split == split]
            files.append(write_columns(directory, split, "judgements", plain))
        if documents:
            plain = [row.to_json() for row in documents if row.split == split]
            files.append(write_columns(directory, split, "documents", plain))
    manifest = Manifest(
        digest_sha256=digest,
        name="tiny",
        project="Fictional project",
        selection={},
        counts={},
        left_out={},
        files=tuple(files),
        schema=schema,
    )
    handover.write_manifest(directory, manifest)
    return directory


def write_lines(directory: Path, split: str, kind: str, rows: Iterable[Mapping[str, Any]]) -> FileEntry:
    """Write a file as releases of the first schema hold it."""
    name = f"{split}/{kind}.jsonl"
    return handover.write_records(directory / name, rows, name)


def write_columns(directory: Path, split: str, kind: str, rows: Sequence[Mapping[str, Any]]) -> FileEntry:
    path = directory / split / f"{kind}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    open_fields = parquet.OPEN_FIELDS[kind]
    lines = [
        json.dumps({name: json.dumps(value) if name in open_fields else value for name, value in row.items()})
        for row in rows
    ]
    with parquet.writer_of(kind, path) as writer:
        writer.write_table(parquet.table_of(kind, "\n".join(lines).encode()))
    return FileEntry(f"{split}/{kind}.parquet", len(rows), path.stat().st_size, handover.sha256_of_file(path))


def everyday_release(directory: Path, schema: str = SCHEMA) -> Path:
    """Forty demonstrations and forty rankings to train on, eight of each to validate and to test."""
    sizes = {"train": 40, "validation": 8, "test": 8}
    return write_release(
        directory,
        [demonstration(number, split) for split, size in sizes.items() for number in range(size)],
        [ranking(number, split) for split, size in sizes.items() for number in range(size)],
        schema=schema,
    )
