from __future__ import annotations

import json
from typing import Any

import pytest

from annotation.exports.pseudonyms import pseudonym_of
from annotation.exports.rendering import BrokenRanking, Row, Text, completion_ids, kind_of
from annotation.exports.rendering import record_of as plain_record_of
from annotation.projects.protocol import KINDS
from training.parquet import RECORDS
from training.records import DemonstrationRecord, JudgementRecord, RankingRecord

ROW: dict[str, Any] = {
    "pk": 11,
    "payload": {"tiers": [[5], [9, 3]], "all_bad": False, "rationale": "Shorter."},
    "shown_order": [9, 5, 3],
    "seconds": None,
    "step_seconds": None,
    "selection": None,
    "strength_levels": None,
    "brief": None,
    "created_at": "2026-01-31T12:00:00.000250Z",
    "annotator_id": 4,
    "source": "import",
    "kind": "ranking",
    "protocol_id": 2,
    "protocol_number": 3,
    "guideline_number": None,
    "prompt_id": 8,
    "messages": [{"role": "user", "content": "Hello"}],
    "language": "en",
    "group": "tree-1",
    "split": "test",
}
COMPLETIONS = {pk: Text(pk, f"text {pk}", "model", "m") for pk in (3, 5, 9)}


def record_of(row: dict[str, Any], texts: dict[int, Text], key: str) -> Any:
    """Return the record as its dataclass, which says all that the plain one says."""
    found = Row(**row)
    plain = plain_record_of(found, texts, lambda person: pseudonym_of(person, key))
    record = RECORDS[kind_of(found)].from_json(plain)
    assert json.loads(json.dumps(record.to_json())) == plain
    return record


def test_a_ranking_is_put_in_one_order() -> None:
    record = record_of(ROW, COMPLETIONS, "key")
    assert isinstance(record, RankingRecord)
    assert record.tiers == (("5",), ("3", "9"))
    assert [completion.completion_id for completion in record.completions] == ["3", "5", "9"]
    assert record.shown_order == ("9", "5", "3")
    assert record.protocol == "ranking/2@3"
    assert (record.source, record.seconds, record.guideline_version) == ("import", None, None)
    assert record.created_at == "2026-01-31T12:00:00.000250Z"
    assert RankingRecord.from_json(record.to_json()) == record


def test_a_demonstration() -> None:
    row = ROW | {"kind": "demonstration", "payload": {"completion": "Hi."}, "shown_order": []}
    record = record_of(row, {}, "key")
    assert isinstance(record, DemonstrationRecord)
    assert record.completion == "Hi."
    assert completion_ids(Row(**row)) == []
    assert DemonstrationRecord.from_json(record.to_json()) == record


def test_turns_that_were_written_before_the_answer_end_the_messages() -> None:
    turns = [{"role": "assistant", "content": "Who?"}, {"role": "user", "content": "Me."}]
    payload = {"completion": "Hi.", "turns": turns}
    record = record_of(ROW | {"kind": "demonstration", "payload": payload, "shown_order": []}, {}, "key")
    assert [turn.content for turn in record.messages] == ["Hello", "Who?", "Me."]


def test_a_plain_ranking_says_nothing_of_what_nobody_asked() -> None:
    """So its digest is the one that releases had before there was more to ask."""
    assert set(record_of(ROW, COMPLETIONS, "key").to_json()) == {
        "kind", "record_id", "prompt_id", "group", "split", "messages", "annotator", "protocol", "guideline_version",
        "language", "source", "seconds", "created_at", "completions", "tiers", "shown_order", "all_bad", "rationale",
    }  # fmt: skip


def test_everything_that_was_asked_travels() -> None:
    outputs = {str(pk): {"overall_quality": pk, "hallucination": False} for pk in COMPLETIONS}
    asked = {"prompt_flags": {"ambiguous": True}, "use_case": "chat", "outputs": outputs}
    row = ROW | {
        "payload": ROW["payload"] | asked,
        "step_seconds": {"rate": 30.5, "rank": 9.0},
        "selection": {"policy": "uniform", "p": 0.25},
    }
    record = record_of(row, COMPLETIONS, "key")
    assert isinstance(record, RankingRecord)
    assert (record.prompt_flags, record.use_case, record.outputs) == tuple(asked.values())
    assert (record.step_seconds, record.selection) == (row["step_seconds"], row["selection"])
    assert RankingRecord.from_json(record.to_json()) == record


COMPARED = {
    "preferred": 9,
    "strength": 2,
    "both_bad": False,
    "rationale": "",
    "edit": {"of": 9, "text": "better text"},
    "tiers": [[9], [3]],
    "all_bad": False,
}
COMPARISON = ROW | {"kind": "comparison", "payload": COMPARED, "shown_order": [3, 9], "strength_levels": 3}


def test_a_comparison_is_a_ranking_with_the_edit_above_both() -> None:
    record = record_of(COMPARISON, COMPLETIONS, "key")
    assert isinstance(record, RankingRecord)
    assert record.tiers == (("9-edit-11",), ("9",), ("3",))
    edit = record.completions[-1]
    assert (edit.text, edit.source_kind, edit.edit_of) == ("better text", "person", "9")
    assert (record.strength, record.strength_levels, record.shown_order) == (2, 3, ("3", "9"))
    assert record.protocol == "comparison/2@3"
    assert RankingRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize("edit", [None, {"of": 9, "text": "text 9"}])
def test_an_edit_that_changes_nothing_is_none(edit: dict[str, Any] | None) -> None:
    record = record_of(COMPARISON | {"payload": COMPARED | {"edit": edit}}, COMPLETIONS, "key")
    assert isinstance(record, RankingRecord)
    assert record.tiers == (("9",), ("3",))


def test_a_tie_has_the_strength_of_none() -> None:
    tie = {"preferred": None, "strength": 0, "edit": None, "tiers": [[3, 9]]}
    record = record_of(COMPARISON | {"payload": COMPARED | tie}, COMPLETIONS, "key")
    assert isinstance(record, RankingRecord)
    assert (record.tiers, record.strength) == ((("3", "9"),), 0)
    assert RankingRecord.from_json(record.to_json()) == record


def test_other_answers_travel_with_their_payload() -> None:
    payload = {"score": 6, "flags": {"harmful": False}, "rationale": "Small."}
    row = ROW | {"kind": "score", "payload": payload, "shown_order": [5]}
    record = record_of(row, COMPLETIONS, "key")
    assert isinstance(record, JudgementRecord)
    assert (record.judgement, record.payload, completion_ids(Row(**row))) == ("score", payload, [5])
    assert [completion.text for completion in record.completions] == ["text 5"]
    assert JudgementRecord.from_json(record.to_json()) == record


def test_every_kind_has_a_record() -> None:
    assert {kind.record for kind in KINDS.values()} == {"demonstrations", "rankings", "judgements"}


@pytest.mark.parametrize("tiers", [[[5]], [[5], [5, 9]], [[5], [7]], [[], [5, 9]], []])
def test_tiers_that_are_not_whole_are_refused(tiers: list[list[int]]) -> None:
    with pytest.raises(BrokenRanking, match="revision 11"):
        record_of(ROW | {"payload": ROW["payload"] | {"tiers": tiers}}, COMPLETIONS, "key")
