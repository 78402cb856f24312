from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import Ears
from training import handover, records, sample, sft
from training.config import SampleConfig, SFTConfig
from training.events import silent
from training.loop import Interrupted, Stop
from training.records import Message, PromptRecord
from training.tokenizer import TokenizerError

Make = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def model_dir(release_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("model")
    config = {
        "release": str(release_dir), "output": str(output), "start": {"preset": "tiny"},
        "epochs": 12, "batch_tokens": 256, "max_length": 128, "learning_rate": 3e-3,
    }  # fmt: skip
    sft.run(SFTConfig.from_json(config), silent, Stop())
    return output


@pytest.fixture
def value(model_dir: Path, tmp_path: Path) -> dict[str, Any]:
    prompts = [
        PromptRecord(prompt_id=f"p{index}", messages=(Message("user", f"Say something about the {word}."),))
        for index, word in enumerate(("lamp", "winter garden by the river", "bread"))
    ]
    handover.write_records(tmp_path / "prompts.jsonl", [prompt.to_json() for prompt in prompts])
    return {
        "model": str(model_dir), "prompts": str(tmp_path / "prompts.jsonl"),
        "output": str(tmp_path / "completions.jsonl"), "n": 3, "max_new_tokens": 30, "seed": 5,
    }  # fmt: skip


def run(value: dict[str, Any], ears: Ears, stop: Stop | None = None) -> list[records.CompletionRecord]:
    sample.run(SampleConfig.from_json(value), ears, stop or Stop())
    return list(handover.read_completions(Path(value["output"])))


def test_every_prompt_gets_its_completions(value: dict[str, Any], ears: Ears) -> None:
    written = run(value, ears)

    assert [(one.prompt_id, one.index) for one in written] == [(f"p{p}", i) for p in range(3) for i in range(3)]
    assert {one.finish_reason for one in written} <= {"stop", "length"}
    assert all((one.seed, one.temperature, one.top_p) == (5, 0.8, 0.95) for one in written)
    assert not any("<|" in one.text for one in written)
    assert ears.of("progress")[-1] == {"event": "progress", "done": 3, "total": 3}


def test_the_seed_decides_and_the_batch_does_not(value: dict[str, Any], ears: Ears) -> None:
    first = run(value, ears)
    assert run({**value, "prompts_per_batch": 1}, ears) == first
    texts = [one.text for one in run({**value, "seed": 6}, ears)]
    assert texts != [one.text for one in first]


def test_temperature_zero_always_writes_the_same(value: dict[str, Any], ears: Ears) -> None:
    written = run({**value, "temperature": 0}, ears)
    texts = {one.text for one in written if one.prompt_id == "p0"}
    assert len(texts) == 1
    assert texts.pop().startswith("The ")


def test_a_prompt_longer_than_the_model_reads_loses_its_oldest_tokens(value: dict[str, Any], ears: Ears) -> None:
    long = PromptRecord(prompt_id="long", messages=(Message("user", "old " * 2000),))
    handover.write_records(Path(value["prompts"]), [long.to_json()])

    assert len(run(value, ears)) == 3
    assert "loses its oldest" in ears.of("log")[0]["message"]


def test_nothing_is_half_written(value: dict[str, Any], ears: Ears) -> None:
    stop = Stop()
    stop.is_asked = True
    with pytest.raises(Interrupted):
        run(value, ears, stop)
    assert sorted(path.name for path in Path(value["output"]).parent.iterdir()) == ["prompts.jsonl"]


def test_a_model_without_a_tokenizer_is_refused(value: dict[str, Any], ears: Ears, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TokenizerError, match="has no tokenizer"):
        run({**value, "model": str(tmp_path / "empty")}, ears)
