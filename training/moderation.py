"""The filter: what a text should be moderated for, learned from people's yes and no, category by category.

What nobody judged is left out of the loss and of every figure. After training, each category gets a line from logit
to probability and a threshold for the stated share of false alarms, both from the validation split.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedModel

from training import data, devices, handover, labels, records
from training.categories import OPENAI
from training.checkpoint import Card, Checkpoints, digest_of, save_model
from training.config import PRESETS, LoopConfig, ModerationConfig
from training.data import Counts
from training.detection import (
    Array,
    Known,
    average_precision,
    calibrate,
    calibrate_together,
    draw_threshold,
    measure,
)
from training.events import Reporter
from training.imitation import GLANCE_ROWS, NoTrainedTokens
from training.labels import LabelledText
from training.loop import Course, Part, Stop, announce, make_optimizer, train, warmup_cosine
from training.model import (
    blank_tokens,
    build_reward,
    check_length,
    check_reading,
    fit_vocabulary,
    load_reward,
    to_device,
)
from training.moderator import (
    Beside,
    NgramReader,
    Reader,
    Reading,
    TokenReader,
    Verdicts,
    all_logits,
    counts_ngrams,
    load_filter,
)
from training.ngrams import NgramConfig, NgramModel, bag_of
from training.settings import ConfigError
from training.tokenizer import load_tokenizer, train_tokenizer


@dataclass(frozen=True)
class Row:
    """A text as it is read, and for each category the share of yes, [categories], and whether anybody judged it."""

    reading: Reading
    target: Tensor
    known: Tensor


def run(config: ModerationConfig, report: Reporter, stop: Stop) -> dict[str, Any]:
    """Train on the release's labels, calibrate and draw each category's line; return the card.

    Raises NoTrainedTokens where no category has both a yes and a no.
    """
    config = config.resolved()
    release = Path(config.release)
    manifest = handover.verify_release(release)
    texts: dict[str, list[LabelledText]] = {}
    counts: dict[str, Counts] = {}
    for split in records.SPLITS:
        texts[split], answers = labels.read_labels(release, split)
        counts[split] = Counts(rows_in=answers, rows_used=len(texts[split]))
    categories = labels.categories_of(texts["train"])
    if not categories:
        raise NoTrainedTokens(_nothing_to_learn(counts["train"]))
    model, reader, reads_by = _open(config, texts["train"], len(categories))
    rows = {split: [_row(reader, text, categories) for text in found] for split, found in texts.items()}
    learned = [row for row in rows["train"] if row.known.any()]
    plan = data.plan_steps(
        [row.reading.size for row in learned],
        epochs=config.epochs,
        seed=config.seed,
        most_tokens=config.batch_tokens,
        most_rows=config.texts_per_batch,
    )[: config.max_steps]

    def parts(step: int) -> Iterator[Part]:
        chosen = [learned[index] for index in plan[step]]
        verdicts = sum(int(row.known.sum()) for row in chosen)
        sizes = [row.reading.size for row in chosen]
        passes = data.micro_batches(sizes, devices.most_tokens(config.forward_tokens, sizes))
        for batch, weight in devices.shares([[chosen[index] for index in indices] for indices in passes]):
            loss = verdict_loss(reader.logits(model, [row.reading for row in batch]), batch) / verdicts
            yield Part(weight * loss, sum(row.reading.size for row in batch) if weight else 0)

    def glance() -> dict[str, float]:
        shown = rows["validation"][:GLANCE_ROWS]
        if not shown:
            return {}
        logits = all_logits(model, reader, [row.reading for row in shown], config.forward_tokens)
        return _glance(logits, shown, texts["validation"][:GLANCE_ROWS], categories)

    announce(report, model, len(plan), sum(row.reading.size for row in learned), config.max_length, counts["train"])
    course = Course(
        model=model,
        steps=len(plan),
        parts=parts,
        validate=glance,
        measure_before=dict,
        rate=warmup_cosine(len(plan), config.warmup_share),
        optimizer=descent if config.counts_ngrams else make_optimizer,
    )
    identity = {
        "config": config.to_json(),
        "release": manifest.digest_sha256,
        "reader": reads_by,
        "categories": list(categories),
        "plan": digest_of(plan),
    }
    train(course, config, Checkpoints(Path(config.output), identity), report, stop)

    logits = {
        split: all_logits(model, reader, [row.reading for row in rows[split]], config.forward_tokens)
        for split in ("validation", "test")
    }
    verdicts = judge(logits["validation"], texts["validation"], categories, config)
    metrics = {split: measure_split(verdicts, found, texts[split], config.seed) for split, found in logits.items()}
    if metrics["test"]:
        report("metric", step=len(plan), split="test", values=_shown(metrics["test"]))
    left = labels.unlearned(texts["train"], categories)
    if left:
        message = f"Not learned, for want of a text with it and one without: {', '.join(left)}."
        report("log", level="warning", message=message)
    if verdicts.defaults:
        message = (
            f"Too few validation texts to draw a threshold by, so the default stands: {', '.join(verdicts.defaults)}."
        )
        report("log", level="warning", message=message)
    card = Card(
        stage=config.stage,
        deployable=False,
        release_digest_sha256=manifest.digest_sha256,
        config=config.to_json(),
        seed=config.seed,
        parameters=model.num_parameters(),
        counts={split: count.to_json() for split, count in counts.items()},
        metrics={**metrics, "unlearned": list(left), "unknown_to_openai": [c for c in categories if c not in OPENAI]},
    )
    probed = [row.reading for row in learned[:2]]
    return save_model(
        Path(config.output),
        model,
        Beside(reader, verdicts),
        card,
        reload=lambda directory: load_filter(directory, len(categories)),
        probe=lambda candidate: reader.logits(candidate, probed),
    )


def descent(model: PreTrainedModel, config: LoopConfig) -> torch.optim.Optimizer:
    """Return plain descent with momentum for one layer over n-grams.

    AdamW steps as far for an n-gram met once as for one met always, and tends to learn rare ones by heart.
    Source: Sutskever et al. 2013, equations 3 and 4.
    """
    return torch.optim.SGD(
        model.parameters(), lr=config.learning_rate, momentum=0.9, nesterov=True, weight_decay=config.weight_decay
    )


def verdict_loss(logits: Tensor, rows: Sequence[Row]) -> Tensor:
    """Sum the cross-entropy of every verdict that somebody gave; logits: [texts, categories].

    A category on which people differ is learned as the share of them that said yes.
    """
    targets = torch.stack([row.target for row in rows]).to(logits.device)
    known = torch.stack([row.known for row in rows]).to(logits.device)
    return functional.binary_cross_entropy_with_logits(logits[known], targets[known], reduction="sum")


def judge(
    logits: Array, texts: Sequence[LabelledText], categories: Sequence[str], config: ModerationConfig
) -> Verdicts:
    """Fit each category's line and threshold on the validation split; where it is too small, one line for all."""
    found = _known(logits, texts, categories)
    together = calibrate_together(
        np.concatenate([known.scores for known in found.values()]),
        np.concatenate([known.targets for known in found.values()]),
    )
    lines = {name: calibrate(known.scores, known.targets) or together for name, known in found.items()}
    drawn = {
        name: draw_threshold(lines[name].probability(known.scores), known.targets, config.false_positive_rate)
        for name, known in found.items()
    }
    return Verdicts(
        tuple(categories),
        lines,
        {name: threshold.value for name, threshold in drawn.items()},
        config.false_positive_rate,
        config.max_length,
        tuple(name for name, threshold in drawn.items() if threshold.is_default),
    )


