"""Sampling with a key-value cache, in batches, each completion with random numbers of its own.

A completion depends on model, prompt, seed and its own index; which prompts share its batch decides nothing but
the last bits of the arithmetic.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerFast

# Rows that have ended leave the batch when they are this share of it: to leave costs a copy of the cache.
LEAVING_SHARE = 0.25


@dataclass(frozen=True)
class Sampling:
    """How to draw the next token."""

    temperature: float
    top_p: float
    max_new_tokens: int


@dataclass(frozen=True)
class Written:
    """Token ids that a model wrote, without the one that ended them, which stands apart."""

    ids: list[int]
    finish_reason: str
    ended_by: int | None = None


def stream_seed(seed: int, prompt_id: str, index: int) -> int:
    """Derive the seed of one completion's random numbers, so that it needs no neighbours to be drawn again."""
    name = f"{seed}/{index}/{prompt_id}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8], "big") >> 1


# Not inference mode: weights that are spread over several processes cannot be gathered in it.
@torch.no_grad()
def generate(
    model: PreTrainedModel,
    prompts: Sequence[Sequence[int]],
    seeds: Sequence[Sequence[int]],
    sampling: Sampling,
    *,
    stop_ids: frozenset[int],
    barred_ids: frozenset[int] = frozenset(),
    pad_id: int,
) -> list[list[Written]]:
    """Write len(seeds[i]) completions of prompt i; every prompt needs equally many.

    Prompts are padded on the left and read once; the cache is then repeated for each completion. Those that have
    ended leave the batch as soon as they are a quarter of it. `barred_ids` are never written: a model must not open
    another speaker's turn.
    """
    model.eval()
    copies = len(seeds[0])
    device = model.device
    ids, mask = _pad_left(prompts, pad_id)
    ids, mask = ids.to(device), mask.to(device)
    positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
    cache = DynamicCache(config=model.config)
    seen = model(input_ids=ids, attention_mask=mask, position_ids=positions, past_key_values=cache, logits_to_keep=1)
    cache.batch_repeat_interleave(copies)
    mask = mask.repeat_interleave(copies, dim=0)
    position = positions[:, -1:].repeat_interleave(copies, dim=0)
    logits = seen.logits[:, -1].repeat_interleave(copies, dim=0)  # [rows at work, vocabulary]
    most = sampling.max_new_tokens
    draws = _uniform([seed for row in seeds for seed in row], most).to(device)
    barred = torch.tensor(sorted(barred_ids), dtype=torch.long, device=device)
    ends = torch.tensor(sorted(stop_ids), device=device)
    lengths = torch.full((len(logits),), most, device=device)
    written = torch.zeros(len(logits), most, dtype=torch.long, device=device)
    at_work = torch.arange(len(logits), device=device)
    is_done = torch.zeros(len(logits), dtype=torch.bool, device=device)
    for step in range(most):
        token = draw(logits.float().index_fill(1, barred, float("-inf")), draws[at_work, step], sampling)
        written[at_work, step] = token
        ends_now = torch.isin(token, ends) & ~is_done
        lengths[at_work[ends_now]] = step
        is_done = is_done | ends_now
        left = len(at_work) - int(is_done.sum())
        if not left or step == most - 1:
            break
        if left <= (1 - LEAVING_SHARE) * len(at_work):
            kept = (~is_done).nonzero().squeeze(1)
            cache.batch_select_indices(kept)
            at_work, token, mask, position = at_work[kept], token[kept], mask[kept], position[kept]
            is_done = torch.zeros(left, dtype=torch.bool, device=device)
        mask = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=1)
        position = position + 1
        logits = model(
            input_ids=token[:, None], attention_mask=mask, position_ids=position, past_key_values=cache
        ).logits[:, -1]
    rows = [
        Written(row[:end], "stop", row[end]) if end < most else Written(row, "length")
        for row, end in zip(written.tolist(), lengths.tolist(), strict=True)
    ]
    return [rows[start : start + copies] for start in range(0, len(rows), copies)]


def lengthen(
    model: PreTrainedModel,
    ids: Sequence[int],
    seed: int,
    sampling: Sampling,
    *,
    context: int,
    stop_ids: frozenset[int] = frozenset(),
    barred_ids: frozenset[int] = frozenset(),
) -> Iterator[list[int]]:
    """Go on from a text, however far, yielding what is new; the first of the draws, never the best of several.

    A model reads `context` tokens at most. Whenever they are full, it reads the newer half of them again and goes on
    from there: what lies further back is forgotten.
    """
    seen, left, part = list(ids), sampling.max_new_tokens, 0
    while left:
        window = seen[-context:] if not part and len(seen) < context else seen[-max(context // 2, 1) :]
        new = min(left, max(context - len(window), 1))
        ((written,),) = generate(
            model,
            [window],
            [[stream_seed(seed, "lengthen", part)]],
            replace(sampling, max_new_tokens=new),
            stop_ids=stop_ids,
            barred_ids=barred_ids,
            pad_id=0,
        )
        yield written.ids
        if written.finish_reason == "stop":
            return
        seen, left, part = seen + written.ids, left - new, part + 1


def go_on(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    ids: Sequence[int],
    seed: int,
    sampling: Sampling,
    context: int,
) -> Iterator[list[int]]:
    """Lengthen a raw text until its end, writing nothing but text."""
    ends = frozenset({tokenizer.eos_token_id} - {None})
    barred = frozenset(tokenizer.all_special_ids) - ends
    return lengthen(model, ids, seed, sampling, context=context, stop_ids=ends, barred_ids=barred)


def draw(logits: Tensor, uniform: Tensor, sampling: Sampling) -> Tensor:
    """Pick one token per row, [rows], by inverting the cumulative distribution at `uniform`, [rows].

    logits: [rows, vocabulary]. Top-p keeps the likeliest tokens up to and including the one that reaches the share.
    Source: Holtzman et al. 2020 (arXiv:1904.09751), section 3.1, nucleus sampling.
    """
    if sampling.temperature == 0:
        return logits.argmax(dim=-1)
    probabilities, order = (logits / sampling.temperature).softmax(dim=-1).sort(dim=-1, descending=True)
    reached = probabilities.cumsum(dim=-1)
    kept = probabilities * ((reached - probabilities) < sampling.top_p)
    ladder = kept.cumsum(dim=-1)
    target = uniform[:, None] * ladder[:, -1:]
    # Rounding may put the target on the ladder's very end: the last kept token is the highest answer.
    highest = (kept > 0).sum(dim=-1, keepdim=True) - 1
    place = torch.searchsorted(ladder, target, right=True).minimum(highest)
    return order.gather(1, place).squeeze(1)


def _uniform(seeds: Sequence[int], count: int) -> Tensor:
    """Draw each row's numbers in [0, 1) from a generator of its own: [rows, count]."""
    return torch.stack([torch.rand(count, generator=torch.Generator().manual_seed(seed)) for seed in seeds])


def _pad_left(prompts: Sequence[Sequence[int]], pad_id: int) -> tuple[Tensor, Tensor]:
    longest = max(len(prompt) for prompt in prompts)
    ids = torch.tensor([[*[pad_id] * (longest - len(prompt)), *prompt] for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    return ids, mask
