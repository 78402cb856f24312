"""A filter trained on published labels by the product's own stage, beside TF-IDF trained on the same rows.

`make bench-moderation DATA=…`, minutes on a processor. Every text is judged by a filter that has not seen it: OpenAI's
set and Davidson's in five folds by the hash of the text, HateCheck in five folds by the hash of its template, so that
no wording is on both sides. One fold draws the lines, one is judged, three are learned. HateCheck's five languages
are learned together.
"""

import argparse
import ast
import csv
import gzip
import hashlib
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_union

from tests.training.releases import write_columns
from training import detection, handover, moderation, records
from training.categories import EVALUATION_SET, in_order
from training.config import ModerationConfig
from training.detection import Array, Known
from training.events import silent
from training.labels import KIND
from training.loop import Stop
from training.moderator import Moderator
from training.records import SCHEMA, JudgementRecord, Manifest, Message

FOLDS = 5
RATE = 0.05
SPLIT_OF = ("test", "validation", "train", "train", "train")


@dataclass(frozen=True)
class Case:
    """A published text: who said what of it, what it must not be torn from, and which part of a suite it is of."""

    text: str
    votes: tuple[dict[str, bool], ...]
    group: str
    part: str = ""

    @property
    def fold(self) -> int:
        return int(hashlib.sha256(self.group.encode()).hexdigest(), 16) % FOLDS

    def majority(self, category: str) -> bool | None:
        said = [vote[category] for vote in self.votes if category in vote]
        return None if 2 * sum(said) == len(said) else 2 * sum(said) > len(said)


