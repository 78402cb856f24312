"""The one training loop: a plan of steps, a loss for each, checkpoints that continue it exactly.

A recipe brings the model, the plan and what a step's loss is; everything that decides the weights is fixed by the
configuration, the release and the seed before the first step.
"""

import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training import devices
from training.attention import dense_reason, ranged
from training.chat import Chat
from training.checkpoint import Best, Checkpoints, Progress, digest_of, weights_of
from training.compiled import compiled, or_plain
from training.config import LoopConfig, TrainingConfig
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


class Lost(Exception):
    """Something that the run needs and does not hold is gone; what it had done is in a checkpoint."""


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
        if devices.any_of(self.is_asked):
            raise Interrupted


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a recipe hands to the loop.

    parts: the losses of a step, already divided so that they sum to its mean.
    validate: metrics on the validation split, empty where it has no rows. measure_before: what only an
    untrained model can tell; it is kept in the checkpoints. rate: the learning rate of a step as a share.
    note: what is to be kept of a step that was just taken, given what has been kept so far.
    judged_by: the validation metric that tells the better of two models; the lower, unless `higher_is_better`.
    is_ranged: whether its passes lay rows end to end, as `model.read` does, rather than call the model as it is.
    optimizer: what takes the steps, AdamW where a recipe does not say.
    remembers: what a recipe knows beyond the weights that its next step depends on; it is kept in the checkpoints, and
    resumes: is given it back. is_over: why the run ends before its plan does, asked before a step; None: it does not.
    The weights of the best look are then kept, whatever the configuration says: what came after is what ended it.
    looks_now: whether to look at the validation split after a step where the plan does not.
    hears_kept: is told, at the end, of which step the weights were kept.
    """

    model: PreTrainedModel
    steps: int
    parts: Callable[[int], Iterator[Part]]
    validate: Callable[[], Mapping[str, float]]
    measure_before: Callable[[], dict[str, Any]]
    rate: Callable[[int], float]
    note: Callable[[int, Mapping[str, Any]], Mapping[str, Any]] = lambda step, measured: {}
    judged_by: str = "loss"
    higher_is_better: bool = False
    is_ranged: bool = True
    optimizer: Callable[[PreTrainedModel, LoopConfig], torch.optim.Optimizer] | None = None
    remembers: Callable[[], Mapping[str, Any]] = dict
    resumes: Callable[[Mapping[str, Any]], None] = lambda remembered: None
    is_over: Callable[[], str | None] | None = None
    looks_now: Callable[[int], bool] = lambda step: False
    hears_kept: Callable[[int], None] = lambda step: None


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


def train(course: Course, config: LoopConfig, checkpoints: Checkpoints, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Train from the newest checkpoint, or the start, to the end of the plan; return what was measured before.

    Raises Interrupted and Lost after writing a checkpoint, Diverged where the loss is not finite.
    """
    # Rows laid end to end are of any length; blocks of a text are all alike.
    with prepared(course.model, config, shapes_differ=course.is_ranged):
        return _run(course, config, checkpoints, report, stop)


