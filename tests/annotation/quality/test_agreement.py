from __future__ import annotations

import math
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.quality import agreement
from annotation.quality.agreement import (
    Interval,
    PairCount,
    alpha_of,
    bootstrap,
    cohen_kappa,
    coincidences,
    compare_rankings,
    fleiss_kappa,
    interval,
    krippendorff_alpha,
    nominal,
    observed_agreement,
    ordinal,
    pairwise_agreement,
    preferences,
    rank_correlation,
)
from tests.annotation.quality import real_judges
from training.ranking import Tiers, tiers_from_ranks

real = pytest.mark.skipif("BENNET_DATA" not in os.environ, reason="BENNET_DATA names no folder of real files")

LABELS = "abcd"
ABC = (("a",), ("b",), ("c",))
CBA = (("c",), ("b",), ("a",))
AB_TIED = (("a", "b"), ("c",))
ALL_TIED = (("a", "b", "c"),)


@st.composite
def rankings(draw: st.DrawFn) -> Tiers:
    return tiers_from_ranks({label: draw(st.integers(0, 3)) for label in LABELS})


values = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=30)
counted = st.lists(st.dictionaries(st.integers(1, 5), st.integers(1, 4), max_size=4), max_size=20)


# Rankings


@pytest.mark.parametrize(
    ("first", "second", "counts", "with_ties", "without"),
    [
        (ABC, ABC, PairCount(same=3), 1, 1),
        (ABC, CBA, PairCount(opposite=3), 0, 0),
        # a-b is tied by one alone; a-c and b-c are judged alike: (2 + ½) / 3.
        (ABC, AB_TIED, PairCount(same=2, half_tied=1), 2.5 / 3, 1),
        # a-c and b-c the other way round, a-b half: ½ / 3.
        (CBA, AB_TIED, PairCount(opposite=2, half_tied=1), 0.5 / 3, 0),
        (AB_TIED, AB_TIED, PairCount(same=2, tied=1), 1, 1),
        (ABC, ALL_TIED, PairCount(half_tied=3), 0.5, None),
        (ALL_TIED, ALL_TIED, PairCount(tied=3), 1, None),
        # Only a and c are ranked by both.
        (ABC, (("c",), ("a",), ("d",)), PairCount(opposite=1), 0, 0),
        (ABC, (("x",), ("y",)), PairCount(), None, None),
    ],
)
def test_rankings_are_compared_pair_by_pair(
    first: Tiers, second: Tiers, counts: PairCount, with_ties: float | None, without: float | None
) -> None:
    found = compare_rankings(first, second)
    assert found == counts
    assert (found.agreement, found.strict_agreement) == (with_ties, without)


def test_every_two_rankings_of_an_item_are_compared_however_many_it_has() -> None:
    # Three on the first item: ABC-ABC 3 alike, twice ABC-CBA 6 opposite. One on the second, two on the third.
    items = [[ABC, ABC, CBA], [ABC], [AB_TIED, ABC]]
    assert pairwise_agreement(items) == PairCount(same=5, opposite=6, half_tied=1)
    assert pairwise_agreement(items).agreement == pytest.approx(5.5 / 12)
    assert pairwise_agreement([]).agreement is None


@given(rankings(), rankings())
def test_pairwise_agreement_is_fair(first: Tiers, second: Tiers) -> None:
    found, reversed_second = compare_rankings(first, second), tuple(reversed(second))
    assert found == compare_rankings(second, first)
    assert found.compared == math.comb(len(LABELS), 2)
    assert compare_rankings(first, first).agreement == 1
    # Whoever turns their ranking round turns agreement round, too, except that ties stay ties.
    turned = compare_rankings(first, reversed_second)
    assert (turned.same, turned.opposite, turned.tied) == (found.opposite, found.same, found.tied)


@given(rankings(), rankings())
def test_two_strict_rankings_agree_by_half_of_one_plus_tau(first: Tiers, second: Tiers) -> None:
    strict = [tuple((label,) for tier in ranking for label in tier) for ranking in (first, second)]
    assert compare_rankings(*strict).agreement == pytest.approx((1 + rank_correlation(*strict)) / 2)


def test_tau_of_rankings_that_only_tie_is_a_number() -> None:
    assert rank_correlation(ABC, CBA) == -1
    # Two of two untied pairs alike, of three untied in the other: 2 / √(2·3).
    assert rank_correlation(AB_TIED, ABC) == pytest.approx(2 / math.sqrt(6))
    assert rank_correlation(ALL_TIED, ALL_TIED) == 1
    assert rank_correlation(ALL_TIED, ABC) == rank_correlation(ABC, ALL_TIED) == 0


def test_preferences_are_named_in_one_order_whatever_the_ranking() -> None:
    assert preferences((("b",), ("a", "c"))) == {("a", "b"): -1, ("a", "c"): 0, ("b", "c"): 1}


# Two judges


