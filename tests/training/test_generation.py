import pytest
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from tests.training.flat import flat_rows
from tests.training.test_chat import own_tokenizer
from training import generation, model
from training.chat import chat_for
from training.generation import Sampling, Written, stream_seed

PROMPTS = [[1, 3, 40, 41, 5, 4], [1, 3, 50, 5, 4], [1, 3, 60, 61, 62, 63, 64, 5, 4]]
STOP = frozenset({5})


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return chat_for(own_tokenizer()).tokenizer


@pytest.fixture(scope="module")
def causal(tokenizer: PreTrainedTokenizerFast) -> PreTrainedModel:
    """An untrained model whose opinions are strong enough to be worth comparing."""
    built = model.build_causal("tiny", tokenizer, seed=0).eval()
    with torch.no_grad():
        for name, weight in built.named_parameters():
            weight.mul_(6 if "proj" in name else 4 if "embed" in name else 1)
    return built


def write(
    causal: PreTrainedModel, prompts: list[list[int]], n: int, sampling: Sampling, barred: frozenset[int] = frozenset()
) -> list[list[Written]]:
    seeds = [[stream_seed(0, str(prompt), index) for index in range(n)] for prompt in prompts]
    return generation.generate(causal, prompts, seeds, sampling, stop_ids=STOP, barred_ids=barred, pad_id=0)


def test_greedy_writing_is_the_argmax_token_by_token(causal: PreTrainedModel) -> None:
    written = write(causal, PROMPTS, 1, Sampling(0.0, 1.0, 12))

    for prompt, (one,) in zip(PROMPTS, written, strict=True):
        ids = list(prompt)
        for token in one.ids:
            with torch.no_grad():
                assert int(model.next_logits(causal, flat_rows([ids]))[0].argmax()) == token
            ids.append(token)


def test_a_completion_does_not_depend_on_its_neighbours(causal: PreTrainedModel) -> None:
    sampling = Sampling(1.0, 0.9, 12)
    together = write(causal, PROMPTS, 3, sampling)
    alone = [write(causal, [prompt], 3, sampling)[0] for prompt in PROMPTS]
    assert together == alone
    assert len({tuple(one.ids) for row in together for one in row}) > 3


def test_writing_ends_at_the_end_of_the_turn_or_at_the_limit(causal: PreTrainedModel) -> None:
    written = [one for row in write(causal, PROMPTS * 4, 4, Sampling(3.0, 1.0, 40)) for one in row]

    assert {one.finish_reason for one in written} == {"stop", "length"}
    for one in written:
        assert 5 not in one.ids
        assert len(one.ids) == 40 if one.finish_reason == "length" else len(one.ids) < 40


def test_barred_tokens_are_never_written(causal: PreTrainedModel) -> None:
    barred = frozenset(range(5)) | frozenset(range(100, 200))
    written = write(causal, PROMPTS, 4, Sampling(5.0, 1.0, 30), barred)
    assert not barred & {token for row in written for one in row for token in one.ids}


def test_top_p_keeps_the_token_that_reaches_the_share_and_none_after() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.3, 0.15, 0.05]])).expand(1000, 4)
    uniform = torch.linspace(0, 1 - 1e-6, 1000)

    drawn = generation.draw(logits, uniform, Sampling(1.0, 0.7, 1))

    # 0.5 alone does not reach 0.7, 0.5 + 0.3 does: shares 5/8 and 3/8.
    assert drawn.bincount(minlength=4).tolist() == pytest.approx([625, 375, 0, 0], abs=2)


def test_temperature_flattens_and_sharpens() -> None:
    logits = torch.log(torch.tensor([[0.8, 0.2]])).expand(1000, 2)
    uniform = torch.linspace(0, 1 - 1e-6, 1000)

    # p ** (1 / 0.5): 0.64 against 0.04.
    assert generation.draw(logits, uniform, Sampling(0.5, 1.0, 1)).bincount().tolist() == pytest.approx(
        [941, 59], abs=2
    )
    assert generation.draw(logits, uniform, Sampling(0.0, 1.0, 1)).unique().tolist() == [0]


def test_the_largest_draw_still_names_a_kept_token() -> None:
    logits = torch.tensor([[0.0, float("-inf"), 0.0]])
    assert generation.draw(logits, torch.tensor([1.0]), Sampling(1.0, 1.0, 1)).item() in (0, 2)


def test_every_completion_has_a_seed_of_its_own() -> None:
    seeds = {stream_seed(seed, name, index) for seed in (0, 1) for name in ("a", "b") for index in range(4)}
    assert len(seeds) == 16
    assert all(0 <= seed < 2**63 for seed in seeds)
