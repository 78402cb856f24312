"""What a reward model makes of a language model's answers: the figure by which the best look of a run can be kept.

The answers are greedy, so that the same weights have the same figure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import PreTrainedModel

from training import data, handover, rollouts
from training.chat import Chat, TemplateRefused
from training.generation import Sampling
from training.model import ModelError
from training.prompts import read_prompts
from training.rewarding import Judge, can_be_judged
from training.rollouts import Prompt
from training.settings import ConfigError
from training.tokenizer import TokenizerError

# So many prompts are written for at a time.
PROMPTS_AT_ONCE = 16


@dataclass(frozen=True)
class Chooser:
    """A reward model with the prompts whose answers it scores."""

    judge: Judge
    sha256: str
    prompts: Sequence[Prompt]
    longest_answer: int

    def score(self, writer: PreTrainedModel, chat: Chat, check: Callable[[], None] = lambda: None) -> float:
        """Let the writer answer every prompt greedily; return the mean score of the answers. check: may raise."""
        sampling = Sampling(temperature=0, top_p=1, max_new_tokens=self.longest_answer)
        total = 0.0
        for start in range(0, len(self.prompts), PROMPTS_AT_ONCE):
            check()
            asked = self.prompts[start : start + PROMPTS_AT_ONCE]
            # The compiler would compile anew for every length that a cache grows to.
            with torch.compiler.set_stance("force_eager"):
                answered = rollouts.write(writer, chat, asked, copies=1, sampling=sampling, seed=0, occasion="look")
            scores = self.judge.scores([one.prompt.messages for one in answered], [one.texts for one in answered])
            total += float(scores.sum())
        return total / len(self.prompts)


def open_chooser(
    directory: Path, release: Path, chat: Chat, *, most: int, longest_answer: int, room: int, forward_tokens: int
) -> Chooser:
    """Load a reward model, and choose at most so many prompts of the release's validation split for it.

    room: tokens that the writer reads, answer included. Raises ConfigError, which names the setting.
    """
    try:
        judge = Judge(directory, forward_tokens)
    except (ModelError, TokenizerError, TemplateRefused) as error:
        raise ConfigError(f"judge: {error}") from error
    prompts, _ = read_prompts(
        release, "validation", chat, room - longest_answer, lambda messages: can_be_judged([judge], messages)
    )
    # Which are asked hangs on themselves alone.
    prompts = sorted(prompts, key=lambda prompt: data.place_of(prompt.prompt_id))[:most]
    if not prompts:
        raise ConfigError(
            "judge: the release's validation split has no prompt with room for an answer; freeze one that has, lower "
            "judge_tokens, or let the validation loss choose."
        )
    return Chooser(judge, handover.model_sha256(directory), prompts, longest_answer)
