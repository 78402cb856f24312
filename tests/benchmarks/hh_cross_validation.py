"""How well the reward model orders real answers: HH-RLHF harmless, 5-fold cross-validation over prompt groups.

    BENNET_DATA=… python -m tests.benchmarks.hh_cross_validation

The product's own path: each fold is written as a release and trained by `training.reward` with the defaults of the
`small` preset. On the same folds stand a coin, the longer answer, and a linear TF-IDF model fitted by scikit-learn.
Seeds 0, 1 and 2 are for reporting; settings are chosen on the folds of seed 100 (`--seeds 100 --set name=value`).
Fifteen trainings take about 12 minutes on two quiet cores.
Prints a table, and one JSON object on the last line.
"""

import argparse
import gzip
import json
import os
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from transformers.utils import logging as transformers_logging

from tests.training.releases import write_release
from training import reward
from training.config import RewardConfig
from training.events import silent
from training.loop import Stop
from training.records import Message, RankedCompletion, RankingRecord

SOURCE = "hh_rlhf_harmless/harmless-base_test.part.jsonl.gz"
FOLDS = 5
ROLES = {"Human": "user", "Assistant": "assistant"}


@dataclass(frozen=True)
class Comparison:
    """Two answers to one conversation, of which a person chose one."""

    messages: tuple[Message, ...]
    chosen: str
    rejected: str

    @property
    def group(self) -> str:
        return " ".join(self.messages[0].content.lower().split())


def read_comparisons(path: Path) -> tuple[list[Comparison], Counter[str]]:
    """Split each transcript at its last Assistant turn; count the pairs that are none."""
    comparisons, left_out = [], Counter[str]()
    for line in gzip.decompress(path.read_bytes()).split(b"\n"):
        if not line:
            continue
        transcripts = json.loads(line)
        prefix, chosen = _split(transcripts["chosen"])
        other_prefix, rejected = _split(transcripts["rejected"])
        reason = "unequal_prompts" if prefix != other_prefix else "identical_answers" if chosen == rejected else None
        if reason:
            left_out[reason] += 1
        else:
            comparisons.append(Comparison(_messages(prefix), chosen, rejected))
    return comparisons, left_out


def folds_of(comparisons: Sequence[Comparison], seed: int) -> list[int]:
    """Deal the prompt groups into folds; the pairs of one group stay together."""
    return folds_of_groups([comparison.group for comparison in comparisons], seed)


def folds_of_groups(group_of: Sequence[str], seed: int) -> list[int]:
    groups = sorted(set(group_of))
    random.Random(seed).shuffle(groups)
    fold = {group: place % FOLDS for place, group in enumerate(groups)}
    return [fold[group] for group in group_of]


def train_reward(train: Sequence[Comparison], test: Sequence[Comparison], settings: dict[str, Any]) -> dict[str, Any]:
    """Train the product's reward model on a release of `train`; return its card, which measures `test`."""
    with tempfile.TemporaryDirectory() as scratch:
        rankings = [*_rankings(train, "train"), *_rankings(test, "test")]
        release = write_release(Path(scratch) / "release", rankings=rankings)
        config = {"release": str(release), "output": str(Path(scratch) / "model"), **settings}
        return reward.run(RewardConfig.from_json(config), silent, Stop())


def linear_accuracy(train: Sequence[Comparison], test: Sequence[Comparison]) -> float:
    sides = ([(pair.chosen, pair.rejected) for pair in side] for side in (train, test))
    margins = linear_margins(*sides)
    return float(np.mean((margins > 0) + 0.5 * (margins == 0)))


def linear_margins(train: Sequence[tuple[str, str]], test: Sequence[tuple[str, str]]) -> np.ndarray:
    """Fit logistic regression to differences of word and word-pair TF-IDF, its strength chosen on seed 100 too.

    train, test: (chosen, rejected). Returns how much rather than the rejected the chosen text is preferred, [test].
    """
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    vectorizer.fit([text for pair in train for text in pair])

    def differences(pairs: Sequence[tuple[str, str]]) -> scipy.sparse.csr_matrix:
        chosen, rejected = zip(*pairs, strict=True)
        return vectorizer.transform(chosen) - vectorizer.transform(rejected)

    known = differences(train)
    model = LogisticRegression(C=0.3, fit_intercept=False, max_iter=1000)
    model.fit(scipy.sparse.vstack([known, -known]), [1] * len(train) + [0] * len(train))
    margins: np.ndarray = differences(test) @ model.coef_[0]
    return margins


@dataclass(frozen=True)
class Trial:
    """One training: a fold left out, a seed, and the settings that differ from the defaults."""

    seed: int
    fold: int
    settings: dict[str, Any]


