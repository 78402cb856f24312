"""What a reward model is worth: how often it orders completions as people did, how sure it is, and what it goes by.

Everything stands on strict judgements of the test split and their scores. People's own agreement is the ceiling, so it
is told beside the accuracy; where nobody measured it, that is said instead.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.metrics import FloatArray, accuracy, fitted_temperature, outcome
from training.ranking_rows import RankingRow

BINS = 10
# Completions whose lengths differ by less than this are taken for equally long.
MATCHED = 1.1
LENGTH_GAPS = ((1.25, "1 to 1.25 times"), (2.0, "1.25 to 2 times"), (float("inf"), "2 times or more"))
MOST_SLICES = 12
FEWEST_PAIRS = 20
FEWEST_TASKS = 50
RANKING_KINDS = ("ranking", "comparison")


@dataclass(frozen=True)
class JudgedPair:
    """A strict preference of people, and what the model makes of the two."""

    row: RankingRow
    better: int
    worse: int
    better_score: float
    worse_score: float

    @property
    def difference(self) -> float:
        return self.better_score - self.worse_score

    @property
    def length_ratio(self) -> float:
        """How many times as long as the shorter the longer of the two is."""
        one, other = sorted((self.row.characters[self.better] + 1, self.row.characters[self.worse] + 1))
        return other / one

    @property
    def longer_won(self) -> bool:
        return self.row.characters[self.better] > self.row.characters[self.worse]

    @property
    def first_won(self) -> bool:
        return self.row.shown[self.better] < self.row.shown[self.worse]


def judged_pairs(rows: Sequence[RankingRow], scores: Sequence[float]) -> list[JudgedPair]:
    """Put the flat scores beside what people preferred; ties, and pairs that as many prefer either way, are out."""
    return [
        JudgedPair(row, better, worse, here[better], here[worse])
        for row, here in by_ranking(rows, scores)
        for (better, worse), share in zip(row.pairs, row.shares or [1.0] * len(row.pairs), strict=True)
        if share != 0.5
    ]


def by_ranking(rows: Sequence[RankingRow], scores: Sequence[float]) -> Iterator[tuple[RankingRow, Sequence[float]]]:
    """Part flat scores into those of each ranking's completions."""
    ends = itertools.accumulate(len(row.rows) for row in rows)
    for row, end in zip(rows, ends, strict=True):
        yield row, scores[end - len(row.rows) : end]


def share_right(judged: Sequence[JudgedPair], seed: int) -> dict[str, Any]:
    """Return {accuracy, low, high, pairs, prompts}; empty where there is no pair."""
    if not judged:
        return {}
    outcomes = [outcome(one.row.group, one.better_score, one.worse_score, one.row.prompt_id) for one in judged]
    prompts = len({(one.group, one.prompt) for one in outcomes})
    return {**accuracy(outcomes, seed).to_json(), "pairs": len(judged), "prompts": prompts}


def report(
    judged: Sequence[JudgedPair],
    scores: Sequence[tuple[RankingRow, Sequence[float]]],
    *,
    seed: int,
    taught: Collection[str],
    temperature: float | None,
) -> dict[str, Any]:
    """Tell accuracy by annotator and slice, calibration, and what length and position have to do with it.

    taught: the annotators whose rankings were learned from. temperature: fitted on other pairs than these, if it was.
    """
    if not judged:
        return {}
    by_annotator = {
        "in_fold": [one for one in judged if one.row.annotator in taught],
        "held_out_annotators": [one for one in judged if one.row.annotator and one.row.annotator not in taught],
    }
    return {
        **{name: _enough(pairs, seed) for name, pairs in by_annotator.items()},
        "calibration": calibration(judged, temperature),
        "slices": slices(judged, seed),
        "length": length_probe(judged, scores, seed),
        "position": position_probe(judged, seed),
    }


def calibration(judged: Sequence[JudgedPair], temperature: float | None = None) -> dict[str, Any]:
    """Tell how far the model's confidence σ(|difference|) is from how often it is right.

    Returns {ece, brier, temperature, ece_after, curve: [{confidence, accuracy, pairs}]}; every pair weighs alike.
    Source: Guo et al. 2017 (arXiv:1706.04599), equations 3 and 9; Brier 1950.
    """
    differences = np.array([one.difference for one in judged])
    fitted = temperature or fitted_temperature(differences)
    curve = _reliability(differences)
    return {
        "ece": _ece(curve),
        "brier": float(np.mean((_confidence(differences) - _right(differences)) ** 2)),
        "temperature": fitted,
        "ece_after": _ece(_reliability(differences / fitted)),
        "curve": curve,
    }


def temperature_of(judged: Sequence[JudgedPair]) -> float:
    """Return the temperature that people's preferences are likeliest at, given the scores."""
    return fitted_temperature(np.array([one.difference for one in judged]))


