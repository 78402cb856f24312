import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from training.ranking_losses import (
    PairBatch,
    davidson_loss,
    pairwise_ranking_loss,
    plackett_luce_loss,
    rao_kupper_loss,
    soft_target_loss,
    stage_batch,
)

NOBODY = PairBatch(torch.tensor([], dtype=torch.long), torch.tensor([], dtype=torch.long), torch.tensor([]))
ONE_PAIR = PairBatch(torch.tensor([0]), torch.tensor([1]), torch.ones(1))


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def test_pairwise_loss_by_hand() -> None:
    # One ranking of three (2 > 1, 2 > 0 with 0 and 1 tied: two pairs of weight 1/2) and one of two (3 > 4).
    scores = torch.tensor([0.0, 1.0, 2.0, 0.5, 1.5])
    pairs = PairBatch(torch.tensor([2, 2, 3]), torch.tensor([1, 0, 4]), torch.tensor([0.5, 0.5, 1.0]))

    by_hand = 0.5 * math.log(1 + math.exp(-1)) + 0.5 * math.log(1 + math.exp(-2)) + math.log(1 + math.exp(1))

    assert pairwise_ranking_loss(scores, pairs).item() == pytest.approx(by_hand, rel=1e-6)


def test_pairwise_loss_of_equal_scores_is_log_two_for_each_ranking() -> None:
    pairs = PairBatch(torch.tensor([0, 0, 1]), torch.tensor([1, 2, 2]), torch.full((3,), 1 / 3))
    assert pairwise_ranking_loss(torch.zeros(3), pairs).item() == pytest.approx(math.log(2))


def test_pairwise_loss_gradient() -> None:
    pairs = PairBatch(torch.tensor([0, 0, 1, 3]), torch.tensor([1, 2, 2, 4]), torch.tensor([1, 1, 1, 3]) / 3)
    scores = torch.randn(5, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)

    assert torch.autograd.gradcheck(lambda values: pairwise_ranking_loss(values, pairs), scores)


def test_pairwise_loss_survives_extreme_scores() -> None:
    scores = torch.tensor([-1e4, 1e4], requires_grad=True)
    loss = pairwise_ranking_loss(scores, PairBatch(torch.tensor([0]), torch.tensor([1]), torch.ones(1)))
    loss.backward()
    assert loss.item() == pytest.approx(2e4)
    assert scores.grad is not None
    assert scores.grad.tolist() == [-1.0, 1.0]


def test_a_margin_asks_for_a_distance() -> None:
    loss = pairwise_ranking_loss(torch.tensor([2.0, 0.5]), ONE_PAIR, torch.tensor([1.0]))
    assert loss.item() == pytest.approx(-math.log(sigmoid(1.5 - 1.0)))


def test_a_soft_target_is_a_cross_entropy() -> None:
    loss = soft_target_loss(torch.tensor([1.0, 0.0]), ONE_PAIR, torch.tensor([0.75]))
    assert loss.item() == pytest.approx(-0.75 * math.log(sigmoid(1)) - 0.25 * math.log(sigmoid(-1)), rel=1e-6)
    # Smallest where the scores say what people said: sigmoid(log 3) = 3/4.
    scores = torch.tensor([math.log(3.0), 0.0], requires_grad=True)
    soft_target_loss(scores, ONE_PAIR, torch.tensor([0.75])).backward()
    assert scores.grad is not None
    assert scores.grad.tolist() == pytest.approx([0, 0], abs=1e-6)


def test_rao_kupper_by_hand() -> None:
    # Strengths 4 and 1, θ = 2: P(better) = 4 / (4 + 2), P(worse) = 1 / (1 + 8), so P(tie) = 1 - 6/9 - 1/9 = 2/9.
    scores, threshold = torch.tensor([math.log(4.0), 0.0]), torch.tensor(math.log(2.0))
    assert rao_kupper_loss(scores, ONE_PAIR, NOBODY, threshold).item() == pytest.approx(-math.log(2 / 3), rel=1e-6)
    assert rao_kupper_loss(scores, NOBODY, ONE_PAIR, threshold).item() == pytest.approx(-math.log(2 / 9), rel=1e-5)


