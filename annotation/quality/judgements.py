"""What answers to one task say that can be compared, kind of work by kind, and how far each agrees with the others.

Pure. Demonstrations and written prompts are not here: two good texts need have nothing in common.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotation.projects.protocol import RANKING_KINDS
from annotation.quality.agreement import (
    Coincidences,
    Distance,
    compare_rankings,
    nominal,
    ordinal,
    preferences,
    rank_correlation,
)
from training.ranking import Tiers

MODERATION = "moderation_label"
COMPARED_KINDS = RANKING_KINDS | {"score", "labels", MODERATION}

# Where answers count as agreeing or disagreeing with the others, for filters; between the two they are mixed.
AGREES_FROM, DISAGREES_BELOW = 0.8, 0.5


@dataclass(frozen=True)
class Comparison:
    """Two answers to one task, or one answer and all the others: sums, so that figures are ratios of them.

    Of `compared` things (pairs of completions, or the one value) `agreeing` are judged alike, in part where kinds
    know something between alike and unlike. `decided` leaves out what says little: pairs that either ties.
    """

    others: int = 0
    compared: int = 0
    agreeing: float = 0.0
    decided: int = 0
    decided_alike: int = 0
    # Kendall's tau-b, added up over the others; of rankings only.
    correlation: float = 0.0
    # How often a value of this answer met one of another's: what alpha is made of. See `key_of`.
    coincidences: Mapping[str, float] = field(default_factory=dict)

    @property
    def agreement(self) -> float | None:
        return self.agreeing / self.compared if self.compared else None

    def __add__(self, other: Comparison) -> Comparison:
        return Comparison(
            self.others + other.others,
            self.compared + other.compared,
            self.agreeing + other.agreeing,
            self.decided + other.decided,
            self.decided_alike + other.decided_alike,
            self.correlation + other.correlation,
            added(self.coincidences, other.coincidences),
        )


def compare_answers(kind: str, payloads: Sequence[Mapping[str, Any]], *, scale: int = 1) -> list[Comparison]:
    """Return how far each answer to one task agrees with all the others, in order. `scale` is the highest score."""
    if len(payloads) < 2:
        return [Comparison() for _ in payloads]
    # Each judgement counts once for alpha, however many others it meets.
    part = 1 / (len(payloads) - 1)
    if kind in RANKING_KINDS:
        rankings = [_ranking(payload) for payload in payloads]
        return _each([[_two_rankings(here, there, part) for there in rankings] for here in rankings])
    if kind == "score":
        scores = [int(payload["score"]) for payload in payloads]
        return _each([[_two_scores(here, there, scale, part) for there in scores] for here in scores])
    if kind == MODERATION:
        verdicts = [payload["verdicts"] for payload in payloads]
        judges = Counter(name for said in verdicts for name in said)
        return _each([[_two_verdicts(here, there, judges) for there in verdicts] for here in verdicts])
    labels = [frozenset(payload["labels"]) for payload in payloads]
    return _each([[_two_sets(here, there, part) for there in labels] for here in labels])


def distance_of(kind: str) -> Distance:
    return nominal if kind in ("labels", MODERATION) else ordinal


def level_of(agreement: float | None) -> str:
    """Return the word under which an answer is filtered: agrees, mixed, disagrees; empty for one alone."""
    if agreement is None:
        return ""
    if agreement >= AGREES_FROM:
        return "agrees"
    return "disagrees" if agreement < DISAGREES_BELOW else "mixed"


def key_of(here: Any, there: Any) -> str:
    """Return a coincidence's name in a row: its two values as JSON."""
    return json.dumps([here, there], ensure_ascii=False)


def values_of(name: str) -> tuple[Any, Any]:
    """Return the two values of a coincidence's name. See `key_of`."""
    here, there = json.loads(name)
    return _hashable(here), _hashable(there)


def verdicts_of(pairs: Sequence[tuple[Any, Any]]) -> list[tuple[bool, bool]]:
    """Return pairs of (category, verdict) without their category: the yes and no of all categories together."""
    return [(here[1], there[1]) for here, there in pairs]


def both_ways(pairs: Sequence[tuple[Any, Any]], numbers: Sequence[float]) -> Coincidences:
    """Return coincidences counted alike both ways round, from a slice that may hold one side of some of them."""
    met: dict[tuple[Any, Any], float] = {}
    for (here, there), number in zip(pairs, numbers, strict=True):
        for pair in ((here, there), (there, here)):
            met[pair] = met.get(pair, 0.0) + number / 2
    return met


def added(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    return {name: first.get(name, 0.0) + second.get(name, 0.0) for name in [*first, *(second.keys() - first.keys())]}


def _each(rows: Sequence[Sequence[Comparison]]) -> list[Comparison]:
    """Add each answer's comparisons up, leaving out the one with itself."""
    return [
        sum((one for column, one in enumerate(row) if column != place), start=Comparison())
        for place, row in enumerate(rows)
    ]


def _ranking(payload: Mapping[str, Any]) -> Tiers:
    """Return the tiers. Where all are bad nothing stands above anything, whatever the order on screen was."""
    tiers = tuple(tuple(str(completion) for completion in tier) for tier in payload["tiers"])
    return (tuple(label for tier in tiers for label in tier),) if payload.get("all_bad") else tiers


def _two_rankings(here: Tiers, there: Tiers, part: float) -> Comparison:
    pairs = compare_rankings(here, there)
    mine, theirs = preferences(here), preferences(there)
    met: dict[str, float] = {}
    for pair in mine.keys() & theirs.keys():
        # Which completion of a pair is called the first is arbitrary: half the pair is counted either way round.
        for sign in (1, -1):
            name = key_of(sign * mine[pair], sign * theirs[pair])
            met[name] = met.get(name, 0.0) + part / 2
    return Comparison(
        others=1,
        compared=pairs.compared,
        agreeing=pairs.same + pairs.tied + pairs.half_tied / 2,
        decided=pairs.same + pairs.opposite,
        decided_alike=pairs.same,
        correlation=rank_correlation(here, there),
        coincidences=met,
    )


def _two_scores(here: int, there: int, scale: int, part: float) -> Comparison:
    """Scores agree by how near they are on the scale."""
    near = 1 - abs(here - there) / max(scale - 1, 1)
    return Comparison(1, 1, max(near, 0.0), 1, int(here == there), coincidences={key_of(here, there): part})


def _two_sets(here: frozenset[str], there: frozenset[str], part: float) -> Comparison:
    """Sets of labels agree by what they share of what either has. Source: Jaccard 1912, coefficient of community."""
    union = len(here | there)
    shared = len(here & there) / union if union else 1.0
    met = {key_of(sorted(here), sorted(there)): part}
    return Comparison(1, 1, shared, 1, int(here == there), coincidences=met)


def _two_verdicts(here: Mapping[str, bool], there: Mapping[str, bool], judges: Mapping[str, int]) -> Comparison:
    """Verdicts agree category by category, where both said yes or no: what is unknown to either says nothing.

    Nearly every category is no on nearly every text, so `decided` are those that either said yes to.
    """
    both = [name for name in here if name in there]
    said_yes = [name for name in both if here[name] or there[name]]
    return Comparison(
        others=1,
        compared=len(both),
        agreeing=sum(here[name] == there[name] for name in both),
        decided=len(said_yes),
        decided_alike=sum(here[name] == there[name] for name in said_yes),
        coincidences={key_of([name, here[name]], [name, there[name]]): 1 / max(judges[name] - 1, 1) for name in both},
    )


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
