from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.quality.aggregation import Aggregation, Judged, aggregate
from training.ranking import RankingError, Tiers

# It needs numpy, which comes with training's packages.
pytestmark = pytest.mark.training

COMPLETIONS = ("a", "b", "c", "d")


def log_posterior(scores: Sequence[float], names: Sequence[str], rankings: list[tuple[Tiers, float]], fit: Aggregation):
    """The model as its formula stands in the docstring, set by set, for one item with all else given."""
    value = dict(zip(names, scores, strict=True))

    def weight(tier: Sequence[str], reliability: float) -> float:
        mean = sum(value[name] for name in tier) / len(tier)
        return fit.tie_weights[len(tier) - 1] * math.exp(reliability * mean)

    total = -sum(score**2 for score in scores) / (2 * fit.score_sd**2)
    for tiers, reliability in rankings:
        left = [name for tier in tiers for name in tier]
        for tier in tiers:
            sets = [one for size in range(1, len(left) + 1) for one in combinations(left, size)]
            total += math.log(weight(tier, reliability) / sum(weight(one, reliability) for one in sets))
            left = [name for name in left if name not in tier]
    return total


def draw_ranking(chance: random.Random, scores: dict[str, float], reliability: float, ties: Sequence[float]) -> Tiers:
    left, tiers = list(scores), []
    while left:
        sets = [one for size in range(1, len(left) + 1) for one in combinations(left, size)]
        weights = [
            ties[len(one) - 1] * math.exp(reliability * sum(scores[name] for name in one) / len(one)) for one in sets
        ]
        tiers.append(chance.choices(sets, weights)[0])
        left = [name for name in left if name not in tiers[-1]]
    return tuple(tiers)


def test_scores_are_where_the_posterior_is_highest_and_errors_how_sharply_it_falls() -> None:
    rankings = {
        ("x", "Ann"): (("a",), ("b", "c"), ("d",)),
        ("x", "Bo"): (("b",), ("a",), ("c",), ("d",)),
        ("x", "Cy"): (("d", "a"), ("b", "c")),
        ("y", "Ann"): (("c",), ("a",), ("b", "d")),
        ("y", "Bo"): (("c",), ("d",), ("a",), ("b",)),
        ("y", "Cy"): (("a", "b", "c", "d"),),
    }
    found = aggregate(Judged(item, judge, tiers) for (item, judge), tiers in rankings.items())

    assert found.converged
    for item in ("x", "y"):
        of_item = [(tiers, found.reliability[judge].value) for (one, judge), tiers in rankings.items() if one == item]
        scores = found.scores[item]
        best = log_posterior(scores.values, COMPLETIONS, of_item, found)
        step = 0.01
        for place in range(4):
            # Steps leave the sum of the scores alone: the posterior speaks of differences.
            moved = [[v + sign * step * ((n == place) - 0.25) for n, v in enumerate(scores.values)] for sign in (1, -1)]
            up, down = (log_posterior(one, COMPLETIONS, of_item, found) for one in moved)
            assert up == pytest.approx(best, abs=1e-3)
            assert up < best
            assert down < best
            # Twice as far as the scores are off by the precision asked for.
            assert (up - down) / (2 * step) == pytest.approx(0, abs=2e-3)


def test_two_completions_without_ties_are_bradley_terry() -> None:
    """600 of 800 verdicts: log(600 / 200), and se = 1 / sqrt(800 · ¾ · ¼); the prior weighs next to nothing."""
    one = [Judged("x", "Ann", (("a",), ("b",)))] * 600 + [Judged("x", "Ann", (("b",), ("a",)))] * 200
    scores = aggregate(one).scores["x"]
    assert scores.of("a").value - scores.of("b").value == pytest.approx(math.log(3), abs=0.01)
    # Half the distance each: its error is half the distance's.
    assert scores.of("a").standard_error == pytest.approx(1 / math.sqrt(800 * 3 / 16) / 2, abs=0.001)
    assert scores.preference("a", "b") == pytest.approx(0.75, abs=0.005)


def test_two_completions_with_ties_are_davidsons() -> None:
    """His estimates in closed form: score difference log(w / l), and nu = ties / sqrt(w · l)."""
    wins, losses, ties = 500, 200, 300
    given = [(("a",), ("b",))] * wins + [(("b",), ("a",))] * losses + [(("a", "b"),)] * ties
    found = aggregate(Judged("x", "Ann", tiers) for tiers in given)
    scores = found.scores["x"]
    assert scores.of("a").value - scores.of("b").value == pytest.approx(math.log(wins / losses), abs=0.02)
    assert found.tie_weights == pytest.approx((1.0, ties / math.sqrt(wins * losses)), abs=0.01)


def test_a_unanimous_verdict_has_a_finite_score_that_grows_with_its_judges() -> None:
    def distance(judges: int) -> float:
        scores = aggregate(Judged("x", n, (("a",), ("b",))) for n in range(judges)).scores["x"]
        return scores.of("a").value - scores.of("b").value

    assert 0 < distance(1) < distance(3) < distance(30) < 15
    one = aggregate([Judged("x", "Ann", (("a",), ("b",)))]).scores["x"]
    assert 0.5 < one.preference("a", "b") < 0.9
    assert one.preference("a", "b") + one.preference("b", "a") == pytest.approx(1)


