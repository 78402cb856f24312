"""Tokens on disk, mapped into memory: a corpus of any size is read block by block, from a place that a number names.

Which block is read when follows from the seed and the number of the round alone. So a run that goes on from round n
reads on where it stopped, and nothing of the order has to be kept.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from training import handover, records
from training.corpus import TRAIN, Corpus, CorpusError
from training.depth import CHARACTER, ResolvedPretraining
from training.tokenizer import (
    END,
    character_tokenizer,
    encode_text,
    load_tokenizer,
    reads_characters,
    train_tokenizer,
)

INDEX = "shards.json"
# A quarter of a gigabyte a file at most: what tools copy and compare without trouble.
SHARD_TOKENS = 2**26
# Encoded at a time: the tokenizer's own records of a text are many times as long as it.
PIECE_CHARACTERS = 2**16


class Tokens:
    """One split: its files as arrays, and how many characters they stand for."""

    def __init__(self, files: Sequence[Path], dtype: str, characters: int) -> None:
        self._files = [np.memmap(path, dtype=dtype, mode="r") for path in files]
        self.characters = characters

    def __len__(self) -> int:
        return sum(map(len, self._files))

    @property
    def per_character(self) -> float:
        return len(self) / max(self.characters, 1)

    def batch(self, round_: int, *, rows: int, context: int, seed: int) -> Tensor:
        """Return the blocks of a round, [rows, context + 1]: an epoch is a shuffle of them, each epoch cut anew."""
        places = self._starts(context, shift=0)
        first = round_ * rows
        return torch.stack([self._row(first + row, len(places), context, seed) for row in range(rows)])

    def spread(self, *, context: int, most: int) -> Iterator[Tensor]:
        """Yield at most so many blocks, [context + 1] each, evenly over the whole split."""
        places = [
            (file, start)
            for file in range(len(self._files))
            for start in range(0, len(self._files[file]) - context, context)
        ]
        for number in range(min(most, len(places))):
            yield self._block(*places[number * len(places) // min(most, len(places))], context)

    def blocks(self, context: int) -> int:
        """Count the blocks of an epoch."""
        return len(self._starts(context, shift=0))

    def _row(self, number: int, blocks: int, context: int, seed: int) -> Tensor:
        epoch, place = divmod(number, blocks)
        order, shift = _shuffle(blocks, context, seed, epoch)
        return self._block(*self._starts(context, shift)[int(order[place])], context)

    def _starts(self, context: int, shift: int) -> list[tuple[int, int]]:
        return _starts(tuple(map(len, self._files)), context, shift)

    def _block(self, file: int, start: int, context: int) -> Tensor:
        return torch.from_numpy(self._files[file][start : start + context + 1].astype(np.int64))


@lru_cache(maxsize=4)
def _starts(lengths: tuple[int, ...], context: int, shift: int) -> list[tuple[int, int]]:
    """List where blocks begin: the same number of them whatever the shift."""
    starts = []
    for file, length in enumerate(lengths):
        room = length - 1
        blocks = max((room - context + 1) // context, min(room // context, 1))
        slack = min(context - 1, room - blocks * context) if blocks else 0
        starts += [(file, shift % (slack + 1) + block * context) for block in range(blocks)]
    return starts


@lru_cache(maxsize=2)
def _shuffle(blocks: int, context: int, seed: int, epoch: int) -> tuple[Tensor, int]:
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    order = torch.randperm(blocks, generator=generator)
    return order, int(torch.randint(context, (1,), generator=generator))


@dataclass(frozen=True)
class Shards:
    """A corpus as tokens, and the tokenizer that made them. index: what stands in the index file."""

    splits: dict[str, Tokens]
    tokenizer: PreTrainedTokenizerFast
    index: dict[str, Any]


def build(
    directory: Path, corpus: Corpus, whole: ResolvedPretraining, tokenizer: PreTrainedTokenizerFast | None = None
) -> None:
    """Write a corpus as shards, unless they stand there already; a directory with an index is whole.

    tokenizer: that of the model to start from; else one is made from the text.
    """
    made_of = {
        "corpus": corpus.digest_sha256,
        "tokenizer": "the model's" if tokenizer else whole.tokenizer,
        "vocabulary": whole.vocabulary,
    }
    if (directory / INDEX).is_file() and _index(directory)["made_of"] == made_of:
        return
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    tokenizer = tokenizer or _tokenizer_for(corpus, whole)
    tokenizer.save_pretrained(directory)
    dtype = "uint16" if len(tokenizer) <= 2**16 else "uint32"
    writers = {split: _Writer(directory, split, dtype) for split in records.SPLITS}
    parting = _parting(tokenizer)
    for split, text in corpus.pieces():
        writers[split].add(text, _ids(tokenizer, text, parting))
    index = {
        "made_of": made_of,
        "dtype": dtype,
        "splits": {split: writer.finish() for split, writer in writers.items()},
    }
    (directory / INDEX).write_text(json.dumps(index, indent=2), encoding="utf-8")


def load(directory: Path) -> Shards:
    """Map a directory of shards into memory."""
    index = _index(directory)
    splits = {
        split: Tokens([directory / file["path"] for file in said["files"]], index["dtype"], said["characters"])
        for split, said in index["splits"].items()
    }
    return Shards(splits, load_tokenizer(directory), index)


def check(shards: Shards, context: int) -> None:
    """Raise CorpusError where a split is shorter than one block."""
    for split in (TRAIN, "validation"):
        if not shards.splits[split].blocks(context):
            raise CorpusError(
                f"text: its {split} part has {len(shards.splits[split]):,} tokens, fewer than one context of "
                f"{context} and the token after it; give more text or lower context."
            )


class _Writer:
    """The files of one split while they are written."""

    def __init__(self, directory: Path, split: str, dtype: str) -> None:
        self.directory, self.split, self.dtype = directory, split, dtype
        self.files: list[Path] = []
        self.documents = self.characters = self.tokens = 0
        self.room = 0

    def add(self, text: str, ids: Iterable[Sequence[int]]) -> None:
        self.documents += 1
        self.characters += len(text)
        for piece in ids:
            self._write(np.asarray(piece, dtype=self.dtype))

    def _write(self, tokens: np.ndarray) -> None:
        while len(tokens):
            if not self.room:
                self.files.append(self.directory / f"{self.split}-{len(self.files):05d}.bin")
                self.room = SHARD_TOKENS
            with self.files[-1].open("ab") as stream:
                tokens[: self.room].tofile(stream)
            written = min(self.room, len(tokens))
            self.tokens, self.room, tokens = self.tokens + written, self.room - written, tokens[written:]

    def finish(self) -> dict[str, Any]:
        return {
            "documents": self.documents,
            "characters": self.characters,
            "tokens": self.tokens,
            "files": [{"path": path.name, "sha256": handover.sha256_of_file(path)} for path in self.files],
        }


def _tokenizer_for(corpus: Corpus, whole: ResolvedPretraining) -> PreTrainedTokenizerFast:
    """Make a tokenizer from the text: pieces from what is learned, characters from all, or none could be tested."""
    if whole.tokenizer == CHARACTER:
        characters: set[str] = set()
        for _, text in corpus.pieces():
            characters.update(text)
        return character_tokenizer(characters)
    return train_tokenizer(corpus.texts(TRAIN), whole.vocabulary)


def _parting(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """Return what stands between documents: the end token, or a blank line where there are only characters."""
    known = tokenizer.get_vocab()
    if reads_characters(tokenizer):
        return [known["\n"]] * 2 if "\n" in known else []
    end = tokenizer.eos_token_id if tokenizer.eos_token_id is not None else known.get(END)
    return [] if end is None else [end]


def _ids(tokenizer: PreTrainedTokenizerFast, text: str, parting: list[int]) -> Iterator[list[int]]:
    start = 0
    while start < len(text):
        end = start + PIECE_CHARACTERS
        if end < len(text):
            end = text.rfind("\n", start, end) + 1 or end
        yield encode_text(tokenizer, text[start:end])
        start = end
    yield parting


def _index(directory: Path) -> dict[str, Any]:
    index: dict[str, Any] = json.loads((directory / INDEX).read_bytes())
    return index
