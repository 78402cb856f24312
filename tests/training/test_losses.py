import math

import pytest
import torch

from training.losses import next_token_loss, perplexity, score_magnitude_penalty


def test_next_token_loss_by_hand() -> None:
    # Two words; the model gives probability 1/4 to word 0 everywhere. Learned are words 1, 0 and 1.
    logits = torch.log(torch.tensor([0.25, 0.75])).expand(3, 2)
    by_hand = -math.log(0.75) - math.log(0.25) - math.log(0.75)

    assert next_token_loss(logits, torch.tensor([1, 0, 1])).item() == pytest.approx(by_hand, rel=1e-6)


def test_next_token_loss_gradient() -> None:
    logits = torch.randn(4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([0, 4, 2, 2])
    next_token_loss(logits.requires_grad_(), targets).backward()

    assert logits.grad is not None
    expected = logits.softmax(-1).detach()
    expected[torch.arange(4), targets] -= 1
    # Single precision is forced inside.
    torch.testing.assert_close(logits.grad, expected, rtol=1e-5, atol=1e-6)


def test_score_magnitude_penalty_by_hand() -> None:
    assert score_magnitude_penalty(torch.tensor([1.0, -2.0])).item() == 5.0


def test_perplexity_by_hand() -> None:
    assert perplexity(math.log(7)) == pytest.approx(7)
    assert math.isfinite(perplexity(1e9))
