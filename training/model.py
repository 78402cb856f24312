"""Models by name or directory: presets built from scratch, Hugging Face directories loaded as data, never as code.

A reward model is the same trunk with one number read out at a row's last token. The place comes from the row's
length, never from its token ids: a padding token that also ends turns cannot move it.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    LlamaConfig,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from training import data
from training.chat import Chat, chat_for
from training.config import PRESETS, ConfigError, Start
from training.data import pad
from training.tokenizer import load_tokenizer, train_tokenizer


class ModelError(ValueError):
    """A model directory that cannot be started from; the message names the remedy."""


def open_chat(start: Start, release: Path) -> Chat:
    """Return how the model reads: the start directory's tokenizer, or one trained on the release's train split."""
    if start.directory is not None:
        return chat_for(load_tokenizer(Path(start.directory)))
    preset = PRESETS[start.preset or ""]
    return chat_for(train_tokenizer(data.texts(release, "train"), preset.vocabulary))


def open_causal(start: Start, chat: Chat, seed: int) -> PreTrainedModel:
    """Return the language model a configuration starts from, fitted to the tokenizer."""
    if start.directory is None:
        return build_causal(start.preset or "", chat.tokenizer, seed)
    return fit_vocabulary(load_causal(Path(start.directory)), chat.tokenizer)


def open_reward(start: Start, chat: Chat, seed: int) -> PreTrainedModel:
    """Return the reward model a configuration starts from, fitted to the tokenizer."""
    if start.directory is None:
        return build_reward(start.preset or "", chat.tokenizer, seed)
    return fit_vocabulary(load_reward(Path(start.directory), seed), chat.tokenizer)


def build_causal(preset: str, tokenizer: PreTrainedTokenizerFast, seed: int) -> PreTrainedModel:
    """Build a preset's language model with weights drawn from the seed."""
    torch.manual_seed(seed)
    return LlamaForCausalLM(_llama_config(preset, tokenizer))


def build_reward(preset: str, tokenizer: PreTrainedTokenizerFast, seed: int) -> PreTrainedModel:
    """Build a preset's reward model with weights drawn from the seed."""
    torch.manual_seed(seed)
    config = _llama_config(preset, tokenizer)
    config.num_labels = 1
    return LlamaForSequenceClassification(config)


def load_causal(directory: Path) -> PreTrainedModel:
    """Load a causal language model's directory. Raises ModelError."""
    if _is_reward(directory):
        raise ModelError(
            f"{directory} is a reward model: it orders completions and cannot write; choose a language model."
        )
    return _load(AutoModelForCausalLM, directory)


def load_reward(directory: Path, seed: int) -> PreTrainedModel:
    """Load a directory as a reward model; a language model gets a readout drawn from the seed. Raises ModelError."""
    torch.manual_seed(seed)
    drawn = () if _is_reward(directory) else ("score.weight",)
    return _load(AutoModelForSequenceClassification, directory, drawn, num_labels=1)


def fit_vocabulary(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> PreTrainedModel:
    """Give the model an embedding for every token, and the ids that its config files name."""
    embedding = cast(nn.Embedding, model.get_input_embeddings())
    if embedding.num_embeddings < len(tokenizer):
        model.resize_token_embeddings(len(tokenizer))
    model.config.pad_token_id = tokenizer.pad_token_id
    if model.can_generate():
        model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model


def blank_tokens(model: PreTrainedModel, share: float) -> None:
    """Hide a random share of the input tokens from the model while it trains.

    A small data set is otherwise learned by heart. Source: Gal and Ghahramani 2016 (arXiv:1512.05287), section 4.2,
    here per position instead of per word type.
    """

    def hide(module: nn.Module, args: object, embedded: Tensor) -> Tensor:
        if not module.training or share == 0:
            return embedded
        kept = torch.rand(embedded.shape[:2], device=embedded.device) >= share
        return embedded * kept[..., None]

    model.get_input_embeddings().register_forward_hook(hide)


def to_device(model: PreTrainedModel) -> PreTrainedModel:
    """Move a model to the accelerator where there is one."""
    nn.Module.to(model, "cuda" if torch.cuda.is_available() else "cpu")
    return model


def check_length(model: PreTrainedModel, max_length: int) -> None:
    """Raise ConfigError where rows may be longer than the model can read."""
    longest = longest_row(model)
    if longest is not None and max_length > longest:
        raise ConfigError(f"max_length: the model reads at most {longest} tokens; lower it to that.")


def longest_row(model: PreTrainedModel) -> int | None:
    """Return how many tokens the model can read, where its config says so."""
    return getattr(model.config, "max_position_embeddings", None)


def logits(model: PreTrainedModel, ids: Tensor) -> Tensor:
    """Return next-token logits, [batch, time, vocabulary], of right-padded ids, [batch, time]."""
    return cast(Tensor, model(input_ids=ids, use_cache=False).logits)


def score(model: PreTrainedModel, rows: Sequence[Sequence[int]], pad_id: int) -> Tensor:
    """Score rows of token ids, [rows]; the padding beside a row cannot change its score."""
    device = model.device
    ids = pad(rows, pad_id).to(device)
    last = torch.tensor([len(row) - 1 for row in rows], device=device)
    hidden = model.base_model(input_ids=ids, use_cache=False).last_hidden_state
    read = hidden[torch.arange(len(rows), device=device), last]
    readout = cast(nn.Linear, model.score)
    return cast(Tensor, readout(read)).squeeze(-1).float()


def _llama_config(preset: str, tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    shape = PRESETS[preset]
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        max_position_embeddings=shape.positions,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def _load(loader: Any, directory: Path, drawn: Sequence[str] = (), **options: int) -> PreTrainedModel:
    """Load weights; whatever the files lack, apart from `drawn`, would be random without anybody being told."""
    _read_config(directory)
    try:
        model, info = loader.from_pretrained(
            directory,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
            **options,
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"The model in {directory} cannot be loaded: {error}") from error
    missing = sorted(set(info["missing_keys"]) - set(drawn))
    if missing:
        raise ModelError(
            f"The weights in {directory} are incomplete: {missing[0]} and {len(missing) - 1} more are missing."
        )
    return cast(PreTrainedModel, model)


def _is_reward(directory: Path) -> bool:
    architectures = _read_config(directory).get("architectures") or [""]
    return str(architectures[0]).endswith("ForSequenceClassification")


def _read_config(directory: Path) -> dict[str, Any]:
    """Read config.json of a directory that may be loaded. Raises ModelError on one that may not."""
    config_path = directory / "config.json"
    if not config_path.is_file():
        raise ModelError(f"{directory} is not a model directory: it has no config.json.")
    if not any(directory.glob("*.safetensors")):
        raise ModelError(
            f"{directory} has no weights in safetensors; convert them first: pickled weights can run code."
        )
    try:
        config: dict[str, Any] = json.loads(config_path.read_bytes())
    except ValueError as error:
        raise ModelError(f"{config_path} is not JSON: {error}") from error
    if "auto_map" in config:
        raise ModelError(f"{directory} brings its own Python code (auto_map in config.json), which is never run here.")
    return config
