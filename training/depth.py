"""The one dial of a model from scratch: its depth, and all that follows from it. Standard library only.

Forty options that only make sense together are one number here, as in nanochat: whoever turns it gets a model that
is as wide, and trained in steps as large, as its depth calls for. Every value can still be set by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ELIZABETH = '"You must decide for yourself," said Elizabeth'
CHARACTER, BPE = TOKENIZERS = ("character", "bpe")

# Source: nanochat (github.com/karpathy/nanochat), scripts/base_train.py: width by depth.
WIDTH_PER_LAYER = HEAD_WIDTH = 64
# Feed-forward of a gated layer, with as many weights as an ungated one of four widths.
# Source: Shazeer 2020 (arXiv:2002.05202).
FEED_FORWARD_SHARE = 8 / 3
# At depth 6 the width is 384. Source: nanoGPT (github.com/karpathy/nanoGPT), config/train_shakespeare_char.py:
# context, learning rate; its recipe for a processor has 768 tokens a round, which a depth of 3 gets here.
REFERENCE_DEPTH, REFERENCE_CONTEXT, REFERENCE_RATE = 6, 256, 1e-3
SMALL_DEPTH, SMALL_BATCH = 3, 768
SMALLEST_BATCH, LARGEST_CONTEXT, LARGEST_BATCH = 512, 4096, 2**20


@dataclass(frozen=True)
class Dial:
    """A model's shape and pace. batch_tokens is a multiple of context."""

    layers: int
    width: int
    heads: int
    feed_forward: int
    context: int
    batch_tokens: int
    learning_rate: float

    def parameters(self, vocabulary: int) -> int:
        """Count the weights of a Llama-shaped model whose output shares the input embedding."""
        layer = 4 * self.width**2 + 3 * self.width * self.feed_forward + 2 * self.width
        return vocabulary * self.width + self.layers * layer + self.width


def dial_of(depth: int) -> Dial:
    """Turn the dial.

    Context doubles with every three layers. A round grows with the fourth power of the depth, so that a model with
    eight times the weights sees sixteen times the text; the learning rate falls with the square root of the width.
    """
    width = WIDTH_PER_LAYER * depth
    context = min(REFERENCE_CONTEXT << (depth // 3) >> (REFERENCE_DEPTH // 3), LARGEST_CONTEXT)
    tokens = max(SMALLEST_BATCH, min(SMALL_BATCH * (depth / SMALL_DEPTH) ** 4, LARGEST_BATCH))
    return Dial(
        layers=depth,
        width=width,
        heads=width // HEAD_WIDTH,
        feed_forward=round(FEED_FORWARD_SHARE * width / HEAD_WIDTH) * HEAD_WIDTH,
        context=context,
        batch_tokens=max(1, round(tokens / context)) * context,
        # Source: nanochat scales by the width so, from 768; here from nanoGPT's rate at 384.
        learning_rate=REFERENCE_RATE * (REFERENCE_DEPTH / depth) ** 0.5,
    )


@dataclass(frozen=True, kw_only=True)
class PretrainPreset:
    """A depth with the text it is meant for."""

    help: str
    depth: int
    rounds: int
    tokenizer: str
    vocabulary: int
    dropout: float = 0.0


PRETRAIN_PRESETS: Mapping[str, PretrainPreset] = {
    "demo": PretrainPreset(
        help="A minute on a processor: letters begin to make words.",
        depth=1, rounds=2_000, tokenizer=CHARACTER, vocabulary=128,
    ),
    "austen-laptop": PretrainPreset(
        help="Six novels letter by letter, 30,000 rounds, on two processor cores.",
        depth=3, rounds=30_000, tokenizer=CHARACTER, vocabulary=128,
    ),
    "austen-gpu": PretrainPreset(
        help="The same novels, eight times the model, on an accelerator.",
        depth=6, rounds=30_000, tokenizer=CHARACTER, vocabulary=128, dropout=0.2,
    ),
    "pieces": PretrainPreset(
        help="Pieces of words instead of letters, for some ten million characters and more, on an accelerator.",
        depth=8, rounds=20_000, tokenizer=BPE, vocabulary=8192,
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ResolvedPretraining:
    """What is trained, nothing left open."""

    dial: Dial
    rounds: int
    context: int
    batch_tokens: int
    tokenizer: str
    vocabulary: int
    dropout: float
    learning_rate: float

    @property
    def rows(self) -> int:
        """Count the blocks of one round."""
        return self.batch_tokens // self.context
