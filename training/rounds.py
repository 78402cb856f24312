"""What a round of reinforcement holds, whose prompts it answers, and what its steps learn from it.

Nothing here runs a model: a round is played and learned from in `rl`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from training import rollouts
from training.config import RLConfig
from training.policy_losses import clipped_policy_loss, effective_share, per_completion, truncated_ratios
from training.rollouts import Prompt, Rollout


@dataclass(frozen=True)
class Round:
    """What a round's steps learn from, answers in the order of their prompts, numbers token by token.

    log_probs: before the first step. advantages: how much better than expected, for each token; targets and values: of
    the critic, empty without one. weights: what each token's loss weighs, empty where the policy drew it itself.
    """

    written: list[Rollout]
    log_probs: list[float]
    advantages: list[float]
    targets: list[float]
    values: list[float]
    weights: list[float] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any], known: Mapping[str, Prompt]) -> "Round":
        written = [
            Rollout(known[one["prompt"]["prompt_id"]], one["completions"], one["texts"], one["has_ended"])
            for one in value["written"]
        ]
        log_probs, advantages, targets, values = (
            value[name] for name in ("log_probs", "advantages", "targets", "values")
        )
        # A round that was written before there were weights has none.
        return cls(written, log_probs, advantages, targets, values, value.get("weights", []))


def prompts_of(number: int, prompts: Sequence[Prompt], config: RLConfig) -> list[Prompt]:
    """Go through the prompts in a new order every time round."""
    found: list[Prompt] = []
    for place in range(number * config.prompts_per_round, (number + 1) * config.prompts_per_round):
        epoch, at = divmod(place, len(prompts))
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + epoch)
        found.append(prompts[int(torch.randperm(len(prompts), generator=generator)[at])])
    return found


def minibatch(prompts: int, number: int, update: int, config: RLConfig) -> list[int]:
    """Name the prompts of a step: each pass shuffles the round's and cuts them into minibatches."""
    once, part = divmod(update, config.minibatches)
    if config.steps_per_round == 1:
        return list(range(prompts))
    seed = (config.seed * 1_000_003 + number) * config.passes + once
    order = torch.randperm(prompts, generator=torch.Generator().manual_seed(seed)).tolist()
    return sorted(order[part :: config.minibatches])


def places(written: Sequence[Rollout]) -> list[tuple[int, int]]:
    """Say where each prompt's tokens stand among all tokens of a round."""
    found, start = [], 0
    for one in written:
        size = sum(map(len, one.completions))
        found.append((start, start + size))
        start += size
    return found


def policy_loss(
    config: RLConfig, held: Round, batch: Sequence[int], now: Tensor, picked: Tensor, completions: int, tokens: int
) -> tuple[Tensor, Tensor]:
    """Return a pass's share of the policy's loss in a step, and how much likelier each action has become.

    batch: the prompts of the pass; now: what their tokens' log-probabilities are, [picked], and picked: where those
    stand in the round. completions and tokens: how many the whole step has.
    """
    written = [held.written[place] for place in batch]
    before, advantages = (
        torch.tensor(numbers, device=now.device)[picked] for numbers in (held.log_probs, held.advantages)
    )
    owner = rollouts.owner_of(written).to(now.device)
    count = sum(len(one.completions) for one in written)
    log_ratio = now - before
    weights = torch.tensor(held.weights, device=now.device)[picked] if held.weights else torch.ones_like(before)
    if config.algorithm == "rloo":
        # An answer is one action: its tokens share what it is worth.
        none = torch.zeros(count, dtype=advantages.dtype, device=now.device)
        first, weights = none.index_copy(0, owner, advantages), none.index_copy(0, owner, weights)
        log_ratio = per_completion(log_ratio, owner, count)
        loss = (weights * clipped_policy_loss(log_ratio, first, config.clip)).sum() / completions
    elif config.algorithm == "grpo":
        lengths = per_completion(torch.ones_like(now), owner, count)
        losses = weights * clipped_policy_loss(log_ratio, advantages, config.clip)
        loss = (per_completion(losses, owner, count) / lengths).sum() / completions
    else:
        loss = clipped_policy_loss(log_ratio, advantages, config.clip).sum() / tokens
    return loss, log_ratio.detach().exp()


def weighed(
    config: RLConfig, written: Sequence[Rollout], log_probs: Tensor, behind: Tensor, most: float
) -> tuple[Tensor, dict[str, float]]:
    """Return what each token weighs that others drew, [tokens], and how far they are from the policy.

    log_probs: the policy's own; behind: theirs, NaN where it is not known and taken to be the same, infinite where an
    answer is not to be learned from. An action is an answer for rloo, whose parts weigh the same, else a token.
    """
    owner = rollouts.owner_of(written)
    log_ratio = torch.where(behind.isnan(), torch.zeros_like(log_probs), log_probs - behind)
    if config.algorithm == "rloo":
        log_ratio = per_completion(log_ratio, owner, sum(len(one.completions) for one in written))
    weights = truncated_ratios(log_ratio, most)
    figures = {
        # Finite even of an action that the others would all but never have drawn.
        "ratio": float(log_ratio.clamp(max=20).exp().mean()),
        "truncated_share": float((log_ratio > math.log(most)).float().mean()),
        "effective_share": effective_share(weights),
    }
    return weights[owner] if config.algorithm == "rloo" else weights, figures


def summary(written: Sequence[Rollout], judged: Tensor, divergence: Tensor, log_probs: Tensor) -> dict[str, float]:
    """Describe answers: what they are worth, how far from the start, how long, how sure, and how they end."""
    kl = float(divergence.mean())
    lengths = [len(completion) for one in written for completion in one.completions]
    ended = [has_ended for one in written for has_ended in one.has_ended]
    return {
        "reward": float(judged.mean()),
        "kl": kl,
        "sqrt_kl": math.sqrt(max(kl, 0.0)),
        "length": sum(lengths) / len(lengths),
        "entropy": float(-log_probs.mean()),
        "eos_share": sum(ended) / len(ended),
    }
