import json
import re
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from tests.training.disks import largest_file
from tests.training.flat import flat_rows
from tests.training.test_chat import own_tokenizer
from training import checkpoint, handover, model
from training.chat import chat_for
from training.checkpoint import Card, CheckpointError, Checkpoints, Progress, save_model

IDENTITY = {"config": {"seed": 0}, "plan": "a"}


def made() -> tuple[nn.Linear, torch.optim.Optimizer]:
    layer = nn.Linear(3, 2)
    return layer, torch.optim.AdamW(layer.parameters())


def step(layer: nn.Linear, optimizer: torch.optim.Optimizer) -> None:
    layer(torch.randn(4, 3)).square().sum().backward()
    optimizer.step()
    optimizer.zero_grad()


def card(**changes: object) -> Card:
    facts = {
        "stage": "sft", "deployable": True, "release_digest_sha256": "d" * 64, "seed": 3, "parameters": 5,
        "config": {"start": {"preset": "tiny"}, "seed": 3}, "counts": {"train": {}}, "metrics": {"test": {"loss": 1.0}},
    }  # fmt: skip
    return Card(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.fixture
def tokenizer() -> PreTrainedTokenizerFast:
    return chat_for(own_tokenizer()).tokenizer


def test_a_checkpoint_restores_weights_optimizer_and_chance(tmp_path: Path) -> None:
    layer, optimizer = made()
    step(layer, optimizer)
    place = Checkpoints(tmp_path, IDENTITY).save(Progress(1, {"loss_before": 2.5}), layer, optimizer)
    step(layer, optimizer)
    expected = layer.weight.detach().clone()

    again, its_optimizer = made()
    torch.manual_seed(99)
    progress = Checkpoints(tmp_path, IDENTITY).restore(again, its_optimizer)
    step(again, its_optimizer)

    assert place == tmp_path / "checkpoints/step-000001"
    assert progress == Progress(1, {"loss_before": 2.5})
    assert torch.equal(again.weight, expected)


def test_nothing_to_restore_is_said(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path, IDENTITY).restore(*made()) is None


def test_the_newest_two_checkpoints_are_kept(tmp_path: Path) -> None:
    layer, optimizer = made()
    checkpoints = Checkpoints(tmp_path, IDENTITY)
    for number in (5, 10, 2000000, 10000000):
        checkpoints.save(Progress(number, {}), layer, optimizer)
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["step-10000000", "step-2000000"]
    progress = checkpoints.restore(layer, optimizer)
    assert progress is not None
    assert progress.step == 10000000


def test_a_half_written_checkpoint_is_passed_over(tmp_path: Path) -> None:
    layer, optimizer = made()
    checkpoints = Checkpoints(tmp_path, IDENTITY)
    checkpoints.save(Progress(1, {}), layer, optimizer)
    newer = checkpoints.save(Progress(2, {}), layer, optimizer)
    (newer / "state.json").unlink()

    progress = checkpoints.restore(layer, optimizer)

    assert progress == Progress(1, {})


def test_a_full_disk_leaves_no_half_checkpoint(tmp_path: Path) -> None:
    layer = nn.Linear(300, 300)
    optimizer = torch.optim.AdamW(layer.parameters())
    checkpoints = Checkpoints(tmp_path, IDENTITY)
    checkpoints.save(Progress(1, {}), layer, optimizer)

    with largest_file(100_000), pytest.raises((OSError, RuntimeError)):
        checkpoints.save(Progress(2, {}), layer, optimizer)

    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-000001"]


@pytest.mark.parametrize("changes", [{"plan": "b"}, {"config": {"seed": 1}}])
def test_another_runs_checkpoint_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    layer, optimizer = made()
    Checkpoints(tmp_path, IDENTITY).save(Progress(1, {}), layer, optimizer)
    with pytest.raises(CheckpointError, match=f"its {next(iter(changes))} differs"):
        Checkpoints(tmp_path, {**IDENTITY, **changes}).restore(layer, optimizer)


def probe(candidate: PreTrainedModel) -> torch.Tensor:
    return model.score(candidate, flat_rows([[1, 3, 40, 5], [1, 5]]))


def test_a_saved_model_is_whole_and_says_what_it_is(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    built = model.build_reward("tiny", tokenizer, seed=0)

    written = save_model(
        tmp_path, built, tokenizer, card(), reload=lambda place: model.load_reward(place, 0), probe=probe
    )

    names = {path.name for path in tmp_path.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja", "card.json"} <= names
    assert not any(name.startswith(".") or name.endswith(".partial") for name in names)
    assert json.loads((tmp_path / "card.json").read_text()) == written
    assert written["model_sha256"] == handover.model_sha256(tmp_path)
    assert written["code_version"] == checkpoint.code_version()
    assert written["code_commit"] is None or re.fullmatch("[0-9a-f]{40}", written["code_commit"])
    notes = (tmp_path / "README.md").read_text()
    for fact in ("d" * 64, '"seed": 3', '"loss": 1.0', written["model_sha256"]):
        assert fact in notes
    torch.testing.assert_close(probe(model.load_reward(tmp_path, 7).eval()), probe(built.eval()))


def test_a_head_that_is_lost_on_the_way_to_disk_is_noticed(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    built = model.build_reward("tiny", tokenizer, seed=0)

    def forget_head(place: Path) -> PreTrainedModel:
        loaded = model.load_reward(place, 0)
        nn.init.normal_(loaded.score.weight)
        return loaded

    with pytest.raises(CheckpointError, match="answers differently"):
        save_model(tmp_path, built, tokenizer, card(), reload=forget_head, probe=probe)
    assert list(tmp_path.iterdir()) == []


def test_the_digest_tells_models_apart(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    digests = set()
    for seed in (0, 0, 1):
        place = tmp_path / f"{len(digests)}-{seed}"
        built = model.build_reward("tiny", tokenizer, seed=seed)
        written = save_model(
            place, built, tokenizer, card(), reload=lambda place: model.load_reward(place, 0), probe=probe
        )
        digests.add(written["model_sha256"])
    assert len(digests) == 2
