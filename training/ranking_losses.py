"""Losses that read a ranking as a ranking: ties are judgements, strength is a distance, several people are one vote.

Each is a pure function of flat scores, sums over rankings and weighs each ranking once, however many completions it
has; the caller divides by the rankings of the step. Their arithmetic is written out in the tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class PairBatch:
    """Pairs of a batch of rankings, as indices into one flat vector of scores.

    better, worse, weight: [pairs]; weights of one ranking sum to one. Where a pair is a tie, the names mean nothing.
    """

    better: Tensor
    worse: Tensor
    weight: Tensor

    def to(self, device: torch.device) -> "PairBatch":
        return PairBatch(self.better.to(device), self.worse.to(device), self.weight.to(device))

    def differences(self, scores: Tensor) -> Tensor:
        return scores[self.better] - scores[self.worse]


@dataclass(frozen=True)
class StageBatch:
    """Rankings as choices, one after another, of what is best of what is left.

    index: [rankings, most] into the flat scores, 0 where a ranking has fewer completions; real: the same shape, false
    there. log_share: [rankings, most, most], the logarithm of how much of each completion is left to choose from when
    one is chosen; -inf where it has been chosen before. weight: [rankings].
    """

    index: Tensor
    real: Tensor
    log_share: Tensor
    weight: Tensor

    def to(self, device: torch.device) -> "StageBatch":
        return StageBatch(*(one.to(device) for one in (self.index, self.real, self.log_share, self.weight)))


def pairwise_ranking_loss(scores: Tensor, pairs: PairBatch, margins: Tensor | None = None) -> Tensor:
    """Sum, over rankings, the weighted mean of -log sigmoid(score of better - score of worse - margin).

    scores: [completions]; margins: [pairs], how far apart the two should be at least. Ties are not among the pairs.
    Source: Ouyang et al. 2022 (arXiv:2203.02155), equation 1; with margins Touvron et al. 2023 (arXiv:2307.09288),
    equation 2.
    """
    differences = pairs.differences(scores)
    if margins is not None:
        differences = differences - margins
    return (pairs.weight * functional.softplus(-differences)).sum()


def soft_target_loss(scores: Tensor, pairs: PairBatch, targets: Tensor) -> Tensor:
    """Sum the weighted cross-entropy between P(first better), [pairs], as people had it and as the scores have it.

    Source: Christiano et al. 2017 (arXiv:1706.03741), section 2.2.3, whose μ is the target.
    """
    differences = pairs.differences(scores)
    losses = targets * functional.softplus(-differences) + (1 - targets) * functional.softplus(differences)
    return (pairs.weight * losses).sum()


def rao_kupper_loss(scores: Tensor, pairs: PairBatch, ties: PairBatch, threshold: Tensor) -> Tensor:
    """Sum the weighted -log P of strict preferences and ties: what differs by less than a threshold is often tied.

    threshold: scalar above 0, log θ of the paper. P(better) = σ(d - threshold);
    P(tie) = (exp(2 threshold) - 1) σ(d - threshold) σ(-d - threshold).
    Source: Rao and Kupper 1967, "Ties in Paired-Comparison Experiments", equations 2.2 and 2.3.
    """
    strict = functional.softplus(threshold - pairs.differences(scores))
    apart = ties.differences(scores)
    tied = functional.softplus(threshold - apart) + functional.softplus(threshold + apart)
    tied = tied - torch.log(torch.expm1(2 * threshold))
    return (pairs.weight * strict).sum() + (ties.weight * tied).sum()


def davidson_loss(scores: Tensor, pairs: PairBatch, ties: PairBatch, log_prevalence: Tensor) -> Tensor:
    """Sum the weighted -log P of strict preferences and ties: a tie is likeliest between equals, ν times a win.

    log_prevalence: scalar, log ν. With d the difference, better, worse and tie are to one another as
    exp(d/2), exp(-d/2) and ν.
    Source: Davidson 1970, "On Extending the Bradley-Terry Model to Accommodate Ties", equation 2.5.
    """

    def log_all(differences: Tensor) -> Tensor:
        half = differences / 2
        return torch.logsumexp(torch.stack([half, -half, log_prevalence.expand_as(half)]), dim=0)

    won, apart = pairs.differences(scores), ties.differences(scores)
    strict = log_all(won) - won / 2
    tied = log_all(apart) - log_prevalence
    return (pairs.weight * strict).sum() + (ties.weight * tied).sum()


def plackett_luce_loss(scores: Tensor, stages: StageBatch) -> Tensor:
    """Sum -log P of rankings as choices of the best of what is left, each divided by its choices, K - 1.

    Those of one tier were chosen in an order that nobody told: each is chosen while a share of its tier, on average,
    is still there.
    Source: Plackett 1975; Luce 1959; ties after Efron 1977, "The Efficiency of Cox's Likelihood Function for Censored
    Data", section 6.
    """
    placed = scores[stages.index]  # [rankings, most]
    left = torch.logsumexp(placed[:, None, :] + stages.log_share, dim=2)
    chosen = torch.where(stages.real, left - placed, 0.0).sum(dim=1)
    choices = (stages.real.sum(dim=1) - 1).clamp(min=1)
    return (stages.weight * chosen / choices).sum()


def stage_batch(rankings: Sequence[Sequence[Sequence[int]]], weights: Sequence[float]) -> StageBatch:
    """Lay out rankings, each as tiers of places in the flat scores, the best first."""
    most = max(sum(map(len, tiers)) for tiers in rankings)
    index = torch.zeros(len(rankings), most, dtype=torch.long)
    real = torch.zeros(len(rankings), most, dtype=torch.bool)
    share = torch.zeros(len(rankings), most, most)
    for row, tiers in enumerate(rankings):
        start = 0
        size = sum(map(len, tiers))
        for tier in tiers:
            end = start + len(tier)
            index[row, start:end] = torch.tensor(tier)
            real[row, start:end] = True
            for turn in range(len(tier)):
                share[row, start + turn, start:end] = 1 - turn / len(tier)
                share[row, start + turn, end:size] = 1
            start = end
        # What is no completion chooses the first place, so that its logarithm is a number; it is not summed.
        share[row, size:, 0] = 1
    return StageBatch(index, real, share.log(), torch.tensor(weights))
