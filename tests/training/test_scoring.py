import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import Ears
from training import handover, records, reward, scoring
from training.chat import ChatError, OwnChat
from training.config import RewardConfig, ScoreConfig
from training.events import silent
from training.fields import RecordError
from training.loop import Interrupted, Stop
from training.model import ModelError
from training.records import ItemRecord, Message
from training.settings import ConfigError

Make = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def models(release_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """An ensemble of three: one model with one readout, one with two."""
    folder = tmp_path_factory.mktemp("models")
    for seed, heads in enumerate((1, 2)):
        value = {"release": str(release_dir), "output": str(folder / str(heads)), "start": {"preset": "tiny"}}
        config = {**value, "heads": heads, "seed": seed, "max_steps": 3, "max_length": 128}
        reward.run(RewardConfig.from_json(config), silent, Stop())
    return [str(folder / "1"), str(folder / "2")]


@pytest.fixture
def value(models: list[str], tmp_path: Path) -> dict[str, Any]:
    items = [
        ItemRecord(
            item_id=f"i{number}",
            messages=(Message("user", f"Tell me about the {word}."),),
            completions=(f"Gladly, the {word} is lovely.", "Go away.", "Gladly.")[: 3 - number % 2],
        )
        for number, word in enumerate(("lamp", "bread", "river"))
    ]
    handover.write_records(tmp_path / "items.jsonl", [item.to_json() for item in items])
    return {"models": models, "items": str(tmp_path / "items.jsonl"), "output": str(tmp_path / "scores.jsonl")}


def run(value: dict[str, Any], ears: Ears, stop: Stop | None = None) -> list[records.ScoresRecord]:
    scoring.run(ScoreConfig.from_json(value), ears, stop or Stop())
    return list(handover.read_scores(Path(value["output"])))


def test_every_member_scores_every_completion_whatever_the_batch(value: dict[str, Any], ears: Ears) -> None:
    found = run(value, ears)

    assert [one.item_id for one in found] == ["i0", "i1", "i2"]
    assert [len(one.scores) for one in found] == [3, 2, 3]
    assert all(len(row) == 3 and all(map(math.isfinite, row)) for one in found for row in one.scores)
    assert ears.of("progress")[-1] == {"event": "progress", "done": 3, "total": 3}
    alone = run({**value, "items_per_batch": 1, "forward_tokens": 1}, ears)
    assert [row for one in alone for row in one.scores] == [
        pytest.approx(row, abs=1e-5) for one in found for row in one.scores
    ]


def test_members_are_the_readouts_of_the_models_in_their_order(value: dict[str, Any], ears: Ears) -> None:
    together = run(value, ears)[0].scores
    parts = [run({**value, "models": [model]}, ears)[0].scores for model in value["models"]]
    assert together[0] == pytest.approx((*parts[0][0], *parts[1][0]), abs=1e-6)


def test_what_cannot_be_read_is_left_out_and_said(
    value: dict[str, Any], ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = OwnChat.render

    def refuses_breads(self: OwnChat, messages: Sequence[Message], completion: str) -> Any:
        if "bread" in messages[0].content:
            raise ChatError("template_refuses", "the template refuses the conversation.")
        return whole(self, messages, completion)

    monkeypatch.setattr(OwnChat, "render", refuses_breads)
    assert [one.item_id for one in run(value, ears)] == ["i0", "i2"]
    assert "Item i1 is left out" in ears.of("log")[-1]["message"]


def test_a_stop_leaves_no_file(value: dict[str, Any], ears: Ears, tmp_path: Path) -> None:
    stop = Stop()
    stop.is_asked = True
    with pytest.raises(Interrupted):
        run(value, ears, stop)
    assert not list(tmp_path.glob("scores*"))


def test_no_model_and_no_reward_model_are_refused(value: dict[str, Any], ears: Ears, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="models"):
        run({**value, "models": []}, ears)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError):
        run({**value, "models": [str(tmp_path / "empty")]}, ears)


@pytest.mark.parametrize("scores", [5, [5], [["high"]], [[True]]])
def test_scores_that_are_no_numbers_are_refused(tmp_path: Path, scores: object) -> None:
    file = tmp_path / "scores.jsonl"
    handover.write_records(file, [{"item_id": "i", "scores": scores}])
    with pytest.raises(RecordError, match="line 1"):
        list(handover.read_scores(file))
