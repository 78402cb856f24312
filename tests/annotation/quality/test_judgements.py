from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.quality.agreement import alpha_of, krippendorff_alpha, ordinal
from annotation.quality.judgements import (
    Comparison,
    added,
    both_ways,
    compare_answers,
    distance_of,
    key_of,
    level_of,
    values_of,
)


def ranked(*tiers: list[int], **more: Any) -> dict[str, Any]:
    return {"tiers": list(tiers), "all_bad": False, "rationale": ""} | more


FORWARD, BACKWARD = ranked([1], [2], [3]), ranked([3], [2], [1])

answers = st.lists(st.integers(1, 5), min_size=2, max_size=6)


def total(found: list[Comparison]) -> Comparison:
    return sum(found, start=Comparison())


def alpha_from(found: list[Comparison], kind: str) -> float | None:
    met = total(found).coincidences
    return alpha_of(both_ways([values_of(name) for name in met], list(met.values())), distance_of(kind))


def test_each_ranking_is_compared_with_all_the_others() -> None:
    first, second, third = compare_answers("ranking", [FORWARD, FORWARD, BACKWARD])
    assert (first.others, first.compared, first.agreeing, first.agreement) == (2, 6, 3, 0.5)
    assert (first.decided, first.decided_alike, first.correlation) == (6, 3, 0)
    assert second == first
    assert (third.agreement, third.correlation) == (0, -2)


def test_a_tie_is_half_an_agreement_and_decides_nothing() -> None:
    first, _ = compare_answers("comparison", [ranked([1], [2]), ranked([1, 2])])
    assert (first.agreeing, first.compared, first.decided) == (0.5, 1, 0)


def test_where_all_are_bad_nothing_stands_above_anything() -> None:
    bad = BACKWARD | {"all_bad": True}
    first, second = compare_answers("ranking", [FORWARD, bad])
    assert first.agreement == second.agreement == 0.5
    assert compare_answers("ranking", [bad, FORWARD | {"all_bad": True}])[0].agreement == 1


def test_scores_agree_by_nearness_and_labels_by_what_they_share() -> None:
    near, far = ({"score": score} for score in (6, 2))
    first, _ = compare_answers("score", [near, far], scale=7)
    assert (first.agreement, first.decided_alike, first.correlation) == (pytest.approx(1 / 3), 0, 0)
    some, more = {"labels": ["spam", "toxic"]}, {"labels": ["toxic"]}
    assert compare_answers("labels", [some, more])[0].agreement == 0.5
    assert compare_answers("labels", [{"labels": []}, {"labels": []}])[0].agreement == 1
    assert compare_answers("labels", [some, {"labels": ["toxic", "spam"]}])[0].decided_alike == 1


@pytest.mark.parametrize("payloads", [[], [FORWARD]])
def test_one_answer_alone_is_compared_with_nothing(payloads: list[dict[str, Any]]) -> None:
    assert compare_answers("ranking", payloads) == [Comparison()] * len(payloads)
    assert Comparison().agreement is None
    assert level_of(None) == ""


@pytest.mark.parametrize(
    ("agreement", "level"),
    [(1, "agrees"), (0.8, "agrees"), (0.79, "mixed"), (0.5, "mixed"), (0.49, "disagrees"), (0, "disagrees")],
)
def test_levels(agreement: float, level: str) -> None:
    assert level_of(agreement) == level


@given(st.lists(answers, min_size=1, max_size=5))
def test_coincidences_of_single_answers_give_alpha_of_all(items: list[list[int]]) -> None:
    found = [one for item in items for one in compare_answers("score", [{"score": score} for score in item], scale=5)]
    counts = [{score: item.count(score) for score in item} for item in items]
    assert alpha_from(found, "score") == pytest.approx(krippendorff_alpha(counts, ordinal))


@given(st.lists(st.permutations([1, 2, 3, 4]), min_size=2, max_size=4))
def test_alpha_of_rankings_does_not_care_how_completions_are_numbered(orders: list[list[int]]) -> None:
    here = compare_answers("ranking", [ranked(*([pk] for pk in order)) for order in orders])
    there = compare_answers("ranking", [ranked(*([10 - pk] for pk in order)) for order in orders])
    alpha, again = alpha_from(here, "ranking"), alpha_from(there, "ranking")
    assert alpha == pytest.approx(again)
    assert alpha is not None
    assert math.isfinite(alpha)
    if all(order == orders[0] for order in orders):
        assert alpha == pytest.approx(1)


@given(answers)
def test_comparing_is_fair_to_everybody(scores: list[int]) -> None:
    found = compare_answers("score", [{"score": score} for score in scores], scale=5)
    turned = compare_answers("score", [{"score": score} for score in reversed(scores)], scale=5)
    assert [one.agreeing for one in found] == pytest.approx([one.agreeing for one in reversed(turned)])
    assert all(0 <= (one.agreement or 0) <= 1 for one in found)


def test_names_of_coincidences_are_read_back() -> None:
    assert values_of(key_of(["å", "b"], [])) == (("å", "b"), ())
    assert values_of(key_of(-1, 0)) == (-1, 0)
    assert added({"a": 1.0}, {"a": 2.0, "b": 3.0}) == {"a": 3.0, "b": 3.0}


def test_moderation_is_compared_where_both_said_yes_or_no() -> None:
    said = [{"hate": True, "violence": False}, {"hate": True, "violence": True}, {"violence": False}]
    first, second, third = compare_answers("moderation_label", [{"verdicts": verdicts} for verdicts in said])
    assert (first.compared, first.agreeing, first.decided, first.decided_alike) == (3, 2, 2, 1)
    assert (second.compared, second.agreeing) == (3, 1)
    assert (third.compared, third.agreeing, third.decided) == (2, 1, 1)
    # Two judged hate, three violence: each verdict counts once all the same.
    total = sum((first, second, third), start=Comparison()).coincidences
    assert total['[["hate", true], ["hate", true]]'] == 2
    assert sum(number for name, number in total.items() if "violence" in name) == pytest.approx(3)
