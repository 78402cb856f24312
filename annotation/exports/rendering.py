"""One answer revision to its record. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from annotation.exports.pseudonyms import pseudonym_of
from annotation.projects.protocol import KINDS
from training.ranking import RankingError, Tiers, validate_tiers
from training.records import DemonstrationRecord, JudgementRecord, Message, RankedCompletion, RankingRecord

Record = DemonstrationRecord | RankingRecord | JudgementRecord
Row = Mapping[str, Any]


class BrokenRanking(Exception):
    """The stored tiers do not rank each of their completions once: the answer can't stand in a release."""


class CompletionText(Protocol):
    """The columns of a completion that a record carries."""

    text: str
    source_kind: str
    source_label: str


Completions = Mapping[int, CompletionText]


def completion_ids(row: Row) -> list[int]:
    """Return the completions an answer speaks of, lowest id first."""
    tiers = row["payload"].get("tiers")
    return sorted(row["shown_order"] if tiers is None else (pk for tier in tiers for pk in tier))


def record_of(row: Row, completions: Completions, key: str) -> Record:
    """Return the record; what has no order of its own is put in one. Raise BrokenRanking."""
    shared = {
        "record_id": str(row["pk"]),
        "prompt_id": str(row["prompt_id"]),
        "group": row["group"],
        "split": row["split"],
        "messages": _messages(row["messages"]),
        "annotator": pseudonym_of(row["annotator_id"], key),
        "protocol": f"{row['kind']}/{row['protocol_id']}@{row['protocol_number']}",
        "guideline_version": row["guideline_number"],
        "language": row["language"],
        "source": row["source"],
        "seconds": row["seconds"],
        "created_at": _utc(row["created_at"]),
        "step_seconds": row["step_seconds"],
        "selection": row["selection"],
    }
    return _RENDERED_AS[KINDS[row["kind"]].record](row, completions, shared)


def _demonstration(row: Row, completions: Completions, shared: dict[str, Any]) -> DemonstrationRecord:
    payload = row["payload"]
    turns = _messages(payload.get("turns", ()))
    return DemonstrationRecord(**shared | {"messages": shared["messages"] + turns}, completion=payload["completion"])


def _ranking(row: Row, completions: Completions, shared: dict[str, Any]) -> RankingRecord:
    payload, ids = row["payload"], [pk for pk in completion_ids(row) if pk in completions]
    ranked, shown = _tiers(row, ids), [_completion(pk, completions[pk]) for pk in ids]
    if edit := _edit(row, completions):
        ranked, shown = ((edit.completion_id,), *ranked), [*shown, edit]
    is_comparison = "strength" in payload
    return RankingRecord(
        **shared,
        completions=tuple(shown),
        tiers=ranked,
        shown_order=tuple(str(pk) for pk in row["shown_order"]),
        all_bad=payload["all_bad"],
        rationale=payload["rationale"],
        prompt_flags=payload.get("prompt_flags", {}),
        use_case=payload.get("use_case", ""),
        outputs=payload.get("outputs", {}),
        strength=payload["strength"] if is_comparison else None,
        strength_levels=row["strength_levels"] if is_comparison else None,
    )


def _tiers(row: Row, ids: Sequence[int]) -> Tiers:
    tiers = [[str(pk) for pk in sorted(tier)] for tier in row["payload"]["tiers"]]
    try:
        return validate_tiers(tiers, [str(pk) for pk in ids])
    except RankingError as error:
        raise BrokenRanking(f"revision {row['pk']}: {error}") from error


def _edit(row: Row, completions: Completions) -> RankedCompletion | None:
    """Return the edit of a comparison as a completion of its author's; an edit that changes nothing is none."""
    edit = row["payload"].get("edit")
    if not edit or edit["text"] == completions[edit["of"]].text:
        return None
    return RankedCompletion(f"{edit['of']}-edit-{row['pk']}", edit["text"], "person", edit_of=str(edit["of"]))


def _judgement(row: Row, completions: Completions, shared: dict[str, Any]) -> JudgementRecord:
    return JudgementRecord(
        **shared,
        judgement=row["kind"],
        payload=row["payload"],
        completions=tuple(_completion(pk, completions[pk]) for pk in completion_ids(row)),
        shown_order=tuple(str(pk) for pk in row["shown_order"]),
        brief=row["brief"],
    )


_RENDERED_AS: dict[str, Callable[[Row, Completions, dict[str, Any]], Record]] = {
    "demonstrations": _demonstration,
    "rankings": _ranking,
    "judgements": _judgement,
}


def _completion(pk: int, row: CompletionText) -> RankedCompletion:
    return RankedCompletion(str(pk), row.text, row.source_kind, row.source_label)


def _messages(turns: Sequence[Mapping[str, str]]) -> tuple[Message, ...]:
    return tuple(Message(turn["role"], turn["content"]) for turn in turns)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
