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


@dataclass(frozen=True)
class Sampling:
    """How to draw the next token."""

    temperature: float
    top_p: float
    max_new_tokens: int


@dataclass(frozen=True)
class Written:
    """Token ids that a model wrote, without the one that ended them."""

    ids: list[int]
    finish_reason: str


def stream_seed(seed: int, prompt_id: str, index: int) -> int:
    """Derive the seed of one completion's random numbers, so that it needs no neighbours to be drawn again."""
    name = f"{seed}/{index}/{prompt_id}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8], "big") >> 1


@torch.inference_mode()
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

    Prompts are padded on the left and read once; the cache is then repeated for each completion. `barred_ids`
    are never written: a model must not open another speaker's turn.
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
    logits = seen.logits[:, -1].repeat_interleave(copies, dim=0)  # [prompts * copies, vocabulary]
    draws = _uniform([seed for row in seeds for seed in row], sampling.max_new_tokens).to(device)
    barred = torch.tensor(sorted(barred_ids), dtype=torch.long, device=device)
    ends = torch.tensor(sorted(stop_ids), device=device)
    is_done = torch.zeros(len(logits), dtype=torch.bool, device=device)
    lengths = torch.full((len(logits),), sampling.max_new_tokens, device=device)
    written = []
    for step in range(sampling.max_new_tokens):
        token = draw(logits.float().index_fill(1, barred, float("-inf")), draws[:, step], sampling)
        written.append(token)
        ends_now = torch.isin(token, ends) & ~is_done
        lengths = torch.where(ends_now, step, lengths)
        is_done = is_done | ends_now
        if bool(is_done.all()) or step == sampling.max_new_tokens - 1:
            break
        mask = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=1)
        position = position + 1
        logits = model(
            input_ids=token[:, None], attention_mask=mask, position_ids=position, past_key_values=cache
        ).logits[:, -1]
    columns = torch.stack(written, dim=1).tolist()
    rows = [
        Written(row[:end], "stop" if done else "length")
        for row, end, done in zip(columns, lengths.tolist(), is_done.tolist(), strict=True)
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
