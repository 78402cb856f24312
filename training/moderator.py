"""A filter as it is kept and asked: how it reads a text, what it learned, and where each category's line is drawn.

`Moderator.load(directory).score(texts)` is all that serving needs. A text longer than the model reads at once is read
in overlapping windows and counts as its worst one, so that nothing hides behind its length.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, cast

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from training import data
from training.detection import Array, Line
from training.model import ModelError, head_scores, load_reward, to_device
from training.ngrams import Bag, NgramModel, bag_of
from training.tokenizer import encode_text, load_tokenizer, reads_characters

VERDICTS = "moderation.json"
# Characters that counted n-grams are taken of at once, and that one window shares with the next.
WINDOW, OVERLAP = 2000, 200
# Tokens or n-grams of one pass when a filter is asked.
_AT_ONCE = 2**15


@dataclass(frozen=True)
class Reading:
    """A text as a model reads it: one or more windows, and how much there is to read of them."""

    windows: list[Any]
    size: int


class Reader(Protocol):
    """How texts become what a model reads, and what it says of them."""

    def read(self, text: str) -> Reading: ...

    def logits(self, model: PreTrainedModel, readings: Sequence[Reading]) -> Tensor:
        """Return logits, [texts, categories]: the highest of each text's windows."""

    def save_pretrained(self, directory: Path, /) -> None: ...


class NgramReader:
    """Counts n-grams and weighs them by the model's rarities."""

    def __init__(self, model: NgramModel) -> None:
        self.model = model

    def read(self, text: str) -> Reading:
        bags = [self.model.weigh(bag_of(part, self.model.config.buckets)) for part in windows(text, WINDOW, OVERLAP)]
        return Reading(bags, max(1, sum(len(bag.buckets) for bag in bags)))

    def logits(self, model: PreTrainedModel, readings: Sequence[Reading]) -> Tensor:
        bags: list[Bag] = [bag for reading in readings for bag in reading.windows]
        return _worst(model(bags), readings)

    def save_pretrained(self, directory: Path, /) -> None:
        """Write nothing: all that it reads by is in the weights."""


class TokenReader:
    """Reads tokens through a language model's trunk, which sees a window whole at its last token."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, longest: int) -> None:
        if reads_characters(tokenizer):
            raise ModelError("start: a filter must read any text; this model knows only the characters of its corpus.")
        self.tokenizer, self.longest = tokenizer, longest

    def read(self, text: str) -> Reading:
        begin, end = ([one] if one is not None else [] for one in (self._begin, self._end))
        room = self.longest - len(begin) - len(end)
        parts = windows(encode_text(self.tokenizer, text), room, room // 8)
        rows = [[*begin, *part, *end] for part in parts]
        return Reading(rows, sum(map(len, rows)))

    def logits(self, model: PreTrainedModel, readings: Sequence[Reading]) -> Tensor:
        rows: list[list[int]] = [row for reading in readings for row in reading.windows]
        return _worst(head_scores(model, data.flat_ends(rows)), readings)

    def save_pretrained(self, directory: Path, /) -> None:
        self.tokenizer.save_pretrained(directory)

    @property
    def _begin(self) -> int | None:
        return cast(int | None, self.tokenizer.bos_token_id)

    @property
    def _end(self) -> int:
        # A row of no tokens has no end to be read at.
        return cast(int, self.tokenizer.eos_token_id if self.tokenizer.eos_token_id is not None else 0)


@dataclass(frozen=True)
class Verdicts:
    """What a filter tells apart, how its logits become probabilities, and from which on a text is flagged.

    rate: the share of the texts without a category that its threshold was drawn to flag at most.
    defaults: categories of which too little was known to draw one.
    """

    categories: tuple[str, ...]
    lines: Mapping[str, Line]
    thresholds: Mapping[str, float]
    rate: float
    longest: int
    defaults: tuple[str, ...] = ()

    def probabilities(self, logits: Array) -> Array:
        """Return probabilities, [texts, categories], of logits of that shape."""
        logits = logits.reshape(-1, len(self.categories))
        columns = [self.lines[name].probability(logits[:, place]) for place, name in enumerate(self.categories)]
        return np.stack(columns, axis=1)

    def to_json(self) -> dict[str, Any]:
        return {
            "categories": list(self.categories),
            "lines": {name: {"slope": line.slope, "offset": line.offset} for name, line in self.lines.items()},
            "thresholds": dict(self.thresholds),
            "false_positive_rate": self.rate,
            "longest": self.longest,
            "defaults": list(self.defaults),
        }

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read a filter's verdicts. Raises ModelError where the directory holds none."""
        path = directory / VERDICTS
        try:
            fields = json.loads(path.read_bytes())
            return cls(
                tuple(fields["categories"]),
                {name: Line(**line) for name, line in fields["lines"].items()},
                fields["thresholds"],
                fields["false_positive_rate"],
                fields["longest"],
                tuple(fields.get("defaults", ())),
            )
        except OSError as error:
            raise ModelError(f"{directory} is no filter: it has no {VERDICTS}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} does not say what this filter tells apart: {error}.") from error


