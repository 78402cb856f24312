"""Fitting a language model to the learned tokens of rows of text: what pre-training and fine-tuning share."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training import data, devices
from training.chat import Chat
from training.checkpoint import Card, Checkpoints, save_model
from training.config import TrainingConfig
from training.data import Counts, Flat, Splits, TextRow
from training.events import Reporter
from training.loop import Course, Part, Stop, announce, identity, precision, train, warmup_cosine
from training.losses import perplexity, token_losses
from training.metrics import ratio
from training.model import (
    blank_tokens,
    check_length,
    check_reading,
    learned_loss,
    load_causal,
    next_logits,
    open_causal,
    to_device,
)
from training.records import Manifest
from training.scored_answers import Chooser

# A look at the validation split while training stays short; the card measures all of it.
GLANCE_ROWS = 256
PROBE_ROWS = 4


class NoTrainedTokens(ValueError):
    """Nothing in the release would change a weight."""


def fit(
    config: TrainingConfig,
    manifest: Manifest,
    chat: Chat,
    splits: Splits[TextRow],
    report: Reporter,
    stop: Stop,
    adapt: Callable[[PreTrainedModel], PreTrainedModel] = lambda model: model,
    chooser: Chooser | None = None,
) -> dict[str, Any]:
    """Train on the learned tokens of the train split; return the card of the model written to `config.output`.

    adapt: chooses what of the model is trained. chooser: says which look is the best, in the place of the loss.
    Raises NoTrainedTokens where there is nothing to learn.
    """
    rows = splits.rows["train"]
    trained_tokens = sum(row.trained_tokens for row in rows)
    if not trained_tokens:
        raise NoTrainedTokens(_nothing_to_learn(splits.counts["train"]))
    model = to_device(adapt(open_causal(config.start, chat, config.seed)))
    check_length(model, config.max_length)
    shortest = min((row for row in rows if row.trained_tokens), key=lambda row: len(row.ids))
    whole = TextRow(shortest.ids, len(shortest.ids) - 1, shortest.group)
    check_reading(model, data.flat_texts([whole, whole]), [shortest.ids[:-1]] * 2)
    blank_tokens(model, config.token_dropout)
    sizes = [len(row.ids) for row in rows]
    plan = data.plan_steps(sizes, epochs=config.epochs, seed=config.seed, most_tokens=config.batch_tokens)
    plan = plan[: config.max_steps]

    def parts(step: int) -> Iterator[Part]:
        chosen = [rows[index] for index in plan[step]]
        whole = sum(row.trained_tokens for row in chosen)
        most = devices.most_tokens(config.forward_tokens, [len(row.ids) for row in chosen])
        for batch, weight in devices.shares(list(_batches(chosen, most))):
            tokens = sum(len(row.ids) for row in batch) if weight else 0
            yield Part(weight * row_losses(model, batch) / max(whole, 1), tokens)

    def glance() -> dict[str, float]:
        shown = splits.rows["validation"][:GLANCE_ROWS]
        return {**_measure(model, shown, config.forward_tokens, stop)[0], **scored()}

    def measure(split: str) -> dict[str, float]:
        """Measure a whole split, with an interval from drawing prompt groups."""
        rows = splits.rows[split]
        found, losses = _measure(model, rows, config.forward_tokens, stop)
        if not found:
            return {}
        tokens = [float(row.trained_tokens) for row in rows]
        _, low, high = ratio([row.group for row in rows], losses, tokens, config.seed)
        return {**found, "loss_low": low, "loss_high": high}

    def scored() -> dict[str, float]:
        return {"reward": chooser.score(model, chat, stop.check)} if chooser else {}

    announce(report, model, len(plan), trained_tokens, max(sizes), splits.counts["train"])
    course = Course(
        model=model,
        steps=len(plan),
        parts=parts,
        validate=glance,
        measure_before=lambda: {"loss_before": measure("test")["loss"]} if splits.rows["test"] else {},
        rate=warmup_cosine(len(plan), config.warmup_share),
        judged_by="reward" if chooser else "loss",
        higher_is_better=chooser is not None,
    )
    named = {"judge": chooser.sha256} if chooser else {}
    checkpoints = Checkpoints(Path(config.output), {**identity(config, manifest, chat, plan), **named})
    before = train(course, config, checkpoints, report, stop)
    test, validation = {**before, **measure("test")}, measure("validation")
    if test:
        report("metric", step=len(plan), split="test", values=test)
    card = Card(
        stage=config.stage,
        deployable=True,
        release_digest_sha256=manifest.digest_sha256,
        config=config.to_json(),
        seed=config.seed,
        parameters=model.num_parameters(),
        counts={split: counts.to_json() for split, counts in splits.counts.items()},
        metrics={"test": test, "validation": validation, "baselines": {}, **_judged(chooser, model, chat, config)},
    )
    return save_model(
        Path(config.output),
        model,
        chat.tokenizer,
        card,
        reload=load_causal,
        probe=lambda candidate: row_losses(candidate, rows[:PROBE_ROWS]),
    )


def _judged(chooser: Chooser | None, model: PreTrainedModel, chat: Chat, config: TrainingConfig) -> dict[str, Any]:
    """Say for the card what the judge makes of the weights that are kept, and which judge that is."""
    if chooser is None:
        return {}
    with precision(model, config):
        reward = chooser.score(model, chat)
    return {"judge": {"reward": reward, "prompts": len(chooser.prompts), "model_sha256": chooser.sha256}}


def row_losses(model: PreTrainedModel, rows: Sequence[TextRow]) -> Tensor:
    """Sum the loss of every learned token of the rows."""
    return learned_loss(model, _laid_out(model, rows))


def _laid_out(model: PreTrainedModel, rows: Sequence[TextRow]) -> tuple[Flat, Tensor]:
    """Lay rows end to end, read before every learned token; return them and which tokens those are."""
    flat = data.flat_texts(rows)
    return flat, flat.ids[flat.read + 1].to(model.device)


@torch.no_grad()
def _measure(
    model: PreTrainedModel, rows: Sequence[TextRow], forward_tokens: int, stop: Stop
) -> tuple[dict[str, float], list[float]]:
    """Return loss and perplexity per learned token, or nothing where there is none to measure; and each row's loss."""
    tokens = sum(row.trained_tokens for row in rows)
    if not tokens:
        return {}, []
    model.eval()
    losses: list[float] = []
    for batch in _batches(rows, forward_tokens):
        stop.check()
        flat, targets = _laid_out(model, batch)
        each = token_losses(next_logits(model, flat), targets)
        losses += [float(part.sum()) for part in each.split([row.trained_tokens for row in batch])]
    mean = sum(losses) / tokens
    return {"loss": mean, "perplexity": perplexity(mean), "trained_tokens": tokens, "rows": len(rows)}, losses


def _batches(rows: Sequence[TextRow], forward_tokens: int) -> Iterator[list[TextRow]]:
    for indices in data.micro_batches([len(row.ids) for row in rows], forward_tokens):
        yield [rows[index] for index in indices]


def _nothing_to_learn(counts: Counts) -> str:
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.left_out.items())) or "it is empty"
    return (
        f"The train split has no token to learn from ({counts.rows_in} rows in; {reasons}): "
        "freeze a release with demonstrations in its train split, or raise max_length."
    )
