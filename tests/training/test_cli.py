import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.disks import largest_file
from tests.training.releases import demonstration, write_release
from tests.training.test_chat import CHATML, foreign_tokenizer
from tests.training.test_model import save_gpt2
from training.cli import main
from training.tokenizer import UnknownCharacters

Make = Callable[..., dict[str, Any]]
Start = Callable[[dict[str, Any]], "subprocess.Popen[str]"]


@pytest.fixture
def config_file(tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    def write(value: dict[str, Any]) -> str:
        path = tmp_path / "run.json"
        path.write_text(json.dumps(value))
        return str(path)

    return write


@pytest.fixture
def child(config_file: Callable[[dict[str, Any]], str]) -> Start:
    """Start a stage as a registry does: events on its standard output, its standard input held open."""

    def start(value: dict[str, Any]) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "training", value["stage"], "--config", config_file(value), "--events"]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return start


def events_of(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.split("\n") if line]


def test_a_child_reports_one_json_object_a_line(child: Start, config_json: Make) -> None:
    value = config_json("sft", max_steps=4, threads=1)
    with child(value) as process:
        assert process.stdout is not None
        output = process.stdout.read()

    events = events_of(output)
    assert process.returncode == 0
    assert events[0]["event"] == "start"
    assert events[-1]["event"] == "done"
    assert events[-1]["path"] == value["output"]
    assert events[-1]["card"] == json.loads((Path(value["output"]) / "card.json").read_text())
    assert {event["event"] for event in events} == {"start", "metric", "checkpoint", "done"}


def test_a_terminated_child_continues_with_the_same_bits(
    child: Start, config_json: Make, config_file: Callable[[dict[str, Any]], str]
) -> None:
    value = config_json("sft", epochs=40, threads=1, token_dropout=0.2)
    whole = {**value, "output": value["output"] + "-whole"}
    with child(value) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "metric":
                process.send_signal(signal.SIGTERM)
                break
        rest = events_of(process.stdout.read())
    assert process.returncode == 130
    (checkpoint,) = [event for event in rest if event["event"] == "checkpoint"]
    assert (Path(checkpoint["path"]) / "state.json").is_file()
    assert not (Path(value["output"]) / "card.json").exists()

    for config in (value, whole):
        assert main(["sft", "--config", config_file(config)]) == 0

    cards = [json.loads((Path(config["output"]) / "card.json").read_text()) for config in (value, whole)]
    assert cards[0]["model_sha256"] == cards[1]["model_sha256"]


def test_a_child_ends_when_its_parent_is_gone(child: Start, config_json: Make) -> None:
    with child(config_json("sft", epochs=1000, threads=1)) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.close()
        closed_at = time.monotonic()
        assert process.wait(timeout=60) == 3
        assert time.monotonic() - closed_at < 10
        process.stdout.read()


def test_a_person_reads_lines(
    config_json: Make, config_file: Callable[[dict[str, Any]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    value = config_json("sft", max_steps=2)
    assert main(["sft", "--config", config_file(value)]) == 0
    shown = capsys.readouterr().out
    assert "40 of 40 rows used" in shown
    assert "loss" in shown
    assert f"done: {value['output']}" in shown


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 2
    return capsys.readouterr().out


def test_an_impossible_configuration_is_refused_by_field(
    config_json: Make, config_file: Callable[[dict[str, Any]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = config_file(config_json("sft", epochs=0))
    assert "refused: epochs: 0 is out of range" in refusal(["sft", "--config", path], capsys)
    assert "stage: 'sft' is not 'reward'" in refusal(["reward", "--config", path], capsys)
    assert "No such file" in refusal(["sft", "--config", path + ".missing"], capsys)
    Path(path).write_text("{")
    assert "is not JSON" in refusal(["sft", "--config", path], capsys)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda value, place: value.update(release=str(place / "nowhere")), "bad_release"),
        (lambda value, place: value.update(start={"directory": str(place / "nowhere")}), "bad_model"),
        (lambda value, place: value.update(max_length=100, start={"directory": str(short_model(place))}), "bad_config"),
        (lambda value, place: value.update(release=str(untrainable(place))), "no_trained_tokens"),
    ],
)
def test_every_refusal_has_a_code(
    spoil: Callable[[dict[str, Any], Path], None],
    code: str,
    config_json: Make,
    config_file: Callable[[dict[str, Any]], str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    value = config_json("sft")
    spoil(value, tmp_path)
    monkeypatch.setattr("training.cli._end_with_parent", lambda: None)

    assert main(["sft", "--config", config_file(value), "--events"]) == 2

    refused = events_of(capsys.readouterr().out)[-1]
    assert (refused["event"], refused["code"]) == ("refused", code)
    assert refused["message"].endswith((".", "it.", "that."))


def test_what_is_a_kind_of_a_refusal_is_refused_as_that_is(
    config_file: Callable[[dict[str, Any]], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any) -> dict[str, Any]:
        raise UnknownCharacters("å")

    monkeypatch.setattr("training.continuation.run", refuse)
    assert main(["continue", "--config", config_file({"model": "m", "prompt": "å"})]) == 2
    assert "knows only the characters of its corpus" in capsys.readouterr().out


def test_a_full_disk_is_a_failure_with_its_reason(
    config_json: Make, config_file: Callable[[dict[str, Any]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    value = config_json("sft", max_steps=1)
    path = config_file(value)
    with largest_file(20_000):
        assert main(["sft", "--config", path]) == 1
    assert "error: " in capsys.readouterr().out
    assert list((Path(value["output"]) / "checkpoints").iterdir()) == []
    assert main(["sft", "--config", path]) == 0


def test_the_loop_from_a_release_to_completions(
    config_json: Make, config_file: Callable[[dict[str, Any]], str], tmp_path: Path
) -> None:
    value = config_json("sft", max_steps=2)
    assert main(["sft", "--config", config_file(value)]) == 0
    (tmp_path / "prompts.jsonl").write_text('{"prompt_id":"p","messages":[{"role":"user","content":"Hello."}]}\n')
    sampling = {
        "stage": "sample", "model": value["output"], "prompts": str(tmp_path / "prompts.jsonl"),
        "output": str(tmp_path / "completions.jsonl"), "n": 2, "max_new_tokens": 5,
    }  # fmt: skip
    assert main(["sample", "--config", config_file(sampling)]) == 0
    assert len((tmp_path / "completions.jsonl").read_bytes().split(b"\n")) == 3


def short_model(place: Path) -> Path:
    return save_gpt2(place / "base", foreign_tokenizer(CHATML))


def untrainable(place: Path) -> Path:
    return write_release(place / "untrainable", [demonstration(1, completion=" ")])
