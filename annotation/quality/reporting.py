"""Turn the rows of compared answers into a protocol's figures. Part of this room's actions.

The database adds up; intervals come from adding up in buckets and drawing buckets, so they cost the same for a
hundred tasks and a million. A report is computed when answers have changed and the last one is old enough: computing
takes at most a twentieth of the time, whatever a computation costs.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from annotation.projects.models import Protocol
from annotation.projects.protocol import RANKING_KINDS
from annotation.quality.agreement import alpha_of, bootstrap, share
from annotation.quality.categories import by_category
from annotation.quality.judgements import MODERATION, both_ways, distance_of, values_of, verdicts_of
from annotation.quality.models import AgreementFigure, AgreementReport, Scope

BUCKETS = 256
LEAST_SECONDS = 60.0
# A report that took a second is not computed again for twenty.
REST_OF_COST = 20.0
# A message that has led to nothing for so long, or three times what the last computation took, is sent again.
HINT_SECONDS, PATIENCE_OF_COST = 60.0, 3.0
WEEKS_SHOWN = 52
DRAWS = {Scope.PROTOCOL: 1_000}
DRAWS_IN_PARTS = 400
# Beyond so many pairs of values (labels that combine freely) alpha has no interval: it would cost minutes.
MOST_COINCIDENCES = 400

# Which of a bucket's sums each figure divides.
_RATIOS = {"agreement": (0, 1), "strict": (2, 3), "tau_b": (4, 5)}

_ROWS = """
    WITH rows AS (
        SELECT *, task_id %% %(buckets)s AS bucket FROM quality_answeragreement WHERE protocol_id = %(protocol)s
    )"""
# One walk over the protocol's rows for all four kinds of slices.
_SLICES = f"""{_ROWS}
    SELECT CASE WHEN GROUPING(annotator_id) = 0 THEN 'annotator' WHEN GROUPING(guideline_version_id) = 0
                THEN 'guideline' WHEN GROUPING(week) = 0 THEN 'week' ELSE 'protocol' END AS scope,
           annotator_id, guideline_version_id, week, bucket, count(DISTINCT task_id), count(*),
           sum(agreeing), sum(compared), sum(decided_alike), sum(decided), sum(correlation), sum(others)
    FROM rows
    GROUP BY GROUPING SETS ((bucket), (bucket, annotator_id), (bucket, guideline_version_id), (bucket, week))
"""

_COINCIDENCES = f"""{_ROWS}
    SELECT CASE WHEN GROUPING(guideline_version_id) = 0 THEN 'guideline' WHEN GROUPING(week) = 0 THEN 'week'
                ELSE 'protocol' END AS scope,
           NULL, guideline_version_id, week, bucket, met.name, sum(met.number::float8)
    FROM rows, jsonb_each_text(coincidences) AS met(name, number)
    GROUP BY GROUPING SETS ((bucket, met.name), (bucket, met.name, guideline_version_id), (bucket, met.name, week))
"""

# (scope, annotator, guideline version, week): the last three are None but for the one that the scope names.
Slice = tuple[str, int | None, int | None, date | None]


Figure = Callable[[Sequence[float]], float | None]


@dataclass
class Bucket:
    tasks: int
    answers: int
    # agreeing, compared, decided alike, decided, correlation, others: see judgements.Comparison.
    sums: Sequence[float]
    coincidences: dict[str, float] = field(default_factory=dict)


def take_due(*, now: datetime) -> list[int]:
    """Return the protocols whose report is due, and remember that they were handed out: a hint is not sent twice."""
    changed = AgreementReport.objects.exclude(changes=F("computed_changes"))
    ids = [report.pk for report in changed if _is_rested(report, now) and not _is_hinted(report, now)]
    AgreementReport.objects.filter(pk__in=ids).update(hinted_at=now)
    return ids


def compute_report(*, protocol_id: int, now: datetime) -> bool:
    """Compute a protocol's figures anew if answers have changed; say whether they had. Safe to repeat."""
    report = AgreementReport.objects.select_related("protocol").filter(pk=protocol_id).first()
    if report is None or report.changes == report.computed_changes:
        return False
    # What changes while this reads counts as not seen: the report is due again.
    seen, began = report.changes, time.monotonic()
    slices = _slices(report.protocol)
    rows, categories = _figures(report.protocol, slices), _categories(report.protocol, slices)
    with transaction.atomic():
        current = AgreementReport.objects.select_for_update().get(pk=protocol_id)
        if current.computed_changes >= seen:
            return False
        AgreementFigure.objects.filter(protocol=protocol_id).delete()
        AgreementFigure.objects.bulk_create(rows)
        current.computed_changes, current.computed_at, current.hinted_at = seen, now, None
        current.categories = categories
        current.cost_seconds = time.monotonic() - began
        current.save(update_fields=["computed_changes", "computed_at", "hinted_at", "cost_seconds", "categories"])
    return True


