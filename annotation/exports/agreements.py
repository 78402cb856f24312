"""How far the people behind a release agree, split by split: for the manifest, from which training copies it.

Each figure is a ratio of sums over tasks; its interval comes from drawing buckets of tasks, as in quality's reports.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Count, F, Sum
from django.db.models.functions import Mod

from annotation.exports.choosing import PROMPT, going_in
from annotation.exports.selection import BY_ANNOTATOR, Selection
from annotation.projects.models import Project
from annotation.quality.agreement import bootstrap, share
from annotation.quality.models import AnswerAgreement
from annotation.quality.reporting import BUCKETS
from annotation.tasks.models import Split

DRAWS = 1_000
# Below so many tasks with several answers a figure says little: it is called not measured.
FEWEST_TASKS = 50

_SUMS = ("agreeing", "compared", "decided_alike", "decided")


def agreement_by_split(
    project: Project, selection: Selection, without_prompts: Collection[int]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return {split: {kind of protocol: {tasks, answers, agreement, low, high, strict, …, is_measured}}}.

    Where annotators part the answers, those to one task stand apart by design: then "all" stands for the splits.
    """
    compared = AnswerAgreement.objects.filter(project=project, compared__gt=0)
    if not compared.exists():
        return {}
    going = going_in(project, selection).exclude(answer__task__prompt__in=without_prompts)
    rows = compared.filter(answer__in=going.values("answer")).annotate(bucket=Mod(F("task"), BUCKETS))
    by_annotator = selection.split_by == BY_ANNOTATOR
    keys = ("protocol__kind", "bucket") if by_annotator else ("protocol__kind", "bucket", PROMPT + "group__split")
    sums = rows.values_list(*keys).annotate(*map(Sum, _SUMS), Count("task", distinct=True), Count("pk")).order_by()
    buckets: defaultdict[tuple[str, str], list[Sequence[float]]] = defaultdict(list)
    for kind, _, *rest in sums:
        split, *figures = ["all", *rest] if by_annotator else rest
        buckets[split, kind].append(figures)
    order = ["all", *(split.value for split in Split)]
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for split, kind in sorted(buckets, key=lambda key: (order.index(key[0]), key[1])):
        found.setdefault(split, {})[kind] = _figure(buckets[split, kind])
    return found


def _figure(buckets: Sequence[Sequence[float]]) -> dict[str, Any]:
    tasks, answers = (int(sum(bucket[column] for bucket in buckets)) for column in (4, 5))
    agreement = _with_interval("agreement", [bucket[0:2] for bucket in buckets])
    strict = _with_interval("strict", [bucket[2:4] for bucket in buckets])
    return {"tasks": tasks, "answers": answers, "is_measured": tasks >= FEWEST_TASKS, **agreement, **strict}


def _with_interval(name: str, rows: Sequence[Sequence[float]]) -> dict[str, Any]:
    sums = [math.fsum(column) for column in zip(*rows, strict=True)]
    interval = bootstrap(rows, lambda drawn: share(*drawn), seed=0, draws=DRAWS)
    low, high = interval or (None, None)
    return {name: share(*sums), f"{name}_low": low, f"{name}_high": high}
