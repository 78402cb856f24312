import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import Ears
from tests.training.releases import demonstration, write_release
from training import sft
from training.cli import main
from training.config import SFTConfig
from training.loop import Stop

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def trained(config_json: Make, ears: Ears) -> dict[str, Any]:
    """A model that started from another and learned with every source of chance."""
    first = config_json("sft", max_steps=1)
    first["output"] += "-first"
    sft.run(SFTConfig.from_json(first), ears, Stop())
    value = config_json("sft", start={"directory": first["output"]}, token_dropout=0.3, epochs=1)
    return sft.run(SFTConfig.from_json(value), ears, Stop())


def reproduce(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = main(["reproduce", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out or said.err


def test_a_model_is_trained_again_to_the_bit_from_copies_elsewhere(
    trained: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = trained["config"]
    release, start = tmp_path / "elsewhere", tmp_path / "begin"
    shutil.copytree(config["release"], release)
    shutil.copytree(config["start"]["directory"], start)

    code, said = reproduce(capsys, config["output"], "--release", release, "--start", start)

    found = json.loads(said)
    assert code == 0
    assert found["same"]
    assert found["largest_difference"] == 0
    assert found["metrics"]["card"] == found["metrics"]["again"]
    assert found["changed"] == {}


def test_a_card_that_tells_another_seed_is_found_out(
    trained: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Path(trained["config"]["output"]) / "card.json"
    place.write_text(json.dumps({**trained, "config": {**trained["config"], "seed": 7}}))

    code, said = reproduce(capsys, place.parent, "--output", tmp_path / "again")

    found = json.loads(said)
    assert code == 1
    assert not found["same"]
    assert found["largest_difference"] > 0
    assert (tmp_path / "again" / "card.json").is_file()


def test_another_release_or_start_is_refused_by_name(
    trained: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = trained["config"]["output"]
    other = write_release(tmp_path / "other", [demonstration(1)], digest="e" * 64)
    code, said = reproduce(capsys, output, "--release", other)
    assert (code, "is release eeeeeeeeeeee; the model learned from dddddddddddd" in said) == (2, True)
    code, said = reproduce(capsys, output, "--start", output)
    assert (code, "is not the model that the run started from" in said) == (2, True)
    code, said = reproduce(capsys, output, "--start", tmp_path / "nowhere")
    assert (code, "is not a directory; give the model" in said) == (2, True)
    code, said = reproduce(capsys, tmp_path)
    assert (code, "has no readable card.json" in said) == (2, True)
    card = json.loads((Path(output) / "card.json").read_bytes())
    card["config"]["endpoint"] = {"url": "http://localhost:1/v1", "model": "another"}
    (Path(output) / "card.json").write_text(json.dumps(card))
    code, said = reproduce(capsys, output)
    assert (code, "learned from what http://localhost:1/v1 wrote" in said) == (2, True)
