from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from tests.training import alike
from training.attention import Layout, attend, dense_reason, ranged

VOCABULARY = alike.SHAPE["vocab_size"]
# Prompt lengths, and those of the completions behind each: a pair, a lone one, nine, an empty prompt, none.
RANKINGS = [(9, [4, 7]), (5, [6]), (12, [1, 2, 3, 4, 5, 6, 7, 8, 9]), (0, [8, 3]), (4, [])]
SHAPE = {**alike.SHAPE, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
GPT2 = GPT2Config(
    vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, n_positions=64, attn_pdrop=0.0, resid_pdrop=0.0,
    embd_pdrop=0.0, bos_token_id=1, eos_token_id=2,
)  # fmt: skip
MODELS = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE)),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**SHAPE, head_dim=8)),
    "gpt2": lambda: GPT2LMHeadModel(GPT2),
    # Soft-capped scores, and a window in every other layer.
    "gemma2": lambda: Gemma2ForCausalLM(Gemma2Config(**SHAPE, head_dim=8, sliding_window=6)),
    "mistral": lambda: MistralForCausalLM(MistralConfig(**SHAPE, sliding_window=5)),
}


def build(name: str) -> PreTrainedModel:
    torch.manual_seed(0)
    return MODELS[name]()


def draw(rankings: Sequence[tuple[int, Sequence[int]]]) -> list[tuple[Tensor, list[Tensor]]]:
    chance = torch.Generator().manual_seed(1)

    def ids(length: int) -> Tensor:
        return torch.randint(3, VOCABULARY, (length,), generator=chance)

    return [(ids(prompt), [ids(length) for length in completions]) for prompt, completions in rankings]


def read_flat(model: PreTrainedModel, texts: list[tuple[Tensor, list[Tensor]]]) -> Tensor:
    """Hidden states at the last token of every completion, all rankings end to end."""
    layout = Layout.of_rankings([(len(prompt), [len(one) for one in ones]) for prompt, ones in texts])
    flat = torch.cat([piece for prompt, ones in texts for piece in (prompt, *ones)])
    ends, at = [], 0
    for prompt, ones in texts:
        at += len(prompt)
        for one in ones:
            at += len(one)
            ends.append(at - 1)
    with ranged(model):
        hidden = model.base_model(
            input_ids=flat[None], position_ids=layout.positions[None], layout=layout, use_cache=False
        ).last_hidden_state
    return hidden[0, ends]


def read_apart(model: PreTrainedModel, texts: list[tuple[Tensor, list[Tensor]]]) -> Tensor:
    """The same, each completion behind its own copy of the prompt, one row at a time."""
    rows = [torch.cat([prompt, one]) for prompt, ones in texts for one in ones]
    return torch.stack(
        [model.base_model(input_ids=row[None], use_cache=False).last_hidden_state[0, -1] for row in rows]
    )


def gradients(model: PreTrainedModel, states: Tensor) -> dict[str, Tensor]:
    model.zero_grad()
    weights = torch.randn(states.shape, generator=torch.Generator().manual_seed(2))
    (states * weights).mean().backward()
    return {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}


@pytest.mark.parametrize("name", MODELS)
def test_a_shared_prompt_changes_neither_states_nor_gradients(name: str) -> None:
    model, texts = build(name), draw(RANKINGS)
    shared, apart = read_flat(model, texts), read_apart(model, texts)

    torch.testing.assert_close(shared, apart, rtol=1e-5, atol=1e-5)
    here, there = gradients(model, shared), gradients(model, apart)
    assert here.keys() == there.keys()
    for parameter, gradient in there.items():
        torch.testing.assert_close(
            here[parameter], gradient, rtol=1e-4, atol=1e-5, msg=lambda text, n=parameter: f"{n}: {text}"
        )


@pytest.mark.parametrize("name", MODELS)
def test_documents_end_to_end_do_not_see_each_other(name: str) -> None:
    model = build(name).eval()
    texts = draw([(0, [length]) for length in (7, 20, 1, 13)])
    torch.testing.assert_close(read_flat(model, texts), read_apart(model, texts), rtol=1e-5, atol=1e-5)


def test_the_order_of_completions_moves_their_states_and_nothing_else() -> None:
    model = build("llama").eval()
    ((prompt, ones),) = draw([(12, [5, 9, 3, 7])])
    order = [2, 0, 3, 1]
    there = read_flat(model, [(prompt, [ones[place] for place in order])])
    torch.testing.assert_close(there, read_flat(model, [(prompt, ones)])[order], rtol=1e-5, atol=1e-6)


