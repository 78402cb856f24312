"""What reward models make of published rankings, beside the longer answer, TF-IDF and, where several judged, people.

`make bench-rewards DATA=…`, one thread. The files come through the product's own readers, each training is the
product's own stage on a release, preset `small` with its defaults but for `max_length`, which nothing here was chosen
by. Open-Assistant (people's rankings of two to nine), FastChat (GPT-4's verdicts on pairs) and GSM8K (right solutions
above wrong ones) are cross-validated, five folds over prompt groups, three seeds. PandaLM's instructions are not to be
trained on, as their authors ask: models of the first two are asked about its majority, and its three annotators are
the ceiling. Figures are means over prompts of the mean over seeds; intervals come from drawing prompt groups.
HH-RLHF stands apart, in hh_cross_validation.py. Prints a table, and one JSON object on the last line.
"""

import argparse
import hashlib
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers.utils import logging as transformers_logging

from annotation.intake.lines import Line, Meter, read_lines
from annotation.intake.options import Options
from annotation.intake.readers import fastchat, gsm8k, openassistant, pandalm
from annotation.intake.rows import Row
from annotation.quality import agreement
from tests.benchmarks.hh_cross_validation import folds_of_groups, linear_margins
from tests.training.releases import write_release
from training import judging, ranking_rows, reward
from training.chat import chat_for
from training.config import RewardConfig
from training.loop import Stop
from training.metrics import Outcome, accuracy
from training.model import load_reward
from training.ranking_rows import RankingRow
from training.records import Message, RankedCompletion, RankingRecord
from training.tokenizer import load_tokenizer

FOLDS = 5
SETTINGS = {"start": {"preset": "small"}, "max_length": 1024, "threads": 1}
LIMIT_BYTES = 2**30
SYSTEMS = ("reward", "tfidf", "longer")

# How much rather than the worse the better of each pair is preferred, by (record, better, worse).
Margins = dict[tuple[str, int, int], dict[str, float]]


@dataclass(frozen=True)
class Trained:
    """What one training made of rankings that it had not seen."""

    seed: int
    margins: Margins
    rows: Sequence[RankingRow]
    seconds: float
    tokens_per_second: float
    left_out: Mapping[str, int]


def openassistant_rows(data: Path) -> Iterator[Row]:
    yield from _judged(openassistant.read(_lines(data / "openassistant" / "en_100_tree.part.jsonl"), Options()))


def fastchat_rows(data: Path) -> Iterator[Row]:
    folder = data / "fastchat" / "vicuna_eval"
    files = [folder / "question.part.jsonl", *sorted(folder.glob("answer/*")), *sorted(folder.glob("review/*/*"))]
    yield from _judged(fastchat.read(chain.from_iterable(map(_lines, files)), Options()))


def gsm8k_rows(data: Path) -> Iterator[Row]:
    yield from _judged(gsm8k.read(_lines(data / "gsm8k" / "example_model_solutions.part.jsonl"), Options()))


def pandalm_rows(data: Path) -> Iterator[Row]:
    yield from _judged(pandalm.read(_lines(data / "pandalm" / "testset-v1.json"), Options()))


def records_of(rows: Iterator[Row], source: str) -> list[RankingRecord]:
    """Return the rows as a release holds them; those of one prompt share its id and its group."""
    found = []
    for number, row in enumerate(rows):
        asked = json.dumps(row.messages, sort_keys=True)
        names = [f"c{place}" for place in range(len(row.completions))]
        found.append(
            RankingRecord(
                record_id=f"{source}-{number}",
                prompt_id=f"{source}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}",
                group=f"{source} {row.group or ' '.join(row.messages[0]['content'].lower().split())}",
                split="train",
                messages=tuple(Message(turn["role"], turn["content"]) for turn in row.messages),
                completions=tuple(
                    RankedCompletion(name, text) for name, (text, _) in zip(names, row.completions, strict=True)
                ),
                tiers=tuple(tuple(names[place] for place in tier) for tier in row.tiers),
                all_bad=row.all_bad,
                annotator=row.annotator,
                source=source,
            )
        )
    return found


