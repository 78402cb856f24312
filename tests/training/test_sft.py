from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.training.conftest import Ears
from training import sft
from training.config import SFTConfig
from training.loop import Stop

Make = Callable[..., dict[str, Any]]


def test_answers_become_likelier(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    card = sft.run(SFTConfig.from_json(config_json("sft", epochs=10)), ears, Stop())

    test = card["metrics"]["test"]
    assert test["loss"] < test["loss_before"] / 2
    assert test["rows"] == 8