def measure_split(verdicts: Verdicts, logits: Array, texts: Sequence[LabelledText], seed: int) -> dict[str, Any]:
    """Return each category's figures and their means; empty where the split has no text."""
    if not len(logits):
        return {}
    found = _known(verdicts.probabilities(logits), texts, verdicts.categories)
    by_category = {
        name: {**measure(known, verdicts.thresholds[name], seed), "is_default_threshold": name in verdicts.defaults}
        for name, known in found.items()
    }
    means = {f"mean_{name}": _mean(by_category, name) for name in ("auprc", "f1", "fpr")}
    return {**means, "texts": len(texts), "categories": by_category}


def _open(
    config: ModerationConfig, texts: Sequence[LabelledText], categories: int
) -> tuple[PreTrainedModel, Reader, str]:
    """Return the model a configuration starts from, how it reads, and a digest of what it reads by."""
    if config.counts_ngrams:
        torch.manual_seed(config.seed)
        counting = NgramModel(NgramConfig(config.buckets, categories, config.hidden))
        counting.learn_rarity(bag_of(text.text, config.buckets) for text in texts)
        return to_device(counting), NgramReader(counting), "ngrams"
    if config.start.directory is not None:
        directory = Path(config.start.directory)
        if counts_ngrams(directory):
            raise ConfigError("start: a filter of n-grams learns anew in seconds; start from the preset ngrams.")
        tokenizer = load_tokenizer(directory)
        model = fit_vocabulary(load_reward(directory, config.seed, categories), tokenizer)
    else:
        preset = config.start.preset or ""
        tokenizer = train_tokenizer((text.text for text in texts), PRESETS[preset].vocabulary)
        model = build_reward(preset, tokenizer, config.seed, categories)
    check_length(model, config.max_length)
    reader = TokenReader(tokenizer, config.max_length)
    model = to_device(model)
    window = min((reader.read(text.text).windows[0] for text in texts), key=len)
    check_reading(model, data.flat_ends([window, window]), [window, window])
    blank_tokens(model, config.token_dropout)
    return model, reader, digest_of(tokenizer.backend_tokenizer.to_str())


