from collections.abc import Callable

import pytest
import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from tests.training.alike import SHAPE, assert_alike, learned
from training import last_block, model
from training.attention import Layout, Reading
from training.data import Flat

KNOWN: dict[str, Callable[[], PreTrainedModel]] = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE)),
    "mistral": lambda: MistralForCausalLM(MistralConfig(**SHAPE)),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**SHAPE)),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**SHAPE, head_dim=8)),
}
# Two prompts with completions, one alone, one that has no prompt.
RANKINGS = [(9, [4, 7]), (5, [6]), (12, []), (0, [8, 3])]
LAYOUT = Layout.of_rankings(RANKINGS)
# Ends of completions, as a reward model reads; stretches that begin in a prompt, as fine-tuning does; all; one.
READ = {
    "ends": [12, 19, 30, 50, 53],
    "stretches": [0, 3, 4, 5, 10, 11, 12, 13, 14, 22, 23, 24, 25, 26, 40, 52, 53],
    "all": list(range(54)),
    "one": [7],
    "twice and backwards": [8, 9, 10, 8, 13, 14, 2, 53],
}


def flat(places: list[int]) -> Flat:
    ids = torch.randint(3, 64, (LAYOUT.tokens,), generator=torch.Generator().manual_seed(1))
    return Flat(ids, LAYOUT, torch.tensor(places))


@pytest.mark.parametrize("places", READ.values(), ids=READ)
@pytest.mark.parametrize("name", KNOWN)
def test_a_last_block_read_in_places_gives_the_states_and_gradients_of_a_whole_one(
    name: str, places: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    net, text = KNOWN[name](), flat(places)
    assert last_block.open_to(net, LAYOUT)
    found = learned(net, lambda: model.read(net, text))
    monkeypatch.setattr(last_block, "open_to", lambda *_: False)
    assert_alike(found, learned(net, lambda: model.read(net, text)))


def test_the_last_block_computes_no_other_token() -> None:
    torch.manual_seed(0)
    net, seen = KNOWN["llama"](), []
    net.base_model.layers[-1].mlp.register_forward_hook(lambda _, given, out: seen.append(given[0].shape[1]))
    model.read(net, flat(READ["ends"]))
    net(input_ids=flat([]).ids[None])
    assert seen == [5, LAYOUT.tokens]


@pytest.mark.parametrize(
    "build",
    [
        lambda: GPT2LMHeadModel(GPT2Config(vocab_size=64, n_embd=32, n_layer=2, n_head=4, n_positions=64)),
        lambda: MistralForCausalLM(MistralConfig(**SHAPE, sliding_window=5)),
        lambda: LlamaForCausalLM(LlamaConfig(**SHAPE, attention_dropout=0.1)),
    ],
    ids=["of another kind", "with a window", "with dropout"],
)
def test_what_the_last_block_cannot_do_in_places_it_does_whole(build: Callable[[], PreTrainedModel]) -> None:
    torch.manual_seed(0)
    net = build()
    assert not last_block.open_to(net, LAYOUT)
    assert model.read(net, flat(READ["ends"])).shape == (5, 32)


def test_the_reading_by_hand() -> None:
    reading = Layout.of_rankings([(3, [2, 2]), (2, [])]).reading(torch.tensor([2, 4, 5, 6, 8]))

    def rows(one: Reading) -> tuple[list[list[int]], list[list[int]]]:
        return one.own.tolist(), one.shared.tolist()

    # The second completion's two tokens are a triangle; every other place sees all of its range up to itself, and those
    # of completions the prompt.
    assert rows(reading) == ([[2, 4, 5, 7]], [[0, 1, 0, 3], [1, 2, 3, 5], [4, 5, 7, 9], [1, 4, 0, 3]])
