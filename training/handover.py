"""What annotation/ and training/ hand each other, on disk: lines of JSON, a manifest written last, digests.

A release is a directory of files: Parquet (`parquet.py`), or JSON lines in releases of schema 1. Standard library only.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from training.fields import RecordError
from training.records import (
    CARD,
    MANIFEST,
    MODEL_NOTES,
    CompletionRecord,
    DemonstrationRecord,
    FileEntry,
    ItemRecord,
    JudgementRecord,
    Manifest,
    PromptRecord,
    RankingRecord,
    ScoresRecord,
)

# Characters that some reader takes for the end of a line or drops: always written as \u escapes.
_ESCAPED = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029)}


class _Readable(Protocol):
    @classmethod
    def from_json(cls, value: object) -> Self: ...


ReadT = TypeVar("ReadT", bound=_Readable)


def dump_line(value: Mapping[str, Any]) -> bytes:
    r"""Write one JSON line, `\n` included, that every reader splits in the same places.

    Raises RecordError on NaN, infinity and lone surrogates, which JSON in UTF-8 cannot carry.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.translate(_ESCAPED).encode() + b"\n"
    except ValueError as error:
        raise RecordError(f"The record cannot be written as JSON in UTF-8: {error}.") from error


def parse_line(line: bytes) -> Any:
    """Read one JSON line. Raises RecordError on invalid UTF-8, invalid JSON, NaN and infinity."""
    try:
        return json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except ValueError as error:
        raise RecordError(f"not a JSON object in UTF-8: {error}") from error


def read_lines(path: Path) -> Iterator[tuple[int, Any]]:
    r"""Yield (line number, value) for every line that is not blank; lines end at `\n` and nowhere else."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                try:
                    yield number, parse_line(line)
                except RecordError as error:
                    raise RecordError(f"{path.name} line {number}: {error}") from error


def read_demonstrations(release: Path, split: str) -> Iterator[DemonstrationRecord]:
    """Yield a split's demonstrations. Raises RecordError naming file, line and field."""
    return _read(release / split / "demonstrations.jsonl", DemonstrationRecord)


def read_rankings(release: Path, split: str) -> Iterator[RankingRecord]:
    """Yield a split's rankings. Raises RecordError naming file, line and field."""
    return _read(release / split / "rankings.jsonl", RankingRecord)


def read_judgements(release: Path, split: str) -> Iterator[JudgementRecord]:
    """Yield a split's other judgements; none in a release that is older than they are. Raises RecordError."""
    path = release / split / "judgements.jsonl"
    return _read(path, JudgementRecord) if path.is_file() else iter(())


def read_prompts(path: Path) -> Iterator[PromptRecord]:
    """Yield the prompts of a sampling job. Raises RecordError naming file, line and field."""
    return _read(path, PromptRecord)


def read_completions(path: Path) -> Iterator[CompletionRecord]:
    """Yield what a sampling job wrote. Raises RecordError naming file, line and field."""
    return _read(path, CompletionRecord)


def read_items(path: Path) -> Iterator[ItemRecord]:
    """Yield what a scoring job is to score. Raises RecordError naming file, line and field."""
    return _read(path, ItemRecord)


def read_scores(path: Path) -> Iterator[ScoresRecord]:
    """Yield what a scoring job wrote. Raises RecordError naming file, line and field."""
    return _read(path, ScoresRecord)


def write_records(path: Path, rows: Iterable[Mapping[str, Any]], name: str | None = None) -> FileEntry:
    """Write JSON lines and return what the manifest says of the file, under `name` or its file name."""
    digest, count, size = hashlib.sha256(), 0, 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        for row in rows:
            line = dump_line(row)
            stream.write(line)
            digest.update(line)
            count, size = count + 1, size + len(line)
    return FileEntry(name or path.name, count, size, digest.hexdigest())


def write_manifest(release: Path, manifest: Manifest) -> None:
    """Write the manifest under another name first, so that a directory that has one is whole."""
    partial = release / f"{MANIFEST}.partial"
    partial.write_bytes(json.dumps(manifest.to_json(), indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n")
    partial.replace(release / MANIFEST)


def read_manifest(release: Path) -> Manifest:
    """Read a release's manifest. Raises RecordError where there is none or it does not follow the schema."""
    path = release / MANIFEST
    if not path.is_file():
        raise RecordError(f"{release} is not a finished release: it has no {MANIFEST}.")
    try:
        return Manifest.from_json(parse_line(path.read_bytes()))
    except RecordError as error:
        raise RecordError(f"{MANIFEST}: {error}") from error


def verify_release(release: Path) -> Manifest:
    """Read the manifest and hash every file it lists. Raises RecordError on the first that differs."""
    manifest = read_manifest(release)
    for entry in manifest.files:
        path = release / entry.path
        if not path.is_file():
            raise RecordError(f"{entry.path} is listed in {MANIFEST} but missing from the release.")
        if path.stat().st_size != entry.bytes or sha256_of_file(path) != entry.sha256:
            raise RecordError(f"{entry.path} is not the file that was frozen: its bytes differ from {MANIFEST}.")
    return manifest


def sha256_of_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def model_sha256(directory: Path) -> str:
    """Digest a model directory: sha256 over its sorted (name, sha256) lines, card and notes left out."""
    digest = hashlib.sha256()
    for path in sorted(directory.iterdir()):
        if path.is_file() and path.name not in (CARD, MODEL_NOTES):
            digest.update(f"{path.name} {sha256_of_file(path)}\n".encode())
    return digest.hexdigest()


def _read(path: Path, kind: type[ReadT]) -> Iterator[ReadT]:
    """Yield a file's records, whole lines of one kind; name file and line in any RecordError."""
    if not path.is_file():
        raise RecordError(f"{path.parent.name}/{path.name} is missing.")
    for number, value in read_lines(path):
        try:
            record = kind.from_json(value)
        except RecordError as error:
            raise RecordError(f"{path.parent.name}/{path.name} line {number}: {error}") from error
        yield record


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
