"""A policy comes to what its reward and its price say is best, and a run goes on where it was stopped."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.conftest import Ears
from tests.training.releases import demonstration, write_release
from training import dpo, rewarding, rl, rollouts
from training.chat import barred_ids, chat_for
from training.config import DPOConfig, RLConfig
from training.events import silent
from training.generation import Sampling
from training.goodhart import Look
from training.loop import Interrupted, Stop
from training.model import ModelError, load_causal
from training.records import Message
from training.rewarding import Judge
from training.rollouts import Prompt
from training.settings import ConfigError
from training.tokenizer import load_tokenizer

SMALL = {
    "max_length": 96,
    "max_new_tokens": 12,
    "samples": 3,
    "prompts_per_round": 4,
    "rounds": 3,
    "evaluate_prompts": 4,
}


@pytest.fixture
def config(assistant_dir: Path, judge_dir: Path, release_dir: Path, tmp_path: Path) -> Callable[..., RLConfig]:
    def make(**changes: Any) -> RLConfig:
        value = {
            "release": str(release_dir),
            "output": str(tmp_path / "rl"),
            "start": {"directory": str(assistant_dir)},
            "reward_models": [str(judge_dir)],
            "learning_rate": 1e-3,
            **SMALL,
        }
        return RLConfig.from_json({**value, **changes})

    return make


def test_a_policy_comes_to_the_optimum_that_can_be_computed(
    assistant_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One token, one prompt: the optimum is the start's distribution times exp(reward / price), renormalised."""
    price = 0.5
    monkeypatch.setattr(rewarding, "function_named", lambda name: vowel)
    value = bandit(tmp_path, assistant_dir, samples=128, rounds=60, learning_rate=3e-3, kl_coefficient=price)
    rl.run(RLConfig.from_json(value), silent, Stop())

    before, worth = arms(assistant_dir), torch.tensor(worths(assistant_dir))
    wanted = before * torch.exp(worth / price)
    wanted = wanted / wanted.sum()
    found = arms(tmp_path / "rl")
    distance = float((found - wanted).abs().sum() / 2)
    assert float((before - wanted).abs().sum() / 2) > 0.2
    assert distance < 0.05
    assert float(found @ worth) == pytest.approx(float(wanted @ worth), abs=0.03)


def bandit(folder: Path, start: Path, **changes: Any) -> dict[str, Any]:
    """Configure a run with one token to write, to one prompt, where vowels are wanted."""
    write_release(folder / "bandit", [demonstration(0)], [])
    return {
        "release": str(folder / "bandit"),
        "output": str(folder / "rl"),
        "start": {"directory": str(start)},
        "reward_function": "vowel",
        "max_new_tokens": 1,
        "max_length": 64,
        "prompts_per_round": 1,
        "unfinished_penalty": 0.0,
        **changes,
    }


def vowel(messages: Sequence[Message], answer: str) -> float:
    return float(answer.strip().lower()[:1] in "aeiou" and answer.strip() != "")


def arms(directory: Path) -> torch.Tensor:
    """Return the probability of every token that may follow the only prompt."""
    chat, model = chat_for(load_tokenizer(directory)), load_causal(directory).eval()
    prompt = chat.prompt(demonstration(0).messages)
    ids = [[token] for token in range(len(chat.tokenizer)) if token not in barred_ids(chat)]
    with torch.no_grad():
        return rollouts.log_probs(model, [(prompt, ids)], barred_ids=barred_ids(chat)).exp()


def worths(directory: Path) -> list[float]:
    chat = chat_for(load_tokenizer(directory))
    ids = [token for token in range(len(chat.tokenizer)) if token not in barred_ids(chat)]
    return [
        0.0 if token in chat.stop_ids else vowel((), rollouts.decode_text(chat.tokenizer, [token])) for token in ids
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithm": "rloo", "kl_target": 1.0},
        {"algorithm": "grpo"},
        {"algorithm": "ppo", "passes": 2, "minibatches": 2, "ptx_coefficient": 0.5, "ptx_rows": 4},
    ],
)
def test_a_run_that_was_stopped_ends_with_the_same_weights(
    changes: dict[str, Any], config: Callable[..., RLConfig], ears: Ears, tmp_path: Path
) -> None:
    whole = config(**changes)
    card = rl.run(whole, ears, Stop())
    told = [heard["values"] for heard in ears.of("metric") if heard["split"] == "rollouts"]
    assert told[0]["kl"] == pytest.approx(0, abs=1e-4)
    assert {"reward", "sqrt_kl", "length", "entropy", "clip_share", "eos_share"} <= set(told[0])

    stop = Stop()
    again = replace(whole, output=str(tmp_path / "again"))

    def stopping(event: str, /, **facts: Any) -> None:
        stop.is_asked = stop.is_asked or (event == "metric" and facts["split"] == "train" and facts["step"] == 2)

    with pytest.raises(Interrupted):
        rl.run(again, stopping, stop)
    resumed = rl.run(again, silent, Stop())

    assert resumed["model_sha256"] == card["model_sha256"]
    assert resumed["metrics"]["test"] == card["metrics"]["test"]
    assert card["deployable"] is True
    assert len(card["metrics"]["answers"]) == 4


