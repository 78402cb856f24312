import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.training.conftest import Ears
from tests.training.releases import WORDS, document, write_release
from tests.training.test_devices import in_two_processes, train_losses
from training import continuation, pretrain, reproduce, reward, sft
from training.config import ContinueConfig, PretrainConfig, RewardConfig, SFTConfig
from training.loop import Interrupted, Stop
from training.model import ModelError
from training.tokenizer import UnknownCharacters, character_tokenizer

Make = Callable[..., dict[str, Any]]
TINY = {
    "start": {"preset": "demo"},
    "rounds": 12,
    "context": 16,
    "batch_tokens": 64,
    "sample_rounds": "0 5",
    "sample_tokens": 40,
    "prompt": "The river",
    "checkpoint_every": 6,
    "evaluate_every": 6,
}


@pytest.fixture
def novel(tmp_path: Path) -> Path:
    folder = tmp_path / "novel"
    folder.mkdir()
    for name in ("one", "two"):
        lines = [f"The {WORDS[day % 10]} of day {day} was {name}.\n" for day in range(150)]
        (folder / f"{name}.txt").write_text("".join(lines))
    return folder


@pytest.fixture
def config(novel: Path, tmp_path: Path) -> Callable[..., PretrainConfig]:
    def make(**changes: Any) -> PretrainConfig:
        return PretrainConfig.from_json({"text": str(novel), "output": str(tmp_path / "model"), **TINY, **changes})

    return make


def test_the_way_from_noise_to_words_is_kept(config: Callable[..., PretrainConfig], ears: Ears) -> None:
    card = pretrain.run(config(rounds=150, learning_rate=1e-2, sample_rounds="0 50 150"), ears, Stop())

    samples = card["metrics"]["samples"]
    assert [sample["step"] for sample in samples] == [0, 50, 150]
    assert [{"event": "sample", **sample} for sample in samples] == ears.of("sample")
    assert all(len(sample["text"]) <= 40 for sample in samples)
    first, last = samples[0]["values"], samples[-1]["values"]
    alphabet = set("".join(path.read_text() for path in Path(config().text or "").glob("*.txt")))
    assert first["loss"] == pytest.approx(math.log(len(alphabet)), rel=0.05)
    assert first["bits_per_character"] == pytest.approx(first["loss"] / math.log(2), rel=0.01)
    assert last["loss"] < first["loss"] / 2
    assert last["known_words"] > first["known_words"]
    assert card["deployable"] is False
    assert card["metrics"]["validation"]["bits_per_character"] < first["bits_per_character"] / 2
    assert card["counts"]["held_out"] == "end_of_each_document"


def test_the_words_of_people_do_not_stay_beside_the_model(config: Callable[..., PretrainConfig], ears: Ears) -> None:
    card = pretrain.run(config(), ears, Stop())

    assert not list(Path(card["config"]["output"]).rglob("*.bin"))


def test_shards_are_kept_where_they_are_asked_for(
    config: Callable[..., PretrainConfig], ears: Ears, tmp_path: Path
) -> None:
    pretrain.run(config(rounds=1, shards=str(tmp_path / "kept")), ears, Stop())

    assert {path.name for path in (tmp_path / "kept").glob("*.bin")} == {"train-00000.bin", "validation-00000.bin"}


