"""Tokenizers made from text: byte-level BPE, which reads any text without loss, and one token a character.

One that knows characters alone knows those of its corpus and no others: what it cannot read is refused, never dropped.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
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


class UnknownCharacters(TokenizerError):
    """A text has characters that the tokenizer was not made for."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = sorted(set(characters))
        shown = " ".join(ascii(character) for character in self.characters[:10])
        super().__init__(f"The model knows only the characters of its corpus, and not {shown}.")


def character_tokenizer(characters: Iterable[str]) -> PreTrainedTokenizerFast:
    """Make a tokenizer of one token a character, in the order of their code points, and of no other token."""
    vocabulary = {character: place for place, character in enumerate(sorted(set(characters)))}
    # The unknown token is not in the vocabulary: an unknown character is an error instead of nothing.
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<|unknown|>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        clean_up_tokenization_spaces=False,
        model_input_names=["input_ids", "attention_mask"],
    )


def reads_characters(tokenizer: PreTrainedTokenizerFast) -> bool:
    """Whether it has one token a character, and refuses the others."""
    return isinstance(tokenizer.backend_tokenizer.model, models.WordLevel)


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
    """Encode a person's text; a special token spelled out in it stays ordinary text. Raises UnknownCharacters."""
    if reads_characters(tokenizer):
        known = tokenizer.get_vocab()
        if unknown := set(text) - known.keys():
            raise UnknownCharacters(unknown)
        return [known[character] for character in text]
    return cast(list[int], tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True))


def decode_text(tokenizer: PreTrainedTokenizerFast, ids: Sequence[int]) -> str:
    r"""Decode generated ids without special tokens or the broken bytes a length limit leaves at the end."""
    return str(tokenizer.decode(list(ids), skip_special_tokens=True)).rstrip("\ufffd")
