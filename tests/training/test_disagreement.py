import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.conftest import Ears
from training import disagreement, reward
from training.cli import main
from training.config import RewardConfig
from training.loop import Stop
from training.settings import ConfigError

Make = Callable[..., dict[str, Any]]


def test_members_of_two_models_are_put_beside_each_other(
    config_json: Make, ears: Ears, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = [str(tmp_path / name) for name in ("one", "two")]
    for seed, (output, heads) in enumerate(zip(outputs, (1, 2), strict=True)):
        value = config_json("reward", output=output, heads=heads, seed=seed, max_steps=3)
        reward.run(RewardConfig.from_json(value), ears, Stop())
    file = tmp_path / "apart.jsonl"

    code = main(["disagreement", *outputs, "--release", value["release"], "--output", str(file)])

    summary = json.loads(capsys.readouterr().out)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert code == 0
    assert (summary["members"], summary["rankings"]) == (3, 8)
    assert 0 <= summary["accuracy_most_disputed"] <= 1
    assert [line["disagreement"] for line in lines] == sorted((line["disagreement"] for line in lines), reverse=True)
    first = lines[0]["scores"][0]
    assert first["mean"] == pytest.approx(np.mean(first["members"]))
    assert first["spread"] == pytest.approx(np.std(first["members"]))
    better, worse = (lines[0]["scores"][lines[0]["pairs"][0][name]]["mean"] for name in ("better", "worse"))
    assert lines[0]["pairs"][0]["difference"] == pytest.approx(better - worse)


def test_one_member_is_no_ensemble(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    value = config_json("reward", max_steps=1)
    reward.run(RewardConfig.from_json(value), ears, Stop())
    with pytest.raises(ConfigError, match="an ensemble has two or more"):
        disagreement.run(
            [Path(value["output"])], Path(value["release"]), "test", tmp_path / "apart.jsonl", ears, Stop()
        )
