"""Tiny releases, written through the same functions as real ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training import records
from training.records import DemonstrationRecord, Manifest, Message, RankedCompletion, RankingRecord

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


def write_release(
    directory: Path,
    demonstrations: Sequence[DemonstrationRecord] = (),
    rankings: Sequence[RankingRecord] = (),
    digest: str = DIGEST,
) -> Path:
    files = []
    for split in records.SPLITS:
        for kind, rows in (("demonstrations", demonstrations), ("rankings", rankings)):
            name = f"{split}/{kind}.jsonl"
            lines = [row.to_json() for row in rows if row.split == split]
            files.append(records.write_records(directory / name, lines, name))
    manifest = Manifest(
        digest_sha256=digest,
        name="tiny",
        project="Fictional project",
        selection={},
        counts={},
        left_out={},
        files=tuple(files),
    )
    records.write_manifest(directory, manifest)
    return directory


def everyday_release(directory: Path) -> Path:
    """Forty demonstrations and forty rankings to train on, eight of each to validate and to test."""
    sizes = {"train": 40, "validation": 8, "test": 8}
    return write_release(
        directory,
        [demonstration(number, split) for split, size in sizes.items() for number in range(size)],
        [ranking(number, split) for split, size in sizes.items() for number in range(size)],
    )
