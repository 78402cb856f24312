"""What both sides train: one small Llama, rankings whose better completions have more good words, plain blocks."""

from dataclasses import dataclass

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification, PreTrainedModel

from training.chat import Rendered
from training.data import TextRow
from training.ranking_rows import RankingRow

VOCABULARY, PAD, END = 8192, 0, 1
FIRST_WORD, GOOD_WORDS = 8, 60
COMPLETION_TOKENS = 80
BLOCK = 512


@dataclass(frozen=True)
class Case:
    """Rankings of so many completions; `prompts` of them are an epoch that is timed."""

    name: str
    completions: int
    prompt_tokens: int
    prompts: int


CASES = (
    Case("rm_k4_short", 4, 120, 8),
    Case("rm_k4_long", 4, 400, 4),
    Case("rm_k9_short", 9, 120, 4),
    Case("rm_k9_long", 9, 400, 2),
)


def rankings(case: Case, prompts: int, seed: int) -> list[RankingRow]:
    """Make rankings without ties: more good words are better, with a little chance."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(prompts):
        prompt = words(draw, case.prompt_tokens)
        texts = [words(draw, COMPLETION_TOKENS, good=draw.uniform(0.02, 0.2)) for _ in range(case.completions)]
        worth = [sum(token < FIRST_WORD + GOOD_WORDS for token in text) + draw.uniform(0, 0.5) for text in texts]
        order = sorted(range(case.completions), key=lambda place: -worth[place])
        rows.append(
            RankingRow(
                record=f"r{number}",
                prompt_id=f"p{number}",
                group=f"g{number}",
                rows=[Rendered([*prompt, *text, END], len(prompt)) for text in texts],
                pairs=[(better, worse) for place, better in enumerate(order) for worse in order[place + 1 :]],
                characters=[len(text) for text in texts],
                tiers=[[place] for place in order],
            )
        )
    return rows


def texts(prompts: int, seed: int) -> list[TextRow]:
    """Make prompts with one answer each, of which the answer is learned."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(prompts):
        prompt, answer = words(draw, 120), words(draw, COMPLETION_TOKENS)
        rows.append(TextRow([*prompt, *answer, END], len(prompt), f"g{number}"))
    return rows


def blocks(count: int, seed: int) -> torch.Tensor:
    """Make blocks of random tokens, [count, BLOCK + 1]: what they say does not change how long they take."""
    return torch.randint(FIRST_WORD, VOCABULARY, (count, BLOCK + 1), generator=torch.Generator().manual_seed(seed))


def words(draw: np.random.Generator, median: int, good: float = 0.0) -> list[int]:
    """Draw a text of about `median` tokens, of which a share are good words."""
    size = max(8, int(draw.lognormal(np.log(median), 0.4)))
    is_good = draw.random(size) < good
    plain = draw.integers(FIRST_WORD + GOOD_WORDS, VOCABULARY, size)
    return [int(token) for token in np.where(is_good, draw.integers(FIRST_WORD, FIRST_WORD + GOOD_WORDS, size), plain)]


def reward_model(seed: int = 0) -> PreTrainedModel:
    torch.manual_seed(seed)
    return LlamaForSequenceClassification(_config(num_labels=1))


def language_model(seed: int = 0) -> PreTrainedModel:
    torch.manual_seed(seed)
    return LlamaForCausalLM(_config())


def _config(**changes: int) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=384,
        intermediate_size=1024,
        num_hidden_layers=6,
        num_attention_heads=6,
        num_key_value_heads=6,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        pad_token_id=PAD,
        bos_token_id=2,
        eos_token_id=END,
        **changes,
    )