def test_planted_reliabilities_and_scores_are_recovered() -> None:
    chance = random.Random(7)
    planted = {"coin": 0.1, "weak": 0.4, "usual": 1.0, "as usual": 1.0, "sharp": 1.8, "sharpest": 2.6}
    ties = (1.0, 0.5, 0.2, 0.1)
    truth, judged = {}, []
    for item in range(250):
        truth[item] = {name: chance.gauss(0, 1.5) for name in COMPLETIONS}
        for judge in chance.sample(list(planted), 4):
            judged.append(Judged(item, judge, draw_ranking(chance, truth[item], planted[judge], ties)))
    found = aggregate(judged)

    assert found.converged
    # Reliability is relative: the geometric mean of all judges is 1.
    middle = math.exp(sum(map(math.log, planted.values())) / len(planted))
    for judge, reliability in planted.items():
        estimate = found.reliability[judge].value
        # Shrinkage pulls the extremes in: a coin comes out at .16, the sharpest at 2.3 instead of 3.4.
        assert estimate == pytest.approx(reliability / middle, rel=0.35, abs=0.1), judge
    assert found.reliability["coin"].value < found.reliability["weak"].value < found.reliability["usual"].value
    assert found.reliability["usual"].value < found.reliability["sharp"].value
    within = total = 0
    for item, scores in truth.items():
        mean = sum(scores.values()) / 4
        for name, score in scores.items():
            estimate = found.scores[item].of(name)
            within += abs(estimate.value - (score - mean) * middle) < 1.96 * estimate.standard_error
            total += 1
    assert 0.85 < within / total < 0.99


def test_a_reliable_judge_outweighs_two_who_toss_coins() -> None:
    chance = random.Random(3)
    judged = []
    for item in range(150):
        order = chance.sample(COMPLETIONS, 4)
        judged += [Judged(item, judge, tuple((name,) for name in order)) for judge in ("right", "right too")]
        for judge in ("coin", "other coin"):
            judged.append(Judged(item, judge, tuple((name,) for name in chance.sample(COMPLETIONS, 4))))
    judged += [
        Judged("last", "right", (("a",), ("b",), ("c",), ("d",))),
        Judged("last", "coin", (("d",), ("c",), ("b",), ("a",))),
        Judged("last", "other coin", (("d",), ("c",), ("b",), ("a",))),
    ]
    assert aggregate(judged).scores["last"].ranked == ("a", "b", "c", "d")


def test_partial_rankings_join_through_what_they_share() -> None:
    found = aggregate([Judged("x", "Ann", (("a",), ("b",))), Judged("x", "Bo", (("b",), ("c",)))])
    assert found.scores["x"].ranked == ("a", "b", "c")
    assert found.scores["x"].judges == 2


def test_nothing_judged_and_a_single_completion_are_no_trouble() -> None:
    assert aggregate([]).scores == {}
    alone = aggregate([Judged("x", "Ann", (("a",),))])
    assert alone.scores["x"].of("a").value == 0
    assert alone.reliability["Ann"].value == 1


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        ((), "is empty"),
        ((("a",), ("a",)), "places one twice"),
        (tuple((f"c{n}",) for n in range(10)), "has 10 completions; at most 9"),
    ],
)
def test_what_is_no_ranking_is_refused_by_name(tiers: Tiers, words: str) -> None:
    with pytest.raises(RankingError, match=words):
        aggregate([Judged("x", "Ann", tiers)])


@st.composite
def judgements(draw: st.DrawFn) -> list[Judged]:
    given = []
    for item in range(draw(st.integers(1, 3))):
        names = [f"c{n}" for n in range(draw(st.integers(2, 5)))]
        for judge in range(draw(st.integers(1, 3))):
            levels = {name: draw(st.integers(0, 3)) for name in names}
            tiers = tuple(tuple(n for n in names if levels[n] == at) for at in sorted(set(levels.values())))
            given.append(Judged(item, judge, tiers))
    return given


@settings(max_examples=40, deadline=None)
@given(judgements(), st.randoms(use_true_random=False))
def test_neither_the_order_of_judgements_nor_the_names_of_completions_matter(
    given: list[Judged], chance: random.Random
) -> None:
    rename = {f"c{n}": name for n, name in enumerate(chance.sample("abcdefghij", 5))}
    other = [Judged(j.item, j.judge, tuple(tuple(rename[name] for name in tier) for tier in j.tiers)) for j in given]
    chance.shuffle(other)
    first, second = aggregate(given), aggregate(other)
    for item, scores in first.scores.items():
        assert math.fsum(scores.values) == pytest.approx(0, abs=1e-9)
        for name in scores.completions:
            there = second.scores[item].of(rename[name])
            assert scores.of(name).value == pytest.approx(there.value, abs=1e-6)
            assert scores.of(name).standard_error == pytest.approx(there.standard_error, abs=1e-6)
            assert there.standard_error > 0