def openai_cases(data: Path) -> Iterator[Case]:
    with gzip.open(data / "openai_moderation" / "samples-1680.part.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            votes = {name: bool(row[letter]) for letter, name in EVALUATION_SET.items() if letter in row}
            yield Case(row["prompt"], (votes,), row["prompt"])


def davidson_cases(data: Path) -> Iterator[Case]:
    with (data / "davidson_hate_offensive" / "labeled_data.part.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            ballots = [
                {"hate": name == "hate_speech", "offensive_language": name == "offensive_language"}
                for name in ("hate_speech", "offensive_language", "neither")
                for _ in range(int(row[name]))
            ]
            yield Case(row["tweet"], tuple(ballots), row["tweet"])


def hatecheck_cases(data: Path) -> Iterator[Case]:
    for path in sorted((data / "multilingual_hatecheck").glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                said = ast.literal_eval(row["label_annotated"])
                votes = tuple({"hate": label == "hateful"} for label in said)
                yield Case(row["test_case"], votes, f"{path.stem} {row['case_templ']}", row["functionality"])


SOURCES = {"openai": openai_cases, "davidson": davidson_cases, "hatecheck": hatecheck_cases}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("data", type=Path, help="the folder of published data")
    asked.add_argument("--sources", default=",".join(SOURCES), help="some of openai,davidson,hatecheck")
    asked.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings of the stage, as JSON")
    asked.add_argument("--without-reference", action="store_true", help="leave TF-IDF out")
    given = asked.parse_args()
    torch.set_num_threads(1)
    changes = {name: json.loads(value) for name, value in (one.split("=", 1) for one in given.set)}
    for source in given.sources.split(","):
        cases = list(SOURCES[source](given.data))
        print(f"\n## {source}: {len(cases):,} texts")
        systems = {"filter": lambda *sides: ours(*sides, changes=changes)}
        if not given.without_reference:
            systems["TF-IDF"] = reference
        for name, system in systems.items():
            started = time.process_time()
            found = out_of_fold(cases, system)
            print(f"\n{name} ({time.process_time() - started:.0f} s of processor time)\n")
            show(cases, found)
    sys.stdout.flush()


Found = dict[str, tuple[Array, Array]]


def out_of_fold(cases: Sequence[Case], system: Any) -> Found:
    """Return, by category, scores and flags of all cases, each given by a system that has not seen its group."""
    found: Found = {}
    for turn in range(FOLDS):
        sides: dict[str, list[int]] = defaultdict(list)
        for place, case in enumerate(cases):
            sides[SPLIT_OF[(case.fold + turn) % FOLDS]].append(place)
        train, validation, test = ([cases[place] for place in sides[split]] for split in records.SPLITS)
        for name, (scores, flags) in system(train, validation, test).items():
            whole = found.setdefault(name, (np.full(len(cases), np.nan), np.full(len(cases), np.nan)))
            whole[0][sides["test"]], whole[1][sides["test"]] = scores, flags
    return found


def ours(train: Sequence[Case], validation: Sequence[Case], test: Sequence[Case], changes: dict[str, Any]) -> Found:
    """Train the product's stage on a release of these labels, load what it saved, and ask it."""
    with tempfile.TemporaryDirectory() as folder:
        release = write_release(Path(folder) / "release", {"train": train, "validation": validation, "test": []})
        value = {"release": str(release), "output": f"{folder}/model", "false_positive_rate": RATE, **changes}
        moderation.run(ModerationConfig.from_json(value), silent, Stop())
        filter_ = Moderator.load(Path(folder) / "model")
        scored = filter_.score([case.text for case in test])
        flagged = [filter_.flags(scores) for scores in scored]
    return {
        name: (np.array([row[name] for row in scored]), np.array([float(row[name]) for row in flagged]))
        for name in filter_.verdicts.categories
    }


def reference(train: Sequence[Case], validation: Sequence[Case], test: Sequence[Case]) -> Found:
    """TF-IDF of words, word pairs and 2 to 5 characters under a logistic regression a category."""
    reading = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    seen = reading.fit_transform([case.text for case in train])
    lines, asked = (reading.transform([case.text for case in cases]) for cases in (validation, test))
    found: Found = {}
    for name in in_order(name for case in train for vote in case.votes for name in vote):
        known = [place for place, case in enumerate(train) if case.majority(name) is not None]
        targets = [train[place].majority(name) for place in known]
        if len({*targets}) < 2:
            continue
        judge = LogisticRegression(C=10, max_iter=1000).fit(seen[known], targets)
        drawn = [(place, case.majority(name)) for place, case in enumerate(validation)]
        kept = [place for place, majority in drawn if majority is not None]
        truths = np.array([float(bool(majority)) for _, majority in drawn if majority is not None])
        threshold = detection.draw_threshold(judge.predict_proba(lines[kept])[:, 1], truths, RATE).value
        scores = judge.predict_proba(asked)[:, 1]
        found[name] = (scores, (scores >= threshold).astype(float))
    return found


def write_release(directory: Path, splits: dict[str, Sequence[Case]]) -> Path:
    files = [
        write_columns(directory, split, "judgements", [row.to_json() for row in _rows(cases, split)])
        for split, cases in splits.items()
    ]
    facts: dict[str, Any] = {"name": "moderation", "project": "benchmark", "selection": {}, "counts": {}}
    manifest = Manifest(digest_sha256="0" * 64, left_out={}, files=tuple(files), schema=SCHEMA, **facts)
    handover.write_manifest(directory, manifest)
    return directory


def _rows(cases: Iterable[Case], split: str) -> Iterator[JudgementRecord]:
    for place, case in enumerate(cases):
        for seat, vote in enumerate(case.votes):
            yield JudgementRecord(
                record_id=f"{split}-{place}-{seat}",
                prompt_id=f"{split}-{place}",
                group=case.group,
                split=split,
                messages=(Message("user", case.text),),
                judgement=KIND,
                payload={"verdicts": vote},
            )


def show(cases: Sequence[Case], found: Found) -> None:
    print("| category | yes / no | AUPRC | coin | F1 | false positives |\n|---|---|---|---|---|---|")
    for name, (scores, flags) in found.items():
        kept = [place for place, case in enumerate(cases) if case.majority(name) is not None]
        kept = [place for place in kept if not np.isnan(scores[place])]
        figures = _figures(cases, kept, name, scores, flags)
        print(
            f"| `{name}` | {figures['positives']} / {figures['negatives']} | {_interval(figures, 'auprc')} | "
            f"{figures['random']:.3f} | {_interval(figures, 'f1')} | {_interval(figures, 'fpr')} |"
        )
    if any(case.part for case in cases):
        _show_parts(cases, *found["hate"])


def _figures(cases: Sequence[Case], kept: list[int], name: str, scores: Array, flags: Array) -> dict[str, Any]:
    """Return a category's figures: a curve needs scores; errors need flags, by lines that each fold drew its own."""
    targets = np.array([float(bool(cases[place].majority(name))) for place in kept])
    groups = [cases[place].group for place in kept]
    by_score = detection.measure(Known(scores[kept], targets, groups), 0.5, 0)
    by_flag = detection.measure(Known(flags[kept], targets, groups), 0.5, 0)
    of_curve = {key: value for key, value in by_score.items() if key.startswith("auprc")}
    return {**by_flag, **of_curve}


def _show_parts(cases: Sequence[Case], scores: Array, flags: Array) -> None:
    print("\n| functional group | cases | hateful | right |\n|---|---|---|---|")
    for part in sorted({case.part for case in cases}):
        kept = [place for place, case in enumerate(cases) if case.part == part and case.majority("hate") is not None]
        truths = np.array([float(bool(cases[place].majority("hate"))) for place in kept])
        right = float((flags[kept] == truths).mean())
        print(f"| `{part}` | {len(kept)} | {truths.mean():.2f} | {right:.3f} |")


def _interval(figures: dict[str, Any], name: str) -> str:
    if figures[name] is None:
        return "–"
    return f"{figures[name]:.3f} [{figures[f'{name}_low']:.3f}, {figures[f'{name}_high']:.3f}]"


if __name__ == "__main__":
    main()
