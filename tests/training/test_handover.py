"""What is handed over reads back from the disk as it was written, and what was changed there is noticed."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.releases import demonstration, ranking, write_release
from training import handover
from training.fields import RecordError
from training.records import (
    LINES_SCHEMA,
    CompletionRecord,
    JudgementRecord,
    Message,
    PromptRecord,
    RankedCompletion,
)

# Everything that ends a line somewhere, and the ends of the ranges that are escaped.
AWKWARD = '\u2028\u2029\u0085\x00\x0b\x0c\x1c\x7f\x9f\r\n\t"\\é😀'


def test_a_release_reads_back_as_it_was_written(tmp_path: Path) -> None:
    written_demonstration, written_ranking = demonstration(1), ranking(2, "test")
    write_release(tmp_path, [written_demonstration], [written_ranking], schema=LINES_SCHEMA)

    assert list(handover.read_demonstrations(tmp_path, "train")) == [written_demonstration]
    assert list(handover.read_rankings(tmp_path, "test")) == [written_ranking]
    assert list(handover.read_rankings(tmp_path, "train")) == []
    assert handover.verify_release(tmp_path).files[0].rows == 1


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
    assert list(handover.read_judgements(tmp_path, "train")) == []

    lines = [written.to_json(), scored.to_json()]
    handover.write_records(tmp_path / "train/judgements.jsonl", lines)
    assert list(handover.read_judgements(tmp_path, "train")) == [written, scored]


def test_a_judgement_that_breaks_the_schema_is_named_by_its_place(tmp_path: Path) -> None:
    handover.write_records(tmp_path / "train/judgements.jsonl", [{"kind": "ranking"}])
    with pytest.raises(RecordError, match=r"train/judgements.jsonl line 1: kind"):
        list(handover.read_judgements(tmp_path, "train"))


def test_a_line_holds_every_character_and_breaks_nowhere() -> None:
    line = handover.dump_line({"text": AWKWARD})

    assert line.decode().splitlines() == [line.decode().rstrip("\n")]
    assert handover.parse_line(line) == {"text": AWKWARD}
    assert line.isascii() is False


@given(st.text())
def test_any_text_survives_a_line(text: str) -> None:
    assert handover.parse_line(handover.dump_line({"text": text})) == {"text": text}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_json_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises(RecordError, match="cannot be written"):
        handover.dump_line({"value": value})


@pytest.mark.parametrize("line", [b'{"a": NaN}', b'{"a": Infinity}', b"\xff\xfe{}", b"{", b'{"a": "\xff"}'])
def test_what_is_not_json_is_refused(line: bytes) -> None:
    with pytest.raises(RecordError, match="not a JSON object"):
        handover.parse_line(line)


def test_a_bad_line_is_named_by_file_and_number(tmp_path: Path) -> None:
    write_release(tmp_path, [demonstration(1)], schema=LINES_SCHEMA)
    path = tmp_path / "train/demonstrations.jsonl"
    path.write_bytes(path.read_bytes() + b'{"kind": "demonstration"}\n')

    with pytest.raises(RecordError, match=r"train/demonstrations.jsonl line 2: split"):
        list(handover.read_demonstrations(tmp_path, "train"))


def test_a_directory_without_a_manifest_is_no_release(tmp_path: Path) -> None:
    write_release(tmp_path)
    (tmp_path / "manifest.json").unlink()

    with pytest.raises(RecordError, match="not a finished release"):
        handover.verify_release(tmp_path)


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    write_release(tmp_path, [demonstration(1)], schema=LINES_SCHEMA)
    path = tmp_path / "train/demonstrations.jsonl"
    path.write_bytes(path.read_bytes().replace(b"river", b"Rover").replace(b"stone", b"store"))

    with pytest.raises(RecordError, match=r"train/demonstrations.jsonl is not the file that was frozen"):
        handover.verify_release(tmp_path)


def test_a_missing_file_is_noticed(tmp_path: Path) -> None:
    write_release(tmp_path)
    (tmp_path / "test/rankings.parquet").unlink()

    with pytest.raises(RecordError, match=r"test/rankings.parquet is listed"):
        handover.verify_release(tmp_path)


def test_prompts_and_completions_read_back(tmp_path: Path) -> None:
    prompt = PromptRecord(prompt_id="p", messages=(Message("user", AWKWARD),))
    completion = CompletionRecord(
        prompt_id="p", index=0, text=AWKWARD, finish_reason="stop", seed=1, temperature=0.5, top_p=1.0
    )
    handover.write_records(tmp_path / "prompts.jsonl", [prompt.to_json()])
    handover.write_records(tmp_path / "completions.jsonl", [completion.to_json()])

    assert list(handover.read_prompts(tmp_path / "prompts.jsonl")) == [prompt]
    assert list(handover.read_completions(tmp_path / "completions.jsonl")) == [completion]


def test_the_handover_does_not_import_torch() -> None:
    code = "import sys; import training.records, training.ranking, training.config; print('torch' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
