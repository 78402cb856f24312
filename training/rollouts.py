"""What a policy writes for prompts, and how likely it, or another model, finds each of its tokens.

A prompt is read once for all its completions, when they are written (its cache is shared out) and when they are
scored (`attention.Layout`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training import data, generation
from training.attention import Layout
from training.chat import Chat, barred_ids
from training.data import Flat
from training.generation import Sampling, stream_seed
from training.model import next_logits, read
from training.policy_losses import per_completion
from training.records import Message
from training.tokenizer import decode_text


@dataclass(frozen=True)
class Prompt:
    """A question as people wrote it and as the model reads it."""

    prompt_id: str
    group: str
    messages: tuple[Message, ...]
    ids: list[int]


@dataclass(frozen=True)
class Rollout:
    """A prompt's completions, token by token, each with the token that ended it where it came to its end."""

    prompt: Prompt
    completions: list[list[int]]
    texts: list[str]
    has_ended: list[bool]

    @property
    def tokens(self) -> int:
        return len(self.prompt.ids) + sum(map(len, self.completions))


def write(
    model: PreTrainedModel,
    chat: Chat,
    prompts: Sequence[Prompt],
    *,
    copies: int,
    sampling: Sampling,
    seed: int,
    occasion: str,
) -> list[Rollout]:
    """Write `copies` completions for each prompt; what is drawn depends on seed, occasion, prompt and number alone.

    A prompt that is there twice gets twice as many.
    """
    numbers = numbers_of(prompts, copies)
    was_training = model.training
    written = generation.generate(
        model,
        [prompt.ids for prompt in prompts],
        [
            [stream_seed(seed, f"{occasion}/{prompt.prompt_id}", number) for number in own]
            for prompt, own in zip(prompts, numbers, strict=True)
        ],
        sampling,
        stop_ids=chat.stop_ids,
        barred_ids=barred_ids(chat),
        pad_id=chat.tokenizer.pad_token_id,
    )
    model.train(was_training)
    return [
        Rollout(
            prompt,
            [one.ids if one.ended_by is None else [*one.ids, one.ended_by] for one in completions],
            [decode_text(chat.tokenizer, one.ids) for one in completions],
            [one.finish_reason == "stop" for one in completions],
        )
        for prompt, completions in zip(prompts, written, strict=True)
    ]


def numbers_of(prompts: Sequence[Prompt], copies: int) -> list[range]:
    """Number each prompt's completions: where it is there twice, the second time goes on from the first."""
    met: Counter[str] = Counter()
    numbers = []
    for prompt in prompts:
        numbers.append(range(met[prompt.prompt_id], met[prompt.prompt_id] + copies))
        met[prompt.prompt_id] += copies
    return numbers


def owner_of(rollouts: Sequence[Rollout]) -> Tensor:
    """Number each token's completion, [tokens], in the order of `flat_completions`."""
    lengths = [len(one) for rollout in rollouts for one in rollout.completions]
    return torch.arange(len(lengths)).repeat_interleave(torch.tensor(lengths))


def flat_completions(groups: Sequence[tuple[Sequence[int], Sequence[Sequence[int]]]]) -> tuple[Flat, Tensor]:
    """Lay prompts end to end, each once before its completions; read what stands before every completion's tokens.

    Returns the rows and the tokens that follow the places read, [tokens].
    """
    ids: list[int] = []
    before: list[int] = []
    targets: list[int] = []
    for prompt, completions in groups:
        ids += prompt
        last_of_prompt = len(ids) - 1
        for completion in completions:
            before += [last_of_prompt, *range(len(ids), len(ids) + len(completion) - 1)]
            ids += completion
            targets += completion
    layout = Layout.of_rankings([(len(prompt), [len(one) for one in found]) for prompt, found in groups])
    return Flat(torch.tensor(ids), layout, torch.tensor(before)), torch.tensor(targets)


def log_probs(
    model: PreTrainedModel,
    groups: Sequence[tuple[Sequence[int], Sequence[Sequence[int]]]],
    *,
    temperature: float = 1.0,
    barred_ids: frozenset[int] = frozenset(),
) -> Tensor:
    """Return the log-probability of every token of the completions, [tokens], as the model draws it."""
    flat, targets = flat_completions(groups)
    logits = next_logits(model, flat).float() / temperature
    if barred_ids:
        names = torch.tensor(sorted(barred_ids), device=logits.device)
        logits = logits.index_fill(1, names, float("-inf"))
    return logits.log_softmax(dim=-1).gather(1, targets.to(logits.device)[:, None]).squeeze(1)


def completion_log_probs(
    model: PreTrainedModel, groups: Sequence[tuple[Sequence[int], Sequence[Sequence[int]]]]
) -> Tensor:
    """Return the log-probability of every completion, [completions]."""
    lengths = torch.tensor([len(one) for _, found in groups for one in found])
    found = log_probs(model, groups)
    owner = torch.arange(len(lengths)).repeat_interleave(lengths).to(found.device)
    return per_completion(found, owner, len(lengths))


def values(critic: Any, rollouts: Sequence[Rollout]) -> Tensor:
    """Return what a critic expects before every token of the completions, [tokens]."""
    flat, _ = flat_completions(groups_of(rollouts))
    found: Tensor = critic.score(read(critic, flat))
    return found.float().mean(dim=-1)


def groups_of(rollouts: Sequence[Rollout]) -> list[tuple[list[int], list[list[int]]]]:
    return [(rollout.prompt.ids, rollout.completions) for rollout in rollouts]


def passes(rollouts: Sequence[Rollout], forward_tokens: int) -> Iterator[list[int]]:
    """Cut rollouts, named by their places, into forward passes; a prompt's completions always share one."""
    yield from data.micro_batches([rollout.tokens for rollout in rollouts], forward_tokens)
