import pytest

from training.metrics import Outcome, accuracy, outcome, ratio


@pytest.mark.parametrize(("better", "worse", "value"), [(2.0, 1.0, 1.0), (1.0, 2.0, 0.0), (1.0, 1.0, 0.5)])
def test_an_outcome_is_right_wrong_or_a_coin(better: float, worse: float, value: float) -> None:
    assert outcome("g", better, worse).value == value


def test_accuracy_is_the_mean_over_prompts_of_the_mean_over_their_pairs() -> None:
    outcomes = [Outcome("a", 1.0), Outcome("a", 0.0), Outcome("b", 1.0), Outcome("c", 0.5)]
    assert accuracy(outcomes, seed=0).accuracy == pytest.approx((0.5 + 1 + 0.5) / 3)
    two_prompts = [Outcome("a", 1.0, "first"), Outcome("a", 1.0, "first"), Outcome("a", 0.0, "second")]
    assert accuracy(two_prompts, seed=0).accuracy == 0.5


def test_the_interval_holds_the_accuracy_and_narrows_with_more_groups() -> None:
    few = accuracy([Outcome(f"g{index}", float(index % 4 != 0)) for index in range(40)], seed=0)
    many = accuracy([Outcome(f"g{index}", float(index % 4 != 0)) for index in range(4000)], seed=0)

    assert few.low < few.accuracy == 0.75 < few.high
    # Normal approximation: 1.96 * sqrt(.75 * .25 / n).
    assert many.high - many.low == pytest.approx(2 * 1.96 * (0.1875 / 4000) ** 0.5, rel=0.1)
    assert few.high - few.low == pytest.approx(2 * 1.96 * (0.1875 / 40) ** 0.5, rel=0.15)


def test_pairs_of_one_group_are_not_taken_for_independent() -> None:
    apart = accuracy([Outcome(f"g{index}", float(index % 2)) for index in range(400)], seed=0)
    together = accuracy([Outcome(f"g{index // 10}", float(index // 10 % 2)) for index in range(400)], seed=0)

    assert together.high - together.low == pytest.approx((apart.high - apart.low) * 10**0.5, rel=0.2)


def test_the_same_seed_gives_the_same_interval() -> None:
    outcomes = [Outcome(f"g{index}", float(index % 3 == 0)) for index in range(301)]
    assert accuracy(outcomes, seed=1) == accuracy(outcomes, seed=1)
    assert accuracy(outcomes, seed=1) != accuracy(outcomes, seed=2)


def test_nothing_to_judge_is_an_error() -> None:
    with pytest.raises(ValueError, match="no pair"):
        accuracy([], seed=0)


def test_a_ratio_of_sums_is_drawn_by_groups() -> None:
    mean, low, high = ratio(["a", "a", "b"], [1.0, 3.0, 2.0], [1.0, 1.0, 2.0], seed=0)
    assert mean == 1.5
    # Group a alone is 4/2, group b alone 2/2.
    assert (low, high) == (1.0, 2.0)
