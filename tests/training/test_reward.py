from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.conftest import Ears
from tests.training.releases import ranking, write_release
from training import data, model, reward
from training.chat import chat_for
from training.config import RewardConfig
from training.imitation import NoTrainedTokens
from training.loop import Stop
from training.tokenizer import load_tokenizer

Make = Callable[..., dict[str, Any]]


def run(value: dict[str, Any], ears: Ears) -> dict[str, Any]:
    return reward.run(RewardConfig.from_json(value), ears, Stop())


def test_a_preference_is_learned_and_measured_beside_its_baselines(config_json: Make, ears: Ears) -> None:
    card = run(config_json("reward", epochs=4, batch_tokens=1024), ears)

    test, baselines = card["metrics"]["test"], card["metrics"]["baselines"]["test"]
    assert test["accuracy"] > 0.9
    assert test["accuracy_low"] <= test["accuracy"] <= test["accuracy_high"]
    assert (test["pairs"], test["rankings"]) == (16, 8)
    # "Gladly, the X is lovely." is longer than "Go away with your X.", "Gladly, the X." is not: half of the pairs.
    assert baselines["longer_wins"]["accuracy"] == 0.5
    assert baselines["random"] == {"accuracy": 0.5, "low": 0.5, "high": 0.5}
    assert card["deployable"] is False


def test_the_saved_model_orders_completions_as_the_trained_one(config_json: Make, ears: Ears) -> None:
    value = config_json("reward", epochs=4, batch_tokens=1024)
    card = run(value, ears)

    directory = Path(value["output"])
    chat = chat_for(load_tokenizer(directory))
    rows, _ = data.read_rankings(Path(value["release"]), "test", chat, 128)
    scores = reward.score_rankings(model.load_reward(directory, 0).eval(), rows, chat.tokenizer.pad_token_id)

    right = sum(
        bool(scores[3 * place + better] > scores[3 * place + worse])
        for place, row in enumerate(rows)
        for better, worse in row.pairs
    )
    assert right / 16 == card["metrics"]["test"]["accuracy"]


def test_a_language_model_made_here_is_a_start(config_json: Make, ears: Ears) -> None:
    from training import sft
    from training.config import SFTConfig

    base = sft.run(SFTConfig.from_json(config_json("sft", epochs=1)), ears, Stop())
    card = run(config_json("reward", start={"directory": base["config"]["output"]}, max_steps=2), ears)

    base_weights = model.load_causal(Path(base["config"]["output"])).get_input_embeddings().weight
    weights = model.load_reward(Path(card["config"]["output"]), 0).get_input_embeddings().weight
    assert torch.nn.functional.cosine_similarity(base_weights, weights).mean() > 0.9


def test_rankings_without_any_pair_are_refused(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    tied = [ranking(number, tiers=(("polite", "short", "rude"),)) for number in range(4)]
    release = write_release(tmp_path / "release", rankings=tied)
    with pytest.raises(NoTrainedTokens, match=r"no pair to learn from \(4 rankings in; 4 all_tied\)"):
        run(config_json("reward", release=str(release)), ears)


def test_a_release_without_a_test_split_still_trains(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    release = write_release(tmp_path / "release", rankings=[ranking(number) for number in range(8)])
    card = run(config_json("reward", release=str(release), max_steps=1), ears)
    assert card["metrics"] == {"test": {}, "validation": {}, "baselines": {"test": {}, "validation": {}}}


def test_the_scores_stay_near_zero(config_json: Make, ears: Ears) -> None:
    value = config_json("reward", epochs=4, batch_tokens=1024, score_penalty=0.1)
    run(value, ears)
    chat = chat_for(load_tokenizer(Path(value["output"])))
    rows, _ = data.read_rankings(Path(value["release"]), "train", chat, 128)
    scores = reward.score_rankings(model.load_reward(Path(value["output"]), 0).eval(), rows, 0)
    assert abs(scores.mean().item()) < scores.std().item()
