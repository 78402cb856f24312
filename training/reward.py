"""The reward model: a score that orders completions as people did, measured beside people, a coin and a ruler."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from training import data, devices, handover, judging, ranking_rows
from training.chat import Chat
from training.checkpoint import Card, Checkpoints, save_model
from training.config import RewardConfig
from training.data import Counts, Splits
from training.events import Reporter
from training.imitation import GLANCE_ROWS, NoTrainedTokens
from training.loop import Course, Part, Stop, announce, identity, train, warmup_cosine
from training.metrics import Outcome, accuracy, outcome
from training.model import (
    blank_tokens,
    centre,
    check_length,
    check_reading,
    head_scores,
    load_reward,
    open_chat,
    open_reward,
    score,
    to_device,
)
from training.ranking_pass import READ_TIES, attach_terms, loss_and_penalty, ranking_loss
from training.ranking_rows import RankingRow
from training.records import Manifest
from training.terms import Terms

# So many demonstrations tell what people write themselves is worth.
CENTRING_ROWS = 512


class SelfTestFailed(ValueError):
    """The model is not what a reward model has to be; the message says in what."""


def run(config: RewardConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Train on the release's rankings, all pairs of a ranking together; return the card.

    Raises NoTrainedTokens where no ranking implies a pair, SelfTestFailed where the model cannot be what it should.
    """
    manifest, chat, splits = read(config)
    rows = splits.rows["train"]
    if not rows:
        raise NoTrainedTokens(_nothing_to_learn(splits.counts["train"]))
    taught = {row.annotator for row in rows}
    rows = learned(rows, config)
    model = to_device(open_reward(config.start, chat, config.seed, config.heads))
    model.config.score_means = None
    check_length(model, config.max_length)
    check_pairs(rows)
    _check_reading(model, rows)
    blank_tokens(model, config.token_dropout)
    terms = attach_terms(model, rows, config)
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
        most = devices.most_tokens(config.forward_tokens, [row.tokens for row in chosen])
        for batch, weight in devices.shares(list(_batches(chosen, most))):
            loss, penalty = devices.whole(model, loss_and_penalty, (batch, config, len(rows))).unbind()
            loss = loss / len(chosen) + config.score_penalty * penalty / completions
            yield Part(weight * loss, sum(row.tokens for row in batch) if weight else 0)

    def glance() -> dict[str, float]:
        shown = splits.rows["validation"][:GLANCE_ROWS]
        return _measured(model, shown, _scores(model, shown, config, stop), config)

    announce(report, model, len(plan), sum(row.tokens for row in rows), config.max_length, splits.counts["train"])
    course = Course(
        model=model,
        steps=len(plan),
        parts=parts,
        validate=glance,
        measure_before=dict,
        rate=warmup_cosine(len(plan), config.warmup_share),
        judged_by=config.judged_by,
        higher_is_better=config.judged_by == "accuracy",
    )
    train(course, config, Checkpoints(Path(config.output), identity(config, manifest, chat, plan)), report, stop)
    scores = {split: _scores(model, splits.rows[split], config, stop) for split in ("test", "validation")}
    test, validation = (_measured(model, splits.rows[split], found, config) for split, found in scores.items())
    if test:
        report("metric", step=len(plan), split="test", values=test)
    metrics: dict[str, Any] = {
        "test": test,
        "validation": validation,
        "baselines": {split: baselines(splits.rows[split], config.seed) for split in ("test", "validation")},
        "report": _report(splits, scores, config, taught),
        "ceiling": judging.ceiling(manifest.extra.get("agreement")),
        "annotators": terms.to_json() if terms is not None else {},
        "centred": _centre(model, Path(config.release), chat, config),
        "self_tests": _self_tests(model, rows),
    }
    if terms is not None:
        del model.judging
    card = Card(
        stage=config.stage,
        deployable=False,
        release_digest_sha256=manifest.digest_sha256,
        config=config.to_json(),
        seed=config.seed,
        parameters=model.num_parameters(),
        counts={split: count.to_json() for split, count in splits.counts.items()},
        metrics=metrics,
    )
    return save_model(
        Path(config.output),
        model,
        chat.tokenizer,
        card,
        reload=lambda directory: load_reward(directory, config.seed),
        probe=lambda candidate: score_rankings(candidate, rows[:2]),
    )


def read(config: RewardConfig) -> tuple[Manifest, Chat, Splits[RankingRow]]:
    """Read what a configuration trains on: the release's rankings, and of the annotators all but those held out.

    Ties are kept where the loss reads them.
    """
    release = Path(config.release)
    manifest = handover.verify_release(release)
    chat = open_chat(config.start, release)
    with_ties = config.loss in READ_TIES
    splits = data.read_splits(
        lambda split: ranking_rows.read_rankings(release, split, chat, config.max_length, with_ties=with_ties),
        config.train_share,
    )
    splits.rows["train"] = data.keep(
        splits.rows["train"],
        lambda row: not is_held_out(row.annotator, config),
        "held_out_annotator",
        splits.counts["train"],
    )
    return manifest, chat, splits


def learned(rows: Sequence[RankingRow], config: RewardConfig) -> list[RankingRow]:
    """Return rankings as the loss reads them: for `soft`, those of several people as one."""
    return ranking_rows.merged(rows) if config.loss == "soft" else list(rows)


def score_rankings(model: PreTrainedModel, rows: Sequence[RankingRow]) -> Tensor:
    """Score every completion of the rankings, [completions], in the order of `ranking_rows.pair_batch`."""
    return score(model, ranking_rows.flat_rankings(rows))


