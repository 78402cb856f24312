import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from tests.training.flat import flat_rows, flat_whole
from tests.training.test_chat import CHATML, foreign_tokenizer, own_tokenizer
from training import model as models
from training.chat import chat_for
from training.config import PRESETS, describe_presets
from training.losses import next_token_loss
from training.model import ModelError
from training.settings import ConfigError, Start

ROWS = [[1, 3, 40, 41, 5], [1, 3, 50, 5], [1, 3, 40, 41, 42, 43, 44, 5, 5], [1]]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return chat_for(own_tokenizer()).tokenizer


def save_gpt2(directory: Path, tokenizer: PreTrainedTokenizerFast) -> Path:
    """A base model of another architecture, as it comes from elsewhere."""
    torch.manual_seed(0)
    shape = GPT2Config(vocab_size=len(tokenizer), n_positions=64, n_embd=16, n_layer=1, n_head=2)
    GPT2LMHeadModel(shape).save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return directory


def test_a_score_does_not_depend_on_its_neighbours(tokenizer: PreTrainedTokenizerFast) -> None:
    model = models.build_reward("tiny", tokenizer, seed=0).eval()

    together = models.score(model, flat_rows(ROWS))
    alone = torch.cat([models.score(model, flat_rows([row])) for row in ROWS])
    turned = models.score(model, flat_rows(ROWS[::-1])).flip(0)

    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(together, turned, rtol=1e-5, atol=1e-6)
    assert together.unique().numel() == len(ROWS)


def test_the_readout_is_at_the_end_even_where_the_row_holds_padding_ids(tokenizer: PreTrainedTokenizerFast) -> None:
    model = models.build_reward("tiny", tokenizer, seed=0).eval()
    padding = tokenizer.pad_token_id
    first, second = models.score(model, flat_rows([[1, padding, 40], [1, padding, 41]]))
    assert first != second


def test_logits_do_not_see_what_follows(tokenizer: PreTrainedTokenizerFast) -> None:
    model = models.build_causal("tiny", tokenizer, seed=0).eval()
    short = models.next_logits(model, flat_whole([1, 3, 40]))
    long = models.next_logits(model, flat_whole([1, 3, 40, 41, 42]))
    torch.testing.assert_close(short, long[:3])


