import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.training.conftest import Ears
from training import devices, dpo, reward, rl, sft
from training.config import DPOConfig, RewardConfig, RLConfig, SFTConfig
from training.loop import Stop

Make = Callable[..., dict[str, Any]]
RECIPES: dict[str, tuple[Any, Any]] = {
    "sft": (sft, SFTConfig),
    "reward": (reward, RewardConfig),
    "dpo": (dpo, DPOConfig),
    "rl": (rl, RLConfig),
}


def in_two_processes(value: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    config = folder / "two.json"
    config.write_text(json.dumps(value))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "training", value["stage"], "--config", str(config), "--events"]
    # Standard input stays open while they work: they end with whoever listens to them.
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=(folder / "stderr").open("w"), text=True) as process:
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == 0, (folder / "stderr").read_text()[-3000:]
    return [json.loads(line) for line in said.splitlines()]


def train_losses(events: list[dict[str, Any]]) -> list[float]:
    return [one["values"]["loss"] for one in events if one["event"] == "metric" and one["split"] == "train"]


def rollouts_of(events: list[dict[str, Any]]) -> list[dict[str, float]]:
    return [one["values"] for one in events if one["event"] == "metric" and one["split"] == "rollouts"]


@pytest.mark.parametrize("stage", [pytest.param("sft", marks=pytest.mark.slow), "reward"])
def test_two_processes_learn_what_one_learns(stage: str, config_json: Make, ears: Ears, tmp_path: Path) -> None:
    # Passes of 48 tokens: steps of several passes, which do not always come out even for two.
    value = config_json(stage, forward_tokens=48, token_dropout=0.0, threads=1)
    recipe, kind = RECIPES[stage]
    card = recipe.run(kind.from_json(value), ears, Stop())

    events = in_two_processes({**value, "output": f"{value['output']}-two"}, tmp_path)

    assert train_losses(events) == pytest.approx(train_losses(ears.events), rel=1e-5)
    assert len([event for event in events if event["event"] == "done"]) == 1
    places = [Path(value["output"]), Path(f"{value['output']}-two")]
    here, there = (load_file(place / "model.safetensors") for place in places)
    assert here.keys() == there.keys()
    assert all(torch.allclose(here[name], there[name], atol=1e-4) for name in here)
    one, two = (json.loads((place / "config.json").read_text()) for place in places)
    assert one["architectures"] == two["architectures"]
    written = json.loads((places[1] / "card.json").read_text())
    assert (written["environment"]["processes"], card["environment"]["processes"]) == (2, 1)


@pytest.mark.parametrize(
    ("stage", "changes"),
    [
        ("dpo", {"loss": "dpo"}),
        pytest.param("dpo", {"loss": "kto"}, marks=pytest.mark.slow),
        ("rl", {"algorithm": "rloo"}),
        pytest.param("rl", {"algorithm": "grpo", "passes": 2, "minibatches": 2}, marks=pytest.mark.slow),
    ],
)
def test_two_processes_refine_an_assistant_as_one_does(
    stage: str, changes: dict[str, Any], assistant_dir: Path, judge_dir: Path, ears: Ears, config_json: Make
) -> None:
    # Passes of 160 tokens: each step takes several, and not always an even number.
    value = config_json(
        stage, start={"directory": str(assistant_dir)}, forward_tokens=160, threads=1, learning_rate=1e-3, **changes
    )
    if stage == "rl":
        for name in ("epochs", "batch_tokens"):
            value.pop(name)
        value |= {"reward_models": [str(judge_dir)], "max_new_tokens": 12, "samples": 3, "prompts_per_round": 5}
        value |= {"rounds": 4, "evaluate_prompts": 4, "kl_coefficient": 0.1}
    recipe, kind = RECIPES[stage]
    card = recipe.run(kind.from_json(value), ears, Stop())

    there = {**value, "output": f"{value['output']}-two"}
    events = in_two_processes(there, Path(value["output"]))

    assert train_losses(events) == pytest.approx(train_losses(ears.events), rel=1e-4, abs=1e-5)
    assert rollouts_of(events) == [pytest.approx(values, rel=1e-4, abs=1e-5) for values in rollouts_of(ears.events)]
    written = json.loads((Path(there["output"]) / "card.json").read_text())
    assert written["metrics"]["test"] == pytest.approx(card["metrics"]["test"], rel=1e-3, abs=1e-4)
    assert (written["environment"]["processes"], card["environment"]["processes"]) == (2, 1)


def test_one_process_goes_on_from_the_checkpoint_of_two(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    value = config_json("sft", token_dropout=0.0, checkpoint_every=3, threads=1)
    whole = sft.run(SFTConfig.from_json({**value, "output": value["output"] + "-whole"}), ears, Stop())
    in_two_processes(value, tmp_path)
    # As if the two had been killed after their first checkpoint: the second, and the model, never were.
    output = Path(value["output"])
    for gone in (*output.glob("checkpoints/step-000006/*"), *output.glob("*.json"), *output.glob("*.safetensors")):
        gone.unlink()

    resumed = sft.run(SFTConfig.from_json(value), ears, Stop())

    assert any("step 3" in event["message"] for event in ears.of("log"))
    assert resumed["metrics"]["test"]["loss"] == pytest.approx(whole["metrics"]["test"]["loss"], rel=1e-5)


def test_a_step_is_shared_out_with_nothing_lost_or_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "size", lambda: 3)
    taken = []
    for number in range(3):
        monkeypatch.setattr(devices, "rank", lambda number=number: number)
        mine = list(devices.shares(["a", "b", "c", "d"]))
        assert len(mine) == 2
        taken += [batch for batch, weight in mine if weight == 3.0]
    assert sorted(taken) == ["a", "b", "c", "d"]


def test_a_short_step_is_cut_so_that_all_have_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices.most_tokens(4096, [100, 100]) == 200
    monkeypatch.setattr(devices, "size", lambda: 4)
    assert devices.most_tokens(4096, [100, 100]) == 50
    assert devices.most_tokens(20, [100, 100]) == 20
