"""Supervised fine-tuning: imitate the ideal answers people wrote, and measure how much likelier they became."""

import math
from functools import partial
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel

from training import adapters, data, handover
from training.chat import Chat
from training.config import SFTConfig
from training.data import Counts, Splits, TextRow
from training.events import Reporter
from training.imitation import fit
from training.loop import Stop
from training.model import open_chat
from training.records import Manifest
from training.scored_answers import Chooser, open_chooser


def run(config: SFTConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Train on the release's demonstrations, what the assistant says alone; return the card."""
    manifest, chat, splits = read(config)
    adapt = partial(_adapt, config, chat)
    return fit(config, manifest, chat, splits, report, stop, adapt=adapt, chooser=chooser_of(config, chat))


def chooser_of(config: SFTConfig, chat: Chat) -> Chooser | None:
    """Return the reward model that tells the best look, where the configuration names one. Raises ConfigError."""
    if config.judge is None:
        return None
    return open_chooser(
        Path(config.judge),
        Path(config.release),
        chat,
        most=config.judge_prompts,
        longest_answer=config.judge_tokens,
        room=config.max_length,
        forward_tokens=config.forward_tokens,
    )


def read(config: SFTConfig) -> tuple[Manifest, Chat, Splits[TextRow]]:
    """Return what there is to learn, token by token. Raises RecordError, TokenizerError, TemplateRefused."""
    release = Path(config.release)
    manifest = handover.verify_release(release)
    chat = open_chat(config.start, release)

    def rows(split: str) -> tuple[list[TextRow], Counts]:
        return data.read_demonstrations(release, split, chat, config.max_length, config.learn)

    return manifest, chat, data.read_splits(rows, config.train_share)


def looks_of(config: SFTConfig, splits: Splits[TextRow]) -> int:
    """Return how often a run looks at the validation split."""
    sizes = [len(row.ids) for row in splits.rows["train"]]
    plan = data.plan_steps(sizes, epochs=config.epochs, seed=config.seed, most_tokens=config.batch_tokens)
    return math.ceil(len(plan[: config.max_steps]) / config.evaluate_every)


def _adapt(config: SFTConfig, chat: Chat, model: PreTrainedModel) -> PreTrainedModel:
    """Freeze the model but for low-rank additions, where the configuration asks for them."""
    if config.lora_rank is None:
        return model
    return adapters.add(model, config.lora_rank, config.lora_alpha, train_embedding=chat.has_new_tokens)
