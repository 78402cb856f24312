"""Losses as pure functions of tensors; each names its source and has its arithmetic written out in the tests."""

import math

from torch import Tensor
from torch.nn import functional


def next_token_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Sum the cross-entropy of learned tokens, each given the tokens before it.

    logits: [learned, vocabulary]; targets: [learned]. Nothing is computed for tokens that are not learned. The sum,
    not the mean: the caller divides by the learned tokens of the whole step, so that no token weighs more for
    standing in a short micro-batch.
    Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", equation 1,
    restricted to the tokens of the answer.
    """
    return functional.cross_entropy(logits.float(), targets, reduction="sum")


def token_losses(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the cross-entropy of each learned token, [learned], of which `next_token_loss` is the sum."""
    return functional.cross_entropy(logits.float(), targets, reduction="none")


def score_magnitude_penalty(scores: Tensor) -> Tensor:
    """Sum the squared scores: a comparison fixes only differences, so something must hold the origin.

    scores: [completions]. Source: Eisenstein et al. 2023 (arXiv:2312.09244), section 2, centred rewards.
    """
    return scores.square().sum()


def perplexity(mean_loss: float) -> float:
    """Return exp(mean cross-entropy), held below what a float can carry."""
    return math.exp(min(mean_loss, 700.0))
