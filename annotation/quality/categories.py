"""How far people agree on each category of moderation, from how often their verdicts met. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from annotation.quality.agreement import alpha_of, bootstrap, nominal, share
from annotation.quality.judgements import both_ways, values_of
from training.categories import in_order

DRAWS = 400
_PAIRS = [(here, there) for here in (True, False) for there in (True, False)]
Figure = Callable[[Sequence[float]], float | None]


def by_category(buckets: Sequence[Mapping[str, float]], *, seed: int) -> list[dict[str, Any]]:
    """Return each category's verdicts, how many of them are yes, and how far they agree; in the house's order.

    A bucket holds coincidences of tasks by name; see `judgements.key_of`. `verdicts` counts those that met another's.
    """
    rows: defaultdict[str, list[list[float]]] = defaultdict(lambda: [[0.0] * len(_PAIRS) for _ in buckets])
    for place, bucket in enumerate(buckets):
        for name, number in bucket.items():
            (category, here), (_, there) = values_of(name)
            rows[category][place][_PAIRS.index((here, there))] += number
    return [_figures(category, rows[category], seed) for category in in_order(rows)]


def _figures(category: str, rows: Sequence[Sequence[float]], seed: int) -> dict[str, Any]:
    # A bucket without the category would only water the draws down.
    known = [row for row in rows if any(row)]
    sums = [math.fsum(column) for column in zip(*known, strict=True)]
    return {
        "category": category,
        "verdicts": round(sum(sums)),
        "yes": round(sums[0] + sums[1]),
        **_with_interval("agreement", known, sums, _alike, seed),
        **_with_interval("alpha", known, sums, _alpha, seed),
    }


def _alike(sums: Sequence[float]) -> float | None:
    return share(sums[0] + sums[3], math.fsum(sums))


def _alpha(sums: Sequence[float]) -> float | None:
    return alpha_of(both_ways(_PAIRS, sums), nominal)


def _with_interval(
    name: str, rows: Sequence[Sequence[float]], sums: Sequence[float], figure: Figure, seed: int
) -> dict[str, dict[str, float | None]]:
    low, high = bootstrap(rows, figure, seed=seed, draws=DRAWS) or (None, None)
    return {name: {"value": figure(sums), "low": low, "high": high}}
