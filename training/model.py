"""Models by name or directory: presets built from scratch, Hugging Face directories loaded as data, never as code.

A reward model is the same trunk with one number read out at a row's last token. The place comes from the row's
length, never from its token ids: a padding token that also ends turns cannot move it.
"""

import json
from collections.abc import Sequence
from contextlib import nullcontext
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

from training import attention_blocks, data, devices, last_block
from training.attention import ranged
from training.chat import Chat, chat_for
from training.compiled import alongside
from training.config import PRESETS, Preset
from training.data import Flat
from training.depth import Dial
from training.losses import next_token_loss
from training.settings import ConfigError, Start
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


def open_reward(start: Start, chat: Chat, seed: int, heads: int = 1) -> PreTrainedModel:
    """Return the reward model a configuration starts from, fitted to the tokenizer."""
    if start.directory is None:
        return build_reward(start.preset or "", chat.tokenizer, seed, heads)
    return fit_vocabulary(load_reward(Path(start.directory), seed, heads), chat.tokenizer)


def build_causal(preset: str, tokenizer: PreTrainedTokenizerFast, seed: int) -> PreTrainedModel:
    """Build a preset's language model with weights drawn from the seed."""
    torch.manual_seed(seed)
    return LlamaForCausalLM(_llama_config(PRESETS[preset], tokenizer))


def build_deep(dial: Dial, context: int, tokenizer: PreTrainedTokenizerFast, seed: int) -> PreTrainedModel:
    """Build the language model that a depth calls for, reading `context` tokens, with weights drawn from the seed."""
    torch.manual_seed(seed)
    shape = Preset(
        help="",
        vocabulary=len(tokenizer),
        hidden=dial.width,
        layers=dial.layers,
        heads=dial.heads,
        feed_forward=dial.feed_forward,
        positions=context,
    )
    return LlamaForCausalLM(_llama_config(shape, tokenizer))


def build_reward(preset: str, tokenizer: PreTrainedTokenizerFast, seed: int, labels: int = 1) -> PreTrainedModel:
    """Build a preset's reward model, or one that reads out several numbers, with weights drawn from the seed."""
    torch.manual_seed(seed)
    config = _llama_config(PRESETS[preset], tokenizer)
    config.num_labels = labels
    return LlamaForSequenceClassification(config)


def load_causal(directory: Path) -> PreTrainedModel:
    """Load a causal language model's directory. Raises ModelError."""
    if is_reward(directory):
        raise ModelError(
            f"{directory} is a reward model: it orders completions and cannot write; choose a language model."
        )
    return _load(AutoModelForCausalLM, directory)


def load_reward(directory: Path, seed: int, labels: int | None = None) -> PreTrainedModel:
    """Load a directory as a model that reads out numbers; a language model gets readouts drawn from the seed.

    labels: how many; where none are asked for, as many as the directory has, or one.
    Raises ModelError, also where the directory reads out another number of them.
    """
    torch.manual_seed(seed)
    if not is_reward(directory):
        return _load(AutoModelForSequenceClassification, directory, ("score.weight",), num_labels=labels or 1)
    options = {"num_labels": labels} if labels else {}
    return _load(AutoModelForSequenceClassification, directory, (), **options)


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


def drop_outputs(model: PreTrainedModel, share: float) -> None:
    """Blank a random share of what each block adds to the stream of a Llama-shaped model while it trains.

    Source: Srivastava et al. 2014; at the same places as Radford et al. 2019.
    """
    if not share:
        return

    def drop(module: nn.Module, args: object, output: Tensor) -> Tensor:
        return nn.functional.dropout(output, share, training=module.training)

    for name, module in model.named_modules():
        if name.endswith(("self_attn.o_proj", "mlp.down_proj")):
            module.register_forward_hook(drop)


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


def read(model: PreTrainedModel, flat: Flat) -> Tensor:
    """Return the trunk's last hidden states, [places, width], of the places that rows end to end are read at."""
    device = model.device
    asked, read_at = {}, flat.read
    if last_block.open_to(model, flat.layout):
        # What is read before the first token of several completions is one place, their prompt's last.
        places, read_at = flat.read.unique(return_inverse=True)
        asked["reading"] = flat.layout.reading(places)
    with ranged(model):
        hidden = model.base_model(
            input_ids=flat.ids[None].to(device),
            position_ids=flat.layout.positions[None].to(device),
            layout=flat.layout,
            use_cache=False,
            **asked,
        ).last_hidden_state
    return cast(Tensor, hidden[0, read_at.to(device)])


def score(model: PreTrainedModel, flat: Flat) -> Tensor:
    """Score what ends at the places read, [places]; what lies beside it in the batch cannot change its score.

    Where the model has several readouts it is their mean, and where demonstrations were there to fix it, 0 is what
    people write themselves: `centre` put that into the model's configuration.
    """
    return head_scores(model, flat).mean(dim=-1)