def _row(reader: Reader, text: LabelledText, categories: Sequence[str]) -> Row:
    targets = [text.target(name) for name in categories]
    known = torch.tensor([target is not None for target in targets])
    return Row(reader.read(text.text), torch.tensor([target or 0.0 for target in targets]), known)


def _known(columns: Array, texts: Sequence[LabelledText], categories: Sequence[str]) -> dict[str, Known]:
    """Return, by category, what the columns, [texts, categories], say of the texts on which most people agree."""
    found = {}
    for place, name in enumerate(categories):
        judged = [(row, text.majority(name)) for row, text in enumerate(texts)]
        kept = [row for row, majority in judged if majority is not None]
        targets = np.array([float(bool(majority)) for _, majority in judged if majority is not None])
        scores = columns[kept, place] if kept else np.zeros(0)
        found[name] = Known(scores, targets, [texts[row].group for row in kept])
    return found


def _glance(
    logits: Array, rows: Sequence[Row], texts: Sequence[LabelledText], categories: Sequence[str]
) -> dict[str, float]:
    """Return loss and mean AUPRC: what the loop tells the better of two models by."""
    verdicts = max(1, sum(int(row.known.sum()) for row in rows))
    loss = verdict_loss(torch.from_numpy(logits).float(), rows).item() / verdicts
    areas = [average_precision(known.scores, known.targets) for known in _known(logits, texts, categories).values()]
    defined = [area for area in areas if not math.isnan(area)]
    return {"loss": loss} | ({"auprc": sum(defined) / len(defined)} if defined else {})


def _mean(by_category: Mapping[str, Mapping[str, Any]], name: str) -> float | None:
    said = [figures[name] for figures in by_category.values() if figures[name] is not None]
    return sum(said) / len(said) if said else None


def _shown(metrics: Mapping[str, Any]) -> dict[str, float]:
    names = {"mean_auprc": "auprc", "mean_f1": "f1", "mean_fpr": "fpr"}
    return {short: metrics[name] for name, short in names.items() if metrics[name] is not None}


def _nothing_to_learn(counts: Counts) -> str:
    return (
        f"The train split has no category with a text that has it and one that has not ({counts.rows_used} texts in "
        f"{counts.rows_in} answers): freeze a release with more labels, yes as well as no."
    )
