from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.conftest import Ears
from tests.training.releases import ranking, write_release
from training import data, model, ranking_rows, reward
from training.chat import chat_for
from training.config import RewardConfig
from training.imitation import NoTrainedTokens
from training.loop import Stop
from training.settings import ConfigError
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
    rows, _ = ranking_rows.read_rankings(Path(value["release"]), "test", chat, 128)
    scores = reward.score_rankings(model.load_reward(directory, 0).eval(), rows)

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
    metrics = card["metrics"]
    assert {name: metrics[name] for name in ("test", "validation", "baselines", "report")} == {
        "test": {}, "validation": {}, "baselines": {"test": {}, "validation": {}}, "report": {},
    }  # fmt: skip


def test_the_scores_stay_near_zero(config_json: Make, ears: Ears) -> None:
    value = config_json("reward", epochs=4, batch_tokens=1024, score_penalty=0.1)
    run(value, ears)
    chat = chat_for(load_tokenizer(Path(value["output"])))
    rows, _ = ranking_rows.read_rankings(Path(value["release"]), "train", chat, 128)
    scores = reward.score_rankings(model.load_reward(Path(value["output"]), 0).eval(), rows)
    assert abs(scores.mean().item()) < scores.std().item()


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "plackett_luce"},
        {"loss": "rao_kupper", "annotators": "reliability"},
        {"loss": "davidson", "judged_by": "accuracy", "keep": "best"},
        {"loss": "soft"},
        {"loss": "pairs", "margin": 0.5, "heads": 3},
    ],
)
def test_every_reading_of_a_ranking_learns(config_json: Make, ears: Ears, changes: dict[str, Any]) -> None:
    card = run(config_json("reward", epochs=3, batch_tokens=1024, **changes), ears)
    assert card["metrics"]["test"]["accuracy"] > 0.9
    directory = Path(card["config"]["output"])
    saved = model.load_reward(directory, 0)
    assert saved.num_labels == card["config"]["heads"]
    assert not any(name.startswith("judging") for name in saved.state_dict())


def test_what_people_write_themselves_scores_zero(config_json: Make, ears: Ears) -> None:
    value = config_json("reward", max_steps=3, heads=2)
    card = run(value, ears)
    assert card["metrics"]["centred"]["demonstrations"] == 40

    directory = Path(value["output"])
    chat = chat_for(load_tokenizer(directory))
    rows, _ = data.read_demonstrations(Path(value["release"]), "train", chat, 128)
    served = model.load_reward(directory, 0).eval()
    scores = model.head_scores(served, data.flat_ends([row.ids for row in rows]))
    assert scores.shape == (40, 2)
    assert scores.mean(dim=0).tolist() == pytest.approx([0, 0], abs=1e-5)


def test_a_fold_of_the_annotators_is_tested_on_and_not_learned_from(
    config_json: Make, ears: Ears, tmp_path: Path
) -> None:
    people = [f"person{number}" for number in range(10)]
    rankings = [
        ranking(number, split, annotator=people[number % 10])
        for split, size in (("train", 40), ("test", 40))
        for number in range(size)
    ]
    release = write_release(tmp_path / "release", rankings=rankings)
    card = run(config_json("reward", release=str(release), folds=2, fold=1, max_steps=4), ears)

    config = RewardConfig.from_json(card["config"])
    held_out = {name for name in people if reward.is_held_out(name, config)}
    assert 0 < len(held_out) < 10
    assert card["counts"]["train"]["left_out"]["held_out_annotator"] == 4 * len(held_out)
    report = card["metrics"]["report"]
    assert report["held_out_annotators"]["pairs"] == 4 * len(held_out) * 2
    assert report["in_fold"]["pairs"] == 4 * (10 - len(held_out)) * 2
    assert card["metrics"]["ceiling"] == {"not_measured": "Fewer than 50 tasks have rankings by two people."}
    assert card["metrics"]["centred"] == {"not_centred": "The release has no demonstrations in its train split."}


def test_a_judge_who_tosses_coins_is_found_out(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    rankings = []
    for number in range(60):
        turned = number % 4 < 2
        tiers = (("rude",), ("polite", "short")) if turned else (("polite", "short"), ("rude",))
        rankings += [
            ranking(number, record_id=f"a{number}", annotator="careful"),
            ranking(number, record_id=f"b{number}", annotator="careless", tiers=tiers),
        ]
    release = write_release(tmp_path / "release", rankings=rankings)
    changes: dict[str, Any] = {"annotators": "reliability_and_biases", "annotator_spread": 1.0, "learning_rate": 1e-2}
    card = run(config_json("reward", release=str(release), epochs=6, **changes), ears)

    found = card["metrics"]["annotators"]
    assert found["careless"]["reliability"] < 0.8 * found["careful"]["reliability"]
    assert set(found["careful"]) == {"reliability", "position", "length"}


def test_a_pair_that_reads_the_same_is_not_trained_on(config_json: Make, ears: Ears, release_dir: Path) -> None:
    value = config_json("reward")
    chat = model.open_chat(RewardConfig.from_json(value).start, release_dir)
    ((row, *_), _) = ranking_rows.read_rankings(release_dir, "train", chat, 128)
    with pytest.raises(reward.SelfTestFailed, match="both are the same tokens"):
        reward.check_pairs([replace(row, pairs=[(1, 1)])])


def test_a_model_that_tells_nothing_apart_is_not_saved(
    config_json: Make, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = model.open_reward

    def dead(*given: Any) -> Any:
        made = real(*given)
        torch.nn.init.zeros_(made.score.weight)
        made.score.weight.requires_grad_(False)
        return made

    monkeypatch.setattr("training.reward.open_reward", dead)
    value = config_json("reward", max_steps=1)
    with pytest.raises(reward.SelfTestFailed, match="Every completion has the same score"):
        run(value, ears)
    assert not (Path(value["output"]) / "card.json").exists()


def test_what_is_learned_beside_the_scores_wants_one_process(
    config_json: Make, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.ranking_pass.devices.size", lambda: 2)
    with pytest.raises(ConfigError, match="in one process alone"):
        run(config_json("reward", loss="davidson"), ears)
