"""What judges a policy's answers: reward models, one or several together, or a function that somebody installed.

A reward model reads an answer as it read those it learned from: with its own tokenizer and template, all answers of a
prompt in one pass, counted from the mean of the demonstrations where it was centred on them.
"""

import json
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from training.chat import ChatError, chat_for
from training.config import RewardConfig, RLConfig
from training.data import Counts, micro_batches, render_all
from training.model import ModelError, head_scores, is_reward, load_reward, longest_row, to_device
from training.ranking_rows import RankingRow, flat_rankings
from training.records import CARD, Message
from training.settings import ConfigError
from training.tokenizer import load_tokenizer

GROUP = "bennet.rewards"
# Where a reward model does not say how much it reads.
LONGEST = 4096

# From a conversation and an answer to what it is worth.
RewardFunction = Callable[[Sequence[Message], str], float]


class Judge:
    """One reward model, ready to score answers as texts."""

    def __init__(self, directory: Path, forward_tokens: int) -> None:
        """Load a reward model's directory. Raises ModelError where it is none, or does not know all its tokens."""
        stage = stage_of(directory)
        if stage not in (None, RewardConfig.stage) or not is_reward(directory):
            what = "" if stage is None else f" but a {stage} model"
            raise ModelError(f"{directory} is no reward model{what}: choose one that was trained on rankings.")
        self.chat = chat_for(load_tokenizer(directory))
        self.model = to_device(load_reward(directory, seed=0)).eval().requires_grad_(False)
        self.longest = longest_row(self.model) or LONGEST
        known = cast(nn.Embedding, self.model.get_input_embeddings()).num_embeddings
        if known < len(self.chat.tokenizer):
            raise ModelError(
                f"The tokenizer in {directory} has {len(self.chat.tokenizer)} tokens and the model knows {known}: "
                "choose a reward model with a tokenizer of its own."
            )
        self.forward_tokens = forward_tokens

    def scores(self, asked: Sequence[Sequence[Message]], answers: Sequence[Sequence[str]]) -> Tensor:
        """Score every answer, [prompts * samples], in their order. Raises ChatError where one cannot be rendered."""
        return self.members(asked, answers).mean(dim=-1)

    @torch.no_grad()
    def members(self, asked: Sequence[Sequence[Message]], answers: Sequence[Sequence[str]]) -> Tensor:
        """Score every answer by each of the model's readouts, [answers, heads]. Raises what `scores` raises."""
        rows = [self._row(messages, texts) for messages, texts in zip(asked, answers, strict=True)]
        found = [
            head_scores(self.model, flat_rankings([rows[place] for place in places])).cpu()
            for places in micro_batches([row.tokens for row in rows], self.forward_tokens)
        ]
        return torch.cat(found)

    def _row(self, messages: Sequence[Message], answers: Sequence[str]) -> RankingRow:
        rendered = [self.chat.render(messages, text) for text in answers]
        if max(len(row.ids) for row in rendered) > self.longest:
            # What it cannot read whole it reads without the oldest of the prompt.
            rendered = render_all(self.chat, messages, answers, self.longest, Counts()) or rendered
        return RankingRow(
            record="", prompt_id="", group="", rows=rendered, pairs=[], characters=[len(text) for text in answers]
        )


class Rewards:
    """All that a configuration lets judge, as one number an answer."""

    def __init__(self, config: RLConfig) -> None:
        """Load what judges. Raises ConfigError, ModelError."""
        self.ensemble = config.ensemble
        self.judges = [Judge(Path(directory), config.forward_tokens) for directory in config.reward_models]
        self.function = None if config.reward_function is None else function_named(config.reward_function)

    def __call__(self, asked: Sequence[Sequence[Message]], answers: Sequence[Sequence[str]]) -> Tensor:
        """Return what each answer is worth, [prompts * samples]; the function's word is added to the models'."""
        total = torch.zeros(sum(map(len, answers)))
        if self.judges:
            total = total + together(
                torch.stack([judge.scores(asked, answers) for judge in self.judges]), self.ensemble
            )
        if self.function is not None:
            pairs = [(messages, text) for messages, texts in zip(asked, answers, strict=True) for text in texts]
            total = total + torch.tensor([float(self.function(messages, text)) for messages, text in pairs])
        return total


def together(scores: Tensor, ensemble: str) -> Tensor:
    """Make one score of several models', [models, answers] to [answers].

    Source: Coste et al. 2023 (arXiv:2310.02743), section 3.3: mean, worst case, and uncertainty weighted with weight 1,
    here in standard deviations rather than variances.
    """
    if ensemble == "minimum":
        return scores.amin(dim=0)
    mean = scores.mean(dim=0)
    return mean - scores.std(dim=0, unbiased=False) if ensemble == "mean_minus_spread" else mean


def stage_of(directory: Path) -> str | None:
    """Return what a model made here says that it is; None of a model from elsewhere."""
    try:
        return str(json.loads((directory / CARD).read_bytes())["stage"])
    except (OSError, ValueError, KeyError):
        return None


def function_named(name: str) -> RewardFunction:
    """Return an installed reward function. Raises ConfigError where none has the name.

    Functions are installed with a package, never typed into a page: they run with this process's rights.
    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        known = ", ".join(sorted(found)) or "there are none"
        raise ConfigError(f"reward_function: {name!r} is no installed entry point of {GROUP} ({known}).")
    function: RewardFunction = found[name].load()
    return function


def can_be_judged(judges: Sequence[Judge], messages: Sequence[Message]) -> bool:
    """Whether every reward model's template takes the conversation."""
    try:
        for judge in judges:
            judge.chat.prompt(messages)
    except ChatError:
        return False
    return True
