import math
from typing import Any

import numpy as np
import pytest

from training import judging
from training.chat import Rendered
from training.ranking_rows import RankingRow


def row(number: int, **changes: Any) -> RankingRow:
    """Two completions of which people prefer the first."""
    facts: dict[str, Any] = {
        "record": f"r{number}",
        "prompt_id": f"p{number}",
        "group": f"g{number}",
        "rows": [Rendered([1, 2], 1), Rendered([1, 3], 1)],
        "pairs": [(0, 1)],
        "characters": [10, 10],
    }
    return RankingRow(**{**facts, **changes})


def judged(differences: list[float], **changes: Any) -> list[judging.JudgedPair]:
    rows = [row(number, **changes) for number in range(len(differences))]
    return judging.judged_pairs(rows, [score for one in differences for score in (one, 0.0)])


def test_a_prompt_with_many_pairs_weighs_as_much_as_one_with_a_single_pair() -> None:
    many = row(
        0, rows=[Rendered([1, token], 1) for token in range(3)], pairs=[(0, 1), (0, 2), (1, 2)], characters=[1] * 3
    )
    found = judging.share_right(judging.judged_pairs([many, row(1)], [3.0, 2.0, 1.0, 0.0, 5.0]), seed=0)
    assert (found["accuracy"], found["pairs"], found["prompts"]) == (0.5, 4, 2)


def test_a_pair_that_people_are_evenly_split_on_is_no_question() -> None:
    split = row(0, pairs=[(0, 1)], shares=[0.5])
    assert judging.judged_pairs([split], [1.0, 0.0]) == []


def test_scores_that_tie_are_right_half_of_the_time() -> None:
    assert judging.share_right(judged([0.0, 1.0]), seed=0)["accuracy"] == 0.75


def test_calibration_by_hand() -> None:
    # Two pairs at σ(log 3) = 3/4, one right and one wrong: ECE |3/4 - 1/2|, Brier (1/16 + 9/16) / 2.
    found = judging.calibration(judged([math.log(3), -math.log(3)]))
    assert found["ece"] == pytest.approx(0.25)
    assert found["brier"] == pytest.approx(10 / 32)
    assert found["curve"] == [{"confidence": pytest.approx(0.75), "accuracy": 0.5, "pairs": 2}]


def test_a_temperature_that_was_planted_is_found() -> None:
    generator = np.random.default_rng(0)
    true = generator.normal(size=4000)
    right = generator.random(4000) < 1 / (1 + np.exp(-np.abs(true)))
    # The model says everything three times as surely as it is.
    differences = (3 * np.where(right, np.abs(true), -np.abs(true))).tolist()
    found = judging.calibration(judged(differences))
    assert found["temperature"] == pytest.approx(3, rel=0.1)
    assert found["ece_after"] < 0.03 < found["ece"]


def test_a_model_that_goes_by_length_is_seen_through() -> None:
    long_wins = [row(number, characters=[100, 10]) for number in range(30)]
    short_wins = [row(number, characters=[10, 100]) for number in range(30, 60)]
    rows = [*long_wins, *short_wins]
    scores = [float(count) for one in rows for count in one.characters]
    found = judging.report(
        judging.judged_pairs(rows, scores), [(one, list(map(float, one.characters))) for one in rows],
        seed=0, taught=(), temperature=None,
    )  # fmt: skip
    assert found["length"]["correlation"] == pytest.approx(1)
    assert found["length"]["longer_chosen"]["accuracy"] == 1
    assert found["length"]["shorter_chosen"]["accuracy"] == 0
    assert found["length"]["matched"] == {"not_measured": "0 pairs; 20 are needed.", "pairs": 0}
    (gap,) = found["slices"]["length_gap"]
    assert (gap["value"], gap["accuracy"], gap["pairs"]) == ("2 times or more", 0.5, 60)


def test_what_was_shown_first_is_told_apart() -> None:
    pairs = judged([1.0] * 30, shown=[0, 1]) + judged([-1.0] * 20, shown=[1, 0])
    found = judging.position_probe(pairs, seed=0)
    assert (found["first_preferred"], found["pairs"]) == (0.6, 50)
    assert (found["first_won"]["accuracy"], found["later_won"]["accuracy"]) == (1, 0)


def test_slices_name_what_is_known_and_nothing_else() -> None:
    pairs = judged([1.0] * 3, strength=0.5, language="nb") + judged([-1.0] * 2, strength=1.0)
    found = judging.slices(pairs, seed=0)
    assert [(one["value"], one["accuracy"], one["pairs"]) for one in found["strength"]] == [
        ("0.50", 1, 3),
        ("1.00", 0, 2),
    ]
    assert [one["value"] for one in found["language"]] == ["nb"]
    assert found["source"] == []


def test_the_ceiling_is_the_best_measured_that_is_nearest_to_the_test_split() -> None:
    said = {"agreement": 0.7, "agreement_low": 0.6, "agreement_high": 0.8, "tasks": 60, "is_measured": True}
    said |= {"strict": 0.75, "strict_low": 0.65, "strict_high": 0.85}
    agreement = {"train": {"ranking": {**said, "tasks": 900}}, "test": {"ranking": said, "score": said}}
    assert judging.ceiling(agreement) == {
        "agreement": 0.7, "low": 0.6, "high": 0.8, "strict": 0.75, "strict_low": 0.65, "strict_high": 0.85,
        "tasks": 60, "split": "test", "kind": "ranking",
    }  # fmt: skip
    few = {"test": {"ranking": {**said, "is_measured": False}}}
    assert (
        judging.ceiling(few)
        == judging.ceiling(None)
        == {"not_measured": "Fewer than 50 tasks have rankings by two people."}
    )