def head_scores(model: PreTrainedModel, flat: Flat) -> Tensor:
    """Score by each of the model's readouts, [places, heads]."""
    return _centred(model, devices.whole(model, readouts, flat).float())


def readouts(model: PreTrainedModel, flat: Flat) -> Tensor:
    """Return what the readouts say, [places, heads], before it is centred."""
    readout = cast(nn.Linear, model.score)
    return cast(Tensor, readout(read(model, flat)))


def centre(model: PreTrainedModel, means: Sequence[float]) -> None:
    """Let the readouts, [heads], count from these scores on; kept in the model's configuration."""
    model.config.score_means = [float(one) for one in means]


def _centred(model: PreTrainedModel, scores: Tensor) -> Tensor:
    means = getattr(model.config, "score_means", None)
    return scores if means is None else scores - torch.tensor(means, device=scores.device)


def next_logits(model: PreTrainedModel, flat: Flat) -> Tensor:
    """Return the logits of what follows each place read, [places, vocabulary].

    As the model's own forward does it: output embedding, then the cap or scale that some architectures put on it.
    """
    return devices.whole(model, _next_logits, flat)


def _next_logits(model: PreTrainedModel, flat: Flat) -> Tensor:
    return _foretold(model, read(model, flat))


def learned_loss(model: PreTrainedModel, given: tuple[Flat, Tensor]) -> Tensor:
    """Sum the loss of what follows each place read; given: the rows and the tokens that do follow, [places].

    Compiled where the trunk is, so that no number of [places, vocabulary] is written more often than it must be.
    """
    return devices.whole(model, _learned_loss, given)


def block_loss(model: PreTrainedModel, ids: Tensor) -> Tensor:
    """Sum the loss of every token after the first of its block. ids: [rows, context + 1]."""
    return devices.whole(model, _block_loss, ids.to(model.device))


def _learned_loss(model: PreTrainedModel, given: tuple[Flat, Tensor]) -> Tensor:
    flat, targets = given
    return alongside(model, _loss_of_states)(model, read(model, flat), targets)


def _block_loss(model: PreTrainedModel, ids: Tensor) -> Tensor:
    with attention_blocks.in_blocks(model) if attention_blocks.pays(model, ids.shape[1] - 1) else nullcontext():
        states = model.base_model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
    return alongside(model, _loss_of_states)(model, states.flatten(0, 1), ids[:, 1:].flatten())


def _loss_of_states(model: PreTrainedModel, states: Tensor, targets: Tensor) -> Tensor:
    return next_token_loss(_foretold(model, states), targets)


def _foretold(model: PreTrainedModel, states: Tensor) -> Tensor:
    """Return the logits, [places, vocabulary], that states lead to, [places, width]."""
    head = cast(nn.Linear, model.get_output_embeddings())
    found = cast(Tensor, head(states))
    config = model.config.get_text_config()
    if scale := getattr(config, "logits_scaling", None):  # Granite
        found = found / scale
    if scale := getattr(config, "logit_scale", None):  # Cohere
        found = found * scale
    if cap := getattr(config, "final_logit_softcapping", None):  # Gemma 2
        found = cap * torch.tanh(found / cap)
    return found


@torch.no_grad()
def check_reading(model: PreTrainedModel, flat: Flat, rows: Sequence[Sequence[int]]) -> None:
    """Raise ModelError unless the places of `flat` are read as the model's own attention reads the ends of `rows`.

    An architecture that does more than attend (a state that runs along the row, positions by distance) would read
    its neighbours' tokens and train on nonsense without a word.
    """
    was_training = model.training
    model.eval()
    judge = next_logits if model.can_generate() else score
    apart = torch.stack([_last_output(model, torch.tensor(row, device=model.device)) for row in rows])
    together = judge(model, flat)
    model.train(was_training)
    if not torch.allclose(together, apart.reshape(together.shape), rtol=1e-3, atol=1e-3 * float(apart.abs().max())):
        kind = model.config.model_type
        raise ModelError(f"A {kind} model reads a row differently beside other rows, so it cannot be trained here.")


def _last_output(model: PreTrainedModel, ids: Tensor) -> Tensor:
    if model.can_generate():
        return cast(Tensor, model(input_ids=ids[None], use_cache=False).logits[0, -1])
    # Not its own forward, which looks for padding: where that token also ends turns, it would read too early.
    readout = cast(nn.Linear, model.score)
    found = readout(model.base_model(input_ids=ids[None], use_cache=False).last_hidden_state[0, -1])
    return _centred(model, found.float()).mean(dim=-1)


def _llama_config(shape: Preset, tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
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


def is_reward(directory: Path) -> bool:
    """Whether a model directory orders completions rather than writes them. Raises ModelError."""
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
