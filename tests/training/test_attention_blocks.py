from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel, Qwen3Config, Qwen3ForCausalLM

from training import attention_blocks
from training.attention_blocks import in_blocks, pays
from training.compiled import compiled

SHAPE: dict[str, Any] = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
}


def build(kind: str = "llama") -> PreTrainedModel:
    torch.manual_seed(0)
    return {
        "llama": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE)),
        "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**SHAPE, head_dim=8)),
    }[kind]()


def learned(model: PreTrainedModel, ids: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the states of all tokens, and the gradient of every weight."""
    model.zero_grad()
    states = model.base_model(input_ids=ids, use_cache=False).last_hidden_state
    (states * torch.randn(states.shape, generator=torch.Generator().manual_seed(2))).mean().backward()
    return states, {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}


@pytest.mark.parametrize("kind", ["llama", "qwen3"])
@pytest.mark.parametrize("tokens", [1, 7, 11])
def test_blocks_give_the_states_and_gradients_of_the_models_own_attention(
    kind: str, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention_blocks, "MOST_QUERIES", 3)
    model = build(kind)
    ids = torch.randint(64, (3, tokens), generator=torch.Generator().manual_seed(1))
    with in_blocks(model):
        states, gradients = learned(model, ids)
    own_states, own_gradients = learned(model, ids)

    torch.testing.assert_close(states, own_states, rtol=1e-5, atol=1e-5)
    assert gradients.keys() == own_gradients.keys()
    for name, gradient in own_gradients.items():
        torch.testing.assert_close(gradients[name], gradient, rtol=1e-4, atol=1e-5)


def test_the_model_is_as_before_afterwards() -> None:
    model = build()
    before = model.config._attn_implementation
    with in_blocks(model):
        assert model.config._attn_implementation == attention_blocks.NAME
    assert model.config._attn_implementation == before


def test_it_is_for_compiled_passes_in_half_precision_over_blocks_that_are_not_long() -> None:
    model = build()
    with torch.autocast("cpu", torch.bfloat16):
        assert not pays(model, 512)
        with compiled(model):
            assert pays(model, 512)
            assert not pays(model, 2048)
            with torch.no_grad():
                assert not pays(model, 512)
    with compiled(model):
        assert not pays(model, 512)
