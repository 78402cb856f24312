"""Two ways through a model that must come to the same: what it says, and what it would learn."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

# Of the Llama kind, small.
SHAPE: dict[str, Any] = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
}
Learned = tuple[Tensor, dict[str, Tensor]]


def learned(model: PreTrainedModel, read: Callable[[], Tensor]) -> Learned:
    """Return the states read, and the gradient of every weight."""
    model.zero_grad()
    states = read()
    (states * torch.randn(states.shape, generator=torch.Generator().manual_seed(2))).mean().backward()
    return states, {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}


def assert_alike(found: Learned, expected: Learned) -> None:
    torch.testing.assert_close(found[0], expected[0], rtol=1e-5, atol=1e-5)
    assert found[1].keys() == expected[1].keys()
    for name, gradient in expected[1].items():
        torch.testing.assert_close(found[1][name], gradient, rtol=1e-4, atol=1e-5)