def test_half_precision_stays_near() -> None:
    model, texts = build("llama").eval(), draw([(30, [20, 25])])
    exact = read_apart(model, texts)
    with torch.autocast("cpu", torch.bfloat16):
        rough = read_flat(model, texts)
    torch.testing.assert_close(rough.float(), exact, rtol=0.1, atol=0.1)


def test_the_kernels_gradient_is_the_formulas() -> None:
    layout = Layout.of_rankings([(3, [2, 3]), (2, [1])])
    chance = torch.Generator().manual_seed(0)
    drawn = [torch.randn(1, 2, layout.tokens, 4, generator=chance, dtype=torch.float64) for _ in range(3)]
    for one in drawn:
        one.requires_grad_()

    def run(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return attend(torch.nn.Module(), query, key, value, None, layout=layout)[0]

    scores = (drawn[0] @ drawn[1].transpose(-1, -2) / 2).masked_fill(~layout.mask(), -torch.inf)
    by_formula = (scores.softmax(-1) @ drawn[2]).transpose(1, 2)
    weights = torch.randn(by_formula.shape, generator=chance, dtype=torch.float64)
    expected = torch.autograd.grad((by_formula * weights).sum(), drawn)
    out = run(*drawn)
    torch.testing.assert_close(out, by_formula, rtol=1e-6, atol=1e-6)
    for mine, right in zip(torch.autograd.grad((out * weights).sum(), drawn), expected, strict=True):
        torch.testing.assert_close(mine, right, rtol=1e-5, atol=1e-5)


some_rankings = st.lists(
    st.tuples(st.integers(0, 9), st.lists(st.integers(1, 6), max_size=4)), min_size=1, max_size=4
).filter(lambda rankings: any(prompt or ones for prompt, ones in rankings))


@settings(max_examples=60, deadline=None)
@given(some_rankings, st.integers(0, 2**20))
def test_any_layout_attends_as_its_mask_says(rankings: list[tuple[int, list[int]]], seed: int) -> None:
    layout = Layout.of_rankings(rankings)
    chance = torch.Generator().manual_seed(seed)
    query = torch.randn(1, 4, layout.tokens, 8, generator=chance)
    key, value = (torch.randn(1, 2, layout.tokens, 8, generator=chance) for _ in range(2))
    out, _ = attend(torch.nn.Module(), query, key, value, None, layout=layout)
    keys, values = (one.repeat_interleave(2, dim=1) for one in (key, value))
    scores = (query @ keys.transpose(-1, -2) * 8**-0.5).masked_fill(~layout.mask(), -torch.inf)
    torch.testing.assert_close(out, (scores.softmax(-1) @ values).transpose(1, 2), rtol=1e-4, atol=1e-5)


def test_the_layout_by_hand() -> None:
    layout = Layout.of_rankings([(2, [1, 2])])
    assert layout.own.tolist() == [[0, 2], [2, 3], [3, 5]]
    assert layout.shared.tolist() == [[2, 5, 0, 2]]
    assert layout.positions.tolist() == [0, 1, 2, 2, 3]
    assert layout.longest == 4
    assert layout.mask().int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 0, 1, 0],
        [1, 1, 0, 1, 1],
    ]
    # A window of two: a token and the one before it in its own conversation.
    assert layout.mask(2).int().tolist()[4] == [0, 0, 0, 1, 1]


def test_a_layout_of_another_length_is_refused() -> None:
    model = build("llama")
    with ranged(model), pytest.raises(ValueError, match="layout of 3 tokens cannot cut"):
        model(input_ids=torch.ones(1, 4, dtype=torch.long), layout=Layout.of_documents([3]), use_cache=False)


def test_the_model_is_as_before_afterwards() -> None:
    model = build("llama")
    before = model.config._attn_implementation
    with ranged(model):
        pass
    assert model.config._attn_implementation == before
    assert model(input_ids=torch.ones(2, 4, dtype=torch.long)).logits.shape == (2, 4, VOCABULARY)


@pytest.mark.parametrize(
    ("name", "longest", "words"),
    [
        ("llama", 1000, None),
        ("gpt2", 1000, None),
        ("mistral", 5, None),
        ("mistral", 6, "within 5 tokens and rows have up to 6"),
        ("gemma2", 4, "caps its attention scores"),
    ],
)
def test_what_needs_a_mask_is_said_beforehand(name: str, longest: int, words: str | None) -> None:
    reason = dense_reason(build(name), longest)
    assert reason is None if words is None else words in (reason or "")