def test_cohen_by_hand() -> None:
    # Alike on 6 of 8; by chance (5·5 + 3·3) / 64 = 34/64: (48 - 34) / (64 - 34).
    first, second = list("yyyyynnn"), list("yyyynynn")
    assert observed_agreement(first, second) == 0.75
    assert cohen_kappa(first, second) == pytest.approx(14 / 30)


def test_weights_forgive_what_is_near() -> None:
    first, second = [1, 2, 3, 1], [1, 3, 3, 3]
    # Linear: (0 + 1 + 0 + 2) / 4 apart; by chance Σ |i - j| over all 16 pairs of (1,2,3,1) and (1,3,3,3) = 18 / 16.
    assert cohen_kappa(first, second, weights="linear") == pytest.approx(1 - (3 / 4) / (18 / 16))
    assert cohen_kappa([1, 1], [5, 1], weights="linear", categories=[1, 2, 3, 4, 5]) == pytest.approx(0)


def test_judges_who_use_one_value_agree_and_judges_of_nothing_do_not() -> None:
    assert cohen_kappa(["y", "y"], ["y", "y"]) == 1
    assert cohen_kappa([], []) is observed_agreement([], []) is None
    with pytest.raises(ValueError, match="shorter"):
        cohen_kappa(["y", "n"], ["y"])


@pytest.mark.training  # scikit-learn comes with the tests of training, not with those of the site
@settings(deadline=None)  # the first example pays for the import
@given(values, st.sampled_from(["equal", "linear", "quadratic"]))
def test_cohen_is_what_scikit_learn_finds(pairs: list[tuple[int, int]], weights: str) -> None:
    from sklearn.metrics import cohen_kappa_score

    first, second = (list(column) for column in zip(*pairs, strict=True))
    found = cohen_kappa(first, second, weights=weights)  # type: ignore[arg-type]
    if len({*first, *second}) == 1:
        assert found == 1  # where scikit-learn says NaN
    else:
        wanted = cohen_kappa_score(first, second, weights=None if weights == "equal" else weights)
        assert found == pytest.approx(wanted, abs=1e-9)


# Several judges


def test_fleiss_by_hand() -> None:
    # Agreement 1 and 1/3; shares y 4/6, n 2/6: (2/3 - 5/9) / (1 - 5/9).
    assert fleiss_kappa([{"y": 3}, {"y": 1, "n": 2}]) == pytest.approx((2 / 3 - 5 / 9) / (4 / 9))
    # Ten items, fourteen judges, five values: a textbook's example, which gives .210.
    table = """0 0 0 0 14  0 2 6 4 2  0 0 3 5 6  0 3 9 2 0  2 2 8 1 1
               7 7 0 0 0  3 2 6 3 0  2 5 3 2 2  6 5 2 1 0  0 2 2 3 7"""
    numbers = list(map(int, table.split()))
    items = [dict(enumerate(numbers[start : start + 5])) for start in range(0, 50, 5)]
    assert fleiss_kappa(items) == pytest.approx(0.210, abs=0.0005)


def krippendorffs_example() -> list[Counter[int]]:
    """Return twelve items and four judges with gaps: Krippendorff 2011, section D."""
    judges = (
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )
    columns = zip(*(line.split() for line in judges), strict=True)
    return [Counter(int(value) for value in column if value != ".") for column in columns]


@pytest.mark.parametrize(("distance", "alpha"), [(nominal, 0.743), (ordinal, 0.815), (interval, 0.849)])
def test_alpha_of_krippendorffs_own_example(distance: agreement.Distance, alpha: float) -> None:
    assert krippendorff_alpha(krippendorffs_example(), distance) == pytest.approx(alpha, abs=0.0005)


def test_alpha_by_hand() -> None:
    # Coincidences yy 2, yn 1, ny 1; y 3 times, n once, four in all: 1 - (2/4) / (2·3·1 / (4·3)) = 0.
    assert krippendorff_alpha([{"y": 2}, {"y": 1, "n": 1}]) == pytest.approx(0)
    assert coincidences([{"y": 2}, {"y": 1, "n": 1}, {"n": 1}]) == {("y", "y"): 2, ("y", "n"): 1, ("n", "y"): 1}


@pytest.mark.parametrize("figure", [fleiss_kappa, krippendorff_alpha])
def test_unanimous_judges_agree_and_single_judgements_are_not_compared(figure: Callable[[Any], float | None]) -> None:
    assert figure([{"y": 3}, {"y": 2}]) == 1
    assert figure([{"y": 1}, {"n": 1}, {}]) is None
    assert figure([{"y": 3}, {"y": 2}, {"n": 1}]) == 1


@given(counted)
def test_alpha_does_not_care_for_names_order_or_single_judgements(items: list[dict[int, int]]) -> None:
    found = krippendorff_alpha(items)
    renamed = [{str(-value): number for value, number in item.items()} for item in reversed(items)]
    again = krippendorff_alpha([*renamed, {"once": 1}])
    assert (found is None) == (again is None)
    if found is not None and again is not None:
        assert math.isfinite(found)
        assert found == pytest.approx(again)
        assert found <= 1