def majority(rows: Sequence[RankingRecord], judges: int) -> list[RankingRecord]:
    """Make one record of the judges of each item: what most of them say; an item without a majority is left out."""
    found = []
    for start in range(0, len(rows), judges):
        votes = Counter(row.tiers for row in rows[start : start + judges])
        ((tiers, number),) = votes.most_common(1)
        if 2 * number > judges:
            found.append(replace(rows[start], tiers=tiers, annotator="majority"))
    return found


def ceiling(rows: Sequence[RankingRecord], judges: int) -> dict[str, Any]:
    """Return how often two of the judges agree on an item: where both prefer one, and with ties for a half."""
    items = [[row.tiers for row in rows[start : start + judges]] for start in range(0, len(rows), judges)]
    counts = [agreement.pairwise_agreement([item]) for item in items]
    sums = {
        "strict": [(one.same, one.same + one.opposite) for one in counts],
        "with_ties": [(one.same + one.tied + one.half_tied / 2, one.compared) for one in counts],
    }
    found = {}
    for name, columns in sums.items():
        interval = agreement.bootstrap(columns, lambda drawn: agreement.share(*drawn), seed=0)
        assert interval is not None
        found[name] = [sum(a for a, _ in columns) / sum(b for _, b in columns), *interval]
    return found


def train(train_on: Sequence[RankingRecord], ask: Sequence[RankingRecord], seed: int, **changes: Any) -> Trained:
    """Train the product's stage on some rankings and score others; put TF-IDF and length beside it, pair by pair."""
    speeds: list[float] = []

    def listen(event: str, /, **facts: Any) -> None:
        if event == "metric" and facts["split"] == "train":
            speeds.append(facts["values"]["tokens_per_second"])

    with tempfile.TemporaryDirectory() as scratch:
        rankings = [*(replace(row, split="train") for row in train_on), *(replace(row, split="test") for row in ask)]
        release = write_release(Path(scratch) / "release", rankings=rankings)
        value = {"release": str(release), "output": f"{scratch}/model", "seed": seed, **SETTINGS, **changes}
        config = RewardConfig.from_json(value)
        started = time.process_time()
        card = reward.run(config, listen, Stop())
        seconds = time.process_time() - started
        rows, flat = _scored(release, Path(scratch) / "model", config)
    judged = judging.judged_pairs(rows, flat)
    texts = {row.record_id: [one.text for one in row.completions] for row in rankings}
    learned = [pair for row in train_on if not row.all_bad for pair in _pairs(row)]
    asked = [(texts[one.row.record][one.better], texts[one.row.record][one.worse]) for one in judged]
    linear = linear_margins(learned, asked)
    margins: Margins = {
        (one.row.record, one.better, one.worse): {
            "reward": one.difference,
            "tfidf": float(margin),
            "longer": float(len(better) - len(worse)),
        }
        for one, margin, (better, worse) in zip(judged, linear, asked, strict=True)
    }
    return Trained(seed, margins, rows, seconds, speeds[-1], card["counts"]["test"]["left_out"])


def cross_validated(records: Sequence[RankingRecord], seed: int, **changes: Any) -> Iterator[Trained]:
    fold_of = folds_of_groups([row.group for row in records], seed)
    for fold in range(FOLDS):
        sides: dict[bool, list[RankingRecord]] = defaultdict(list)
        for row, here in zip(records, fold_of, strict=True):
            sides[here == fold].append(row)
        yield train(sides[False], sides[True], seed, **changes)


