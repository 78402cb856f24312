"""The one training loop: a plan of steps, a loss for each, checkpoints that continue it exactly.

A recipe brings the model, the plan and what a step's loss is; everything that decides the weights is fixed by the
configuration, the release and the seed before the first step.
"""

import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training.chat import Chat
from training.checkpoint import Checkpoints, Progress, digest_of
from training.config import TrainingConfig
from training.data import Counts
from training.events import Reporter
from training.records import Manifest

# Gradients longer than this are scaled down. Source: Brown et al. 2020 (arXiv:2005.14165), appendix B.
LONGEST_GRADIENT = 1.0
# Adam's memory of squared gradients: 0.95 to 0.98 suits short runs. Source: as above.
BETAS = (0.9, 0.98)
LOWEST_LEARNING_RATE = 0.1
METRIC_POINTS = 400


class Interrupted(Exception):
    """The run was asked to end; what it had done is in a checkpoint."""


class Diverged(ValueError):
    """The loss is no longer a number."""


@dataclass(frozen=True)
class Part:
    """A share of one step's loss that fits into memory, ready for backward."""

    loss: Tensor
    tokens: int


class Stop:
    """A wish to end, noticed between steps."""

    def __init__(self) -> None:
        self.is_asked = False

    @contextmanager
    def on_signals(self) -> Iterator["Stop"]:
        """Take SIGTERM and SIGINT for the wish, for as long as the block runs."""

        def ask(number: int, frame: FrameType | None) -> None:
            self.is_asked = True

        before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def check(self) -> None:
        if self.is_asked:
            raise Interrupted


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a recipe hands to the loop.

    parts: the losses of a step, already divided so that they sum to its mean.
    validate: metrics on the validation split, empty where it has no rows. measure_before: what only an
    untrained model can tell; it is kept in the checkpoints. rate: the learning rate of a step as a share.
    """

    model: PreTrainedModel
    steps: int
    parts: Callable[[int], Iterator[Part]]
    validate: Callable[[], Mapping[str, float]]
    measure_before: Callable[[], dict[str, Any]]
    rate: Callable[[int], float]


def warmup_cosine(steps: int, warmup_share: float) -> Callable[[int], float]:
    """Return the learning rate's share at each step: a straight rise, then half a cosine down to a tenth.

    Source: Loshchilov and Hutter 2017 (arXiv:1608.03983), equation 5, one cycle.
    """
    rise = max(1, round(steps * warmup_share))

    def share(step: int) -> float:
        if step < rise:
            return (step + 1) / rise
        gone = (step - rise) / max(1, steps - rise)
        return LOWEST_LEARNING_RATE + (1 - LOWEST_LEARNING_RATE) * (1 + math.cos(math.pi * gone)) / 2

    return share


def train(
    course: Course, config: TrainingConfig, checkpoints: Checkpoints, report: Reporter, stop: Stop
) -> dict[str, Any]:
    """Train from the newest checkpoint, or the start, to the end of the plan; return what was measured before.

    Raises Interrupted after writing a checkpoint, Diverged where the loss is not finite.
    """
    model = course.model
    optimizer = make_optimizer(model, config)
    progress = checkpoints.restore(model, optimizer)
    if progress is None:
        torch.manual_seed(config.seed)
        progress = Progress(0, course.measure_before())
    else:
        report("log", level="info", message=f"Continuing from the checkpoint of step {progress.step}.")
    clock = _Clock(course.steps, progress.step)
    saved_step = progress.step
    try:
        for step in range(progress.step, course.steps):
            stop.check()
            rate = config.learning_rate * course.rate(step)
            loss, tokens = _learn(course, step, optimizer, rate)
            progress = Progress(step + 1, progress.measured)
            clock.tick(tokens)
            if _is_due(progress.step, max(1, course.steps // METRIC_POINTS), course.steps):
                values = {"loss": loss, "learning_rate": rate, **clock.values()}
                report("metric", step=progress.step, split="train", values=values)
            if _is_due(progress.step, config.evaluate_every, course.steps):
                _report_validation(course, progress.step, report)
            if _is_due(progress.step, config.checkpoint_every, course.steps):
                saved_step = _save(checkpoints, progress, model, optimizer, report)
    except Interrupted:
        if saved_step != progress.step:
            _save(checkpoints, progress, model, optimizer, report)
        raise
    return progress.measured


def _learn(course: Course, step: int, optimizer: torch.optim.Optimizer, rate: float) -> tuple[float, int]:
    """Take one step; return its loss and the tokens read. Raises Diverged."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    course.model.train()
    loss, tokens = 0.0, 0
    for part in course.parts(step):
        part.loss.backward()
        loss, tokens = loss + part.loss.item(), tokens + part.tokens
    if not math.isfinite(loss):
        raise Diverged(f"The loss of step {step + 1} is {loss}; lower learning_rate (here it was {rate:g}).")
    torch.nn.utils.clip_grad_norm_(course.model.parameters(), LONGEST_GRADIENT)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss, tokens


def _is_due(step: int, every: int, last: int) -> bool:
    return step % every == 0 or step == last


def _save(
    checkpoints: Checkpoints,
    progress: Progress,
    model: PreTrainedModel,
    optimizer: torch.optim.Optimizer,
    report: Reporter,
) -> int:
    place = checkpoints.save(progress, model, optimizer)
    report("checkpoint", step=progress.step, path=str(place))
    return progress.step


def announce(report: Reporter, model: PreTrainedModel, steps: int, trained_tokens: int, counts: Counts) -> None:
    """Say what is about to be trained, before the first step."""
    report(
        "start",
        total_steps=steps,
        trained_tokens_per_epoch=trained_tokens,
        parameters=model.num_parameters(),
        counts=counts.to_json(),
    )


def identity(config: TrainingConfig, manifest: Manifest, chat: Chat, plan: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Name everything that decides a run's weights; a checkpoint continues only the run it was written by."""
    return {
        "config": config.to_json(),
        "release": manifest.digest_sha256,
        "tokenizer": digest_of(chat.tokenizer.backend_tokenizer.to_str()),
        "plan": digest_of(plan),
    }


def make_optimizer(model: PreTrainedModel, config: TrainingConfig) -> torch.optim.Optimizer:
    """Return AdamW that pulls matrices, but not norms and biases, towards zero.

    Source: Loshchilov and Hutter 2019 (arXiv:1711.05101).
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=BETAS)


def _report_validation(course: Course, step: int, report: Reporter) -> None:
    course.model.eval()
    values = course.validate()
    if values:
        report("metric", step=step, split="validation", values=dict(values))


class _Clock:
    """Speed and remaining time, over the steps this process has run."""

    def __init__(self, total: int, first: int) -> None:
        self.left = total - first
        self.done = self.tokens = 0
        self.started_at = time.monotonic()

    def tick(self, tokens: int) -> None:
        self.done, self.left, self.tokens = self.done + 1, self.left - 1, self.tokens + tokens

    def values(self) -> dict[str, float]:
        seconds = max(time.monotonic() - self.started_at, 1e-9)
        return {"tokens_per_second": self.tokens / seconds, "eta_seconds": self.left * seconds / self.done}
