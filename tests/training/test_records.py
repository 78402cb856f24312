import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.releases import demonstration, ranking, write_release
from training import handover
from training.fields import RecordError
from training.records import (
    DemonstrationRecord,
    Manifest,
    RankingRecord,
)

# Everything that ends a line somewhere, and the ends of the ranges that are escaped.
AWKWARD = '\u2028\u2029\u0085\x00\x0b\x0c\x1c\x7f\x9f\r\n\t"\\é😀'


def test_a_record_says_nothing_of_later_fields_that_are_empty() -> None:
    """Lines of older releases are written today to the same letters, and read as having nothing to say."""
    old = ranking(1).to_json()
    later = {"step_seconds", "selection", "prompt_flags", "use_case", "outputs", "strength", "strength_levels"}
    assert not later & set(old)
    assert all(set(row) == {"completion_id", "text", "source_kind", "source_label"} for row in old["completions"])
    assert RankingRecord.from_json(old) == ranking(1)
    tie = ranking(1, strength=0, strength_levels=3)
    assert tie.to_json()["strength"] == 0
    assert RankingRecord.from_json(tie.to_json()) == tie


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"strength": "much"}, "strength"),
        ({"strength": True}, "strength"),
        ({"outputs": []}, "outputs"),
        ({"prompt_flags": "ambiguous"}, "prompt_flags"),
        ({"step_seconds": 5}, "step_seconds"),
        ({"selection": None}, "selection"),
        ({"use_case": 5}, "use_case"),
    ],
)
def test_a_later_field_that_breaks_the_schema_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(RecordError, match=f"^{field}: expected"):
        RankingRecord.from_json({**ranking(1).to_json(), **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "ranking"}, "kind"),
        ({"split": "holdout"}, "split: 'holdout'"),
        ({"messages": []}, "messages: the conversation is empty"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "role 'tool'"),
        ({"messages": [{"role": "user"}]}, "content"),
        ({"completion": None}, "completion: expected a text"),
        ({"group": 3}, "group: expected a text"),
    ],
)
def test_a_demonstration_that_breaks_the_schema_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        DemonstrationRecord.from_json({**demonstration(1).to_json(), **changes})


@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        ([["polite", "short"], ["rude", "rude"]], "ranked twice"),
        ([["polite", "short"], ["rude"], ["foreign"]], "does not belong"),
        ([["polite", "short"]], "not ranked"),
        ("polite", "expected a list"),
        ([[1]], "expected a list of identifiers"),
    ],
)
def test_a_ranking_that_breaks_the_algebra_is_refused(tiers: object, message: str) -> None:
    with pytest.raises(RecordError, match=f"tiers: .*{message}"):
        RankingRecord.from_json({**ranking(1).to_json(), "tiers": tiers})


@pytest.mark.parametrize("path", ["../secret.jsonl", "/etc/passwd"])
def test_a_manifest_cannot_point_outside_the_release(tmp_path: Path, path: str) -> None:
    write_release(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    manifest["files"][0]["path"] = path
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(RecordError, match="leaves the release directory"):
        handover.verify_release(tmp_path)


def test_a_manifest_of_another_schema_is_refused() -> None:
    with pytest.raises(RecordError, match="bennet-release/9"):
        Manifest.from_json({"schema": "bennet-release/9"})


def test_a_manifest_keeps_what_it_does_not_know(tmp_path: Path) -> None:
    write_release(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())

    extended = {**manifest, "agreement": {"alpha": 0.5}}

    assert json.loads(json.dumps(Manifest.from_json(extended).to_json())) == extended
