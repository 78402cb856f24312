import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import Ears
from training import folds
from training.config import RewardConfig
from training.loop import Stop
from training.settings import ConfigError

Make = Callable[..., dict[str, Any]]


def recipe_of(held_out: dict[int, float | None]) -> folds.Recipe:
    """A recipe that reaches .8 in fold, and on each fold of annotators what is given."""

    def train(config: RewardConfig, *_: Any) -> dict[str, Any]:
        Path(config.output).mkdir(parents=True)
        value = held_out[config.fold]
        apart = {"not_measured": "0 pairs"} if value is None else {"accuracy": value}
        report = {"in_fold": {"accuracy": 0.8}, "held_out_annotators": apart}
        return {"metrics": {"report": report, "ceiling": {"agreement": 0.75}}}

    return train


def test_every_fold_is_held_out_once_a_seed_and_averaged(config_json: Make, ears: Ears) -> None:
    config = RewardConfig.from_json(config_json("reward"))
    found = folds.run(config, recipe_of({0: 0.6, 1: 0.7, 2: None}), ears, Stop(), folds=3, seeds=2)

    assert [(one["fold"], one["seed"]) for one in found["folds"]] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    assert found["held_out_annotators"]["accuracy"] == pytest.approx(0.65)
    # Of .6 .6 .7 .7: standard deviation .0577, over the root of four.
    assert found["held_out_annotators"]["standard_error"] == pytest.approx(0.02887, abs=1e-4)
    assert found["in_fold"] == {"accuracy": pytest.approx(0.8), "standard_error": pytest.approx(0), "trainings": 6}
    assert found["ceiling"] == {"agreement": 0.75}
    assert json.loads((Path(config.output) / "folds.json").read_text()) == found


def test_folds_that_cannot_be_measured_are_refused(config_json: Make, ears: Ears) -> None:
    config = RewardConfig.from_json(config_json("reward"))
    with pytest.raises(ConfigError, match="choose fewer folds"):
        folds.run(config, recipe_of({0: None, 1: None}), ears, Stop(), folds=2)
    with pytest.raises(ConfigError, match="two of them or more"):
        folds.run(config, recipe_of({}), ears, Stop(), folds=1)
