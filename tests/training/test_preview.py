import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.releases import demonstration, ranking, write_release
from training import config as training_config
from training import data, preview, ranking_rows, reward, sft
from training.cli import main
from training.config import RewardConfig, SFTConfig
from training.records import Message
from training.settings import ConfigError

Make = Callable[..., dict[str, Any]]
LONG = tuple(Message("user", f"Say something about the {word} and the river.") for word in ("lamp", "stone", "garden"))


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows that are fine, repeated, too long at either end, empty, tied, identical and bad."""
    same = ranking(3).completions[0]
    return write_release(
        tmp_path_factory.mktemp("uneven"),
        [
            *(demonstration(number) for number in range(20)),
            demonstration(30, messages=(LONG[0], Message("assistant", "The lamp."), *LONG[1:])),
            demonstration(31, completion="The river is long. " * 40),
            demonstration(32, completion=" "),
            demonstration(0, "validation"),
        ],
        [
            *(ranking(number) for number in range(6)),
            ranking(7, messages=LONG),
            ranking(8, tiers=(("polite", "short", "rude"),)),
            ranking(9, all_bad=True),
            ranking(10, completions=(same, type(same)("twin", same.text)), tiers=(("rude",), ("twin",))),
        ],
    )


def previewed(value: dict[str, Any], rows: int = preview.ROWS) -> dict[str, Any]:
    return preview.run(training_config.from_json(value), rows)


def said(part: dict[str, Any], *states: str) -> str:
    return "".join("".join(run["tokens"]) for run in part["runs"] if run["state"] in states)


def test_what_is_marked_as_learned_is_what_the_loss_is_taken_on(config_json: Make, uneven: Path) -> None:
    value = config_json("sft", release=str(uneven), max_length=40)
    _, chat, found = sft.read(SFTConfig.from_json(value))
    rows = found.rows["train"]

    shown = previewed(value, 100)["rows"]

    assert len(shown) == len(rows) == 21
    for row, (part,) in zip(rows, [row["parts"] for row in shown], strict=True):
        flat = data.flat_texts([row])
        assert said(part, "learned") == chat.tokenizer.decode(flat.ids[flat.read + 1])
        assert said(part, "read", "learned") == chat.tokenizer.decode(row.ids)
    assert [row["trained_tokens"] for row in shown] == [row.trained_tokens for row in rows]


def test_what_is_cut_stands_where_it_stood_and_is_shown_among_the_first_rows(config_json: Make, uneven: Path) -> None:
    value = config_json("sft", release=str(uneven), max_length=40)

    (last,) = previewed(value, 2)["rows"][-1]["parts"]

    assert [run["state"] for run in last["runs"]] == ["read", "cut", "read", "learned", "read", "learned"]
    whole = said(last, "read", "cut", "learned")
    assert whole.startswith("<|begin|><|user|>Say something about the lamp and the river.<|end|><|assistant|>The lamp.")
    assert said(last, "cut") == "<|user|>Say something about the lamp and the"


def test_rows_are_counted_by_what_becomes_of_them_and_worth_a_warning(config_json: Make, uneven: Path) -> None:
    found = previewed(config_json("sft", release=str(uneven), max_length=40))

    train = found["splits"]["train"]
    assert train["counts"] == {
        "rows_in": 23,
        "rows_used": 21,
        "left_out": {"completion_too_long": 1, "empty_completion": 1},
        "truncated": 1,
        "pairs": {},
    }
    # Ten words take turns: the second ten read as the first.
    assert train["repeated"] == 10
    assert (train["rows"], train["longest"]) == (21, 40)
    assert sum(bar["rows"] for bar in train["lengths"]) == 21
    assert train["lengths"][-1]["to"] == 40
    assert found["warnings"] == [
        {"warning": "repeated", "number": 10, "of": 21},
        {"warning": "no_test", "number": 0, "of": 0},
    ]


def test_a_reward_model_is_scored_after_the_last_token_of_every_completion(config_json: Make, uneven: Path) -> None:
    value = config_json("reward", release=str(uneven), max_length=40)
    _, chat, found = reward.read(RewardConfig.from_json(value))

    shown = previewed(value, 100)["rows"]

    for row, said_of in zip(found.rows["train"], shown, strict=True):
        flat = ranking_rows.flat_rankings([row])
        prompt, *completions = said_of["parts"]
        assert said(prompt, "read") == chat.tokenizer.decode(row.prompt)
        assert [said(part, "read", "scored") for part in completions] == list(
            map(chat.tokenizer.decode, row.completions)
        )
        assert [said(part, "scored") for part in completions] == [
            chat.tokenizer.decode([token]) for token in flat.ids[flat.read].tolist()
        ]
        assert said_of["pairs"] == [list(pair) for pair in row.pairs]
    assert said(shown[-1]["parts"][0], "cut") == "<|user|>Say something"


def test_ties_twins_and_a_taste_for_length_are_told(config_json: Make, uneven: Path) -> None:
    found = previewed(config_json("reward", release=str(uneven), max_length=40))

    train = found["splits"]["train"]
    assert train["counts"]["pairs"] == {"used": 14, "tied": 10, "identical": 1}
    assert train["counts"]["left_out"] == {"all_bad": 1, "all_tied": 1, "identical_completions": 1}
    assert train["longer_preferred"] == 0.5
    assert [one["warning"] for one in found["warnings"]] == [
        "left_out", "truncated", "identical", "no_validation", "no_test",
    ]  # fmt: skip


def test_a_loss_that_reads_ties_is_shown_them_and_not_warned_of_them(config_json: Make, uneven: Path) -> None:
    value = config_json("reward", release=str(uneven), max_length=40, loss="davidson")

    found = previewed(value, 100)

    assert found["splits"]["train"]["counts"]["left_out"] == {"all_bad": 1, "identical_completions": 1}
    assert [] in [row["pairs"] for row in found["rows"]]
    assert "tied" not in [one["warning"] for one in found["warnings"]]


def test_a_first_round_of_pretraining_is_shown_as_it_is_read(config_json: Make, release_dir: Path) -> None:
    value = {"stage": "pretrain", "release": str(release_dir), "output": "x", "start": {"preset": "demo"}}

    found = previewed({**value, "context": 16, "batch_tokens": 64})

    assert len(found["rows"]) == 4
    for row in found["rows"]:
        (part,) = row["parts"]
        assert [(run["state"], len(run["tokens"])) for run in part["runs"]] == [("read", 1), ("learned", 16)]
    assert found["splits"]["train"]["counts"]["rows_used"] == 80
    assert found["splits"]["train"]["rows"] > 80


def test_a_character_of_several_tokens_stays_whole_and_a_long_run_is_shown_by_its_ends(
    config_json: Make, tmp_path: Path
) -> None:
    text = "caf\u00e9 \U0001f642 \u4f60\u597d " * 300
    release = write_release(tmp_path / "letters", [demonstration(1, completion=text), demonstration(2)])

    row = previewed(config_json("sft", release=str(release), start={"preset": "small"}, max_length=1024,
                                batch_tokens=1024))["rows"][0]  # fmt: skip

    learned = row["parts"][0]["runs"][-1]
    assert "\ufffd" not in "".join(learned["tokens"])
    assert len(learned["tokens"]) <= preview.LONGEST_RUN
    assert learned["hidden"] == row["trained_tokens"] - preview.LONGEST_RUN > 0
    assert text.startswith("".join(learned["tokens"][: learned["hidden_at"]]))


def test_an_empty_train_split_is_said_first(config_json: Make, tmp_path: Path) -> None:
    release = write_release(tmp_path / "one", [demonstration(1), demonstration(2, "validation")])

    found = previewed(config_json("sft", release=str(release), max_length=16))

    assert found["rows"] == []
    assert found["warnings"][0] == {"warning": "nothing_to_learn", "number": 0, "of": 1}


@pytest.mark.parametrize(("rows", "message"), [(-1, "choose 0 to 100"), (101, "choose 0 to 100")])
def test_an_impossible_number_of_rows_is_refused(config_json: Make, rows: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        previewed(config_json("sft"), rows)


def test_the_command_line_shows_it_to_people_and_to_programs(
    config_json: Make, uneven: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = config_json("reward", release=str(uneven), max_length=40)
    path = tmp_path / "run.json"
    path.write_text(json.dumps(value))

    assert main(["preview", "--config", str(path), "--rows", "2"]) == 0
    shown = capsys.readouterr().out
    assert "1 left out: all_tied" in shown
    assert "~<|user|>Say something~" in shown
    assert "{<|end|>}" in shown
    assert "preferred: completion 2 to 1, completion 3 to 1" in shown
    assert main(["preview", "--config", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == previewed(value)
    assert not Path(value["output"]).exists()


def test_a_stage_that_learns_no_tokens_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"stage": "continue", "model": "m", "prompt": "p"}))

    assert main(["preview", "--config", str(path)]) == 2
    assert "choose pretrain, sft or reward" in capsys.readouterr().err
