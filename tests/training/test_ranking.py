import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.ranking import (
    RankingError,
    Tiers,
    pairs,
    positions,
    tau_b,
    tied_pairs,
    tiers_from_ranks,
    validate_tiers,
)


@st.composite
def rankings(draw: st.DrawFn) -> Tiers:
    ranks = draw(st.lists(st.integers(0, 4), min_size=2, max_size=9))
    return tiers_from_ranks({f"c{index}": rank for index, rank in enumerate(ranks)})


def test_a_whole_ranking_with_ties_is_accepted() -> None:
    assert validate_tiers([["b"], ["a", "c"]], ["a", "b", "c"]) == (("b",), ("a", "c"))


@pytest.mark.parametrize(
    ("tiers", "ids", "message"),
    [
        ([["a"], ["a", "b"]], ["a", "b"], "'a' is ranked twice"),
        ([["a"], ["z"]], ["a", "b"], "'z' does not belong"),
        ([["a"]], ["a", "b"], "'b' is not ranked"),
        ([["a"], [], ["b"]], ["a", "b"], "Tier 2 is empty"),
        ([["a"]], ["a"], "2 to 9 completions, not 1"),
        ([list("abcdefghij")], list("abcdefghij"), "2 to 9 completions, not 10"),
        ([["a"], ["b"]], ["a", "a"], "same completion twice"),
    ],
)
def test_what_is_no_ranking_is_refused_with_its_reason(tiers: list[list[str]], ids: list[str], message: str) -> None:
    with pytest.raises(RankingError, match=message):
        validate_tiers(tiers, ids)


def test_pairs_by_hand() -> None:
    implied = pairs([["a"], ["b", "c"], ["d"]])

    assert [(pair.better, pair.worse) for pair in implied] == [
        ("a", "b"), ("a", "c"), ("a", "d"), ("b", "d"), ("c", "d"),
    ]  # fmt: skip
    assert all(pair.weight == 1 / 5 for pair in implied)


def test_a_ranking_that_only_ties_implies_no_pair() -> None:
    assert pairs([["a", "b", "c"]]) == ()
    assert tied_pairs([["a", "b", "c"]]) == 3


@given(rankings())
def test_strict_and_tied_pairs_are_all_pairs(tiers: Tiers) -> None:
    completions = positions(tiers)
    assert len(pairs(tiers)) + tied_pairs(tiers) == math.comb(len(completions), 2)


@given(rankings())
def test_the_weights_of_a_ranking_sum_to_one(tiers: Tiers) -> None:
    implied = pairs(tiers)
    assert not implied or math.isclose(sum(pair.weight for pair in implied), 1)


@given(rankings())
def test_pairs_follow_the_tiers_and_tell_them_apart(tiers: Tiers) -> None:
    place = positions(tiers)
    implied = {(pair.better, pair.worse) for pair in pairs(tiers)}
    for left, right in combinations(place, 2):
        assert ((left, right) in implied) == (place[left] < place[right])
        assert ((right, left) in implied) == (place[right] < place[left])


def test_tau_b_by_hand() -> None:
    # Six pairs; the first ranking ties (c, d), the second ties (a, b). The four pairs that both order agree, and
    # each of the two orders five: 4 / sqrt(5 * 5).
    first = [["a"], ["b"], ["c", "d"]]
    assert tau_b(first, [["a", "b"], ["d"], ["c"]]) == pytest.approx(4 / 5)
    # This one ties none, so it orders six. Of the five pairs that both order only (a, b) disagrees: 4 - 1.
    assert tau_b(first, [["b"], ["a"], ["c"], ["d"]]) == pytest.approx(3 / math.sqrt(5 * 6))


def test_tau_b_of_a_ranking_that_only_ties_is_undefined() -> None:
    assert tau_b([["a", "b"]], [["a"], ["b"]]) is None


def test_tau_b_refuses_rankings_of_different_completions() -> None:
    with pytest.raises(RankingError, match="same completions"):
        tau_b([["a"], ["b"]], [["a"], ["c"]])


@given(rankings())
def test_a_ranking_agrees_with_itself_and_opposes_its_reverse(tiers: Tiers) -> None:
    if len(tiers) > 1:
        assert tau_b(tiers, tiers) == pytest.approx(1)
        assert tau_b(tiers, tiers[::-1]) == pytest.approx(-1)


def test_ranks_become_tiers() -> None:
    assert tiers_from_ranks({"a": 1, "b": 0, "c": 1}) == (("b",), ("a", "c"))
