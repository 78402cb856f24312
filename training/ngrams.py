"""A filter from nothing: words and pieces of words, counted in a fixed number of buckets, and one layer upon them.

It reads thousands of texts a second on one core and learns in seconds. No vocabulary is kept: an n-gram's bucket is a
hash of its bytes, so a text in any script or spelling can be read.
Source: Weinberger et al. 2009 (arXiv:0902.2206), hashing without signs; Joulin et al. 2017 (arXiv:1607.01759).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from zlib import crc32

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PretrainedConfig, PreTrainedModel

SHORTEST, LONGEST = 2, 5
WORDS = 2
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Bag:
    """A text as buckets and their weights: word n-grams lie in the first half, pieces of words in the second.

    buckets: [n-grams], in rising order; weights: [n-grams], how often each was met until a model weighs them.
    """

    buckets: Tensor
    weights: Tensor


def plain(text: str) -> str:
    """Return a text as it is counted: compatible forms made one, small letters, single spaces, marks dropped that
    are not seen.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    seen = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    return " ".join(seen.split())


def bag_of(text: str, buckets: int) -> Bag:
    """Count a text's n-grams: words alone and in pairs, and 2 to 5 characters of a word with its edges."""
    half = buckets // 2
    words = _WORD.findall(plain(text))
    counted = Counter(_bucket(gram, half) for gram in _word_grams(words))
    for word, times in Counter(words).items():
        for bucket in _pieces(word, half):
            counted[half + bucket] += times
    places = sorted(counted)
    return Bag(torch.tensor(places, dtype=torch.long), torch.tensor([float(counted[place]) for place in places]))


def _bucket(gram: str, size: int) -> int:
    return crc32(gram.encode("utf-8", "surrogatepass")) % size


def _word_grams(words: Sequence[str]) -> Iterator[str]:
    for size in range(1, WORDS + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


@lru_cache(2**16)
def _pieces(word: str, size: int) -> tuple[int, ...]:
    """Return the buckets of a word's pieces: few words make up most of any text."""
    edged = f" {word} "
    spans = range(SHORTEST, min(LONGEST, len(edged)) + 1)
    return tuple(_bucket(edged[start : start + span], size) for span in spans for start in range(len(edged) - span + 1))


class NgramConfig(PretrainedConfig):
    """How many buckets, what is told apart, and how wide the layer between them is (0: none)."""

    model_type = "bennet_ngrams"

    def __init__(self, buckets: int = 2**18, categories: int = 1, hidden: int = 0, **rest: Any) -> None:
        self.buckets, self.categories, self.hidden = buckets, categories, hidden
        super().__init__(**rest)


class NgramModel(PreTrainedModel):
    """Logits of every category from a bag of n-grams weighed by how rare they are."""

    config_class = NgramConfig
    config: NgramConfig

    def __init__(self, config: NgramConfig) -> None:
        super().__init__(config)
        width = config.hidden or config.categories
        self.table = nn.EmbeddingBag(config.buckets, width, mode="sum")
        self.bias = nn.Parameter(torch.zeros(config.categories))
        self.readout = nn.Linear(width, config.categories, bias=False) if config.hidden else None
        # Rarity of each bucket in the train split; what was never met there weighs nothing.
        self.register_buffer("rarity", torch.zeros(config.buckets))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.EmbeddingBag):
            # A layer of weights may begin at nothing; where another follows, all of it would stay there.
            nn.init.normal_(module.weight, std=0.1) if self.config.hidden else nn.init.zeros_(module.weight)
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=self.config.hidden**-0.5)

    def learn_rarity(self, bags: Iterable[Bag]) -> None:
        """Set how much each bucket weighs: ln((1 + texts) / (1 + texts that have it)) + 1, smoothed idf."""
        met, texts = torch.zeros(self.config.buckets), 0
        for bag in bags:
            met[bag.buckets] += 1
            texts += 1
        rarity = torch.log((1 + texts) / (1 + met)) + 1
        cast(Tensor, self.rarity).copy_(torch.where(met > 0, rarity, torch.zeros(())))

    def forward(self, bags: Sequence[Bag]) -> Tensor:
        """Return logits, [bags, categories], of bags that were weighed."""
        device = self.bias.device
        buckets = torch.cat([bag.buckets for bag in bags]).to(device)
        weights = torch.cat([bag.weights for bag in bags]).to(device)
        sizes = torch.tensor([len(bag.buckets) for bag in bags])
        starts = torch.cat([torch.zeros(1, dtype=torch.long), sizes.cumsum(0)[:-1]]).to(device)
        summed = self.table(buckets, starts, per_sample_weights=weights)
        if self.readout is not None:
            summed = self.readout(functional.gelu(functional.dropout(summed, 0.2, self.training)))
        return cast(Tensor, summed + self.bias)

    def weigh(self, bag: Bag) -> Bag:
        """Weigh counts: (1 + ln count) · rarity, words and pieces of words each scaled to length 1."""
        weights = (1 + bag.weights.log()) * cast(Tensor, self.rarity).cpu()[bag.buckets]
        words = bag.buckets < self.config.buckets // 2
        of_words, of_pieces = (torch.where(which, weights, 0.0).norm() for which in (words, ~words))
        return Bag(bag.buckets, weights / torch.where(words, of_words, of_pieces).clamp_min(1e-6))
