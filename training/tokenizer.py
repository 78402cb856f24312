"""Byte-level BPE trained on a release, so that a model from scratch reads any text without loss."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

PAD, BEGIN, SYSTEM, USER, ASSISTANT, END = "<|pad|>", "<|begin|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"
SPECIALS = (PAD, BEGIN, SYSTEM, USER, ASSISTANT, END)
ROLE_TOKENS = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT}

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "spiece.model", "vocab.txt")


class TokenizerError(ValueError):
    """A directory without a usable tokenizer."""


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Train byte-level BPE of at most `vocabulary` tokens; the same texts give the same tokenizer.

    Source: Sennrich et al. 2016 (arXiv:1508.07909) on the bytes of Radford et al. 2019.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=list(SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=BEGIN,
        eos_token=END,
        extra_special_tokens=[SYSTEM, USER, ASSISTANT],
        clean_up_tokenization_spaces=False,
        model_input_names=["input_ids", "attention_mask"],
    )


def load_tokenizer(directory: Path) -> PreTrainedTokenizerFast:
    """Load a model directory's tokenizer; never code from it.

    Raises TokenizerError where the directory has none, or only one without a fast form.
    """
    if not any((directory / name).is_file() for name in _TOKENIZER_FILES):
        raise TokenizerError(
            f"{directory} has no tokenizer (tokenizer.json): copy the base model's tokenizer files into it."
        )
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(directory, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise TokenizerError(f"The tokenizer in {directory} cannot be read: {error}") from error
    if not tokenizer.is_fast:
        raise TokenizerError(f"The tokenizer in {directory} has no tokenizer.json; save it as a fast tokenizer first.")
    return cast(PreTrainedTokenizerFast, tokenizer)


def encode_text(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    """Encode a person's text; a special token spelled out in it stays ordinary text."""
    return cast(list[int], tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True))


def decode_text(tokenizer: PreTrainedTokenizerFast, ids: Sequence[int]) -> str:
    r"""Decode generated ids without special tokens or the broken bytes a length limit leaves at the end."""
    return str(tokenizer.decode(list(ids), skip_special_tokens=True)).rstrip("\ufffd")
