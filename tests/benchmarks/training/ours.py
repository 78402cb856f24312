"""Our side: the loop's own step over what the recipes compute, compiled, in whichever precision is faster."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import torch
from transformers import PreTrainedModel

from training import data
from training.config import RewardConfig, SFTConfig, TrainingConfig
from training.data import TextRow
from training.imitation import row_losses
from training.loop import Course, Part, _learn, make_optimizer, prepared
from training.model import block_loss
from training.ranking_pass import loss_and_penalty
from training.ranking_rows import RankingRow

RATE = 1e-3
SHARED = {
    "release": "release",
    "output": "output",
    "start": {"preset": "tiny"},
    "compile": True,
    "batch_tokens": 1 << 16,
    "forward_tokens": 1 << 13,
}

Epoch = Callable[[], None]


class Ours:
    """A model made ready once, as a run makes it: steps are taken with one optimizer."""

    def __init__(self, model: PreTrainedModel, config: TrainingConfig, *, shapes_differ: bool = True) -> None:
        self.model, self.config = model, config
        self.optimizer = make_optimizer(model, config)
        self.ready = ExitStack()
        self.ready.enter_context(prepared(model, config, shapes_differ=shapes_differ))

    def learn(self, steps: Sequence[Callable[[], Iterator[Part]]]) -> None:
        for number, step in enumerate(steps):
            course = Course(
                model=self.model,
                steps=len(steps),
                parts=lambda _, step=step: step(),
                validate=dict,
                measure_before=dict,
                rate=lambda _: 1.0,
            )
            _learn(course, number, self.optimizer, RATE, self.config)


def reward(model: PreTrainedModel, rows: Sequence[RankingRow], precision: str) -> Epoch:
    """Learn rankings, four a step, each a prompt read once."""
    config = RewardConfig.from_json({**SHARED, "precision": precision, "token_dropout": 0.0, "prompts_per_batch": 4})
    side = Ours(model, config)
    plan = [rows[start : start + 4] for start in range(0, len(rows), 4)]

    def parts(chosen: Sequence[RankingRow]) -> Iterator[Part]:
        completions = sum(len(row.rows) for row in chosen)
        for indices in data.micro_batches([row.tokens for row in chosen], config.forward_tokens):
            batch = [chosen[index] for index in indices]
            loss, penalty = loss_and_penalty(model, (batch, config, len(rows))).unbind()
            yield Part(
                loss / len(chosen) + config.score_penalty * penalty / completions, sum(row.tokens for row in batch)
            )

    return lambda: side.learn([lambda chosen=chosen: parts(chosen) for chosen in plan])


def imitation(model: PreTrainedModel, rows: Sequence[TextRow], precision: str) -> Epoch:
    """Learn answers, eight rows a step, end to end."""
    side = Ours(model, SFTConfig.from_json({**SHARED, "precision": precision}))
    plan = [rows[start : start + 8] for start in range(0, len(rows), 8)]

    def parts(chosen: Sequence[TextRow]) -> Iterator[Part]:
        yield Part(row_losses(model, chosen) / sum(row.trained_tokens for row in chosen), 0)

    return lambda: side.learn([lambda chosen=chosen: parts(chosen) for chosen in plan])


def pretraining(model: PreTrainedModel, blocks: torch.Tensor, precision: str) -> Epoch:
    """Learn every token of blocks, eight a step."""
    side = Ours(model, SFTConfig.from_json({**SHARED, "precision": precision}), shapes_differ=False)

    def parts(ids: torch.Tensor) -> Iterator[Part]:
        yield Part(block_loss(model, ids) / (ids.shape[0] * (ids.shape[1] - 1)), 0)

    return lambda: side.learn([lambda ids=ids: parts(ids) for ids in blocks.split(8)])
