"""The reward model that chooses among a run's looks: what it is asked, what it says, and which models it may not be."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.conftest import Ears
from training import data, generation, preview, reproduce, reward, scored_answers, sft
from training.chat import chat_for
from training.config import RewardConfig, SFTConfig
from training.events import silent
from training.generation import Sampling
from training.loop import Stop
from training.model import load_causal, score
from training.records import CARD
from training.settings import ConfigError
from training.tokenizer import decode_text, load_tokenizer

Make = Callable[..., dict[str, Any]]
CHOOSING = {"keep": "best", "evaluate_every": 1, "judge_prompts": 5, "judge_tokens": 12}


@pytest.fixture(scope="module")
def judge_dir(release_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reward model with a tokenizer of its own."""
    output = tmp_path_factory.mktemp("judge") / "model"
    value = {"release": str(release_dir), "output": str(output), "start": {"preset": "tiny"}, "max_steps": 6}
    reward.run(RewardConfig.from_json({**value, "max_length": 128}), silent, Stop())
    return output


def test_the_look_is_kept_whose_answers_score_highest_and_the_card_says_so(
    config_json: Make, judge_dir: Path, ears: Ears, tmp_path: Path
) -> None:
    value = config_json("sft", judge=str(judge_dir), recompute=True, **CHOOSING)
    card = sft.run(SFTConfig.from_json(value), ears, Stop())

    looks = {one["step"]: one["values"]["reward"] for one in ears.of("metric") if "reward" in one["values"]}
    assert len(looks) > 3
    best = max(looks, key=lambda step: looks[step])
    assert card["metrics"]["judge"]["reward"] == pytest.approx(looks[best], abs=1e-5)
    assert card["metrics"]["judge"]["prompts"] == 5
    assert ears.of("log")[-1]["message"] == f"The weights of step {best} were the best and are kept."

    again = reproduce.run(Path(value["output"]), tmp_path / "again", lambda _: sft.run, silent, Stop())
    assert again["same"]
    with pytest.raises(reproduce.NotReproducible, match="--judge"):
        reproduce.run(
            Path(value["output"]), tmp_path / "other", lambda _: sft.run, silent, Stop(), judge=Path(value["output"])
        )

    told = preview.run(SFTConfig.from_json(value))["judging"]
    assert told == {"looks": len(looks), "answers": 5, "tokens": len(looks) * 5 * 12}


def test_the_figure_is_the_mean_score_of_greedy_answers_read_by_the_judges_own_tokenizer(
    config_json: Make, judge_dir: Path, release_dir: Path
) -> None:
    value = config_json("sft", max_steps=1)
    sft.run(SFTConfig.from_json(value), silent, Stop())
    writer, chat = load_causal(Path(value["output"])), chat_for(load_tokenizer(Path(value["output"])))
    chooser = scored_answers.open_chooser(
        judge_dir, release_dir, chat, most=3, longest_answer=9, room=64, forward_tokens=512
    )

    by_hand = []
    for asked in chooser.prompts:
        barred = frozenset(chat.tokenizer.all_special_ids) - chat.stop_ids
        ((answer,),) = generation.generate(
            writer, [chat.prompt(asked.messages)], [[7]], Sampling(0, 1, 9),
            stop_ids=chat.stop_ids, barred_ids=barred, pad_id=chat.tokenizer.pad_token_id,
        )  # fmt: skip
        read = chooser.judge.chat.render(asked.messages, decode_text(chat.tokenizer, answer.ids))
        with torch.no_grad():
            by_hand.append(float(score(chooser.judge.model, data.flat_ends([read.ids]))))
    assert chooser.score(writer, chat) == pytest.approx(sum(by_hand) / 3, abs=1e-5)


def test_what_does_not_score_or_cannot_be_read_is_refused_by_name(
    config_json: Make, judge_dir: Path, tmp_path: Path
) -> None:
    writer = config_json("sft", max_steps=1)
    sft.run(SFTConfig.from_json(writer), silent, Stop())
    foreign, filter_, larger = (tmp_path / name for name in ("foreign", "filter", "larger"))
    shutil.copytree(writer["output"], foreign)
    (foreign / CARD).unlink()
    for copy in (filter_, larger):
        shutil.copytree(judge_dir, copy)
    (filter_ / CARD).write_text(json.dumps({"stage": "moderation"}))
    for directory, why in (
        (Path(writer["output"]), "is no reward model but a sft model"),
        (foreign, "is no reward model"),
        (filter_, "is no reward model but a moderation model"),
        (tmp_path / "nowhere", "is not a model directory"),
    ):
        with pytest.raises(ConfigError, match=f"judge: .*{why}"):
            sft.run(SFTConfig.from_json(config_json("sft", judge=str(directory), **CHOOSING)), silent, Stop())
    tokenizer = load_tokenizer(judge_dir)
    tokenizer.add_tokens([f"word{number}" for number in range(50)])
    tokenizer.save_pretrained(larger)
    with pytest.raises(ConfigError, match=r"judge: The tokenizer in .* tokens and the model knows"):
        sft.run(SFTConfig.from_json(config_json("sft", judge=str(larger), **CHOOSING)), silent, Stop())
    with pytest.raises(ConfigError, match="judge: the release's validation split has no prompt with room"):
        sft.run(
            SFTConfig.from_json(config_json("sft", judge=str(judge_dir), **{**CHOOSING, "judge_tokens": 128})),
            silent, Stop(),
        )  # fmt: skip


def test_a_judge_without_a_choice_to_make_is_refused(config_json: Make) -> None:
    with pytest.raises(ConfigError, match="judge: says which look is best; set keep to best"):
        SFTConfig.from_json(config_json("sft", judge="somewhere"))
    SFTConfig.from_json(config_json("sft", judge="somewhere", patience=3))
