"""Attention of blocks that are all alike, as matrix products with plain arithmetic between them for a compiler to fuse.

Torch's flash kernel took as long in bfloat16 as in float32 on the processor it was measured on, where a product of
matrices is more than twice as fast. Here the scores of a stretch of queries are one product, their softmax one fused
pass, what they read another product. The shares that each query gives are written out, which is why blocks may not be
long.

Source: Vaswani et al. 2017 (arXiv:1706.03762), equation 1; the scores are rounded to bfloat16 as in transformers' own
eager attention.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel

from training.attention import alike, attending, dense_reason

NAME = "bennet_blocks"
# Beyond this the shares of all queries would need more memory than they save time.
LONGEST = 1024
# Queries at a time: shorter stretches compute less that lies in the future, and take longer to compile.
MOST_QUERIES = 256


def pays(model: PreTrainedModel, tokens: int) -> bool:
    """Whether a pass over blocks of so many tokens is faster so, and can be had: called within the pass."""
    return (
        model.device.type == "cpu"
        and torch.is_grad_enabled()
        and torch.is_autocast_enabled("cpu")
        and model.base_model._compiled_call_impl is not None
        and not model.is_activation_checkpointing
        and tokens <= LONGEST
        and dense_reason(model, tokens) is None
    )


@contextmanager
def in_blocks(model: PreTrainedModel) -> Iterator[None]:
    """Let the model's calls in this block attend so: whole blocks, without padding or a cache."""
    with attending(model, NAME):
        yield


def attend(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float | None = None,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attend causally. query: [batch, heads, tokens, width]; key, value: [batch, key heads, tokens, width].

    Returns [batch, tokens, heads, width] and no weights. The signature is that of transformers' attention functions.
    """
    query, key, value = alike(query, key, value)
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    tokens = query.shape[2]
    size, found = min(MOST_QUERIES, -(-tokens // 2)), []
    for start in range(0, tokens, size):
        end = min(start + size, tokens)
        scores = (query[:, :, start:end] @ key[:, :, :end].transpose(-1, -2)).float() * scale
        places = torch.arange(end, device=query.device)
        shares = scores.masked_fill(places[start:, None] < places, -torch.inf).softmax(-1).to(value.dtype)
        found.append(functional.dropout(shares, dropout) @ value[:, :, :end])
    return torch.cat(found, dim=2).transpose(1, 2).contiguous(), None


AttentionInterface.register(NAME, attend)
# Every query sees what stands before it; nothing else has to be said.
AttentionMaskInterface.register(NAME, lambda *arguments, **named: None)
