from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.conftest import Ears
from tests.training.releases import DIGEST, demonstration, ranking, write_release
from tests.training.test_chat import CHATML, foreign_tokenizer
from tests.training.test_model import save_gpt2
from training import model, sft
from training.chat import OwnChat, chat_for
from training.config import SFTConfig
from training.fields import RecordError
from training.imitation import NoTrainedTokens
from training.loop import Stop
from training.tokenizer import TokenizerError, load_tokenizer

Make = Callable[..., dict[str, Any]]


def run(value: dict[str, Any], ears: Ears) -> dict[str, Any]:
    return sft.run(SFTConfig.from_json(value), ears, Stop())


def test_answers_become_likelier(config_json: Make, ears: Ears) -> None:
    card = run(config_json("sft", epochs=10), ears)

    test = card["metrics"]["test"]
    assert test["loss"] < test["loss_before"] / 2
    assert test["rows"] == 8
    assert test["loss_before"] > test["loss_high"] > test["loss"] > test["loss_low"] > 0
    assert test["perplexity"] == pytest.approx(torch.tensor(test["loss"]).exp().item(), rel=1e-4)
    assert card["deployable"] is True
    assert card["release_digest_sha256"] == DIGEST
    assert card["counts"]["train"] == {"rows_in": 40, "rows_used": 40, "left_out": {}, "truncated": 0}


def test_the_model_directory_is_one_transformers_reads(config_json: Make, ears: Ears) -> None:
    value = config_json("sft", max_steps=1)
    run(value, ears)
    directory = Path(value["output"])

    loaded, tokenizer = model.load_causal(directory), load_tokenizer(directory)
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Hello."}], add_generation_prompt=True, return_dict=False, return_tensors="pt"
    )

    written = loaded.generate(prompt, max_new_tokens=3, do_sample=False)
    assert written.shape[1] <= prompt.shape[1] + 3


def test_a_model_made_here_is_a_start(config_json: Make, ears: Ears) -> None:
    first = run(config_json("sft", epochs=4), ears)
    assert isinstance(chat_for(load_tokenizer(Path(first["config"]["output"]))), OwnChat)
    value = config_json("sft", start={"directory": first["config"]["output"]}, epochs=1)
    value["output"] += "-second"

    second = run(value, ears)

    assert second["metrics"]["test"]["loss_before"] == pytest.approx(first["metrics"]["test"]["loss"], rel=1e-5)


def test_a_foreign_model_is_a_start_and_keeps_its_template(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    base = save_gpt2(tmp_path / "base", foreign_tokenizer(CHATML))
    value = config_json("sft", start={"directory": str(base)}, max_length=64, epochs=4)

    card = run(value, ears)

    assert card["metrics"]["test"]["loss"] < card["metrics"]["test"]["loss_before"]
    assert load_tokenizer(Path(value["output"])).chat_template == CHATML


def test_a_model_directory_without_a_tokenizer_is_refused(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    base = save_gpt2(tmp_path / "base", foreign_tokenizer(CHATML))
    for path in base.glob("*token*"):
        path.unlink()
    with pytest.raises(TokenizerError, match="has no tokenizer"):
        run(config_json("sft", start={"directory": str(base)}, max_length=64), ears)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "it is empty"),
        ([demonstration(1, completion="word " * 300)], "1 completion_too_long"),
        ([demonstration(1, "test")], "it is empty"),
    ],
)
def test_a_release_with_nothing_to_learn_is_refused(
    rows: list[Any], message: str, config_json: Make, ears: Ears, tmp_path: Path
) -> None:
    release = write_release(tmp_path / "release", rows, [ranking(1)])
    with pytest.raises(NoTrainedTokens, match=message):
        run(config_json("sft", release=str(release)), ears)
    assert ears.events == []


def test_a_release_without_a_test_split_still_trains(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    release = write_release(tmp_path / "release", [demonstration(number) for number in range(8)])
    card = run(config_json("sft", release=str(release), max_steps=1), ears)
    assert card["metrics"]["test"] == {}


def test_a_damaged_release_is_refused(config_json: Make, ears: Ears, tmp_path: Path) -> None:
    release = write_release(tmp_path / "release", [demonstration(1)])
    with (release / "train/demonstrations.parquet").open("ab") as stream:
        stream.write(b"{}\n")
    with pytest.raises(RecordError, match="not the file that was frozen"):
        run(config_json("sft", release=str(release)), ears)
