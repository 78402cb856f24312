"""One answer revision to its record, as the JSON that `training.records` describes. Pure.

Plain dicts, for a freeze writes a million of them; tests hold every one of them against the dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from annotation.projects.protocol import KINDS
from training.ranking import RankingError, validate_tiers

Record = dict[str, Any]


class BrokenRanking(Exception):
    """The stored tiers do not rank each of their completions once: the answer can't stand in a release."""


class Row(NamedTuple):
    """All that a record says of an answer, its completions apart. Mappings that are empty are None."""

    pk: int
    payload: Mapping[str, Any]
    shown_order: Sequence[int]
    seconds: float | None
    step_seconds: Mapping[str, float] | None
    created_at: str
    annotator_id: int
    source: str
    selection: Mapping[str, Any] | None
    kind: str
    protocol_id: int
    protocol_number: int
    strength_levels: int | None
    guideline_number: int | None
    prompt_id: int | None
    brief: Mapping[str, str] | None
    language: str
    # Empty for a written prompt: what stands in for its prompt comes from its text.
    messages: Sequence[Mapping[str, str]] | None
    group: str | None
    split: str | None


class Text(NamedTuple):
    """The columns of a completion that a record carries."""

    pk: int
    text: str
    source_kind: str
    source_label: str


Texts = Mapping[int, Text]


def completion_ids(row: Row) -> list[int]:
    """Return the completions an answer speaks of, lowest id first."""
    tiers = row.payload.get("tiers")
    return sorted(row.shown_order if tiers is None else [pk for tier in tiers for pk in tier])


def kind_of(row: Row) -> str:
    """Return the kind of record that the answer becomes: demonstrations, rankings or judgements."""
    return KINDS[row.kind].record


def record_of(row: Row, texts: Texts, name_of: Callable[[int], str]) -> Record:
    """Return the record; what has no order of its own is put in one. Raise BrokenRanking.

    `name_of` gives the name that stands for a person.
    """
    record: Record = {
        "record_id": str(row.pk),
        "prompt_id": "" if row.prompt_id is None else str(row.prompt_id),
        "group": row.group,
        "split": row.split,
        "messages": _messages(row.messages or ()),
        "annotator": name_of(row.annotator_id),
        "protocol": f"{row.kind}/{row.protocol_id}@{row.protocol_number}",
        "guideline_version": row.guideline_number,
        "language": row.language,
        "source": row.source,
        "seconds": row.seconds,
        "created_at": row.created_at,
    }
    if row.step_seconds:
        record["step_seconds"] = row.step_seconds
    if row.selection:
        record["selection"] = row.selection
    _RENDERED_AS[KINDS[row.kind].record](record, row, texts)
    return record


def _demonstration(record: Record, row: Row, texts: Texts) -> None:
    record["kind"] = "demonstration"
    record["messages"] += _messages(row.payload.get("turns", ()))
    record["completion"] = row.payload["completion"]


def _ranking(record: Record, row: Row, texts: Texts) -> None:
    payload, known = row.payload, [pk for pk in completion_ids(row) if pk in texts]
    tiers, shown = _tiers(row, known), [_completion(texts[pk]) for pk in known]
    if edit := _edit(row, texts):
        tiers, shown = [[edit["completion_id"]], *tiers], [*shown, edit]
    record["kind"] = "ranking"
    record["completions"], record["tiers"] = shown, tiers
    record["shown_order"] = [str(pk) for pk in row.shown_order]
    record["all_bad"], record["rationale"] = payload["all_bad"], payload["rationale"]
    # What came later is left out while it is empty, so that digests outlive it: see training.records.
    for name in ("prompt_flags", "use_case", "outputs"):
        if payload.get(name):
            record[name] = payload[name]
    if payload.get("strength") is not None:
        record["strength"] = payload["strength"]
    if "strength" in payload and row.strength_levels is not None:
        record["strength_levels"] = row.strength_levels


def _tiers(row: Row, ids: Sequence[int]) -> list[list[str]]:
    tiers = [[str(pk) for pk in sorted(tier)] for tier in row.payload["tiers"]]
    try:
        validate_tiers(tiers, [str(pk) for pk in ids])
    except RankingError as error:
        raise BrokenRanking(f"revision {row.pk}: {error}") from error
    return tiers


def _edit(row: Row, texts: Texts) -> Record | None:
    """Return the edit of a comparison as a completion of its author's; an edit that changes nothing is none."""
    edit = row.payload.get("edit")
    if not edit or edit["text"] == texts[edit["of"]].text:
        return None
    named = {"completion_id": f"{edit['of']}-edit-{row.pk}", "edit_of": str(edit["of"])}
    return {**named, "text": edit["text"], "source_kind": "person", "source_label": ""}


def _judgement(record: Record, row: Row, texts: Texts) -> None:
    record["kind"], record["judgement"], record["payload"] = "judgement", row.kind, row.payload
    record["completions"] = [_completion(texts[pk]) for pk in completion_ids(row)]
    record["shown_order"] = [str(pk) for pk in row.shown_order]
    if row.brief:
        record["brief"] = row.brief


_RENDERED_AS: dict[str, Callable[[Record, Row, Texts], None]] = {
    "demonstrations": _demonstration,
    "rankings": _ranking,
    "judgements": _judgement,
}


def _completion(text: Text) -> Record:
    pk, words, kind, label = text
    return {"completion_id": str(pk), "source_kind": kind, "source_label": label, "text": words}


def _messages(turns: Sequence[Mapping[str, str]]) -> list[Record]:
    return [{"role": turn["role"], "content": turn["content"]} for turn in turns]
