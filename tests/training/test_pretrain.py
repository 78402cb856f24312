from collections.abc import Callable
from typing import Any

from tests.training.conftest import Ears
from training import pretrain, reward, sft
from training.config import PretrainConfig, RewardConfig, SFTConfig
from training.loop import Stop

Make = Callable[..., dict[str, Any]]


def test_every_text_is_learned_and_later_stages_start_from_it(config_json: Make, ears: Ears) -> None:
    base = pretrain.run(PretrainConfig.from_json(config_json("pretrain", epochs=6)), ears, Stop())

    test = base["metrics"]["test"]
    assert test["loss"] < test["loss_before"] / 2
    # A demonstration gives one text, a ranking of three gives three.
    assert test["rows"] == 8 + 24
    start = {"directory": base["config"]["output"]}
    answers = sft.run(SFTConfig.from_json(config_json("sft", start=start, max_steps=1)), ears, Stop())
    scores = reward.run(RewardConfig.from_json(config_json("reward", start=start, max_steps=1)), ears, Stop())
    assert answers["metrics"]["test"]["loss_before"] < test["loss_before"] - 1
    assert scores["config"]["start"] == start
