"""What a round's answers weigh that the policy did not draw, with the arithmetic written out."""

import math
from dataclasses import replace

import pytest
import torch

from training import rounds
from training.config import RLConfig
from training.rollouts import Prompt, Rollout
from training.rounds import Round

CONFIG = RLConfig.from_json(
    {"release": "r", "output": "o", "start": {"directory": "sft"}, "reward_models": ["rm"], "samples": 2}
)
# A prompt with an answer of two tokens and one of three.
WRITTEN = [Rollout(Prompt("p", "g", (), [1]), [[5, 6], [7, 8, 9]], ["a", "b"], [True, True])]
HERE = torch.tensor([0.5, 0.5, 0.25, 0.5, 0.5]).log()


def test_an_answer_weighs_as_a_whole_for_rloo_and_token_by_token_for_grpo() -> None:
    # Likelier here by 2 and by 3 times; half as likely, and twice nobody said.
    there = torch.tensor([0.25, 1 / 6, 0.5, math.nan, math.nan]).log()

    weights, figures = rounds.weighed(CONFIG, WRITTEN, HERE, there, most=4.0)
    assert weights.tolist() == pytest.approx([4.0, 4.0, 0.5, 0.5, 0.5])
    assert figures == pytest.approx(
        {"ratio": (6 + 0.5) / 2, "truncated_share": 0.5, "effective_share": 4.5**2 / (2 * (16 + 0.25))}
    )

    weights, figures = rounds.weighed(replace(CONFIG, algorithm="grpo"), WRITTEN, HERE, there, most=2.5)
    assert weights.tolist() == pytest.approx([2.0, 2.5, 0.5, 1.0, 1.0])
    assert figures["ratio"] == pytest.approx((2 + 3 + 0.5 + 1 + 1) / 5)
    assert figures["truncated_share"] == pytest.approx(1 / 5)


def test_an_answer_that_nobody_can_know_weighs_nothing() -> None:
    there = torch.tensor([math.inf, math.inf, math.nan, math.nan, math.nan])

    weights, figures = rounds.weighed(CONFIG, WRITTEN, HERE, there, most=2.0)
    assert weights.tolist() == [0.0, 0.0, 1.0, 1.0, 1.0]
    assert figures["effective_share"] == pytest.approx(0.5)


@pytest.mark.parametrize("algorithm", ["rloo", "grpo"])
def test_a_loss_is_weighed(algorithm: str) -> None:
    held = Round(WRITTEN, HERE.tolist(), [3.0, 3.0, -1.0, -1.0, -1.0], [], [], [2.0, 2.0, 0.5, 0.5, 0.5])
    config = replace(CONFIG, algorithm=algorithm)
    loss, ratios = rounds.policy_loss(config, held, [0], HERE, torch.arange(5), 2, 5)

    # Nothing has moved, so an answer's loss, or its mean over tokens, is minus what it is worth.
    assert float(loss) == pytest.approx((-3.0 * 2 + 1.0 * 0.5) / 2)
    assert ratios.tolist() == [1.0] * len(ratios)
    alone, _ = rounds.policy_loss(config, replace(held, weights=[]), [0], HERE, torch.arange(5), 2, 5)
    assert float(alone) == pytest.approx((-3.0 + 1.0) / 2)


def test_what_another_policy_drew_teaches_on_average_what_ones_own_would() -> None:
    """Three answers of one token: each taken as often as the other policy draws it, weighed by the ratio."""
    scores = torch.tensor([0.3, -0.2, 0.9], requires_grad=True)
    there, worth = torch.tensor([0.6, 0.3, 0.1]), [1.0, 2.0, -1.0]
    arms = [Rollout(Prompt("p", "g", (), [1]), [[arm] for arm in range(3)], ["", "", ""], [True] * 3)]
    now = scores.log_softmax(0)
    weights, _ = rounds.weighed(CONFIG, arms, now.detach(), there.log(), most=100.0)
    held = Round(arms, now.tolist(), worth, [], [], (weights * there).tolist())
    loss, _ = rounds.policy_loss(CONFIG, held, [0], now, torch.arange(3), 1, 3)
    (found,) = torch.autograd.grad(loss, scores, retain_graph=True)

    (wanted,) = torch.autograd.grad(-(now.exp() * torch.tensor(worth)).sum(), scores)
    assert torch.allclose(found, wanted, atol=1e-6)


def test_a_round_reads_back_also_from_before_there_were_weights() -> None:
    held = Round(WRITTEN, [0.1], [0.2], [], [], [0.3])
    plain, known = held.to_json(), {"p": WRITTEN[0].prompt}

    assert Round.from_json(plain, known) == held
    plain.pop("weights")
    assert Round.from_json(plain, known) == replace(held, weights=[])