def test_the_monitor_ends_a_run_whose_reward_is_no_longer_what_is_wanted(
    config: Callable[..., RLConfig], judge_dir: Path, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = iter([Look(0, 0.0, 0.0, 0.0), Look(1, 0.5, 1.0, 1.0), Look(2, 0.9, 2.0, 0.5)])

    def look(run: Any) -> dict[str, float]:
        run.monitor.looks.append(next(seen))
        return {"gold": run.monitor.looks[-1].gold, "reward": run.monitor.looks[-1].proxy}

    monkeypatch.setattr(rl._Refinement, "_look", look)
    card = rl.run(config(gold_model=str(judge_dir), rounds=9, evaluate_every=1, keep="best"), ears, Stop())

    said = [heard["message"] for heard in ears.of("log")]
    assert any("Stopped after step 2" in one and "50.0%" in one for one in said)
    assert any("The weights of step 1 were the best" in one for one in said)
    assert [look["step"] for look in card["metrics"]["goodhart"]["looks"]] == [0, 1, 2]


def test_tokens_are_as_likely_as_the_model_itself_says(assistant_dir: Path) -> None:
    chat, model = chat_for(load_tokenizer(assistant_dir)), load_causal(assistant_dir).eval()
    prompts = [
        Prompt(str(number), "", demonstration(number).messages, chat.prompt(demonstration(number).messages))
        for number in range(3)
    ]
    written = rollouts.write(model, chat, prompts, copies=2, sampling=Sampling(1.0, 1.0, 20), seed=1, occasion="test")
    with torch.no_grad():
        found = rollouts.log_probs(model, rollouts.groups_of(written))
        alone = torch.cat(
            [
                model(input_ids=torch.tensor([one.prompt.ids + ids]))
                .logits[0]
                .log_softmax(-1)[
                    torch.arange(len(one.prompt.ids) - 1, len(one.prompt.ids) + len(ids) - 1), torch.tensor(ids)
                ]
                for one in written
                for ids in one.completions
            ]
        )
    assert torch.allclose(found, alone, atol=1e-5)
    assert all(
        (ids[-1] in chat.stop_ids) == has_ended
        for one in written
        for ids, has_ended in zip(one.completions, one.has_ended, strict=True)
    )
    # Two of one prompt are not the same two again.
    twice = rollouts.write(
        model, chat, [prompts[0]] * 2, copies=2, sampling=Sampling(1.0, 1.0, 20), seed=1, occasion="test"
    )
    assert twice[0].completions == written[0].completions
    assert twice[1].completions != written[0].completions


def test_judges_speak_together() -> None:
    scores = torch.tensor([[1.0, 4.0], [3.0, 0.0]])

    assert rewarding.together(scores, "mean").tolist() == [2.0, 2.0]
    assert rewarding.together(scores, "minimum").tolist() == [1.0, 0.0]
    assert rewarding.together(scores, "mean_minus_spread").tolist() == [1.0, 0.0]


def test_what_cannot_judge_is_refused(config: Callable[..., RLConfig], assistant_dir: Path, judge_dir: Path) -> None:
    with pytest.raises(ModelError, match="is no reward model"):
        Judge(assistant_dir, 1024)
    with pytest.raises(ConfigError, match="'nobody' is no installed entry point"):
        rl.run(config(reward_function="nobody"), silent, Stop())
    for changes, message in (
        ({"reward_models": []}, "nothing judges the answers"),
        ({"reward_models": [3]}, r"\[3\] is not a list of texts"),
        ({"samples": 1}, "compares a prompt's answers"),
        ({"start": {"preset": "tiny"}}, "start from an SFT model"),
        ({"max_new_tokens": 96}, "leave room for the prompt"),
        ({"minibatches": 9}, "no more of them than prompts_per_round"),
    ):
        with pytest.raises(ConfigError, match=message):
            config(**changes)


@pytest.mark.parametrize("loss", ["dpo", "ipo", "kto"])
def test_rankings_are_learned_without_a_reward_model(
    loss: str, assistant_dir: Path, release_dir: Path, tmp_path: Path
) -> None:
    value = {"release": str(release_dir), "output": str(tmp_path / loss), "start": {"directory": str(assistant_dir)}}
    settings = {
        "loss": loss,
        "max_length": 128,
        "epochs": 6,
        "learning_rate": 3e-3,
        "prompts_per_batch": 8,
        "beta": 0.5,
    }
    card = dpo.run(DPOConfig.from_json({**value, **settings}), silent, Stop())

    test = card["metrics"]["test"]
    assert test["accuracy"] > 0.9
    assert card["deployable"] is True
    assert math.isfinite(test["loss"])
    with pytest.raises(ConfigError, match="only the loss dpo has it"):
        DPOConfig.from_json({**value, "loss": "ipo", "smoothing": 0.1})