def _is_rested(report: AgreementReport, now: datetime) -> bool:
    rest = timedelta(seconds=max(LEAST_SECONDS, REST_OF_COST * report.cost_seconds))
    return report.computed_at is None or report.computed_at + rest <= now


def _is_hinted(report: AgreementReport, now: datetime) -> bool:
    """Say whether a message went out lately, and somebody may still be computing."""
    patience = timedelta(seconds=max(HINT_SECONDS, PATIENCE_OF_COST * report.cost_seconds))
    return report.hinted_at is not None and report.hinted_at + patience > now


def _categories(protocol: Protocol, slices: Mapping[Slice, Mapping[int, Bucket]]) -> list[dict[str, Any]]:
    whole = slices.get((Scope.PROTOCOL, None, None, None), {}) if protocol.kind == MODERATION else {}
    return by_category([bucket.coincidences for bucket in whole.values()], seed=protocol.pk)


def _figures(protocol: Protocol, slices: Mapping[Slice, Mapping[int, Bucket]]) -> list[AgreementFigure]:
    weeks = sorted((key[3] for key in slices if key[3]), reverse=True)[:WEEKS_SHOWN]
    shown = [key for key in slices if key[3] is None or key[3] in weeks]
    return [_figure(protocol, key, list(slices[key].values())) for key in shown]


def _slices(protocol: Protocol) -> dict[Slice, dict[int, Bucket]]:
    """Return the sums of each slice by bucket; two queries."""
    found: defaultdict[Slice, dict[int, Bucket]] = defaultdict(dict)
    given = {"protocol": protocol.pk, "buckets": BUCKETS}
    with connection.cursor() as cursor:
        cursor.execute(_SLICES, given)
        for scope, person, guideline, week, bucket, tasks, answers, *sums in cursor.fetchall():
            found[scope, person, guideline, week][bucket] = Bucket(tasks, answers, [float(number) for number in sums])
        cursor.execute(_COINCIDENCES, given)
        for scope, person, guideline, week, bucket, name, number in cursor.fetchall():
            # A row may have come between the two queries: the next report has it.
            if there := found[scope, person, guideline, week].get(bucket):
                there.coincidences[name] = number
    return {key: buckets for key, buckets in found.items() if buckets}


def _figure(protocol: Protocol, key: Slice, buckets: Sequence[Bucket]) -> AgreementFigure:
    scope, annotator_id, guideline_id, week = key
    draws = DRAWS.get(Scope(scope), DRAWS_IN_PARTS)
    figures: dict[str, float | None] = {}
    for name, (part, whole) in _RATIOS.items():
        if name != "tau_b" or protocol.kind in RANKING_KINDS:
            rows = [(bucket.sums[part], bucket.sums[whole]) for bucket in buckets]
            figures |= _with_interval(name, rows, _share, seed=protocol.pk, draws=draws)
    # One person's values against everybody's make no alpha: it asks how all of them use the values.
    if scope != Scope.ANNOTATOR:
        figures |= _alpha(protocol, buckets, draws)
    return AgreementFigure(
        protocol=protocol,
        scope=scope,
        annotator_id=annotator_id,
        guideline_version_id=guideline_id,
        week=week,
        tasks=sum(bucket.tasks for bucket in buckets),
        answers=sum(bucket.answers for bucket in buckets),
        **figures,
    )


def _alpha(protocol: Protocol, buckets: Sequence[Bucket], draws: int) -> dict[str, float | None]:
    names = sorted({name for bucket in buckets for name in bucket.coincidences})
    rows = [[bucket.coincidences.get(name, 0.0) for name in names] for bucket in buckets]
    values, distance = [values_of(name) for name in names], distance_of(protocol.kind)
    if protocol.kind == MODERATION:
        values = verdicts_of(values)

    def alpha(sums: Sequence[float]) -> float | None:
        return alpha_of(both_ways(values, sums), distance)

    return _with_interval("alpha", rows, alpha, seed=protocol.pk, draws=draws if len(names) <= MOST_COINCIDENCES else 0)


def _with_interval(
    name: str, rows: Sequence[Sequence[float]], figure: Figure, *, seed: int, draws: int
) -> dict[str, float | None]:
    value = figure([math.fsum(column) for column in zip(*rows, strict=True)])
    found = bootstrap(rows, figure, seed=seed, draws=draws)
    low, high = found or (None, None)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _share(sums: Sequence[float]) -> float | None:
    return share(*sums)