@given(counted, counted)
def test_coincidences_add_up(first: list[dict[int, int]], second: list[dict[int, int]]) -> None:
    together, added = coincidences(first + second), Counter(coincidences(first))
    added.update(coincidences(second))
    assert together == pytest.approx(dict(added))


@given(st.lists(st.dictionaries(st.sampled_from([0, 1]), st.integers(1, 3), max_size=2), max_size=12))
def test_all_distances_of_two_values_are_one(items: list[dict[int, int]]) -> None:
    assert krippendorff_alpha(items, ordinal) == pytest.approx(krippendorff_alpha(items, nominal))
    assert krippendorff_alpha(items, interval) == pytest.approx(krippendorff_alpha(items, nominal))


@given(values)
def test_with_many_items_alpha_of_two_judges_nears_fleiss(pairs: list[tuple[int, int]]) -> None:
    items = [Counter(pair) for pair in pairs * 200]
    alpha, kappa = krippendorff_alpha(items), fleiss_kappa(items)
    assert alpha == pytest.approx(kappa, abs=0.01)


# Intervals


def share_of(sums: Sequence[float]) -> float | None:
    return agreement.share(sums[0], sums[1])


def test_an_interval_is_the_same_for_the_same_seed_and_holds_the_figure() -> None:
    items = [(float(number % 3 > 0), 1.0) for number in range(90)]
    found = bootstrap(items, share_of, seed=7)
    assert found == bootstrap(items, share_of, seed=7)
    assert found != bootstrap(items, share_of, seed=8)
    assert found is not None
    assert found.low < 2 / 3 < found.high
    # The standard error of 2/3 among 90 is √(2/9/90) = .0497, so 95% of draws fall within about .097.
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.0497, rel=0.15)


def test_intervals_of_little() -> None:
    assert bootstrap([], share_of, seed=1) is bootstrap([(1, 1)], share_of, seed=1) is None
    assert bootstrap([(1, 1), (1, 1)], share_of, seed=1) == Interval(1, 1)
    assert bootstrap([(0, 0), (0, 0)], share_of, seed=1) is None
    # Draws without the only item that can be compared are left out.
    assert bootstrap([(0, 0), (1, 1)], share_of, seed=1) == Interval(1, 1)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(5, 5)), min_size=2, max_size=10), st.integers(0, 99))
def test_an_interval_lies_within_what_items_say(items: list[tuple[int, int]], seed: int) -> None:
    found = bootstrap(items, share_of, seed=seed, draws=50)
    shares = [alike / compared for alike, compared in items]
    assert found is not None
    assert min(shares) - 1e-9 <= found.low <= found.high <= max(shares) + 1e-9


def test_intervals_of_a_thousand_items_take_seconds() -> None:
    chance = random.Random(1)
    items = [[chance.random() for _ in range(28)] for _ in range(1000)]
    began = time.process_time()
    assert bootstrap(items, share_of, seed=1, draws=500) is not None
    assert time.process_time() - began < 5


# What others published with their data


@real
def test_pandalm() -> None:
    judges = real_judges.pandalm()
    pairs = [(judges[0], judges[1]), (judges[0], judges[2]), (judges[1], judges[2])]
    assert [cohen_kappa(*pair) for pair in pairs] == pytest.approx([0.8520, 0.8789, 0.8617], abs=0.00005)
    assert [observed_agreement(*pair) for pair in pairs] == pytest.approx([0.9129, 0.9289, 0.9179], abs=0.00005)
    items = [Counter(verdicts) for verdicts in zip(*judges, strict=True)]
    assert fleiss_kappa(items) == pytest.approx(0.8642, abs=0.00005)
    assert krippendorff_alpha(items) == pytest.approx(0.8642, abs=0.00005)


@real
def test_tulu() -> None:
    items = real_judges.tulu()
    assert (sum(map(len, items)), len(items)) == (592, 510)
    doubled = [[real_judges.preferred(row) for row in rows[:2]] for rows in items if len(rows) > 1]
    counts = pairwise_agreement(doubled)
    assert counts.compared == 66
    assert agreement.share(counts.same + counts.tied, counts.compared) == pytest.approx(0.5303, abs=0.00005)
    assert counts.agreement == pytest.approx(0.6818, abs=0.00005)
    verdicts = [Counter(v for row in rows for v in preferences(real_judges.preferred(row)).values()) for rows in items]
    assert krippendorff_alpha(verdicts) == pytest.approx(0.285, abs=0.0005)
    assert krippendorff_alpha(map(Counter, real_judges.acceptable(items))) == pytest.approx(0.439, abs=0.0005)


@real
def test_davidson() -> None:
    items = real_judges.davidson()
    began = time.process_time()
    assert krippendorff_alpha(items) == pytest.approx(0.5412, abs=0.00005)
    assert time.process_time() - began < 1
    assert len(items) == 14_965
    assert alpha_of(coincidences(items), ordinal) == krippendorff_alpha(items, ordinal)
