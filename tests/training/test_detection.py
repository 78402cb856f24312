import math

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score

from training import detection
from training.detection import Known, Line


def array(*values: float) -> detection.Array:
    return np.array(values, dtype=float)


def test_average_precision_is_that_of_a_known_library_with_ties() -> None:
    generator = np.random.default_rng(0)
    for _ in range(20):
        scores = generator.integers(0, 8, size=40).astype(float)
        targets = (generator.random(40) < 0.3).astype(float)
        expected = average_precision_score(targets, scores)
        assert detection.average_precision(scores, targets) == pytest.approx(expected)


def test_a_weight_of_two_is_the_text_twice() -> None:
    scores, targets = array(0.9, 0.8, 0.4), array(1, 0, 1)
    twice = detection.average_precision(array(0.9, 0.8, 0.4, 0.4), array(1, 0, 1, 1))
    assert detection.average_precision(scores, targets, array(1, 1, 2)) == pytest.approx(twice)


def test_errors_are_counted_among_what_they_are_shares_of() -> None:
    flagged, targets, weights = array(1, 1, 0, 0, 1), array(1, 0, 1, 0, 0), np.ones(5)
    assert detection.f1(flagged, targets, weights) == pytest.approx(2 * 1 / (2 * 1 + 2 + 1))
    assert detection.false_positive_rate(flagged, targets, weights) == pytest.approx(2 / 3)
    assert detection.recall(flagged, targets, weights) == pytest.approx(1 / 2)


def test_figures_stand_within_their_intervals_and_are_the_same_again() -> None:
    generator = np.random.default_rng(1)
    targets = (generator.random(200) < 0.4).astype(float)
    scores = np.clip(targets * 0.3 + generator.random(200) * 0.7, 0, 1)
    known = Known(scores, targets, [f"group {place % 90}" for place in range(200)])
    figures = detection.measure(known, 0.5, seed=3)
    for name in ("auprc", "f1", "fpr", "recall"):
        assert figures[f"{name}_low"] < figures[name] < figures[f"{name}_high"]
    assert figures["positives"] + figures["negatives"] == 200
    assert figures["random"] == pytest.approx(targets.mean())
    assert figures == detection.measure(known, 0.5, seed=3)


def test_what_cannot_be_said_is_null_and_not_nought() -> None:
    none = detection.measure(Known(array(0.1, 0.2), array(0, 0), ["a", "b"]), 0.5, 0)
    assert (none["auprc"], none["recall"], none["fpr"]) == (None, None, 0.0)
    empty = detection.measure(Known(np.zeros(0), np.zeros(0), []), 0.5, 0)
    assert (empty["auprc"], empty["fpr"], empty["random"], empty["calibration_error"]) == (None, None, None, None)


def test_a_line_undoes_what_was_done_to_the_logits() -> None:
    generator = np.random.default_rng(2)
    truth = generator.normal(size=20_000)
    targets = (generator.random(20_000) < 1 / (1 + np.exp(-truth))).astype(float)
    line = detection.calibrate(3 * truth + 1, targets)
    assert line is not None
    assert line.slope == pytest.approx(1 / 3, abs=0.02)
    assert line.offset == pytest.approx(-1 / 3, abs=0.05)
    assert detection.calibration_error(line.probability(3 * truth + 1), targets) < 0.015


def test_too_few_or_the_wrong_way_round_get_no_line_of_their_own() -> None:
    assert detection.calibrate(array(1, 2, 3), array(0, 1, 1)) is None
    logits = np.linspace(-2, 2, 100)
    assert detection.calibrate(logits, (logits < 0).astype(float)) is None


def test_one_temperature_cools_what_is_too_sure() -> None:
    generator = np.random.default_rng(4)
    truth = generator.normal(size=5_000)
    targets = (generator.random(5_000) < 1 / (1 + np.exp(-truth))).astype(float)
    assert detection.calibrate_together(4 * truth, targets).slope == pytest.approx(0.25, rel=0.1)
    assert detection.calibrate_together(array(1.0), array(1.0)) == Line()


@pytest.mark.parametrize(("texts", "rate"), [(58, 0.05), (59, 0.05), (93, 0.05), (1000, 0.05), (4000, 0.01), (10, 0.0)])
def test_as_many_are_flagged_as_a_known_library_says_is_sure(texts: int, rate: float) -> None:
    allowed = detection.most_flagged(texts, rate)
    highest = [binomtest(flagged, texts).proportion_ci(0.9, "exact").high for flagged in range(texts // 10 + 1)]
    assert allowed == max((flagged for flagged, high in enumerate(highest) if high <= rate), default=None)


def test_a_threshold_keeps_its_promise_on_texts_that_it_has_not_seen() -> None:
    generator = np.random.default_rng(5)
    targets = np.repeat([1.0, 0.0], [40, 400])
    kept = 0
    for _ in range(200):
        drawn = detection.draw_threshold(generator.random(440), targets, 0.05)
        assert not drawn.is_default
        kept += 1 - drawn.value <= 0.05
    assert kept / 200 >= 0.92


def test_equal_scores_are_flagged_together_or_not_at_all() -> None:
    targets = np.repeat([1.0, 0.0], [25, 100])
    scores = np.r_[np.ones(25), np.repeat([0.7, 0.2], [20, 80])]
    drawn = detection.draw_threshold(scores, targets, 0.1)
    assert drawn.value == pytest.approx(0.85)


def test_too_few_texts_leave_the_default_unless_the_known_demand_more() -> None:
    many = np.linspace(0, 0.01, 500)
    rare = detection.draw_threshold(np.r_[0.02, many], np.r_[1.0, np.zeros(500)], 0.05)
    assert (rare.value, rare.is_default) == (0.5, True)
    alone = detection.draw_threshold(np.r_[np.ones(30), array(0.1)], np.r_[np.ones(30), 0.0], 0.05)
    assert (alone.value, alone.is_default) == (0.5, True)
    hard = detection.draw_threshold(array(0.9, 0.8, 0.1), array(1, 0, 0), 0.05)
    assert 0.8 < hard.value < 0.8001


def test_few_texts_do_where_they_have_shown_to_find_what_they_are_for() -> None:
    without = np.linspace(0, 0.2, 40)
    found = detection.draw_threshold(np.r_[0.6, 0.7, 0.8, 0.1, without], np.r_[np.ones(4), np.zeros(40)], 0.05)
    assert (found.is_default, found.value) == (False, pytest.approx(0.4, abs=0.01))
    # Two are chance, and so are three of many.
    for having in ([0.6, 0.7], [0.6, 0.7, 0.8, *[0.01] * 4]):
        few = detection.draw_threshold(np.r_[having, without], np.r_[np.ones(len(having)), np.zeros(40)], 0.05)
        assert (few.value, few.is_default) == (0.5, True)
    # Where all are far apart, what lies near nobody is not flagged.
    apart = detection.draw_threshold(np.r_[np.full(9, 0.9), np.full(100, 1e-9)], np.repeat([1.0, 0.0], [9, 100]), 0.05)
    assert apart.value == pytest.approx(0.45)


def test_without_a_text_that_lacks_it_nothing_is_promised_and_nothing_flagged() -> None:
    assert detection.draw_threshold(array(0.9), array(1), 0.05) == detection.Threshold(detection.NEVER, True)
    assert math.isnan(detection.average_precision(array(0.3), array(0)))