def test_davidson_by_hand() -> None:
    # Strengths 4 and 1, ν = 1/2: better 4, worse 1, tie ½ · √4 = 1, of 6 together.
    scores, prevalence = torch.tensor([math.log(4.0), 0.0]), torch.tensor(math.log(0.5))
    assert davidson_loss(scores, ONE_PAIR, NOBODY, prevalence).item() == pytest.approx(-math.log(4 / 6), rel=1e-6)
    assert davidson_loss(scores, NOBODY, ONE_PAIR, prevalence).item() == pytest.approx(-math.log(1 / 6), rel=1e-6)


@pytest.mark.parametrize("loss", [rao_kupper_loss, davidson_loss])
def test_ties_pull_together_and_what_happens_adds_up_to_one(
    loss: Callable[[Tensor, PairBatch, PairBatch, Tensor], Tensor],
) -> None:
    scores, tie = torch.tensor([1.3, -0.4], requires_grad=True), torch.tensor(0.6)
    turned = PairBatch(torch.tensor([1]), torch.tensor([0]), torch.ones(1))
    events = [
        loss(scores, ONE_PAIR, NOBODY, tie),
        loss(scores, turned, NOBODY, tie),
        loss(scores, NOBODY, ONE_PAIR, tie),
    ]
    assert sum(math.exp(-event.item()) for event in events) == pytest.approx(1, abs=1e-6)
    events[2].backward()
    assert scores.grad is not None
    assert scores.grad[0] > 0 > scores.grad[1]


def test_plackett_luce_by_hand() -> None:
    # Strengths 1, 2, 3, best first 2, 0, 1: 3/6 · 1/3, over two choices.
    scores = torch.log(torch.tensor([1.0, 2.0, 3.0]))
    loss = plackett_luce_loss(scores, stage_batch([[[2], [0], [1]]], [1.0]))
    assert loss.item() == pytest.approx(-math.log(3 / 6 * 1 / 3) / 2, rel=1e-6)


def test_a_tier_is_chosen_in_an_order_that_nobody_told() -> None:
    # Strengths 1, 2, 3 with 1 and 2 tied at the top: 2/6 · 3/(6 - 5/2), then the last one alone.
    scores = torch.log(torch.tensor([1.0, 2.0, 3.0]))
    loss = plackett_luce_loss(scores, stage_batch([[[1, 2], [0]]], [1.0]))
    assert loss.item() == pytest.approx(-math.log(2 / 6 * 3 / 3.5) / 2, rel=1e-6)


def test_rankings_of_unequal_length_stand_beside_each_other() -> None:
    scores = torch.tensor([0.3, -1.0, 2.0, 0.7, 0.1])
    apart = [plackett_luce_loss(scores, stage_batch([one], [2.0])) for one in ([[2], [0, 1]], [[3], [4]])]
    together = plackett_luce_loss(scores, stage_batch([[[2], [0, 1]], [[3], [4]]], [2.0, 2.0]))
    assert together.item() == pytest.approx(sum(one.item() for one in apart), rel=1e-6)
    # Of two, it is the pair's own loss.
    pair = PairBatch(torch.tensor([3]), torch.tensor([4]), torch.tensor([2.0]))
    assert apart[1].item() == pytest.approx(pairwise_ranking_loss(scores, pair).item(), rel=1e-6)


@pytest.mark.parametrize(
    "loss",
    [
        lambda scores, tie: pairwise_ranking_loss(scores, ONE_PAIR, torch.tensor([0.3])),
        lambda scores, tie: soft_target_loss(scores, ONE_PAIR, torch.tensor([0.8], dtype=torch.float64)),
        lambda scores, tie: rao_kupper_loss(scores, ONE_PAIR, ONE_PAIR, tie),
        lambda scores, tie: davidson_loss(scores, ONE_PAIR, ONE_PAIR, tie),
        lambda scores, tie: plackett_luce_loss(scores, stage_batch([[[2, 0], [1, 3]], [[1], [2]]], [1.0, 0.5])),
    ],
)
def test_gradients_are_those_of_differences(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    scores = torch.randn(4, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    tie = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(loss, (scores, tie))