def check_pairs(rows: Sequence[RankingRow]) -> None:
    """Raise SelfTestFailed where the two of a pair read the same to the model: nothing could tell them apart."""
    for row in rows:
        for better, worse in row.pairs:
            if row.rows[better].ids == row.rows[worse].ids:
                raise SelfTestFailed(
                    f"Ranking {row.record}: one of two completions is preferred, but both are the same tokens."
                )


def baselines(rows: Sequence[RankingRow], seed: int) -> dict[str, Any]:
    """Return what the longer completion and a coin would get on the same pairs."""
    pairs = [(row, better, worse) for row in rows for better, worse in row.pairs]
    if not pairs:
        return {}
    longer = [
        outcome(row.group, row.characters[better], row.characters[worse], row.prompt_id) for row, better, worse in pairs
    ]
    coin = [Outcome(row.group, 0.5, row.prompt_id) for row, _, _ in pairs]
    return {"longer_wins": accuracy(longer, seed).to_json(), "random": accuracy(coin, seed).to_json()}


def is_held_out(annotator: str, config: RewardConfig) -> bool:
    """Whether an annotator is of the fold that is not learned from; which one depends on their name alone."""
    return config.folds is not None and int(data.place_of(annotator) * config.folds) == config.fold


@torch.no_grad()
def _measured(
    model: PreTrainedModel, rows: Sequence[RankingRow], scores: Tensor, config: RewardConfig
) -> dict[str, float]:
    """Return loss and pair accuracy with its interval, or nothing where there is nothing to measure."""
    terms: Terms | None = getattr(model, "judging", None)
    judged = judging.judged_pairs(rows, scores.tolist())
    if not judged:
        return {}
    share = judging.share_right(judged, config.seed)
    loss, offset = 0.0, 0
    for batch in _batches(rows, config.forward_tokens):
        size = sum(len(row.rows) for row in batch)
        loss += ranking_loss(scores[offset : offset + size], batch, config.loss, terms, margin=config.margin).item()
        offset += size
    return {
        "accuracy": share["accuracy"],
        "accuracy_low": share["low"],
        "accuracy_high": share["high"],
        "loss": loss / len(rows),
        "pairs": len(judged),
        "rankings": len(rows),
    }


@torch.no_grad()
def _scores(model: PreTrainedModel, rows: Sequence[RankingRow], config: RewardConfig, stop: Stop) -> Tensor:
    """Score the rankings' completions, [completions], pass by pass."""
    model.eval()
    found = []
    for batch in _batches(rows, config.forward_tokens):
        stop.check()
        found.append(score_rankings(model, batch))
    return torch.cat(found) if found else torch.zeros(0)


def _report(
    splits: Splits[RankingRow], scores: Mapping[str, Tensor], config: RewardConfig, taught: set[str]
) -> dict[str, Any]:
    """Report on the test split, with a temperature fitted on the validation split where it has pairs."""
    rows, flat = splits.rows["test"], scores["test"].tolist()
    fitted = judging.judged_pairs(splits.rows["validation"], scores["validation"].tolist())
    return judging.report(
        judging.judged_pairs(rows, flat),
        list(judging.by_ranking(rows, flat)),
        seed=config.seed,
        taught=taught,
        temperature=judging.temperature_of(fitted) if fitted else None,
    )


@torch.no_grad()
def _centre(model: PreTrainedModel, release: Path, chat: Chat, config: RewardConfig) -> dict[str, Any]:
    """Let 0 be what people's own answers score on average; return how many told, or why none did.

    Source: Ouyang et al. 2022 (arXiv:2203.02155), section 3.5: "so that the labeler demonstrations achieve a mean
    score of 0".
    """
    rows, _ = data.read_demonstrations(release, "train", chat, config.max_length)
    rows = sorted(rows, key=lambda row: data.place_of(row.group))[:CENTRING_ROWS]
    if not rows:
        return {"not_centred": "The release has no demonstrations in its train split."}
    model.eval()
    total = torch.zeros(config.heads, dtype=torch.float64)
    for places in data.micro_batches([len(row.ids) for row in rows], config.forward_tokens):
        flat = data.flat_ends([rows[place].ids for place in places])
        total += head_scores(model, flat).double().sum(dim=0).cpu()
    centre(model, (total / len(rows)).tolist())
    return {"demonstrations": len(rows), "score_means": model.config.score_means}


@torch.no_grad()
def _self_tests(model: PreTrainedModel, rows: Sequence[RankingRow]) -> list[str]:
    """Put the trained model through what it was put through before, and see that its readouts tell things apart."""
    _check_reading(model, rows)
    scores = score_rankings(model, sorted(rows, key=lambda row: row.tokens)[:8])
    if not torch.isfinite(scores).all() or float(scores.max() - scores.min()) == 0:
        raise SelfTestFailed("Every completion has the same score: nothing was learned; raise learning_rate or steps.")
    return ["pairs_differ", "batch_and_padding_change_nothing", "scores_differ", "reloaded_scores_equal"]


def _check_reading(model: PreTrainedModel, rows: Sequence[RankingRow]) -> None:
    shortest = min(rows, key=lambda row: row.tokens)
    check_reading(model, ranking_rows.flat_rankings([shortest, shortest]), [row.ids for row in shortest.rows * 2])


def _batches(rows: Sequence[RankingRow], forward_tokens: int) -> Iterator[list[RankingRow]]:
    """Cut rankings into forward passes; a ranking's completions always share one."""
    for indices in data.micro_batches([row.tokens for row in rows], forward_tokens):
        yield [rows[index] for index in indices]


def _nothing_to_learn(counts: Counts) -> str:
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.left_out.items())) or "it is empty"
    return (
        f"The train split has no pair to learn from ({counts.rows_in} rankings in; {reasons}): "
        "freeze a release whose rankings prefer one completion to another, or raise max_length."
    )
