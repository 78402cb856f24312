"""What the training tests have: a tiny release, one thread, and ears for events."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.releases import everyday_release
from training import reward, sft
from training.config import RewardConfig, SFTConfig
from training.events import silent
from training.loop import Stop


class Ears:
    """A reporter that remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: str, /, **facts: Any) -> None:
        self.events.append({"event": event, **facts})

    def of(self, event: str) -> list[dict[str, Any]]:
        return [heard for heard in self.events if heard["event"] == event]


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Sums of floats depend on how threads share them out; the machines that run these tests differ."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture(scope="session")
def release_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return everyday_release(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def assistant_dir(release_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Teach the tiny preset to answer as people did: where refining starts."""
    output = tmp_path_factory.mktemp("start") / "sft"
    value = {"release": str(release_dir), "output": str(output), "start": {"preset": "tiny"}, "max_length": 128}
    sft.run(SFTConfig.from_json({**value, "epochs": 3, "learning_rate": 3e-3, "batch_tokens": 512}), silent, Stop())
    return output


@pytest.fixture(scope="session")
def judge_dir(assistant_dir: Path, release_dir: Path) -> Path:
    """Teach the assistant's copy what people preferred."""
    output = assistant_dir.parent / "reward"
    value = {"release": str(release_dir), "output": str(output), "max_length": 128}
    changes = {"start": {"directory": str(assistant_dir)}, "epochs": 1, "prompts_per_batch": 8}
    reward.run(RewardConfig.from_json({**value, **changes}), silent, Stop())
    return output


@pytest.fixture
def config_json(release_dir: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Make a configuration of the tiny preset that trains in a second or two."""

    def make(stage: str, **changes: Any) -> dict[str, Any]:
        config = {
            "stage": stage,
            "release": str(release_dir),
            "output": str(tmp_path / stage),
            "start": {"preset": "tiny"},
            "epochs": 2,
            "batch_tokens": 256,
            "max_length": 128,
            "learning_rate": 3e-3,
            **({"prompts_per_batch": 4} if stage == "reward" else {}),
        }
        return {**config, **changes}

    return make