def test_the_same_seed_gives_the_same_weights(tokenizer: PreTrainedTokenizerFast) -> None:
    first, second, other = (models.build_causal("tiny", tokenizer, seed=seed).lm_head.weight for seed in (0, 0, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_an_untrained_model_knows_nothing(tokenizer: PreTrainedTokenizerFast) -> None:
    model = models.build_causal("tiny", tokenizer, seed=0).eval()
    ids = torch.randint(6, len(tokenizer), (120,), generator=torch.Generator().manual_seed(0))
    loss = next_token_loss(models.next_logits(model, flat_whole(ids.tolist()))[:-1], ids[1:]) / 119
    assert loss.item() == pytest.approx(torch.tensor(len(tokenizer)).log().item(), rel=0.05)


def test_the_described_size_is_the_size() -> None:
    shape = PRESETS["tiny"]
    described = next(preset for preset in describe_presets() if preset["name"] == "tiny")
    full = PreTrainedTokenizerFast(tokenizer_object=own_tokenizer().backend_tokenizer)
    full.add_tokens([f"extra{index}" for index in range(shape.vocabulary - len(full))])
    assert models.build_causal("tiny", full, seed=0).num_parameters() == described["parameters"]


def test_any_causal_model_is_a_start(tmp_path: Path) -> None:
    directory = save_gpt2(tmp_path, foreign_tokenizer(CHATML))
    start = Start(directory=str(directory))
    chat = models.open_chat(start, tmp_path)

    causal, reward = models.open_causal(start, chat, seed=0), models.open_reward(start, chat, seed=0)

    assert causal.config.model_type == "gpt2"
    assert models.score(reward.eval(), flat_rows(ROWS)).shape == (4,)
    with pytest.raises(ConfigError, match="max_length: the model reads at most 64 tokens"):
        models.check_length(causal, 65)


def test_a_model_grows_to_hold_the_tokens_it_learns(tmp_path: Path) -> None:
    bare = PreTrainedTokenizerFast(tokenizer_object=own_tokenizer().backend_tokenizer, eos_token="<|endoftext|>")
    directory = save_gpt2(tmp_path, bare)
    tokenizer = models.open_chat(Start(directory=str(directory)), tmp_path).tokenizer
    tokenizer.add_tokens(["one more"])

    grown = models.fit_vocabulary(models.load_causal(directory), tokenizer)

    assert models.next_logits(grown, flat_whole([len(tokenizer) - 1])).shape[-1] == len(tokenizer)
    assert grown.config.pad_token_id == tokenizer.pad_token_id


def test_a_directory_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config.json"):
        models.load_causal(tmp_path)


def test_pickled_weights_are_refused(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    save_gpt2(tmp_path, tokenizer)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="no weights in safetensors"):
        models.load_causal(tmp_path)


def test_a_models_own_code_is_never_run(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    save_gpt2(tmp_path, tokenizer)
    config = json.loads((tmp_path / "config.json").read_text())
    marker = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(f"open({str(marker)!r}, 'w')\nclass Evil: pass\n")
    (tmp_path / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModelForCausalLM": "evil.Evil"}}))

    with pytest.raises(ModelError, match="never run here"):
        models.load_causal(tmp_path)
    assert not marker.exists()


def test_truncated_weights_are_refused(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    save_gpt2(tmp_path, tokenizer)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:200])
    with pytest.raises(ModelError, match="cannot be loaded"):
        models.load_causal(tmp_path)


def test_a_reward_model_cannot_write(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    models.build_reward("tiny", tokenizer, seed=0).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="is a reward model"):
        models.load_causal(tmp_path)


def test_a_reward_model_without_its_readout_is_refused(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    models.build_reward("tiny", tokenizer, seed=0).save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["score.weight"]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ModelError, match=r"score.weight and 0 more are missing"):
        models.load_reward(tmp_path, seed=0)


def test_a_language_models_readout_is_drawn_from_the_seed(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    models.build_causal("tiny", tokenizer, seed=0).save_pretrained(tmp_path)
    heads = [models.load_reward(tmp_path, seed).score.weight for seed in (1, 1, 2)]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def test_blanked_tokens_are_random_in_training_and_whole_in_use(tokenizer: PreTrainedTokenizerFast) -> None:
    model = models.build_reward("tiny", tokenizer, seed=0)
    whole = models.score(model.eval(), flat_rows(ROWS))
    models.blank_tokens(model, 0.5)

    assert torch.equal(models.score(model.eval(), flat_rows(ROWS)), whole)
    model.train()
    assert not torch.equal(models.score(model, flat_rows(ROWS)), models.score(model, flat_rows(ROWS)))


@pytest.mark.parametrize("make", [models.build_causal, models.build_reward])
def test_a_model_that_reads_rows_apart_passes_its_check(make: Any, tokenizer: PreTrainedTokenizerFast) -> None:
    models.check_reading(make("tiny", tokenizer, seed=0), flat_rows(ROWS[:2]), ROWS[:2])


def test_a_model_that_reads_its_neighbours_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    """As a state-space model would: what comes before in the batch moves what is read."""
    model = models.build_causal("tiny", tokenizer, seed=0)

    def leak(module: torch.nn.Module, arguments: object, embedded: torch.Tensor) -> torch.Tensor:
        return embedded + 0.1 * embedded.cumsum(dim=1).roll(1, dims=1)

    model.get_input_embeddings().register_forward_hook(leak)
    with pytest.raises(ModelError, match="a row differently beside other rows"):
        models.check_reading(model, flat_rows(ROWS[:2]), ROWS[:2])
