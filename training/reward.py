"""The reward model: a score that orders completions as people did, measured beside a coin and a ruler."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training import data, records
from training.checkpoint import Card, Checkpoints, save_model
from training.config import RewardConfig
from training.data import Counts, RankingRow
from training.events import Reporter
from training.imitation import GLANCE_ROWS, NoTrainedTokens
from training.loop import Course, Part, Stop, announce, identity, train, warmup_cosine
from training.losses import pairwise_ranking_loss, score_magnitude_penalty
from training.metrics import Outcome, accuracy, outcome
from training.model import blank_tokens, check_length, load_reward, open_chat, open_reward, score, to_device


def run(config: RewardConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Train on the release's rankings, all pairs of a ranking together; return the card.

    Raises NoTrainedTokens where no ranking implies a pair.
    """
    release = Path(config.release)
    manifest = records.verify_release(release)
    chat = open_chat(config.start, release)
    pad_id = chat.tokenizer.pad_token_id
    splits: dict[str, list[RankingRow]] = {}
    counts: dict[str, Counts] = {}
    for split in records.SPLITS:
        splits[split], counts[split] = data.read_rankings(release, split, chat, config.max_length)
    rows = splits["train"]
    if not rows:
        raise NoTrainedTokens(_nothing_to_learn(counts["train"]))
    model = to_device(open_reward(config.start, chat, config.seed))
    check_length(model, config.max_length)
    blank_tokens(model, config.token_dropout)
    plan = data.plan_steps(
        [row.tokens for row in rows],
        epochs=config.epochs,
        seed=config.seed,
        most_tokens=config.batch_tokens,
        most_rows=config.prompts_per_batch,
    )[: config.max_steps]

    def parts(step: int) -> Iterator[Part]:
        chosen = [rows[index] for index in plan[step]]
        completions = sum(len(row.rows) for row in chosen)
        for batch in _batches(chosen, config.forward_tokens):
            scores = score_rankings(model, batch, pad_id)
            loss = pairwise_ranking_loss(scores, data.pair_batch(batch).to(scores.device)) / len(chosen)
            loss = loss + config.score_penalty * score_magnitude_penalty(scores) / completions
            yield Part(loss, sum(row.tokens for row in batch))

    def measure(split: str, most_rows: int | None = None) -> dict[str, float]:
        return _measure(model, splits[split][:most_rows], pad_id, config, stop)

    announce(report, model, len(plan), sum(row.tokens for row in rows), counts["train"])
    course = Course(
        model=model,
        steps=len(plan),
        parts=parts,
        validate=lambda: measure("validation", GLANCE_ROWS),
        measure_before=dict,
        rate=warmup_cosine(len(plan), config.warmup_share),
    )
    train(course, config, Checkpoints(Path(config.output), identity(config, manifest, chat, plan)), report, stop)
    test, validation = measure("test"), measure("validation")
    if test:
        report("metric", step=len(plan), split="test", values=test)
    card = Card(
        stage=config.stage,
        deployable=False,
        release_digest_sha256=manifest.digest_sha256,
        config=config.to_json(),
        seed=config.seed,
        parameters=model.num_parameters(),
        counts={split: count.to_json() for split, count in counts.items()},
        metrics={
            "test": test,
            "validation": validation,
            "baselines": {split: baselines(splits[split], config.seed) for split in ("test", "validation")},
        },
    )
    return save_model(
        Path(config.output),
        model,
        chat.tokenizer,
        card,
        reload=lambda directory: load_reward(directory, config.seed),
        probe=lambda candidate: score_rankings(candidate, rows[:2], pad_id),
    )


def score_rankings(model: PreTrainedModel, rows: Sequence[RankingRow], pad_id: int) -> Tensor:
    """Score every completion of the rankings, [completions], in the order of `data.pair_batch`."""
    return score(model, [rendered.ids for row in rows for rendered in row.rows], pad_id)


def baselines(rows: Sequence[RankingRow], seed: int) -> dict[str, Any]:
    """Return what the longer completion and a coin would get on the same pairs."""
    if not rows:
        return {}
    longer = [
        outcome(row.group, row.characters[better], row.characters[worse]) for row in rows for better, worse in row.pairs
    ]
    coin = [Outcome(row.group, 0.5) for row in rows for _ in row.pairs]
    return {"longer_wins": accuracy(longer, seed).to_json(), "random": accuracy(coin, seed).to_json()}


@torch.no_grad()
def _measure(
    model: PreTrainedModel, rows: Sequence[RankingRow], pad_id: int, config: RewardConfig, stop: Stop
) -> dict[str, float]:
    """Return loss and pair accuracy with its interval, or zero counts where there is nothing to measure."""
    if not rows:
        return {}
    model.eval()
    loss, outcomes = 0.0, []
    for batch in _batches(rows, config.forward_tokens):
        stop.check()
        scores = score_rankings(model, batch, pad_id)
        loss += pairwise_ranking_loss(scores, data.pair_batch(batch).to(scores.device)).item()
        outcomes += _outcomes(batch, scores.tolist())
    share = accuracy(outcomes, config.seed)
    return {
        "accuracy": share.accuracy,
        "accuracy_low": share.low,
        "accuracy_high": share.high,
        "loss": loss / len(rows),
        "pairs": len(outcomes),
        "rankings": len(rows),
    }


def _outcomes(rows: Sequence[RankingRow], scores: Sequence[float]) -> list[Outcome]:
    judged, offset = [], 0
    for row in rows:
        judged += [outcome(row.group, scores[offset + better], scores[offset + worse]) for better, worse in row.pairs]
        offset += len(row.rows)
    return judged


def _batches(rows: Sequence[RankingRow], forward_tokens: int) -> Iterator[list[RankingRow]]:
    """Group rankings of like size; a ranking's completions always share one batch."""
    for indices in data.micro_batches([row.tokens for row in rows], forward_tokens):
        yield [rows[index] for index in indices]


def _nothing_to_learn(counts: Counts) -> str:
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.left_out.items())) or "it is empty"
    return (
        f"The train split has no pair to learn from ({counts.rows_in} rankings in; {reasons}): "
        "freeze a release whose rankings prefer one completion to another, or raise max_length."
    )
