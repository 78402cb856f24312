"""Losses of a policy, with their arithmetic written out, and their gradients checked."""

import math

import pytest
import torch

from training import policy_losses as losses

HALF = math.log(0.5)


def test_a_sample_is_compared_with_its_prompts_others() -> None:
    rewards = torch.tensor([[1.0, 2.0, 6.0], [0.0, 0.0, 0.0]])

    # The others of 1 are 4 on average, those of 2 are 3.5, those of 6 are 1.5.
    assert losses.leave_one_out(rewards).tolist() == [[-3.0, -1.5, 4.5], [0.0, 0.0, 0.0]]


def test_what_others_drew_weighs_as_much_as_it_is_likelier_here_up_to_a_limit() -> None:
    # A half of what it was, as it was, twice, eight times, and never to be drawn there at all.
    log_ratio = torch.tensor([HALF, 0.0, -HALF, -3 * HALF, float("-inf")], requires_grad=True)
    weights = losses.truncated_ratios(log_ratio, 2.0)

    assert weights.tolist() == pytest.approx([0.5, 1.0, 2.0, 2.0, 0.0])
    assert not weights.requires_grad
    # (0.5 + 1 + 2 + 2)^2 / (5 * (0.25 + 1 + 4 + 4)) = 30.25 / 46.25.
    assert losses.effective_share(weights) == pytest.approx(30.25 / 46.25)
    assert losses.effective_share(torch.ones(3)) == 1.0
    assert losses.effective_share(torch.zeros(3)) == 0.0


def test_a_group_is_measured_in_its_own_deviations() -> None:
    # Mean 3, deviation sqrt((4 + 4) / 1) = 2.8284.
    found = losses.group_normalised(torch.tensor([[1.0, 5.0], [2.0, 2.0]]))

    assert found[0].tolist() == pytest.approx([-2 / 2.8285, 2 / 2.8285], rel=1e-4)
    assert found[1].tolist() == [0.0, 0.0]


def test_advantages_look_ahead_within_their_completion() -> None:
    # Two completions, of two tokens and of one. Surprises: 0 + 0.5 - 1 = -0.5; 2 - 0.5 = 1.5; 3 - 1 = 2.
    rewards, values = torch.tensor([0.0, 2.0, 3.0]), torch.tensor([1.0, 0.5, 1.0])
    advantages, targets = losses.generalised_advantages(rewards, values, torch.tensor([0, 0, 1]), decay=0.5)

    assert advantages.tolist() == [-0.5 + 0.5 * 1.5, 1.5, 2.0]
    assert targets.tolist() == [1.25, 2.0, 3.0]


def test_a_step_gains_nothing_beyond_the_clip() -> None:
    log_ratio = torch.tensor([0.0, math.log(1.5), math.log(1.5), math.log(0.5)])
    advantages = torch.tensor([2.0, 2.0, -2.0, -2.0])

    found = losses.clipped_policy_loss(log_ratio, advantages, clip=0.2)

    # Ratio 1.5 counts as 1.2 where more would be a gain, in full where it is a loss; 0.5 counts as 0.8 likewise.
    assert found.tolist() == pytest.approx([-2.0, -2.4, 3.0, 1.6])


def test_a_first_step_is_reinforce() -> None:
    log_probs = torch.tensor([HALF, 2 * HALF], requires_grad=True)
    losses.clipped_policy_loss(log_probs - log_probs.detach(), torch.tensor([3.0, -1.0]), 0.2).sum().backward()

    assert log_probs.grad is not None
    assert log_probs.grad.tolist() == [-3.0, 1.0]


def test_a_value_is_held_near_what_it_was() -> None:
    found = losses.clipped_value_loss(torch.tensor([2.0, 0.1]), torch.zeros(2), torch.tensor([2.0, 1.0]), clip=0.2)

    # Held at 0.2: (0.2 - 2)^2 / 2, worse than the 0 that it claims; within the clip: (0.1 - 1)^2 / 2.
    assert found.tolist() == pytest.approx([1.62, 0.405])


def test_the_price_follows_its_target_by_a_fifth_at_most() -> None:
    assert losses.adapted_coefficient(0.1, divergence=12.0, target=6.0, samples=100, horizon=1000) == pytest.approx(
        0.1 * (1 + 0.2 * 0.1)
    )
    assert losses.adapted_coefficient(0.1, divergence=5.4, target=6.0, samples=100, horizon=1000) == pytest.approx(
        0.1 * (1 - 0.1 * 0.1)
    )


def test_preferences_without_a_reward_model() -> None:
    margins, weights = torch.tensor([2.0, 0.0]), torch.tensor([0.5, 0.5])

    right, even = -math.log(1 / (1 + math.exp(-1))), math.log(2)
    assert losses.dpo_loss(margins, weights, beta=0.5).item() == pytest.approx((right + even) / 2)
    wrong = -math.log(1 / (1 + math.exp(1)))
    smoothed = 0.9 * right + 0.1 * wrong
    assert losses.dpo_loss(margins, weights, 0.5, smoothing=0.1).item() == pytest.approx((smoothed + even) / 2)
    # Wanted: 1 / (2 * 0.5) = 1, so both are one away.
    assert losses.ipo_loss(margins, weights, beta=0.5).item() == pytest.approx(1.0)


def test_single_completions_are_wanted_or_not() -> None:
    found = losses.kto_loss(
        torch.tensor([3.0, 1.0]), torch.tensor([True, False]), torch.tensor(1.0), torch.tensor([0.5, 0.5]), beta=1.0
    )

    # 1 - sigmoid(3 - 1), and 1 - sigmoid(1 - 1).
    assert found.item() == pytest.approx(0.5 * (1 - 1 / (1 + math.exp(-2))) + 0.5 * 0.5)


def test_gradients_are_those_of_the_losses() -> None:
    torch.manual_seed(0)
    one = torch.randn(6, dtype=torch.float64, requires_grad=True)
    weights = torch.full((6,), 0.25, dtype=torch.float64)
    advantages = torch.randn(6, dtype=torch.float64)
    wanted = torch.tensor([True, False] * 3)
    aside = torch.tensor(0.3, dtype=torch.float64)
    for loss in (
        lambda x: losses.clipped_policy_loss(x / 10, advantages, 0.2).sum(),
        lambda x: losses.dpo_loss(x, weights, 0.3, 0.1),
        lambda x: losses.ipo_loss(x, weights, 0.3),
        lambda x: losses.kto_loss(x, wanted, aside, weights, 0.3),
        lambda x: losses.clipped_value_loss(x, torch.zeros_like(x), advantages, 5.0).sum(),
    ):
        assert torch.autograd.gradcheck(loss, (one,))
