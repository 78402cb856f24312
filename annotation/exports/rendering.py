"""One answer revision to its record. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from annotation.exports.pseudonyms import pseudonym_of
from training.ranking import RankingError, validate_tiers
from training.records import DemonstrationRecord, Message, RankedCompletion, RankingRecord

Record = DemonstrationRecord | RankingRecord
Row = Mapping[str, Any]


class BrokenRanking(Exception):
    """The stored tiers do not rank each of their completions once: the answer can't stand in a release."""


class CompletionText(Protocol):
    """The columns of a completion that a record carries."""

    text: str
    source_kind: str
    source_label: str


def completion_ids(row: Row) -> list[int]:
    """Return the completions a ranking speaks of, lowest id first; none for other kinds."""
    return sorted(pk for tier in row["payload"].get("tiers", ()) for pk in tier)


def record_of(row: Row, completions: Mapping[int, CompletionText], key: str) -> Record:
    """Return the record; what has no order of its own is put in one. Raise BrokenRanking."""
    shared = {
        "record_id": str(row["pk"]),
        "prompt_id": str(row["prompt_id"]),
        "group": row["group"],
        "split": row["split"],
        "messages": tuple(Message(turn["role"], turn["content"]) for turn in row["messages"]),
        "annotator": pseudonym_of(row["annotator_id"], key),
        "protocol": f"{row['kind']}/{row['protocol_id']}@{row['protocol_number']}",
        "guideline_version": row["guideline_number"],
        "language": row["language"],
        "source": row["source"],
        "seconds": row["seconds"],
        "created_at": _utc(row["created_at"]),
    }
    if row["kind"] == "demonstration":
        return DemonstrationRecord(**shared, completion=row["payload"]["completion"])
    return _ranking(row, completions, shared)


def _ranking(row: Row, completions: Mapping[int, CompletionText], shared: dict[str, Any]) -> RankingRecord:
    ids = [pk for pk in completion_ids(row) if pk in completions]
    tiers = [sorted(tier) for tier in row["payload"]["tiers"]]
    try:
        ranked = validate_tiers([[str(pk) for pk in tier] for tier in tiers], [str(pk) for pk in ids])
    except RankingError as error:
        raise BrokenRanking(f"revision {row['pk']}: {error}") from error
    return RankingRecord(
        **shared,
        completions=tuple(_completion(pk, completions[pk]) for pk in ids),
        tiers=ranked,
        shown_order=tuple(str(pk) for pk in row["shown_order"]),
        all_bad=row["payload"]["all_bad"],
        rationale=row["payload"]["rationale"],
    )


def _completion(pk: int, row: CompletionText) -> RankedCompletion:
    return RankedCompletion(str(pk), row.text, row.source_kind, row.source_label)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
