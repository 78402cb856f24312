from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.training.conftest import Ears
from tests.training.test_loop import StopAfter
from training import adapters, sft
from training.config import SFTConfig
from training.loop import Interrupted, Stop
from training.model import load_causal
from training.settings import ConfigError

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def start(config_json: Make, ears: Ears) -> str:
    """A model to start from."""
    value = config_json("sft", max_steps=2)
    value["output"] += "-start"
    sft.run(SFTConfig.from_json(value), ears, Stop())
    ears.events.clear()
    return str(value["output"])


def low_rank(config_json: Make, start: str, name: str = "low", **changes: Any) -> dict[str, Any]:
    value = config_json("sft", start={"directory": start}, lora_rank=4, lora_alpha=8, token_dropout=0.0, **changes)
    return {**value, "output": f"{value['output']}-{name}"}


def test_a_new_addition_changes_nothing_and_a_merged_one_is_a_plain_model(start: str) -> None:
    model, ids = load_causal(Path(start)), torch.tensor([[5, 6, 7, 8]])
    model.eval()
    before = model(input_ids=ids).logits
    adapters.add(model, 4, 8, train_embedding=False)
    assert torch.equal(model(input_ids=ids).logits, before)

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.1)
    changed = model(input_ids=ids).logits
    names = set(load_causal(Path(start)).state_dict())
    merged = adapters.merge(model)

    assert not torch.allclose(changed, before)
    assert torch.allclose(merged(input_ids=ids).logits, changed, atol=1e-5)
    assert set(merged.state_dict()) == names
    assert all(parameter.requires_grad for parameter in merged.parameters())


def test_a_low_rank_run_learns_and_leaves_embedding_and_norms_alone(config_json: Make, start: str, ears: Ears) -> None:
    value = low_rank(config_json, start, epochs=6)
    card = sft.run(SFTConfig.from_json(value), ears, Stop())

    test = card["metrics"]["test"]
    assert test["loss"] < test["loss_before"]
    before, after = (load_file(Path(place) / "model.safetensors") for place in (start, value["output"]))
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all("proj" in name for name in changed)


def test_an_interrupted_low_rank_run_ends_with_the_same_bits(config_json: Make, start: str, ears: Ears) -> None:
    whole = sft.run(SFTConfig.from_json(low_rank(config_json, start, "whole")), ears, Stop())
    parts = SFTConfig.from_json(low_rank(config_json, start, "parts"))
    with pytest.raises(Interrupted):
        sft.run(parts, ears, StopAfter(4))
    assert sft.run(parts, ears, Stop())["model_sha256"] == whole["model_sha256"]


def test_there_is_nothing_to_add_to_before_a_model_is_trained(config_json: Make) -> None:
    with pytest.raises(ConfigError, match="lora_rank: a model from scratch has nothing to add to"):
        SFTConfig.from_json(config_json("sft", lora_rank=4))
