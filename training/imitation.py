"""Fitting a language model to the learned tokens of rows of text: what pre-training and fine-tuning share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training import data
from training.chat import Chat
from training.checkpoint import Card, Checkpoints, save_model
from training.config import TrainingConfig
from training.data import Counts, TextRow
from training.events import Reporter
from training.loop import Course, Part, Stop, announce, identity, train, warmup_cosine
from training.losses import next_token_loss, perplexity
from training.model import blank_tokens, check_length, load_causal, logits, open_causal, to_device
from training.records import Manifest

# A look at the validation split while training stays short; the card measures all of it.
GLANCE_ROWS = 256
PROBE_ROWS = 4


class NoTrainedTokens(ValueError):
    """Nothing in the release would change a weight."""


@dataclass(frozen=True)
class TextSplits:
    """A release's rows of text by split, and what became of the records they came from."""

    rows: dict[str, list[TextRow]]
    counts: dict[str, Counts]


def fit(
    config: TrainingConfig, manifest: Manifest, chat: Chat, splits: TextSplits, report: Reporter, stop: Stop
) -> dict[str, Any]:
    """Train on the learned tokens of the train split; return the card of the model written to `config.output`.

    Raises NoTrainedTokens where there are none.
    """
    rows, pad_id = splits.rows["train"], chat.tokenizer.pad_token_id
    trained_tokens = sum(row.trained_tokens for row in rows)
    if not trained_tokens:
        raise NoTrainedTokens(_nothing_to_learn(splits.counts["train"]))
    model = to_device(open_causal(config.start, chat, config.seed))
    check_length(model, config.max_length)
    blank_tokens(model, config.token_dropout)
    sizes = [len(row.ids) for row in rows]
    plan = data.plan_steps(sizes, epochs=config.epochs, seed=config.seed, most_tokens=config.batch_tokens)
    plan = plan[: config.max_steps]

    def parts(step: int) -> Iterator[Part]:
        chosen = [rows[index] for index in plan[step]]
        whole = sum(row.trained_tokens for row in chosen)
        for batch in _batches(chosen, config.forward_tokens):
            yield Part(row_losses(model, batch, pad_id) / max(whole, 1), sum(len(row.ids) for row in batch))

    def measure(split: str, most_rows: int | None = None) -> dict[str, float]:
        return _measure(model, splits.rows[split][:most_rows], pad_id, config.forward_tokens, stop)

    announce(report, model, len(plan), trained_tokens, splits.counts["train"])
    course = Course(
        model=model,
        steps=len(plan),
        parts=parts,
        validate=lambda: measure("validation", GLANCE_ROWS),
        measure_before=lambda: {"loss_before": measure("test")["loss"]} if splits.rows["test"] else {},
        rate=warmup_cosine(len(plan), config.warmup_share),
    )
    checkpoints = Checkpoints(Path(config.output), identity(config, manifest, chat, plan))
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
        metrics={"test": test, "validation": validation, "baselines": {}},
    )
    return save_model(
        Path(config.output),
        model,
        chat.tokenizer,
        card,
        reload=load_causal,
        probe=lambda candidate: row_losses(candidate, rows[:PROBE_ROWS], pad_id),
    )


def row_losses(model: PreTrainedModel, rows: Sequence[TextRow], pad_id: int) -> Tensor:
    """Sum the loss of every learned token of the rows."""
    ids = data.pad([row.ids for row in rows], pad_id).to(model.device)
    return next_token_loss(logits(model, ids), ids, data.learned_positions(rows).to(model.device))


@torch.no_grad()
def _measure(
    model: PreTrainedModel, rows: Sequence[TextRow], pad_id: int, forward_tokens: int, stop: Stop
) -> dict[str, float]:
    """Return loss and perplexity per learned token, or nothing where there is no token to measure."""
    tokens = sum(row.trained_tokens for row in rows)
    if not tokens:
        return {}
    model.eval()
    loss = 0.0
    for batch in _batches(rows, forward_tokens):
        stop.check()
        loss += row_losses(model, batch, pad_id).item()
    mean = loss / tokens
    return {"loss": mean, "perplexity": perplexity(mean), "trained_tokens": tokens, "rows": len(rows)}


def _batches(rows: Sequence[TextRow], forward_tokens: int) -> Iterator[list[TextRow]]:
    for indices in data.micro_batches([len(row.ids) for row in rows], forward_tokens):
        yield [rows[index] for index in indices]


def _nothing_to_learn(counts: Counts) -> str:
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.left_out.items())) or "it is empty"
    return (
        f"The train split has no token to learn from ({counts.rows_in} rows in; {reasons}): "
        "freeze a release with demonstrations in its train split, or raise max_length."
    )
