"""Which run a station orders when nobody chooses: the presets, and what of a project's models it goes on from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotation.registry.models import ModelVersion, Stage
from training import config as training_config

# Below so many tokens a foundation model reads too little to answer people.
LEAST_ROOM = 256
MOST_ROOM = 512
# From so many characters on a text is worth an hour of two processors; below, a minute shows what there is to see.
NOVELS = 500_000

# A whole road in minutes on two processors: enough that every part is real, too little to be of use.
TINY: Mapping[Stage, Mapping[str, Any]] = {
    Stage.PRETRAIN: {
        "tokenizer": "bpe", "vocabulary": 600, "depth": 2, "context": MOST_ROOM, "rounds": 120, "evaluate_every": 40,
        "checkpoint_every": 120, "sample_rounds": "0 40 120", "sample_tokens": 60,
    },
    Stage.SFT: {"max_length": MOST_ROOM, "max_steps": 40, "evaluate_every": 20, "checkpoint_every": 40},
    Stage.REWARD: {"max_length": MOST_ROOM, "max_steps": 30, "evaluate_every": 15, "checkpoint_every": 30},
    Stage.RL: {
        "max_length": MOST_ROOM, "rounds": 4, "prompts_per_round": 4, "samples": 3, "max_new_tokens": 32,
        "evaluate_every": 2, "evaluate_prompts": 4, "shown_prompts": 2, "checkpoint_every": 4,
    },
    Stage.MODERATION: {},
}  # fmt: skip


@dataclass(frozen=True)
class Order:
    """What `registry.actions.request_run` is asked for."""

    stage: Stage
    start: Mapping[str, Any]
    config: Mapping[str, Any] = field(default_factory=dict)
    judge: int | None = None


def usual(stage: Stage, models: Mapping[str, ModelVersion], *, characters: int = 0) -> Order:
    """Return a run with the presets' own settings. models: the newest standing one of each stage."""
    if stage == Stage.PRETRAIN:
        return Order(stage, {"preset": "austen-laptop" if characters >= NOVELS else "demo"})
    if stage == Stage.SFT:
        base = models.get(Stage.PRETRAIN)
        if base is not None and room_of(base) >= LEAST_ROOM:
            return Order(stage, {"model": base.pk}, {"max_length": min(MOST_ROOM, room_of(base))})
    if stage == Stage.RL:
        start, judge = models[Stage.SFT], models[Stage.REWARD]
        return Order(stage, {"model": start.pk}, {"max_length": min(MOST_ROOM, room_of(start))}, judge.pk)
    return Order(stage, {"preset": "ngrams" if stage == Stage.MODERATION else "small"})


def tiny(stage: Stage, models: Mapping[str, ModelVersion]) -> Order:
    """Return a run of a walk along the whole road. models: those that the same walk has made, by stage."""
    if stage == Stage.SFT:
        return Order(stage, {"model": models[Stage.PRETRAIN].pk}, TINY[stage])
    if stage == Stage.RL:
        return Order(stage, {"model": models[Stage.SFT].pk}, TINY[stage], models[Stage.REWARD].pk)
    presets = {Stage.PRETRAIN: "demo", Stage.REWARD: "tiny", Stage.MODERATION: "ngrams"}
    return Order(stage, {"preset": presets[stage]}, TINY[stage])


def room_of(model: ModelVersion) -> int:
    """Return how many tokens a model reads at least, as the run that made it was configured."""
    made_by = training_config.from_json({"release": "release", "output": "output", **model.card["config"]})
    if isinstance(made_by, training_config.PretrainConfig):
        return made_by.resolved().context
    return int(getattr(made_by, "max_length", 0))