def slices(judged: Sequence[JudgedPair], seed: int) -> dict[str, list[dict[str, Any]]]:
    """Tell the accuracy by strength, length gap, number of completions, language and source, where they are known."""
    kinds: Mapping[str, Callable[[JudgedPair], Any]] = {
        "strength": lambda one: None if one.row.strength is None else f"{one.row.strength:.2f}",
        "length_gap": lambda one: next(name for most, name in LENGTH_GAPS if one.length_ratio <= most),
        "completions": lambda one: str(len(one.row.rows)),
        "language": lambda one: one.row.language or None,
        "source": lambda one: one.row.source or None,
    }
    return {kind: _by(judged, key, seed) for kind, key in kinds.items()}


def length_probe(
    judged: Sequence[JudgedPair], scores: Iterable[tuple[RankingRow, Sequence[float]]], seed: int
) -> dict[str, Any]:
    """Tell whether the model goes by length.

    correlation: Pearson's, of scores and characters, both about the mean of their ranking. matched: accuracy where the
    two are equally long; shorter_chosen and longer_chosen: where people preferred the one or the other.
    """
    unequal = [one for one in judged if one.length_ratio > MATCHED]
    return {
        "correlation": _correlation(scores),
        "matched": _enough([one for one in judged if one.length_ratio <= MATCHED], seed),
        "shorter_chosen": _enough([one for one in unequal if not one.longer_won], seed),
        "longer_chosen": _enough([one for one in unequal if one.longer_won], seed),
    }


def position_probe(judged: Sequence[JudgedPair], seed: int) -> dict[str, Any]:
    """Tell whether people preferred what they saw first, and how the model does where they did and did not."""
    known = [one for one in judged if one.row.shown]
    first = [one for one in known if one.first_won]
    return {
        "first_preferred": len(first) / len(known) if known else None,
        "pairs": len(known),
        "first_won": _enough(first, seed),
        "later_won": _enough([one for one in known if not one.first_won], seed),
    }


def ceiling(agreement: Mapping[str, Mapping[str, Mapping[str, Any]]] | None) -> dict[str, Any]:
    """Return how far people agree, from a release's manifest: of the test split, or the nearest that was measured.

    {agreement, low, high, strict, strict_low, strict_high, tasks, split, kind}, or {not_measured: why}. Strict leaves
    out what either tied, as a model's accuracy does.
    """
    found = [
        {"split": split, "kind": kind, **said}
        for split in ("test", "all", "validation", "train")
        for kind, said in (agreement or {}).get(split, {}).items()
        if kind in RANKING_KINDS and said.get("is_measured")
    ]
    if not found:
        return {"not_measured": f"Fewer than {FEWEST_TASKS} tasks have rankings by two people."}
    best = max((one for one in found if one["split"] == found[0]["split"]), key=lambda one: one["tasks"])
    return {
        "agreement": best["agreement"],
        "low": best["agreement_low"],
        "high": best["agreement_high"],
        "strict": best.get("strict"),
        "strict_low": best.get("strict_low"),
        "strict_high": best.get("strict_high"),
        **{name: best[name] for name in ("tasks", "split", "kind")},
    }


def _enough(judged: Sequence[JudgedPair], seed: int) -> dict[str, Any]:
    if len(judged) < FEWEST_PAIRS:
        return {"not_measured": f"{len(judged)} pairs; {FEWEST_PAIRS} are needed.", "pairs": len(judged)}
    return share_right(judged, seed)


def _by(judged: Sequence[JudgedPair], key: Callable[[JudgedPair], Any], seed: int) -> list[dict[str, Any]]:
    parts: defaultdict[str, list[JudgedPair]] = defaultdict(list)
    for one in judged:
        if (value := key(one)) is not None:
            parts[value].append(one)
    most = sorted(parts, key=lambda value: -len(parts[value]))[:MOST_SLICES]
    return [{"value": value, **share_right(parts[value], seed)} for value in sorted(most)]


def _confidence(differences: FloatArray) -> FloatArray:
    return 1 / (1 + np.exp(-np.abs(differences)))


def _right(differences: FloatArray) -> FloatArray:
    return np.where(differences == 0, 0.5, differences > 0)


def _reliability(differences: FloatArray) -> list[dict[str, float]]:
    """Group pairs into bins of confidence between a half and one: [{confidence, accuracy, pairs}]."""
    confidence, right = _confidence(differences), _right(differences)
    bins = np.minimum(((confidence - 0.5) * 2 * BINS).astype(int), BINS - 1)
    return [
        {
            "confidence": float(confidence[bins == place].mean()),
            "accuracy": float(right[bins == place].mean()),
            "pairs": int((bins == place).sum()),
        }
        for place in range(BINS)
        if (bins == place).any()
    ]


def _ece(curve: Sequence[Mapping[str, float]]) -> float:
    pairs = sum(one["pairs"] for one in curve)
    return sum(abs(one["confidence"] - one["accuracy"]) * one["pairs"] for one in curve) / pairs


def _correlation(scores: Iterable[tuple[RankingRow, Sequence[float]]]) -> float | None:
    mine, lengths = [], []
    for row, here in scores:
        mine += list(np.array(here) - np.mean(here))
        lengths += list(np.array(row.characters) - np.mean(row.characters))
    if not mine or not np.std(mine) or not np.std(lengths):
        return None
    return float(np.corrcoef(mine, lengths)[0, 1])
