"""Losses as pure functions of tensors; each names its source and has its arithmetic written out in the tests."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class PairBatch:
    """The strict preferences of a batch of rankings, as indices into one flat vector of scores.

    better, worse, weight: [pairs]; the weights of one ranking sum to one.
    """

    better: Tensor
    worse: Tensor
    weight: Tensor

    def to(self, device: torch.device) -> "PairBatch":
        return PairBatch(self.better.to(device), self.worse.to(device), self.weight.to(device))


def next_token_loss(logits: Tensor, ids: Tensor, trained: Tensor) -> Tensor:
    """Sum the cross-entropy of every trained token given the tokens before it.

    logits: [batch, time, vocabulary]; ids: [batch, time]; trained: [batch, time], True where a token is
    to be learned. The first token of a row has nothing before it and is never learned. The sum, not the mean:
    the caller divides by the trained tokens of the whole step, so that no token weighs more for standing
    in a short micro-batch.
    Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", equation 1,
    restricted to the tokens of the answer.
    """
    learned = trained[:, 1:]
    return functional.cross_entropy(logits[:, :-1][learned].float(), ids[:, 1:][learned], reduction="sum")


def pairwise_ranking_loss(scores: Tensor, pairs: PairBatch) -> Tensor:
    """Sum, over rankings, the weighted mean of -log sigmoid(score of better - score of worse).

    scores: [completions]. Ties are not among the pairs. Each ranking counts once however many completions it has,
    because its pair weights are 1 / (its pairs); the caller divides by the rankings of the step.
    Source: Ouyang et al. 2022 (arXiv:2203.02155), equation 1; Bradley and Terry 1952.
    """
    margins = scores[pairs.better] - scores[pairs.worse]
    return (pairs.weight * functional.softplus(-margins)).sum()


def score_magnitude_penalty(scores: Tensor) -> Tensor:
    """Sum the squared scores: a comparison fixes only differences, so something must hold the origin.

    scores: [completions]. Source: Eisenstein et al. 2023 (arXiv:2312.09244), section 2, centred rewards.
    """
    return scores.square().sum()


def perplexity(mean_loss: float) -> float:
    """Return exp(mean cross-entropy), held below what a float can carry."""
    return math.exp(min(mean_loss, 700.0))
