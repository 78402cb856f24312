"""Losses that move a policy, and the advantages they weigh with, as pure functions.

Log-probabilities lie flat, [tokens], completion after completion; `owner`, [tokens], says whose each is. What a
completion is worth as a whole is [completions]; where prompts matter it is [prompts, samples]. The arithmetic is
written out in the tests.
"""

import torch
from torch import Tensor
from torch.nn import functional

# Keeps a group of equal rewards from being divided by nothing. Source: Shao et al. 2024, as published code has it.
SMALLEST_SPREAD = 1e-4


def per_completion(tokens: Tensor, owner: Tensor, completions: int) -> Tensor:
    """Sum what is said of tokens, [tokens], over each completion's: [completions]."""
    return torch.zeros(completions, dtype=tokens.dtype, device=tokens.device).index_add(0, owner, tokens)


def leave_one_out(rewards: Tensor) -> Tensor:
    """Return how much better each of a prompt's samples did than its others on average; [prompts, samples], both.

    Source: Ahmadian et al. 2024 (arXiv:2402.14740), equation 8; Kool et al. 2019.
    """
    samples = rewards.shape[1]
    others = (rewards.sum(dim=1, keepdim=True) - rewards) / (samples - 1)
    return rewards - others


def group_normalised(rewards: Tensor) -> Tensor:
    """Return each sample's distance from its prompt's mean in standard deviations; [prompts, samples], both.

    Source: Shao et al. 2024 (arXiv:2402.03300), section 4.1.2, outcome supervision.
    """
    spread = rewards.std(dim=1, keepdim=True)
    return (rewards - rewards.mean(dim=1, keepdim=True)) / (spread + SMALLEST_SPREAD)


def generalised_advantages(rewards: Tensor, values: Tensor, owner: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """Return advantages and the values' targets, [tokens] each, without discount.

    rewards: what each token brought; values: what was expected before it; both [tokens], and whatever follows a
    completion's last token is worth nothing.
    Source: Schulman et al. 2015 (arXiv:1506.02438), equation 16, gamma 1.
    """
    advantages = torch.zeros_like(values)
    carried = torch.zeros((), dtype=values.dtype, device=values.device)
    for place in range(len(values) - 1, -1, -1):
        is_last = place == len(values) - 1 or bool(owner[place + 1] != owner[place])
        following = torch.zeros_like(carried) if is_last else values[place + 1]
        surprise = rewards[place] + following - values[place]
        carried = surprise if is_last else surprise + decay * carried
        advantages[place] = carried
    return advantages, advantages + values


def clipped_policy_loss(log_ratio: Tensor, advantages: Tensor, clip: float) -> Tensor:
    """Return the loss of each action, the same shape: no gain from moving its probability by more than the clip.

    log_ratio: log-probability now minus that when it was drawn. Where both are equal the gradient is REINFORCE's.
    Source: Schulman et al. 2017 (arXiv:1707.06347), equation 7.
    """
    ratio = log_ratio.exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


def truncated_ratios(log_ratio: Tensor, most: float) -> Tensor:
    """Return what each action weighs that was drawn by another policy, the same shape; no gradient goes through it.

    log_ratio: its log-probability under the policy that learns minus that under the one that drew it. An action that
    has become likelier weighs `most` at most, so that a few do not speak for all.
    Source: Espeholt et al. 2018 (arXiv:1802.01561), section 4.1, rho; in language models Yao et al. 2025, "On the
    Rollout-Training Mismatch in Modern RL Systems", TIS.
    """
    return log_ratio.detach().exp().clamp(max=most)


def effective_share(weights: Tensor) -> float:
    """Return how many equally weighed actions these, [actions], are worth, as a share of them.

    Source: Kong 1992, "A note on importance sampling using standardized weights".
    """
    squares = float(weights.square().sum())
    return float(weights.sum()) ** 2 / (len(weights) * squares) if squares else 0.0


def clipped_value_loss(values: Tensor, before: Tensor, targets: Tensor, clip: float) -> Tensor:
    """Return half the squared error of each value, the worse of it and of the value held near what it was; [tokens].

    Source: Ouyang et al. 2022 (arXiv:2203.02155), appendix C.4, by way of the code of Ziegler et al. 2019.
    """
    held = before + (values - before).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - targets).square(), (held - targets).square())


def adapted_coefficient(coefficient: float, divergence: float, target: float, samples: int, horizon: int) -> float:
    """Return the penalty's coefficient after a round whose divergence from the start was this, nearer to its target.

    Source: Ziegler et al. 2019 (arXiv:1909.08593), section 2.2.
    """
    error = min(max(divergence / target - 1, -0.2), 0.2)
    return coefficient * (1 + error * samples / horizon)


def dpo_loss(margins: Tensor, weights: Tensor, beta: float, smoothing: float = 0.0) -> Tensor:
    """Sum the loss of preferences, the weights of one ranking summing to one.

    margins: [pairs], how much more the policy has come to prefer the better than the reference does, in log-odds.
    Source: Rafailov et al. 2023 (arXiv:2305.18290), equation 7; smoothing, Mitchell 2023, "cDPO".
    """
    loss = -(1 - smoothing) * functional.logsigmoid(beta * margins) - smoothing * functional.logsigmoid(-beta * margins)
    return (weights * loss).sum()


def ipo_loss(margins: Tensor, weights: Tensor, beta: float) -> Tensor:
    """Sum the squared distance of preferences, [pairs], from the margin that is wanted of them.

    Source: Azar et al. 2023 (arXiv:2310.12036), equation 17, tau being beta.
    """
    return (weights * (margins - 1 / (2 * beta)).square()).sum()


def kto_loss(gains: Tensor, is_wanted: Tensor, reference: Tensor, weights: Tensor, beta: float) -> Tensor:
    """Sum the loss of single completions, each wanted or not.

    gains: [completions], log-probability now minus the reference model's; reference: [], how far the policy is from
    it on completions that belong to other prompts, not below 0, and no gradient goes through it.
    Source: Ethayarajh et al. 2024 (arXiv:2402.01306), equation 8.
    """
    signed = torch.where(is_wanted, gains - reference, reference - gains)
    return (weights * (1 - torch.sigmoid(beta * signed))).sum()
