"""The last block, computed only where it is read.

What a reward model scores is the last token of each completion, what fine-tuning learns is the answer; every other
token of the last block serves as key and value alone. So queries, output projection and feed-forward of that block are
computed at the places read: the same numbers, for one part in `layers` of nearly all the work where few are.

It knows the blocks that are built like Llama's. Others are read whole, and so is what needs a mask or an accelerator:
its kernels take ranges that attend to themselves.
"""

from types import MethodType
from typing import Any, cast

from torch import Tensor
from transformers import PreTrainedModel
from transformers.models.llama.modeling_llama import LlamaDecoderLayer, rotate_half
from transformers.models.mistral.modeling_mistral import MistralDecoderLayer
from transformers.models.qwen2.modeling_qwen2 import Qwen2DecoderLayer
from transformers.models.qwen3.modeling_qwen3 import Qwen3DecoderLayer

from training.attention import Layout, Reading, attend_from, dense_reason

_KNOWN = {kind.forward for kind in (LlamaDecoderLayer, MistralDecoderLayer, Qwen2DecoderLayer, Qwen3DecoderLayer)}


def open_to(model: PreTrainedModel, layout: Layout) -> bool:
    """Whether the trunk takes `reading` and then returns the places read alone; make its last block ready for it."""
    blocks = getattr(model.base_model, "layers", None)
    if not blocks or model.device.type != "cpu" or dense_reason(model, layout.longest):
        return False
    last = blocks[-1]
    if type(last).forward not in _KNOWN or (model.training and last.self_attn.attention_dropout):
        return False
    if "forward" not in last.__dict__:
        last.forward = MethodType(_forward, last)
    return True


def _forward(block: Any, hidden_states: Tensor, *, reading: Reading | None = None, **named: Any) -> Tensor:
    """Return the block's output, [1, tokens, width], or [1, places, width] where places are read."""
    if reading is None:
        return cast(Tensor, type(block).forward(block, hidden_states, **named))
    seen, stream = block.input_layernorm(hidden_states), hidden_states[:, reading.places]
    stream = stream + _attend(block.self_attn, seen, reading, named["position_embeddings"])
    return cast(Tensor, stream + block.mlp(block.post_attention_layernorm(stream)))


def _attend(attention: Any, seen: Tensor, reading: Reading, rotation: tuple[Tensor, Tensor]) -> Tensor:
    """Attend from the places read to all that each sees. seen: [1, tokens, width]; returns [1, places, width]."""
    places = reading.places
    query = _heads(attention.q_proj(seen[:, places]), attention, "q_norm")
    key = _heads(attention.k_proj(seen), attention, "k_norm")
    value = _heads(attention.v_proj(seen), attention)
    query, key = _rotate(query, *(one[:, places] for one in rotation)), _rotate(key, *rotation)
    out = attend_from(query, key, value, reading, attention.scaling)
    return cast(Tensor, attention.o_proj(out.flatten(2)))


def _heads(projected: Tensor, attention: Any, norm: str | None = None) -> Tensor:
    """Cut [1, tokens, heads x width] into [1, heads, tokens, width], normed where the architecture does."""
    heads = projected.unflatten(-1, (-1, attention.head_dim))
    if norm is not None and hasattr(attention, norm):
        heads = getattr(attention, norm)(heads)
    return cast(Tensor, heads.transpose(1, 2))


def _rotate(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn by position. heads: [1, heads, tokens, width]; cos, sin: [1, tokens, width]. As transformers does."""
    cos, sin = cos[:, None], sin[:, None]
    return cast(Tensor, heads * cos + rotate_half(heads) * sin)