def _run(course: Course, config: LoopConfig, checkpoints: Checkpoints, report: Reporter, stop: Stop) -> dict[str, Any]:
    model = course.model
    optimizer = (course.optimizer or make_optimizer)(model, config)
    progress = checkpoints.restore(model, optimizer)
    if progress is None:
        torch.manual_seed(config.seed)
        progress = Progress(0, or_plain(model, report, course.measure_before))
    else:
        course.resumes(progress.measured)
        report("log", level="info", message=f"Continuing from the checkpoint of step {progress.step}.")
    if model.device.type == "cuda" and config.precision == "float32":
        message = "In float32 this device attends through a mask, exactly but slowly; precision bfloat16 does not."
        report("log", level="warning", message=message)
    clock = _Clock(course.steps, progress.step)
    saved_step, was_ended = progress.step, False
    try:
        for step in range(progress.step, course.steps):
            stop.check()
            was_ended = _is_over(course, progress.step, report)
            if was_ended or has_waited(progress.best, config):
                break
            rate = config.learning_rate * course.rate(step)
            loss, tokens = or_plain(model, report, partial(_learn, course, step, optimizer, rate, config))
            noted = course.note(step + 1, progress.measured)
            progress = replace(progress, step=step + 1, measured={**progress.measured, **noted})
            clock.tick(tokens)
            if _is_due(progress.step, max(1, course.steps // METRIC_POINTS), course.steps):
                values = {"loss": loss, "learning_rate": rate, **clock.values()}
                report("metric", step=progress.step, split="train", values=values)
            if _is_due(progress.step, config.evaluate_every, course.steps) or course.looks_now(progress.step):
                best = or_plain(model, report, partial(_look, course, progress, config, report))
                progress = replace(progress, best=best)
            if _is_due(progress.step, config.checkpoint_every, course.steps):
                saved_step = _save(course, checkpoints, progress, optimizer, report)
        else:
            was_ended = _is_over(course, progress.step, report)
    except (Interrupted, Lost):
        if saved_step != progress.step:
            _save(course, checkpoints, progress, optimizer, report)
        raise
    course.hears_kept(_settle(progress, model, config, report, was_ended=was_ended))
    return progress.measured


@contextmanager
def prepared(model: PreTrainedModel, config: LoopConfig, *, shapes_differ: bool = True) -> Iterator[None]:
    """Ready a model for its steps: recomputed activations, spread over the processes, compiled."""
    if config.recompute:
        model.activation_checkpointing_enable({"use_reentrant": False})
    devices.shard(model)
    with compiled(model, shapes_differ=shapes_differ) if config.compile else nullcontext():
        yield


def precision(model: PreTrainedModel, config: LoopConfig) -> torch.autocast:
    """Let the passes of a block compute in the configured precision."""
    return torch.autocast(model.device.type, torch.bfloat16, enabled=config.precision == "bfloat16")


def _learn(
    course: Course, step: int, optimizer: torch.optim.Optimizer, rate: float, config: LoopConfig
) -> tuple[float, int]:
    """Take one step; return its loss and the tokens read, over all processes. Raises Diverged."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    course.model.train()
    devices.seed_step(config.seed, step)
    loss, tokens = 0.0, 0
    parts = course.parts(step)
    while True:
        with precision(course.model, config):
            part = next(parts, None)
        if part is None:
            break
        # What is computed again in the backward pass must be read as it was in the forward one.
        with ranged(course.model) if config.recompute and course.is_ranged else nullcontext():
            part.loss.backward()
        loss, tokens = loss + part.loss.item() / devices.size(), tokens + part.tokens
    loss, read = devices.total(loss, tokens)
    if not math.isfinite(loss):
        raise Diverged(f"The loss of step {step + 1} is {loss}; lower learning_rate (here it was {rate:g}).")
    torch.nn.utils.clip_grad_norm_(course.model.parameters(), LONGEST_GRADIENT)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss, int(read)


def _look(course: Course, progress: Progress, config: LoopConfig, report: Reporter) -> Best | None:
    """Look at the validation split, say what it shows, and return the best model up to here."""
    course.model.eval()
    with precision(course.model, config):
        values = course.validate()
    if not values:
        return progress.best
    report("metric", step=progress.step, split="validation", values=dict(values))
    if config.keep == "last" and config.patience is None and course.is_over is None:
        return None
    value, best = values[course.judged_by], progress.best
    if best is not None and not (value > best.value if course.higher_is_better else value < best.value):
        return replace(best, looks_since=best.looks_since + 1)
    keeps_best = config.keep == "best" or course.is_over is not None
    return Best(progress.step, value, 0, weights_of(course.model) if keeps_best else None)


def has_waited(best: Best | None, config: LoopConfig) -> bool:
    """Whether so many looks have shown nothing better that the run ends early."""
    return config.patience is not None and best is not None and best.looks_since >= config.patience


def _is_over(course: Course, step: int, report: Reporter) -> bool:
    """Ask the recipe whether the run ends before its plan does, and say why."""
    reason = course.is_over() if course.is_over else None
    if reason:
        report("log", level="warning", message=f"Stopped after step {step}: {reason}")
    return bool(reason)


def _settle(
    progress: Progress, model: PreTrainedModel, config: LoopConfig, report: Reporter, *, was_ended: bool
) -> int:
    """Say where the run ended early, and put the best weights in place where they are asked for; return their step."""
    best = progress.best
    if best is None:
        return progress.step
    if has_waited(best, config):
        report(
            "log",
            level="info",
            message=f"Stopped after step {progress.step}: no look at the validation split was better than step "
            f"{best.step}'s ({best.value:.4g}) {best.looks_since} times in a row.",
        )
    if best.weights is None or (config.keep == "last" and not was_ended):
        return progress.step
    best.put_into(model)
    report("log", level="info", message=f"The weights of step {best.step} were the best and are kept.")
    return best.step


def _is_due(step: int, every: int, last: int) -> bool:
    return step % every == 0 or step == last


def _save(
    course: Course,
    checkpoints: Checkpoints,
    progress: Progress,
    optimizer: torch.optim.Optimizer,
    report: Reporter,
) -> int:
    whole = replace(progress, measured={**progress.measured, **course.remembers()})
    place = checkpoints.save(whole, course.model, optimizer)
    report("checkpoint", step=progress.step, path=str(place))
    return progress.step


def announce(
    report: Reporter, model: PreTrainedModel, steps: int, trained_tokens: int, longest: int, counts: Counts
) -> None:
    """Say what is about to be trained, before the first step, and what will make it slow."""
    if reason := dense_reason(model, longest):
        message = (
            f"Attention goes through a mask, exactly but slowly: {reason}. Lower forward_tokens to make it cheaper."
        )
        report("log", level="warning", message=message)
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


def make_optimizer(model: PreTrainedModel, config: LoopConfig) -> torch.optim.Optimizer:
    """Return AdamW that pulls matrices, but not norms and biases, towards zero.

    Source: Loshchilov and Hutter 2019 (arXiv:1711.05101).
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    # One kernel for all of a weight's arithmetic: each number is fetched once rather than a dozen times.
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=BETAS, fused=True)


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