def figures(trained: Sequence[Trained]) -> dict[str, Any]:
    """Average the pairs' outcomes over the seeds and report each system on all pairs, and where the shorter won."""
    rows = {row.record: row for one in trained for row in one.rows}
    values: dict[tuple[str, int, int], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in trained:
        for pair, margins in one.margins.items():
            for system, margin in margins.items():
                values[pair][system].append((np.sign(margin) + 1) / 2)
    found: dict[str, Any] = {"pairs": len(values), "prompts": len({rows[pair[0]].prompt_id for pair in values})}
    shorter = [pair for pair in values if np.mean(values[pair]["longer"]) == 0]
    for system in SYSTEMS:
        found[system] = _accuracy(rows, {pair: float(np.mean(said[system])) for pair, said in values.items()})
        if system != "longer":
            kept = {pair: float(np.mean(values[pair][system])) for pair in shorter}
            found[f"{system}_where_the_shorter_won"] = _accuracy(rows, kept)
    return found | {
        "trainings": len(trained),
        "seconds": round(float(np.mean([one.seconds for one in trained])), 1),
        "tokens_per_second": round(float(np.mean([one.tokens_per_second for one in trained]))),
        "left_out": dict(sum((Counter(one.left_out) for one in trained if one.seed == trained[0].seed), Counter())),
    }


def main() -> None:
    options = _parser().parse_args()
    torch.set_num_threads(1)
    transformers_logging.disable_progress_bar()
    sources = {"openassistant": openassistant_rows, "fastchat": fastchat_rows, "gsm8k": gsm8k_rows}
    records = {name: records_of(rows(options.data), name) for name, rows in sources.items()}
    everything: dict[str, Any] = {"benchmark": "rewards", "seeds": options.seeds, "settings": SETTINGS}
    for name in sources:
        trained = [one for seed in options.seeds for one in cross_validated(records[name], seed)]
        everything[name] = {"rankings": len(records[name]), **figures(trained)}
        _show(name, everything[name])
    judged = records_of(pandalm_rows(options.data), "pandalm")
    judges = len({row.annotator for row in judged})
    asked = majority(judged, judges)
    known = [*records["openassistant"], *records["fastchat"]]
    everything["pandalm"] = figures([train(known, asked, seed) for seed in options.seeds])
    everything["pandalm"] |= {"items": len(judged) // judges, "ceiling": ceiling(judged, judges)}
    _show("pandalm", everything["pandalm"])
    print(json.dumps(everything))


def _show(name: str, found: Mapping[str, Any]) -> None:
    print(f"\n{name}: {found['pairs']} pairs of {found['prompts']} prompts; left out {found['left_out'] or 'none'}")
    for system, said in found.items():
        if isinstance(said, dict) and "accuracy" in said:
            print(f"{system:>34} {said['accuracy']:.3f} [{said['low']:.3f}, {said['high']:.3f}]")
    print(f"{found['seconds']} s of processor time a training, {found['tokens_per_second']:,} tokens/s", flush=True)


def _accuracy(rows: Mapping[str, RankingRow], outcomes: Mapping[tuple[str, int, int], float]) -> dict[str, float]:
    judged = [Outcome(rows[pair[0]].group, value, rows[pair[0]].prompt_id) for pair, value in outcomes.items()]
    return accuracy(judged, 0).to_json()


@torch.no_grad()
def _scored(release: Path, model: Path, config: RewardConfig) -> tuple[list[RankingRow], list[float]]:
    chat = chat_for(load_tokenizer(model))
    rows, _ = ranking_rows.read_rankings(release, "test", chat, config.max_length)
    scorer = load_reward(model, config.seed).eval()
    return rows, [score for row in rows for score in reward.score_rankings(scorer, [row]).tolist()]


def _pairs(row: RankingRecord) -> Iterator[tuple[str, str]]:
    texts = {one.completion_id: one.text for one in row.completions}
    for place, tier in enumerate(row.tiers):
        for lower in row.tiers[place + 1 :]:
            yield from ((texts[better], texts[worse]) for better in tier for worse in lower)


def _judged(outcomes: Iterator[Any]) -> Iterator[Row]:
    return (one for one in outcomes if isinstance(one, Row) and one.kind in ("ranking", "comparison"))


def _lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as stored:
        yield from read_lines(Meter(stored), limit_bytes=LIMIT_BYTES)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with openassistant, fastchat, gsm8k and pandalm")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    return parser


if __name__ == "__main__":
    main()