@dataclass(frozen=True)
class Beside:
    """What is written beside a filter's weights."""

    reader: Reader
    verdicts: Verdicts

    def save_pretrained(self, directory: Path, /) -> None:
        self.reader.save_pretrained(directory)
        (directory / VERDICTS).write_text(json.dumps(self.verdicts.to_json(), indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Moderator:
    """A filter that can be asked."""

    model: PreTrainedModel
    reader: Reader
    verdicts: Verdicts

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Load a filter's directory. Raises ModelError."""
        verdicts = Verdicts.load(directory)
        model = to_device(load_filter(directory, len(verdicts.categories))).eval()
        return cls(model, reader_of(model, directory, verdicts.longest), verdicts)

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return the calibrated probability of every category that the filter knows, for each text."""
        readings = [self.reader.read(text) for text in texts]
        found = self.verdicts.probabilities(all_logits(self.model, self.reader, readings))
        return [dict(zip(self.verdicts.categories, map(float, row), strict=True)) for row in found]

    def flags(self, scores: Mapping[str, float]) -> dict[str, bool]:
        """Return which categories are flagged at these probabilities."""
        return {name: scores[name] >= self.verdicts.thresholds[name] for name in self.verdicts.categories}


def reader_of(model: PreTrainedModel, directory: Path, longest: int) -> Reader:
    if isinstance(model, NgramModel):
        return NgramReader(model)
    return TokenReader(load_tokenizer(directory), longest)


def load_filter(directory: Path, categories: int) -> PreTrainedModel:
    """Load the weights of a filter that tells so many categories apart. Raises ModelError."""
    if not counts_ngrams(directory):
        return load_reward(directory, 0, categories)
    try:
        model = NgramModel.from_pretrained(directory, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"The filter in {directory} cannot be loaded: {error}") from error
    return cast(PreTrainedModel, model)


def counts_ngrams(directory: Path) -> bool:
    """Whether a directory's model counts n-grams. Raises ModelError where there is none."""
    try:
        return bool(json.loads((directory / "config.json").read_bytes()).get("model_type") == "bennet_ngrams")
    except (OSError, ValueError) as error:
        raise ModelError(f"{directory} is not a model directory: it has no config.json that can be read.") from error


@torch.no_grad()
def all_logits(model: PreTrainedModel, reader: Reader, readings: Sequence[Reading], at_once: int = _AT_ONCE) -> Array:
    """Return logits, [texts, categories], of any number of texts in passes that fit."""
    model.eval()
    passes = data.micro_batches([reading.size for reading in readings], at_once)
    found = [reader.logits(model, [readings[index] for index in batch]).double().cpu() for batch in passes]
    return cast(Array, torch.cat(found).numpy()) if found else np.zeros((0, 0))


def windows(whole: Any, size: int, overlap: int) -> list[Any]:
    """Cut a text or a list into windows of `size` that share `overlap` with the one before; one where it is short."""
    step = max(1, size - overlap)
    starts = range(0, max(1, len(whole) - overlap), step)
    return [whole[start : start + size] for start in starts]


def _worst(logits: Tensor, readings: Sequence[Reading]) -> Tensor:
    """Take each category's highest logit over a text's windows: [windows, categories] to [texts, categories]."""
    if len(logits) == len(readings):
        return logits
    owners = torch.repeat_interleave(torch.tensor([len(reading.windows) for reading in readings])).to(logits.device)
    lowest = logits.new_full((len(readings), logits.shape[1]), float("-inf"))
    return lowest.scatter_reduce(0, owners[:, None].expand_as(logits), logits, "amax")
