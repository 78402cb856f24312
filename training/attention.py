"""Attention over rows that lie end to end: documents that do not see each other, completions that share a prompt.

A batch is one flat row of tokens and a `Layout`: ranges that attend to themselves, causally, and ranges that read a
prompt's tokens besides their own. So there is no padding, and a prompt with K completions is computed once. A
completion's attention is that over the prompt and that over itself, merged by their log-sum-exps; backward, each part
is given the merged output and log-sum-exp, which makes its share of the softmax's gradient exact.

It enters every architecture at one place, the attention function that transformers looks up by name. Where a model
asks for more than these kernels do (soft-capped scores, a window shorter than the row) a mask does it, exactly but
with work that grows with the square of the batch: `dense_reason` says so before it is met.

Sources: the merge of partial softmaxes, Milakov and Gimelshein 2018 (arXiv:1805.02867), section 3; its backward, Dao
et al. 2022 (arXiv:2205.14135), appendix B.2; several answers behind one prompt, Wang and Hegde 2024
(arXiv:2410.20305), section 3.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel

from training import attention_cuda

NAME = "bennet_ranges"
# torch's processor kernel goes backward faster in float32 than in bfloat16 on ranges shorter than this.
LONG_RANGE = 400

_forward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
_backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward


@dataclass(frozen=True, eq=False)
class Layout:
    """Where what lies in a flat row of tokens.

    own: [ranges, 2], (start, end) of every range that attends to itself, causally; the ranges cover the row.
    shared: [ranges, 4], (start, end, prompt start, prompt end): tokens of these also read all of the prompt's.
    positions: [tokens], each token's place in its conversation. All on the processor.
    """

    own: Tensor
    shared: Tensor
    positions: Tensor

    @classmethod
    def of_documents(cls, lengths: Sequence[int]) -> "Layout":
        """Lay documents end to end."""
        return cls.of_rankings([(length, ()) for length in lengths])

    @classmethod
    def of_rankings(cls, rankings: Sequence[tuple[int, Sequence[int]]]) -> "Layout":
        """Lay out (prompt length, completion lengths): each prompt, then its completions, as if each followed it."""
        own, shared, positions, at = [], [], [], 0
        for prompt, completions in rankings:
            first = (at, at + prompt)
            own.append(first)
            positions.append(torch.arange(prompt))
            at += prompt
            if sum(completions):
                shared.append((at, at + sum(completions), *first))
            for length in completions:
                own.append((at, at + length))
                positions.append(torch.arange(prompt, prompt + length))
                at += length
        filled = [pair for pair in own if pair[0] < pair[1]]
        return cls(
            torch.tensor(filled).reshape(-1, 2),
            torch.tensor([four for four in shared if four[2] < four[3]], dtype=torch.long).reshape(-1, 4),
            torch.cat(positions) if positions else torch.empty(0, dtype=torch.long),
        )

    @property
    def tokens(self) -> int:
        return len(self.positions)

    @cached_property
    def longest(self) -> int:
        """The longest conversation, in tokens."""
        return int(self.positions.max()) + 1 if self.tokens else 0

    def mask(self, window: int | None = None) -> Tensor:
        """Return who sees whom: [tokens, tokens], True where the first may read the second."""
        seen = torch.zeros(self.tokens, self.tokens, dtype=torch.bool)
        for start, end in self.own.tolist():
            seen[start:end, start:end] = torch.ones(end - start, end - start, dtype=torch.bool).tril()
        for start, end, first, last in self.shared.tolist():
            seen[start:end, first:last] = True
        if window is not None:
            seen &= self.positions[:, None] - self.positions[None, :] < window
        return seen

    def reading(self, places: Tensor) -> "Reading":
        """Say what the tokens at some places see, [places] and ascending, where nothing is asked at the others."""
        own, shared = [], []
        for first, end, token, start in self._runs(places):
            # One token alone sees all up to itself: no triangle is left.
            alone = end - first == 1
            if not alone:
                own.append((first, end, token, token + end - first))
            if start < token + alone:
                shared.append((first, end, start, token + alone))
        within = torch.searchsorted(places, self.shared[:, :2].contiguous()).tolist()
        prompts = self.shared[:, 2:].tolist()
        shared += [(*at, *prompt) for at, prompt in zip(within, prompts, strict=True) if at[0] < at[1]]
        return Reading(places, *(torch.tensor(rows, dtype=torch.long).reshape(-1, 4) for rows in (own, shared)))

    def _runs(self, places: Tensor) -> Iterator[tuple[int, int, int, int]]:
        """Cut places into neighbours of one range: (first, end) among them, the first's token, the range's start."""
        starts = self.own[:, 0].contiguous()
        ranges = torch.searchsorted(starts, places, right=True) - 1
        parted = (places.diff() != 1) | (ranges.diff() != 0)
        firsts = [0, *(parted.nonzero()[:, 0] + 1).tolist(), len(places)]
        for first, end in itertools.pairwise(firsts if len(places) else []):
            yield first, end, int(places[first]), int(starts[ranges[first]])


@dataclass(frozen=True, eq=False)
class Reading:
    """Some places of a row, and what each of them sees.

    places: [places]. own: [ranges, 4], (start, end) among the places and the same many tokens that they are, causally.
    shared: [ranges, 4], (start, end) among the places and (start, end) of tokens that all of these read. On the
    processor.
    """

    places: Tensor
    own: Tensor
    shared: Tensor


@contextmanager
def ranged(model: PreTrainedModel) -> Iterator[None]:
    """Let the model read flat rows: pass `layout` to its calls in this block, and `position_ids`."""
    with attending(model, NAME):
        yield


@contextmanager
def attending(model: PreTrainedModel, name: str) -> Iterator[None]:
    """Let the model's calls in this block attend by a function that is registered with transformers."""
    before = model.config._attn_implementation
    model.set_attn_implementation(name)
    try:
        yield
    finally:
        model.set_attn_implementation(before)


