import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.releases import demonstration, ranking, write_release
from training import records
from training.records import (
    LINES_SCHEMA,
    CompletionRecord,
    DemonstrationRecord,
    JudgementRecord,
    Manifest,
    Message,
    PromptRecord,
    RankedCompletion,
    RankingRecord,
    RecordError,
)

# Everything that ends a line somewhere, and the ends of the ranges that are escaped.
AWKWARD = '\u2028\u2029\u0085\x00\x0b\x0c\x1c\x7f\x9f\r\n\t"\\é😀'


def test_a_release_reads_back_as_it_was_written(tmp_path: Path) -> None:
    written_demonstration, written_ranking = demonstration(1), ranking(2, "test")
    write_release(tmp_path, [written_demonstration], [written_ranking], schema=LINES_SCHEMA)

    assert list(records.read_demonstrations(tmp_path, "train")) == [written_demonstration]
    assert list(records.read_rankings(tmp_path, "test")) == [written_ranking]
    assert list(records.read_rankings(tmp_path, "train")) == []
    assert records.verify_release(tmp_path).files[0].rows == 1


def test_other_judgements_read_back_and_an_older_release_has_none(tmp_path: Path) -> None:
    shared = {"record_id": "1", "prompt_id": "", "group": "g", "split": "train", "messages": (Message("user", "Hi?"),)}
    written = JudgementRecord(
        **shared,
        judgement="prompt",
        payload={"style": "plain", "text": "Hi?"},
        brief={"style": "plain", "text": "Greet."},
        step_seconds={"write": 12.5},
        selection={"policy": "uniform", "p": 0.5},
    )
    scored = JudgementRecord(
        **shared, judgement="score", payload={"score": 3}, completions=(RankedCompletion("c", "Hello."),)
    )
    write_release(tmp_path, schema=LINES_SCHEMA)
    assert list(records.read_judgements(tmp_path, "train")) == []

    lines = [written.to_json(), scored.to_json()]
    records.write_records(tmp_path / "train/judgements.jsonl", lines)
    assert list(records.read_judgements(tmp_path, "train")) == [written, scored]


def test_a_judgement_that_breaks_the_schema_is_named_by_its_place(tmp_path: Path) -> None:
    records.write_records(tmp_path / "train/judgements.jsonl", [{"kind": "ranking"}])
    with pytest.raises(RecordError, match=r"train/judgements.jsonl line 1: kind"):
        list(records.read_judgements(tmp_path, "train"))


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


def test_a_line_holds_every_character_and_breaks_nowhere() -> None:
    line = records.dump_line({"text": AWKWARD})

    assert line.decode().splitlines() == [line.decode().rstrip("\n")]
    assert records.parse_line(line) == {"text": AWKWARD}
    assert line.isascii() is False


@given(st.text())
def test_any_text_survives_a_line(text: str) -> None:
    assert records.parse_line(records.dump_line({"text": text})) == {"text": text}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_json_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises(RecordError, match="cannot be written"):
        records.dump_line({"value": value})


@pytest.mark.parametrize("line", [b'{"a": NaN}', b'{"a": Infinity}', b"\xff\xfe{}", b"{", b'{"a": "\xff"}'])
def test_what_is_not_json_is_refused(line: bytes) -> None:
    with pytest.raises(RecordError, match="not a JSON object"):
        records.parse_line(line)


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


def test_a_bad_line_is_named_by_file_and_number(tmp_path: Path) -> None:
    write_release(tmp_path, [demonstration(1)], schema=LINES_SCHEMA)
    path = tmp_path / "train/demonstrations.jsonl"
    path.write_bytes(path.read_bytes() + b'{"kind": "demonstration"}\n')

    with pytest.raises(RecordError, match=r"train/demonstrations.jsonl line 2: split"):
        list(records.read_demonstrations(tmp_path, "train"))


def test_a_directory_without_a_manifest_is_no_release(tmp_path: Path) -> None:
    write_release(tmp_path)
    (tmp_path / "manifest.json").unlink()

    with pytest.raises(RecordError, match="not a finished release"):
        records.verify_release(tmp_path)


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    write_release(tmp_path, [demonstration(1)], schema=LINES_SCHEMA)
    path = tmp_path / "train/demonstrations.jsonl"
    path.write_bytes(path.read_bytes().replace(b"river", b"Rover").replace(b"stone", b"store"))

    with pytest.raises(RecordError, match=r"train/demonstrations.jsonl is not the file that was frozen"):
        records.verify_release(tmp_path)


def test_a_missing_file_is_noticed(tmp_path: Path) -> None:
    write_release(tmp_path)
    (tmp_path / "test/rankings.parquet").unlink()

    with pytest.raises(RecordError, match=r"test/rankings.parquet is listed"):
        records.verify_release(tmp_path)


@pytest.mark.parametrize("path", ["../secret.jsonl", "/etc/passwd"])
def test_a_manifest_cannot_point_outside_the_release(tmp_path: Path, path: str) -> None:
    write_release(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    manifest["files"][0]["path"] = path
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(RecordError, match="leaves the release directory"):
        records.verify_release(tmp_path)


def test_a_manifest_of_another_schema_is_refused() -> None:
    with pytest.raises(RecordError, match="bennet-release/9"):
        Manifest.from_json({"schema": "bennet-release/9"})


def test_a_manifest_keeps_what_it_does_not_know(tmp_path: Path) -> None:
    write_release(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())

    extended = {**manifest, "agreement": {"alpha": 0.5}}

    assert json.loads(json.dumps(Manifest.from_json(extended).to_json())) == extended


def test_prompts_and_completions_read_back(tmp_path: Path) -> None:
    prompt = PromptRecord(prompt_id="p", messages=(Message("user", AWKWARD),))
    completion = CompletionRecord(
        prompt_id="p", index=0, text=AWKWARD, finish_reason="stop", seed=1, temperature=0.5, top_p=1.0
    )
    records.write_records(tmp_path / "prompts.jsonl", [prompt.to_json()])
    records.write_records(tmp_path / "completions.jsonl", [completion.to_json()])

    assert list(records.read_prompts(tmp_path / "prompts.jsonl")) == [prompt]
    assert list(records.read_completions(tmp_path / "completions.jsonl")) == [completion]


def test_the_handover_does_not_import_torch() -> None:
    code = "import sys; import training.records, training.ranking, training.config; print('torch' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
