"""What the records of a release look like, counted for plots: lengths, K, ties, languages, annotators. Pure.

A sample of a large release says as much as the whole: `of` tells how many records were looked at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from typing import Any

# Characters, each class up to but without the next bound.
LENGTHS = (0, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800)
ANNOTATORS_SHOWN = 50
LEAST_SAMPLE = 5_000


class Distributions:
    def __init__(self) -> None:
        self.of = 0
        self._lengths, self._k, self._ties = Counter[int](), Counter[int](), Counter[str]()
        self._languages, self._annotators = Counter[str](), Counter[str]()

    def add(self, kind: str, record: Mapping[str, Any]) -> None:
        self.of += 1
        self._languages[record["language"]] += 1
        self._annotators[record["annotator"]] += 1
        if kind == "demonstrations":
            self._lengths[_class_of(len(record["completion"]))] += 1
            return
        for completion in record["completions"]:
            self._lengths[_class_of(len(completion["text"]))] += 1
        if kind == "rankings":
            self._k[len(record["completions"])] += 1
            self._ties[_ties(record)] += 1

    def to_json(self) -> dict[str, Any]:
        most = self._annotators.most_common()
        return {
            "of": self.of,
            "lengths": [{"from": bound, "count": self._lengths[bound]} for bound in LENGTHS],
            "k": {str(k): self._k[k] for k in sorted(self._k)},
            "ties": {name: self._ties[name] for name in ("none", "some", "all")},
            "languages": dict(sorted(self._languages.items())),
            "annotators": [{"annotator": name, "count": count} for name, count in most[:ANNOTATORS_SHOWN]],
            "annotators_in_all": len(most),
        }


def _class_of(length: int) -> int:
    return LENGTHS[bisect_right(LENGTHS, length) - 1]


def _ties(record: Mapping[str, Any]) -> str:
    if len(record["tiers"]) == 1:
        return "all"
    return "none" if len(record["tiers"]) == len(record["completions"]) else "some"
