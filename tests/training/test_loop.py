import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch._inductor.exc import InvalidCxxCompiler

from tests.training.conftest import Ears
from training import reward, sft
from training.checkpoint import CheckpointError
from training.config import RewardConfig, SFTConfig
from training.loop import Diverged, Interrupted, Stop, warmup_cosine

Make = Callable[..., dict[str, Any]]


class StopAfter(Stop):
    """Somebody asks for the end after so many looks."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks = looks

    def check(self) -> None:
        self.looks -= 1
        self.is_asked = self.looks < 0
        super().check()


def weights(directory: str | Path) -> dict[str, torch.Tensor]:
    return load_file(Path(directory) / "model.safetensors")


def run_stage(value: dict[str, Any], report: Any, stop: Stop) -> dict[str, Any]:
    if value["stage"] == "sft":
        return sft.run(SFTConfig.from_json(value), report, stop)
    return reward.run(RewardConfig.from_json(value), report, stop)


@pytest.fixture(params=["sft", "reward"])
def run(request: pytest.FixtureRequest, config_json: Make) -> Callable[..., dict[str, Any]]:
    """Run a stage with every source of chance switched on."""

    def start(name: str, stop: Stop, report: Any, **changes: Any) -> dict[str, Any]:
        value = config_json(request.param, **{"epochs": 5, "token_dropout": 0.3, "checkpoint_every": 3, **changes})
        value["output"] = f"{value['output']}-{name}"
        return run_stage(value, report, stop)

    return start


def test_an_interrupted_run_ends_with_the_same_bits(run: Callable[..., dict[str, Any]], ears: Ears) -> None:
    whole = run("whole", Stop(), ears)
    interrupted = ears.__class__()
    # Interrupted between checkpoints, right after one, and several times over.
    for looks in (8, 3, 2):
        with pytest.raises(Interrupted):
            run("parts", StopAfter(looks), interrupted)
    resumed = run("parts", Stop(), interrupted)

    here, there = weights(whole["config"]["output"]), weights(resumed["config"]["output"])
    assert here.keys() == there.keys()
    assert all(torch.equal(here[name], there[name]) for name in here)
    assert whole["metrics"] == resumed["metrics"]
    assert whole["model_sha256"] == resumed["model_sha256"]
    losses = {event["step"]: event["values"]["loss"] for event in ears.of("metric") if event["split"] == "train"}
    again = {event["step"]: event["values"]["loss"] for event in interrupted.of("metric") if event["split"] == "train"}
    assert losses == again
    assert len([event for event in interrupted.of("log") if "Continuing" in event["message"]]) == 3


def test_a_finished_run_repeats_its_card_without_training(run: Callable[..., dict[str, Any]], ears: Ears) -> None:
    first = run("once", Stop(), ears)
    steps = len([event for event in ears.of("metric") if event["split"] == "train"])

    assert run("once", Stop(), ears) == first
    assert len([event for event in ears.of("metric") if event["split"] == "train"]) == steps


def test_the_same_seed_trains_the_same_model_and_another_another(
    run: Callable[..., dict[str, Any]], ears: Ears
) -> None:
    first, second, other = (run(name, Stop(), ears, seed=seed) for name, seed in (("a", 0), ("b", 0), ("c", 1)))
    assert first["model_sha256"] == second["model_sha256"] != other["model_sha256"]


def test_a_run_does_not_continue_with_another_configuration(run: Callable[..., dict[str, Any]], ears: Ears) -> None:
    with pytest.raises(Interrupted):
        run("one", StopAfter(4), ears)
    with pytest.raises(CheckpointError, match="its config differs"):
        run("one", Stop(), ears, learning_rate=1e-4)


def test_what_a_run_says(run: Callable[..., dict[str, Any]], ears: Ears) -> None:
    run("said", Stop(), ears, evaluate_every=2, max_steps=5)

    start = ears.events[0]
    assert start["event"] == "start"
    assert start["total_steps"] == 5
    assert start["trained_tokens_per_epoch"] > 0
    assert start["counts"]["rows_in"] == start["counts"]["rows_used"] == 40
    metrics = ears.of("metric")
    train = [event for event in metrics if event["split"] == "train"]
    assert [event["step"] for event in train] == [1, 2, 3, 4, 5]
    assert {"loss", "learning_rate", "tokens_per_second", "eta_seconds"} <= train[0]["values"].keys()
    assert train[-1]["values"]["eta_seconds"] == 0
    assert [event["step"] for event in metrics if event["split"] == "validation"] == [2, 4, 5]
    assert [event["step"] for event in metrics if event["split"] == "test"] == [5]
    checkpoints = ears.of("checkpoint")
    assert [event["step"] for event in checkpoints] == [3, 5]
    assert all((Path(event["path"]) / "state.json").is_file() for event in checkpoints)


def test_the_best_model_by_the_validation_split_is_kept_and_the_run_ends_early(config_json: Make, ears: Ears) -> None:
    # A learning rate that soon spoils the model: the best look is not the last.
    value = config_json("sft", epochs=40, learning_rate=0.1, evaluate_every=2, keep="best", patience=3)
    card = run_stage(value, ears, Stop())

    looks = {e["step"]: e["values"]["loss"] for e in ears.of("metric") if e["split"] == "validation"}
    best = min(looks, key=lambda step: looks[step])
    assert list(looks) == list(range(2, best + 2 * 3 + 1, 2))
    assert card["metrics"]["validation"]["loss"] == pytest.approx(looks[best], rel=1e-4)
    said = " ".join(event["message"] for event in ears.of("log"))
    assert f"no look at the validation split was better than step {best}'s" in said
    assert f"The weights of step {best} were the best" in said


def test_an_interrupted_search_for_the_best_ends_with_the_same_bits(config_json: Make, ears: Ears) -> None:
    changes = {"epochs": 40, "learning_rate": 0.1, "evaluate_every": 2, "keep": "best", "patience": 3}
    value = config_json("sft", **changes, checkpoint_every=5)
    whole = run_stage({**value, "output": value["output"] + "-whole"}, ears, Stop())
    with pytest.raises(Interrupted):
        run_stage(value, ears, StopAfter(11))
    with pytest.raises(Interrupted):
        run_stage(value, ears, StopAfter(3))
    assert run_stage(value, ears, Stop())["model_sha256"] == whole["model_sha256"]


@pytest.mark.parametrize("stage", ["sft", "reward"])
def test_recomputed_activations_change_no_loss(stage: str, config_json: Make, ears: Ears) -> None:
    losses = []
    for recompute in (False, True):
        value = config_json(stage, recompute=recompute, token_dropout=0.0)
        run_stage({**value, "output": f"{value['output']}-{recompute}"}, ears, Stop())
        losses.append([e["values"]["loss"] for e in ears.of("metric") if e["split"] == "train"])
        ears.events.clear()
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.parametrize("stage", ["sft", "reward"])
def test_half_the_bits_learn_nearly_the_same_and_are_saved_whole(stage: str, config_json: Make, ears: Ears) -> None:
    losses = []
    for precision in ("float32", "bfloat16"):
        value = config_json(stage, precision=precision, token_dropout=0.0)
        value["output"] += precision
        run_stage(value, ears, Stop())
        losses.append([e["values"]["loss"] for e in ears.of("metric") if e["split"] == "train"])
        assert {tensor.dtype for tensor in weights(value["output"]).values()} == {torch.float32}
        ears.events.clear()
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.1, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["sft", "reward"])
def test_a_compiled_model_learns_the_same(stage: str, config_json: Make, ears: Ears) -> None:
    losses = []
    for is_compiled in (False, True):
        value = config_json(stage, compile=is_compiled, token_dropout=0.0)
        run_stage({**value, "output": f"{value['output']}-{is_compiled}"}, ears, Stop())
        losses.append([e["values"]["loss"] for e in ears.of("metric") if e["split"] == "train"])
        ears.events.clear()
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_where_the_compiler_fails_the_run_says_so_and_goes_on_as_if_it_had_not_been_asked(
    config_json: Make, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(work: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        def fails(*given: Any, **named: Any) -> Any:
            raise InvalidCxxCompiler

        return fails

    monkeypatch.setattr(torch, "compile", broken)
    losses = []
    for is_compiled in (True, False):
        value = config_json("sft", compile=is_compiled)
        run_stage({**value, "output": f"{value['output']}-{is_compiled}"}, ears, Stop())
        losses.append([e["values"]["loss"] for e in ears.of("metric") if e["split"] == "train"])
        warnings = [e["message"] for e in ears.of("log") if e["level"] == "warning"]
        assert [text.startswith("Torch's compiler failed") for text in warnings] == [True] * is_compiled
        ears.events.clear()
    assert losses[0] == losses[1]


def test_a_loss_that_is_no_number_ends_the_run(
    run: Callable[..., dict[str, Any]], ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: Any) -> torch.Tensor:
        return torch.tensor(math.nan, requires_grad=True)

    monkeypatch.setattr("training.imitation.learned_loss", broken)
    monkeypatch.setattr("training.ranking_pass.pairwise_ranking_loss", broken)
    with pytest.raises(Diverged, match=r"The loss of step 1 is nan; lower learning_rate"):
        run("broken", Stop(), ears)


@pytest.mark.parametrize("stage", ["sft", "reward"])
def test_micro_batches_do_not_change_the_step(stage: str, config_json: Make, ears: Ears) -> None:
    losses = []
    for size in (16, 4096):
        value = config_json(stage, forward_tokens=size, token_dropout=0.0)
        value["output"] += str(size)
        run_stage(value, ears, Stop())
        losses.append([e["values"]["loss"] for e in ears.of("metric") if e["split"] == "train"])
        ears.events.clear()
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_the_learning_rate_rises_and_falls_to_a_tenth() -> None:
    share = warmup_cosine(100, 0.1)
    assert [share(step) for step in (0, 4, 9, 10)] == pytest.approx([0.1, 0.5, 1.0, 1.0])
    assert share(55) == pytest.approx(0.55)
    assert share(100) == pytest.approx(0.1)
    falling = [share(step) for step in range(10, 100)]
    assert falling == sorted(falling, reverse=True)


@pytest.fixture
def _no_signals() -> Iterator[None]:
    import signal

    before = signal.getsignal(signal.SIGTERM)
    yield
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.usefixtures("_no_signals")
def test_a_signal_becomes_a_wish_to_stop() -> None:
    import os
    import signal

    with Stop().on_signals() as stop:
        stop.check()
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Interrupted):
            stop.check()
