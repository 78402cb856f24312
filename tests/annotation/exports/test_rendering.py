from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from annotation.exports.rendering import BrokenRanking, completion_ids, record_of
from training.records import DemonstrationRecord, RankingRecord

ROW: dict[str, Any] = {
    "pk": 11,
    "payload": {"tiers": [[5], [9, 3]], "all_bad": False, "rationale": "Shorter."},
    "shown_order": [9, 5, 3],
    "seconds": None,
    "created_at": datetime(2026, 1, 31, 12, 0, 0, 250, tzinfo=UTC),
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
COMPLETIONS = {pk: SimpleNamespace(text=f"text {pk}", source_kind="model", source_label="m") for pk in (3, 5, 9)}


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
    assert completion_ids(row) == []
    assert DemonstrationRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize("tiers", [[[5]], [[5], [5, 9]], [[5], [7]], [[], [5, 9]], []])
def test_tiers_that_are_not_whole_are_refused(tiers: list[list[int]]) -> None:
    with pytest.raises(BrokenRanking, match="revision 11"):
        record_of(ROW | {"payload": ROW["payload"] | {"tiers": tiers}}, COMPLETIONS, "key")
