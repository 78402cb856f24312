import pytest
import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel, Qwen3Config, Qwen3ForCausalLM

from tests.training import alike
from tests.training.alike import assert_alike, learned
from training import attention_blocks
from training.attention_blocks import in_blocks, pays
from training.compiled import compiled

SHAPE = {**alike.SHAPE, "max_position_embeddings": 1024}


def build(kind: str = "llama") -> PreTrainedModel:
    torch.manual_seed(0)
    return {
        "llama": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE)),
        "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**SHAPE, head_dim=8)),
    }[kind]()


@pytest.mark.parametrize("kind", ["llama", "qwen3"])
@pytest.mark.parametrize("tokens", [1, 7, 11])
def test_blocks_give_the_states_and_gradients_of_the_models_own_attention(
    kind: str, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention_blocks, "MOST_QUERIES", 3)
    model = build(kind)
    ids = torch.randint(64, (3, tokens), generator=torch.Generator().manual_seed(1))

    def read() -> Tensor:
        states: Tensor = model.base_model(input_ids=ids, use_cache=False).last_hidden_state
        return states

    with in_blocks(model):
        found = learned(model, read)
    assert_alike(found, learned(model, read))


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
