"""The ranges of `attention.py` on an accelerator: torch's flash kernels over many ranges in one call each.

The same two parts and the same merge: one call lets every range attend to itself, one lets completions read their
prompts. Half precision only, as those kernels are.
"""

import torch
from torch import Tensor

_forward = torch.ops.aten._flash_attention_forward
_backward = torch.ops.aten._flash_attention_backward
# The kernels take head widths in steps of eight, up to this.
WIDEST_HEAD = 256
# Filled in by the forward pass where it drops out; without dropout they are never looked at.
_NO_CHANCE = (torch.zeros(2, dtype=torch.uint64), torch.empty(0))


def can_attend(query: Tensor) -> bool:
    """Whether the kernels take tensors of this kind; query: [1, heads, tokens, width]."""
    width = query.shape[-1]
    half = query.dtype in (torch.bfloat16, torch.float16)
    return query.is_cuda and half and width % 8 == 0 and width <= WIDEST_HEAD


def forward(
    query: Tensor, key: Tensor, value: Tensor, own: Tensor, shared: Tensor, scale: float
) -> tuple[Tensor, Tensor]:
    """Return output and log-sum-exp, [1, heads, tokens, width] and [1, heads, tokens], of the ranges of a Layout."""
    flat = [_flat(one) for one in (query, key, value)]
    ends, longest = _ends(own[:, 1] - own[:, 0], query.device)
    out, lse, *_ = _forward(*flat, ends, ends, longest, longest, 0.0, True, False, scale=scale)
    if len(shared):
        parts = _Shared(shared, query.device)
        read, read_lse, *_ = _forward(
            flat[0][parts.at], flat[1][parts.prompts], flat[2][parts.prompts], *parts.ends, *parts.longest,
            0.0, False, False, scale=scale,
        )  # fmt: skip
        mine = lse[:, parts.at]
        whole = torch.logaddexp(mine, read_lse)
        shares = [torch.exp(one - whole).T[..., None] for one in (mine, read_lse)]
        out[parts.at] = (shares[0] * out[parts.at] + shares[1] * read).to(out.dtype)
        lse[:, parts.at] = whole
    return out.transpose(0, 1)[None].contiguous(), lse[None]


def backward(
    grad: Tensor, query: Tensor, key: Tensor, value: Tensor, out: Tensor, lse: Tensor, own: Tensor, shared: Tensor,
    scale: float,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """Return the gradients of query, key and value, each part given the merged output and log-sum-exp."""
    flat = [_flat(one) for one in (grad, query, key, value, out)]
    lse = lse[0].contiguous()
    chance = [one.to(query.device) for one in _NO_CHANCE]
    ends, longest = _ends(own[:, 1] - own[:, 0], query.device)
    sums = [one.float() for one in _backward(*flat, lse, ends, ends, longest, longest, 0.0, True, *chance, scale=scale)]
    if len(shared):
        parts = _Shared(shared, query.device)
        at, prompts = parts.at, parts.prompts
        places = (at, prompts, prompts)
        found = _backward(
            flat[0][at], flat[1][at], flat[2][prompts], flat[3][prompts], flat[4][at], lse[:, at].contiguous(),
            *parts.ends, *parts.longest, 0.0, False, *chance, scale=scale,
        )  # fmt: skip
        for total, place, one in zip(sums, places, found, strict=True):
            total[place] += one
    grad_query, grad_key, grad_value = (one.to(query.dtype).transpose(0, 1)[None].contiguous() for one in sums)
    return grad_query, grad_key, grad_value


class _Shared:
    """Where completions stand that read a prompt, and where those prompts do, with the ends of each."""

    def __init__(self, shared: Tensor, device: torch.device) -> None:
        rows = shared.tolist()
        self.at = torch.cat([torch.arange(start, end) for start, end, _, _ in rows]).to(device)
        self.prompts = torch.cat([torch.arange(first, last) for _, _, first, last in rows]).to(device)
        both = [_ends(shared[:, end] - shared[:, start], device) for start, end in ((0, 1), (2, 3))]
        self.ends = [ends for ends, _ in both]
        self.longest = [longest for _, longest in both]


def _flat(tensor: Tensor) -> Tensor:
    """Turn [1, heads, tokens, width] into [tokens, heads, width]."""
    return tensor[0].transpose(0, 1).contiguous()


def _ends(lengths: Tensor, device: torch.device) -> tuple[Tensor, int]:
    """Return where ranges of these lengths end, a zero before, and the longest length."""
    ends = torch.cat([torch.zeros(1, dtype=torch.long), lengths.cumsum(0)])
    return ends.to(device, torch.int32), int(lengths.max())