def dense_reason(model: PreTrainedModel, longest: int) -> str | None:
    """Say why a model's attention will go through a mask, slowly, on rows of up to `longest` tokens; None if not."""
    config = model.config.get_text_config()
    if getattr(config, "attn_logit_softcapping", None):
        return f"{config.model_type} caps its attention scores"
    window = getattr(config, "sliding_window", None)
    uses_window = getattr(config, "use_sliding_window", True)
    if window and uses_window and window < longest:
        return f"{config.model_type} attends within {window} tokens and rows have up to {longest}"
    return None


def attend(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    layout: Layout,
    scaling: float | None = None,
    dropout: float = 0.0,
    softcap: float | None = None,
    sliding_window: int | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attend as the layout says. query: [1, heads, tokens, width]; key, value: [1, key heads, tokens, width].

    Returns [1, tokens, heads, width] and no weights. The signature is that of transformers' attention functions.
    """
    if query.shape[0] != 1 or query.shape[2] != layout.tokens:
        raise ValueError(f"A layout of {layout.tokens} tokens cannot cut a batch of shape {list(query.shape)}.")
    query, key, value = alike(query, key, value)
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    window = sliding_window if sliding_window and sliding_window < layout.longest else None
    has_kernel = query.device.type == "cpu" or attention_cuda.can_attend(query)
    if softcap or window or dropout or not has_kernel:
        out = _masked(query, key, value, layout.mask(window).to(query.device), scale, dropout, softcap)
    else:
        out, _ = _ranges(query, key, value, layout.own, layout.shared, scale)
    return out.transpose(1, 2).contiguous(), None


def attend_from(query: Tensor, key: Tensor, value: Tensor, reading: Reading, scale: float) -> Tensor:
    """Attend from places read, on the processor; return [1, places, heads, width].

    query: [1, heads, places, width]; key, value: [1, key heads, tokens, width].
    """
    out: Tensor = _ranges(*alike(query, key, value), reading.own, reading.shared, scale)[0]
    return out.transpose(1, 2).contiguous()


def alike(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Give all three the value's type, and keys and values as many heads as there are queries."""
    # Under autocast, rotary positions leave query and key wider than the value.
    query, key = query.to(value.dtype), key.to(value.dtype)
    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = (one.repeat_interleave(groups, dim=1) for one in (key, value))
    return query, key, value


def _masked(
    query: Tensor, key: Tensor, value: Tensor, seen: Tensor, scale: float, dropout: float, softcap: float | None
) -> Tensor:
    if not softcap:
        return functional.scaled_dot_product_attention(query, key, value, seen, dropout, scale=scale)
    scores = softcap * torch.tanh(query @ key.transpose(-1, -2) * scale / softcap)
    weights = scores.masked_fill(~seen, -torch.inf).float().softmax(-1).to(query.dtype)
    return functional.dropout(weights, dropout) @ value


@torch.library.custom_op("bennet::ranges", mutates_args=())
def _ranges(
    query: Tensor, key: Tensor, value: Tensor, own: Tensor, shared: Tensor, scale: float
) -> tuple[Tensor, Tensor]:
    """Return output and log-sum-exp, [1, heads, tokens, width] and [1, heads, tokens]. One operator to a compiler.

    own, shared: of a Layout or a Reading: their first two columns say who reads, their last two what is read.
    """
    if query.is_cuda:
        return attention_cuda.forward(query, key, value, own, shared, scale)
    # Who has read nothing yet weighs nothing in a merge.
    out = torch.zeros(query.shape, dtype=query.dtype, device=query.device)
    lse = torch.full(query.shape[:3], -torch.inf, dtype=_wide(query), device=query.device)
    for at, read in _slices(own):
        out[:, :, at], lse[:, :, at] = _flash(query, key, value, at, read, True, scale)
    for at, read in _slices(shared):
        part, part_lse = _flash(query, key, value, at, read, False, scale)
        whole = torch.logaddexp(lse[:, :, at], part_lse)
        mine, parts = (torch.exp(one - whole)[..., None] for one in (lse[:, :, at], part_lse))
        out[:, :, at] = (mine * out[:, :, at] + parts * part).to(out.dtype)
        lse[:, :, at] = whole
    return out, lse


@_ranges.register_fake
def _(query: Tensor, key: Tensor, value: Tensor, own: Tensor, shared: Tensor, scale: float) -> tuple[Tensor, Tensor]:
    return query.new_empty(query.shape), query.new_empty(
        query.shape[:3], dtype=torch.promote_types(query.dtype, torch.float32)
    )


@torch.library.custom_op("bennet::ranges_backward", mutates_args=())
def _ranges_backward(
    grad: Tensor,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    out: Tensor,
    lse: Tensor,
    own: Tensor,
    shared: Tensor,
    scale: float,
) -> tuple[Tensor, Tensor, Tensor]:
    if query.is_cuda:
        return attention_cuda.backward(grad, query, key, value, out, lse, own, shared, scale)
    # Prompts are read by several ranges, so their gradients are sums: added up in float32 at least.
    sums = [torch.zeros(one.shape, dtype=_wide(query), device=one.device) for one in (query, key, value)]
    ranges = [(pair, True) for pair in _slices(own)] + [(pair, False) for pair in _slices(shared)]
    for (at, read), causal in ranges:
        parts = [grad[:, :, at], query[:, :, at], key[:, :, read], value[:, :, read], out[:, :, at]]
        if at.stop - at.start < LONG_RANGE and query.dtype == torch.bfloat16:
            parts = [part.float() for part in parts]
        found = _backward(*parts, lse[:, :, at], 0.0, causal, scale=scale)
        for total, place, one in zip(sums, (at, read, read), found, strict=True):
            total[:, :, place] += one
    grad_query, grad_key, grad_value = (total.to(query.dtype) for total in sums)
    return grad_query, grad_key, grad_value


@_ranges_backward.register_fake
def _(grad: Tensor, query: Tensor, key: Tensor, value: Tensor, *_: Any) -> tuple[Tensor, Tensor, Tensor]:
    return query.new_empty(query.shape), key.new_empty(key.shape), value.new_empty(value.shape)


def _slices(rows: Tensor) -> list[tuple[slice, slice]]:
    """Return who reads and what is read of each row."""
    return [(slice(*row[:2]), slice(*row[-2:])) for row in rows.tolist()]


def _flash(
    query: Tensor, key: Tensor, value: Tensor, at: slice, read: slice, causal: bool, scale: float
) -> tuple[Tensor, Tensor]:
    """Attend from one range to another."""
    out, lse = _forward(query[:, :, at], key[:, :, read], value[:, :, read], 0.0, causal, scale=scale)
    return out, lse


def _wide(tensor: Tensor) -> torch.dtype:
    return torch.promote_types(tensor.dtype, torch.float32)


def _remember(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
    *tensors, ctx.scale = inputs
    ctx.save_for_backward(*tensors, *output)


def _differentiate(ctx: Any, grad: Tensor, _: Tensor | None) -> tuple[Tensor | None, ...]:
    query, key, value, own, shared, out, lse = ctx.saved_tensors
    grads = _ranges_backward(grad.contiguous(), query, key, value, out, lse, own, shared, ctx.scale)
    return *grads, None, None, None


torch.library.register_autograd("bennet::ranges", _differentiate, setup_context=_remember)
AttentionInterface.register(NAME, attend)
# The layout says who sees whom; a mask of the whole batch would be built for nothing.
AttentionMaskInterface.register(NAME, lambda *arguments, **named: None)