def run_trial(trial: Trial) -> dict[str, Any]:
    torch.set_num_threads(1)
    transformers_logging.disable_progress_bar()
    comparisons, _ = read_comparisons(Path(os.environ["BENNET_DATA"]) / SOURCE)
    fold_of = folds_of(comparisons, trial.seed)
    train = [pair for pair, fold in zip(comparisons, fold_of, strict=True) if fold != trial.fold]
    test = [pair for pair, fold in zip(comparisons, fold_of, strict=True) if fold == trial.fold]
    started_at, cpu_started_at = time.monotonic(), time.process_time()
    metrics = train_reward(train, test, {"seed": trial.seed, **trial.settings})["metrics"]
    return {
        "seed": trial.seed,
        "fold": trial.fold,
        "reward": metrics["test"]["accuracy"],
        "pairs": metrics["test"]["pairs"],
        "seconds": time.monotonic() - started_at,
        "cpu_seconds": time.process_time() - cpu_started_at,
        "tfidf": linear_accuracy(train, test),
        "longer": metrics["baselines"]["test"]["longer_wins"]["accuracy"],
    }


def main() -> None:
    options = _parser().parse_args()
    comparisons, left_out = read_comparisons(Path(os.environ["BENNET_DATA"]) / SOURCE)
    groups = len({comparison.group for comparison in comparisons})
    print(f"{len(comparisons)} pairs in {groups} prompt groups; left out {dict(left_out) or 'none'}")
    print(f"{'seed':>4} {'fold':>4} {'pairs':>6} {'reward':>8} {'tf-idf':>8} {'longer':>8} {'seconds':>8} {'cpu':>6}")
    settings = {"start": {"preset": "small"}, **dict(options.set)}
    trials = [Trial(seed, fold, settings) for seed in options.seeds for fold in range(FOLDS)]
    rows = []
    started_at = time.monotonic()
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        for row in pool.map(run_trial, trials):
            rows.append(row)
            print(
                f"{row['seed']:>4} {row['fold']:>4} {row['pairs']:>6} {row['reward']:>8.4f} {row['tfidf']:>8.4f} "
                f"{row['longer']:>8.4f} {row['seconds']:>8.1f} {row['cpu_seconds']:>6.1f}",
                flush=True,
            )
    _print_summary(rows, dict(left_out), settings, time.monotonic() - started_at)


def _print_summary(
    rows: list[dict[str, Any]], left_out: dict[str, int], settings: dict[str, Any], seconds: float
) -> None:
    seeds = sorted({row["seed"] for row in rows})
    summary: dict[str, Any] = {
        "benchmark": "hh_cross_validation",
        "trainings": len(rows),
        "seeds": seeds,
        "pairs_judged_per_seed": sum(row["pairs"] for row in rows) // len(seeds),
        "left_out": left_out,
        "settings": settings,
    }
    for name in ("reward", "tfidf", "longer"):
        values = np.array([row[name] for row in rows])
        by_seed = [np.mean([row[name] for row in rows if row["seed"] == seed]) for seed in seeds]
        summary[name] = {
            "accuracy": round(float(values.mean()), 4),
            "sd_over_folds": round(float(values.std(ddof=1)), 4),
            "by_seed": [round(float(value), 4) for value in by_seed],
        }
        print(
            f"{name:>9} {values.mean():.4f} ± {values.std(ddof=1):.4f} over folds; by seed {summary[name]['by_seed']}"
        )
    summary["random"] = {"accuracy": 0.5}
    summary["seconds"] = round(seconds, 1)
    summary["cpu_seconds"] = round(sum(row["cpu_seconds"] for row in rows), 1)
    print(json.dumps(summary))


def _split(transcript: str) -> tuple[str, str]:
    prefix, _, answer = transcript.rpartition("\n\nAssistant:")
    return prefix, answer.strip()


def _messages(prefix: str) -> tuple[Message, ...]:
    turns = re.split(r"\n\n(Human|Assistant):", prefix)[1:]
    return tuple(Message(ROLES[role], text.strip()) for role, text in zip(turns[::2], turns[1::2], strict=True))


def _rankings(pairs: Sequence[Comparison], split: str) -> Iterator[RankingRecord]:
    for number, pair in enumerate(pairs):
        # The better answer stands first in half of the rows, so that its place tells nothing.
        answers = [RankedCompletion("chosen", pair.chosen), RankedCompletion("rejected", pair.rejected)]
        yield RankingRecord(
            record_id=f"{split}-{number}",
            prompt_id=f"{split}-{number}",
            group=pair.group,
            split=split,
            messages=pair.messages,
            completions=tuple(answers if number % 2 else reversed(answers)),
            tiers=(("chosen",), ("rejected",)),
        )


def _setting(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    return name, json.loads(value)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Cross-validate the reward model on HH-RLHF harmless.")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--processes", type=int, default=2, help="trainings at a time, one thread each")
    parser.add_argument("--set", type=_setting, action="append", default=[], help="a setting, as name=JSON")
    return parser


if __name__ == "__main__":
    main()
