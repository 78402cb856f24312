import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training import curve, data
from training.cli import main
from training.curve import Point
from training.data import Counts, TextRow

Make = Callable[..., dict[str, Any]]


def points(values: dict[int, float], error: float | None) -> list[Point]:
    most = max(values)
    return [Point(count / most, count, value, error, 1) for count, value in values.items()]


def test_the_forecast_reads_on_along_a_line_in_the_logarithm() -> None:
    # .02 for every doubling: another 1,000 beyond 1,000 is one doubling more.
    known = {125: 0.60, 250: 0.62, 500: 0.64, 1000: 0.66}
    ahead = curve.forecast(points(known, 0.01), 1000)

    assert ahead is not None
    assert ahead.gain == pytest.approx(0.02)
    # The slope's standard error in doublings is error / sqrt(sum of squared distances) = .01 / sqrt(5).
    half = 1.96 * 0.01 / math.sqrt(5)
    assert (ahead.low, ahead.high) == pytest.approx((0.02 - half, 0.02 + half), abs=5e-4)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(1)
    caught = 0
    for _ in range(200):
        seen = {
            count: 0.5 + 0.03 * math.log2(count / 100) + generator.normal(0, 0.02) for count in (100, 200, 400, 800)
        }
        ahead = curve.forecast(points(seen, 0.02), 800)
        assert ahead is not None
        caught += ahead.low <= 0.03 <= ahead.high
    assert 180 <= caught <= 200


def test_without_any_uncertainty_nothing_is_foretold() -> None:
    unsure = points({10: 0.5, 20: 0.6}, None)
    assert curve.forecast(unsure, 1000) is None
    line = curve.fit(unsure)
    assert line is not None
    assert line["at_one"] + line["slope"] * math.log(20) == pytest.approx(0.6)
    assert curve.fit(unsure[:1]) is None
    assert curve.forecast(points({10: 0.5}, 0.1), 1000) is None


def test_a_smaller_share_is_part_of_a_larger_one_and_what_is_outside_is_counted() -> None:
    rows = [TextRow([1, 2], 1, f"group {number}") for number in range(400)]
    counts = Counts(rows_in=400, rows_used=400)
    quarter, half = (data.share_of(rows, share, Counts()) for share in (0.25, 0.5))
    assert {row.group for row in quarter} < {row.group for row in half}
    assert 70 <= len(quarter) <= 130
    kept = data.share_of(rows, 0.5, counts)
    assert counts.rows_used == len(kept)
    assert counts.left_out == {"outside_train_share": 400 - len(kept)}
    assert data.share_of(rows, 1.0, Counts()) == rows


@pytest.mark.parametrize(("stage", "measure"), [("reward", "accuracy"), ("sft", "loss")])
def test_the_curve_of_a_run_from_a_shell(
    stage: str, measure: str, config_json: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = config_json(stage, epochs=1)
    path = tmp_path / "run.json"
    path.write_text(json.dumps(value))

    assert main(["curve", "--config", str(path), "--shares", "0.25,1", "--seeds", "2", "--more", "100"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["measure"] == measure
    assert [point["share"] for point in found["points"]] == [0.25, 1.0]
    assert found["points"][0]["judgements"] < found["points"][1]["judgements"] == 40
    assert all(point["runs"] == 2 and point["error"] is not None for point in found["points"])
    assert found["forecast"]["low"] <= found["forecast"]["gain"] <= found["forecast"]["high"]
    assert json.loads((Path(value["output"]) / "curve.json").read_text()) == found

    # Another worker knows what was trained, and trains only what is left.
    (tmp_path / "known.json").write_text(json.dumps(found["trained"]))
    shutil.rmtree(value["output"])
    told = ["--known", str(tmp_path / "known.json"), "--shares", "0.25,1", "--seeds", "2", "--more", "100"]
    assert main(["curve", "--config", str(path), *told]) == 0
    assert json.loads(capsys.readouterr().out) == found
    assert [place.name for place in Path(value["output"]).iterdir()] == ["curve.json"]


def test_a_stage_without_a_curve_and_a_single_share_are_refused(
    config_json: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.json"
    novels = {
        "stage": "pretrain",
        "text": str(tmp_path),
        "output": str(tmp_path / "model"),
        "start": {"preset": "demo"},
    }
    path.write_text(json.dumps(novels))
    assert main(["curve", "--config", str(path)]) == 2
    assert "a pretrain run has no learning curve" in capsys.readouterr().err
    path.write_text(json.dumps(config_json("sft")))
    assert main(["curve", "--config", str(path), "--shares", "1"]) == 2
    assert "a curve needs two" in capsys.readouterr().err
