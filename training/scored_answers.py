"""What a reward model makes of a language model's answers: the figure by which the best of a run can be kept.

The answers are greedy, so that the same weights have the same figure; the reward model reads them by its own tokenizer
and template, whatever those of the writer are.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel

from training import data, generation, parquet, records
from training.chat import Chat, ChatError, TemplateRefused, chat_for
from training.config import ConfigError, RewardConfig
from training.data import Counts
from training.generation import Sampling
from training.model import ModelError, is_reward, load_reward, longest_row, score, to_device
from training.records import Message
from training.tokenizer import TokenizerError, decode_text, load_tokenizer

# So many prompts are written for at a time.
PROMPTS_AT_ONCE = 16
# Where a reward model does not say how much it reads.
LONGEST = 4096


@dataclass(frozen=True)
class Asked:
    """A prompt: what was said, and how the writer reads it, without the oldest of what leaves no room to answer."""

    messages: Sequence[Message]
    ids: list[int]


@dataclass(frozen=True)
class Judge:
    """A reward model with the prompts whose answers it scores."""

    model: PreTrainedModel
    chat: Chat
    sha256: str
    prompts: Sequence[Asked]
    longest_answer: int

    @torch.no_grad()
    def score(self, writer: PreTrainedModel, chat: Chat, check: Callable[[], None] = lambda: None) -> float:
        """Let the writer answer every prompt greedily; return the mean score of the answers. check: may raise.

        An answer that the reward model cannot read whole is scored without the oldest of its prompt.
        """
        sampling = Sampling(temperature=0, top_p=1, max_new_tokens=self.longest_answer)
        total, scored = 0.0, 0
        for start in range(0, len(self.prompts), PROMPTS_AT_ONCE):
            check()
            asked = self.prompts[start : start + PROMPTS_AT_ONCE]
            # The compiler would compile anew for every length that a cache grows to.
            with torch.compiler.set_stance("force_eager"):
                written = generation.generate(
                    writer,
                    [one.ids for one in asked],
                    [[0]] * len(asked),
                    sampling,
                    stop_ids=chat.stop_ids,
                    barred_ids=frozenset(chat.tokenizer.all_special_ids) - chat.stop_ids,
                    pad_id=chat.tokenizer.pad_token_id,
                )
            texts = [decode_text(chat.tokenizer, answers[0].ids) for answers in written]
            rows = [self._rendered(one, text) for one, text in zip(asked, texts, strict=True)]
            found = score(self.model, data.flat_ends([row for row in rows if row]))
            total, scored = total + float(found.sum()), scored + len(found)
        return total / max(scored, 1)

    def _rendered(self, asked: Asked, answer: str) -> list[int]:
        most = longest_row(self.model) or LONGEST
        rendered = data.render_all(self.chat, asked.messages, [answer], most, Counts())
        return rendered[0].ids if rendered else []


def open_judge(directory: Path, release: Path, chat: Chat, most: int, longest_answer: int, room: int) -> Judge:
    """Load a reward model, and choose at most so many prompts of the release's validation split for it.

    room: tokens that the writer reads, answer included. Raises ConfigError, which names the setting.
    """
    model, its_chat = _open(directory)
    prompts = _prompts(release, chat, its_chat, room - longest_answer)[:most]
    if not prompts:
        raise ConfigError(
            "judge: the release's validation split has no prompt with room for an answer; freeze one that has, lower "
            "judge_tokens, or let the validation loss choose."
        )
    return Judge(model, its_chat, records.model_sha256(directory), prompts, longest_answer)


def _open(directory: Path) -> tuple[PreTrainedModel, Chat]:
    """Load a directory that scores, and how it reads. Raises ConfigError for any other."""
    try:
        if (stage := _stage_of(directory)) not in (None, RewardConfig.stage):
            raise ModelError(f"{directory} is a {stage} model; choose a reward model.")
        if not is_reward(directory):
            raise ModelError(f"{directory} writes text and does not score it; choose a reward model.")
        chat = chat_for(load_tokenizer(directory))
        model = load_reward(directory, seed=0)
    except (ModelError, TokenizerError, TemplateRefused) as error:
        raise ConfigError(f"judge: {error}") from error
    embeddings: Any = model.get_input_embeddings()
    if embeddings.num_embeddings < len(chat.tokenizer):
        raise ConfigError(
            f"judge: the tokenizer in {directory} has {len(chat.tokenizer)} tokens and the model knows "
            f"{embeddings.num_embeddings}; choose a reward model with its own tokenizer."
        )
    return to_device(model).eval(), chat


def _stage_of(directory: Path) -> str | None:
    """Return what a model made here says that it is; None of a model from elsewhere."""
    try:
        return str(json.loads((directory / records.CARD).read_bytes())["stage"])
    except (OSError, ValueError, KeyError):
        return None


def _prompts(release: Path, chat: Chat, its_chat: Chat, room: int) -> list[Asked]:
    """Return the validation split's prompts that both can read, each once, in an order that hangs on them alone."""
    found: dict[str, tuple[float, Asked]] = {}
    for record in parquet.read_demonstrations(release, "validation"):
        try:
            ids = chat.prompt(record.messages)
            its_chat.prompt(record.messages)
        except ChatError:
            continue
        if room < data.FEWEST_PROMPT_TOKENS:
            continue
        kept = ids if len(ids) <= room else [ids[0], *ids[len(ids) - room + 1 :]]
        found.setdefault(record.prompt_id, (data.place_of(record.prompt_id), Asked(record.messages, kept)))
    return [asked for _, asked in sorted(found.values(), key=lambda one: one[0])]