class StopAt(Stop):
    """A wish to end that comes in the middle of a step."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks = looks

    def check(self) -> None:
        self.looks -= 1
        self.is_asked = self.looks < 0
        super().check()


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_an_interrupted_run_ends_as_an_uninterrupted_one_does_to_the_last_bit(
    dropout: float, config: Callable[..., PretrainConfig], ears: Ears, tmp_path: Path
) -> None:
    whole = pretrain.run(config(dropout=dropout, output=str(tmp_path / "whole")), ears, Stop())
    interrupted = config(dropout=dropout, output=str(tmp_path / "parts"))
    with pytest.raises(Interrupted):
        pretrain.run(interrupted, ears, StopAt(11))
    steps = [said["step"] for said in ears.of("checkpoint")][-1]
    parts = pretrain.run(interrupted, ears, Stop())

    assert 0 < steps < 12
    assert steps != 6
    weights = [load_file(tmp_path / name / "model.safetensors") for name in ("whole", "parts")]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert whole["metrics"] == parts["metrics"]


def test_the_same_seed_gives_the_same_model_and_another_another(
    config: Callable[..., PretrainConfig], ears: Ears, tmp_path: Path
) -> None:
    digests = [
        pretrain.run(config(seed=seed, output=str(tmp_path / f"{place}")), ears, Stop())["model_sha256"]
        for place, seed in enumerate((0, 0, 1))
    ]

    assert digests[0] == digests[1] != digests[2]


def test_two_processes_learn_what_one_learns_and_write_what_it_writes(
    config: Callable[..., PretrainConfig], ears: Ears, tmp_path: Path
) -> None:
    one = config(threads=1, rounds=4, sample_rounds="0 4")
    card = pretrain.run(one, ears, Stop())

    events = in_two_processes({**one.to_json(), "output": str(tmp_path / "two")}, tmp_path)

    assert train_losses(events) == pytest.approx(train_losses(ears.events), rel=1e-5)
    samples = [event for event in events if event["event"] == "sample"]
    assert [sample["text"] for sample in samples] == [sample["text"] for sample in card["metrics"]["samples"]]
    assert not list((tmp_path / "two").rglob("*.bin"))


def test_recomputed_activations_change_neither_losses_nor_samples(
    config: Callable[..., PretrainConfig], ears: Ears, tmp_path: Path
) -> None:
    heard = []
    for recompute in (False, True):
        pretrain.run(
            config(recompute=recompute, dropout=0.2, output=str(tmp_path / f"model-{recompute}")), ears, Stop()
        )
        heard.append([one for one in ears.events if one["event"] == "sample"] + [train_losses(ears.events)])
        ears.events.clear()
    assert heard[0][:-1] == heard[1][:-1]
    assert heard[0][-1] == pytest.approx(heard[1][-1], rel=1e-5)


def test_a_model_of_a_folder_is_made_again_from_its_card(
    config: Callable[..., PretrainConfig], ears: Ears, tmp_path: Path
) -> None:
    card = pretrain.run(config(), ears, Stop())

    again = reproduce.run(Path(card["config"]["output"]), tmp_path / "again", lambda stage: pretrain.run, ears, Stop())

    assert again["same"]
    assert again["largest_difference"] == 0


def test_a_model_that_does_not_start_from_a_guess_is_refused(
    config: Callable[..., PretrainConfig], ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    def biased(*given: Any) -> Any:
        model = build(*given)
        torch.nn.init.normal_(model.get_output_embeddings().weight, std=2.0)
        return model

    build = pretrain.build_deep
    monkeypatch.setattr(pretrain, "build_deep", biased)

    with pytest.raises(ModelError, match="The untrained model's loss is"):
        pretrain.run(config(), ears, Stop())


def test_later_stages_start_from_a_model_of_pieces(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    release = write_release(tmp_path / "texts", documents=[document(place) for place in range(6)])
    base = pretrain.run(
        PretrainConfig.from_json(
            {
                **TINY,
                "release": str(release),
                "output": str(tmp_path / "base"),
                "tokenizer": "bpe",
                "vocabulary": 300,
                "context": 128,
                "batch_tokens": 128,
            }
        ),
        ears,
        Stop(),
    )

    start = {"directory": base["config"]["output"]}
    answers = sft.run(SFTConfig.from_json(config_json("sft", start=start, max_steps=1)), ears, Stop())
    scores = reward.run(RewardConfig.from_json(config_json("reward", start=start, max_steps=1)), ears, Stop())
    again = PretrainConfig.from_json(
        {**TINY, "release": str(release), "output": str(tmp_path / "more"), "start": start, "rounds": 2}
    )
    assert answers["config"]["start"] == scores["config"]["start"] == start
    assert pretrain.run(again, ears, Stop())["metrics"]["loss_before"] < 5


def test_a_conversation_with_characters_that_a_model_of_letters_lacks_is_left_out_and_counted(
    config: Callable[..., PretrainConfig], config_json: Make, ears: Ears
) -> None:
    base = pretrain.run(config(rounds=1, context=256, batch_tokens=256, prompt="The"), ears, Stop())

    start = {"directory": base["config"]["output"]}
    with pytest.raises(Exception, match="unknown_character"):
        sft.run(SFTConfig.from_json(config_json("sft", start=start, max_steps=1)), ears, Stop())


def test_a_prompt_takes_the_quotation_marks_of_the_corpus() -> None:
    curly = character_tokenizer("\u201cYou\u201d it\u2019s, said")

    assert pretrain.readable_prompt('"You," said', curly) == "\u201cYou,\u201d said"
    assert pretrain.readable_prompt("it's", curly) == "it\u2019s"
    with pytest.raises(UnknownCharacters, match="'!' 'Z'"):
        pretrain.readable_prompt("Z!", curly)


def test_a_text_is_gone_on_from_by_a_seed(config: Callable[..., PretrainConfig], ears: Ears) -> None:
    model = pretrain.run(config(), ears, Stop())["config"]["output"]

    def written(**changes: Any) -> str:
        given = {"model": model, "prompt": "The", "max_new_tokens": 30, **changes}
        return str(continuation.run(ContinueConfig.from_json(given), ears, Stop())["text"])

    assert len(written()) == 30
    assert written() == written()
    assert written(seed=1) != written()
    assert [said["done"] for said in ears.of("progress")][-1] == 30
    with pytest.raises(UnknownCharacters):
        written(prompt="The \u00e9")
    assert json.dumps(written(temperature=0)) == json.dumps(written(temperature=0, seed=5))
