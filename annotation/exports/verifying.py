"""Is a release what was frozen? Every file is hashed, and the digest made anew from the records in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotation.exports.digest import ReleaseDigest
from training.fields import RecordError
from training.handover import read_lines, read_manifest, sha256_of_file
from training.parquet import RECORDS, rows_of
from training.records import LINES_SCHEMA, SPLITS, Manifest

NAMED = 20


@dataclass
class Verdict:
    """What was found; `differing` names files, and records where a file's row is wrong, each with what is wrong."""

    digest_sha256: str
    records: int = 0
    differing: list[dict[str, Any]] = field(default_factory=list)
    found_sha256: str = ""

    @property
    def is_whole(self) -> bool:
        return not self.differing and self.found_sha256 == self.digest_sha256

    def to_json(self) -> dict[str, Any]:
        return {
            "is_whole": self.is_whole,
            "digest_sha256": self.digest_sha256,
            "found_sha256": self.found_sha256,
            "records": self.records,
            "differing": self.differing,
        }


def verify(place: Path) -> Verdict:
    """Look at a release's directory. Raise RecordError where it has no manifest."""
    manifest = read_manifest(place)
    verdict, digest = Verdict(manifest.digest_sha256), ReleaseDigest()
    for entry in manifest.files:
        path = place / entry.path
        if not path.is_file():
            verdict.differing.append({"file": entry.path, "reason": "missing"})
        elif path.stat().st_size != entry.bytes or sha256_of_file(path) != entry.sha256:
            verdict.differing.append({"file": entry.path, "reason": "other bytes than the manifest's sha256"})
    for split in SPLITS:
        for kind in RECORDS:
            _read(place, manifest, split, kind, verdict, digest)
    verdict.found_sha256 = digest.hexdigest()
    return verdict


def _read(place: Path, manifest: Manifest, split: str, kind: str, verdict: Verdict, digest: ReleaseDigest) -> None:
    lines = manifest.schema == LINES_SCHEMA
    name = f"{split}/{kind}.{'jsonl' if lines else 'parquet'}"
    if not (place / name).is_file():
        return
    number = 0
    try:
        found: Any = (value for _, value in read_lines(place / name)) if lines else rows_of(kind, place / name)
        for record in found:
            number += 1
            if record.get("split") != split:
                _say(verdict, name, record, f"stands in {split} and says {record.get('split')}")
            digest.add(record)
    except RecordError as error:
        verdict.differing.append({"file": name, "row": number + 1, "reason": str(error)})
    verdict.records += number
    expected = {entry.path: entry.rows for entry in manifest.files}.get(name, 0)
    if number != expected:
        verdict.differing.append({"file": name, "reason": f"{number} records where the manifest counts {expected}"})


def _say(verdict: Verdict, name: str, record: Any, reason: str) -> None:
    if len(verdict.differing) < NAMED:
        verdict.differing.append({"file": name, "record": record.get("record_id"), "reason": reason})
