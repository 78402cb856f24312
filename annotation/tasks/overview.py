"""How far a project is, for its overview: tasks from tallies, the rest counted while it is small.

Counting a million rows takes seconds, and the overview is looked at all day. So what was expensive to count is kept,
with the time it was counted at, and counted anew by a worker so seldom that it costs a small share of a processor.
Part of this room's actions: the only writer of ProjectCount.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Length, TruncDate

from annotation.projects.models import Project
from annotation.projects.protocol import RANKING_KINDS
from annotation.tasks.models import (
    Answer,
    AnswerState,
    Completion,
    Document,
    ProjectCount,
    Prompt,
    Split,
    Task,
    TaskCompletion,
)
from annotation.tasks.tallies import TaskCounts, task_counts

DAYS_SHOWN = 14
# Cheaper than this, counts are made anew at every look.
CHEAP_SECONDS = 0.05
# What took a second is counted anew after so many seconds at the earliest.
SHARE = 50
HINT_SECONDS = 60


@dataclass(frozen=True)
class Overview:
    """What the overview shows, and whether a worker should count anew."""

    shown: dict[str, Any]
    is_due: bool = False


@dataclass(frozen=True)
class Counts:
    """Counts by name, some of them by protocol; counted_at: None where that was now."""

    counts: dict[str, Any]
    counted_at: datetime | None = None
    is_due: bool = False

    def of(self, name: str, protocols: Iterable[int]) -> list[Any]:
        """Return what was counted under a name for each of these protocols that has any of it."""
        by_protocol = self.counts.get(name, {})
        return [by_protocol[str(pk)] for pk in protocols if str(pk) in by_protocol]


def overview_of(project: Project, *, now: datetime) -> Overview:
    """Return what the overview shows; at most two queries on tables that grow, and none where counts are kept."""
    found = counts_of(project, now=now)
    return Overview(_shown(project, found.counts, found.counted_at, now), found.is_due)


def counts_of(project: Project, *, now: datetime) -> Counts:
    """Return what is counted of a project, as it is where that is cheap, else as it was when a worker last counted."""
    kept = ProjectCount.objects.filter(project=project).first()
    if kept is None:
        return Counts(_counted(project, now).counts)
    is_due = (now - kept.counted_at).total_seconds() > kept.cost_seconds * SHARE
    return Counts(kept.counts, kept.counted_at, is_due)


def take_hint(*, project: Project, now: datetime) -> bool:
    """Whether the caller is the one to ask a worker: once a minute somebody is."""
    rested = Q(hinted_at=None) | Q(hinted_at__lt=now - timedelta(seconds=HINT_SECONDS))
    return bool(ProjectCount.objects.filter(rested, project=project).update(hinted_at=now))


def count_project(*, project_id: int, now: datetime) -> None:
    """Count a project anew; what has become cheap is no longer kept."""
    project = Project.objects.filter(pk=project_id).first()
    if project is not None and _counted(project, now).cost_seconds < CHEAP_SECONDS:
        ProjectCount.objects.filter(project=project).delete()


class _Counted(NamedTuple):
    counts: dict[str, Any]
    cost_seconds: float


def _counted(project: Project, now: datetime) -> _Counted:
    """Count, and keep what was expensive to count."""
    began = time.monotonic()
    counts = _count(project, now)
    cost = time.monotonic() - began
    if cost >= CHEAP_SECONDS:
        ProjectCount.objects.update_or_create(
            project=project, defaults={"counts": counts, "counted_at": now, "cost_seconds": cost}
        )
    return _Counted(counts, cost)


def _count(project: Project, now: datetime) -> dict[str, Any]:
    answers = Answer.objects.standing().filter(task__protocol__project=project)
    splits = Prompt.objects.filter(project=project).values_list("group__split").annotate(Count("pk"))
    by_split = dict.fromkeys(Split.values, 0) | dict(splits)
    totals = answers.values("task__protocol").annotate(
        count=Count("pk"),
        accepted=Count("pk", filter=Q(state=AnswerState.ACCEPTED)),
        worked=Sum("seconds", filter=Q(source_kind="person")),
        newest=Max("submitted_at"),
    )
    by_protocol = {str(row["task__protocol"]): row for row in totals}
    recent = answers.filter(submitted_at__date__gte=_first_day(now), source_kind="person")
    days = recent.values_list("task__protocol", TruncDate("submitted_at")).annotate(Count("pk"))
    judged = Task.objects.filter(protocol__project=project, protocol__kind__in=RANKING_KINDS, answers_count__gt=0)
    documents = Document.objects.filter(project=project)
    texts = documents.aggregate(count=Count("pk"), characters=Sum(Length("text")), newest=Max("created_at"))
    return {
        "prompts": sum(by_split.values()),
        "completions": Completion.objects.filter(prompt__project=project).count(),
        "people": answers.values("annotator").distinct().count(),
        "splits": by_split,
        "answers": {protocol: row["count"] for protocol, row in by_protocol.items()},
        "accepted": {protocol: row["accepted"] for protocol, row in by_protocol.items()},
        "seconds": {protocol: row["worked"] or 0.0 for protocol, row in by_protocol.items()},
        "newest": {protocol: row["newest"].isoformat() for protocol, row in by_protocol.items()},
        "ranked": TaskCompletion.objects.filter(task__in=judged).count(),
        "documents": texts["count"],
        "characters": texts["characters"] or 0,
        "newest_document": texts["newest"] and texts["newest"].isoformat(),
        "days": {f"{protocol} {day.isoformat()}": count for protocol, day, count in days},
    }


def _shown(project: Project, counts: Mapping[str, Any], counted_at: datetime | None, now: datetime) -> dict[str, Any]:
    tasks = _tasks_by_protocol(project)
    days = [_first_day(now) + timedelta(days=offset) for offset in range(DAYS_SHOWN)]
    protocols = [
        {
            "id": row.pk,
            "name": row.name,
            "kind": row.kind,
            "tasks_open": tasks[row.pk].open,
            "tasks_closed": tasks[row.pk].done,
            "tasks_total": tasks[row.pk].open + tasks[row.pk].done,
            "answers": counts["answers"].get(str(row.pk), 0),
            "answers_today": _on(counts, row.pk, now.date()),
            "answers_per_day": [{"date": day, "count": _on(counts, row.pk, day)} for day in days],
        }
        for row in project.protocols.order_by("pk")
    ]
    return {
        **{name: counts[name] for name in ("prompts", "completions", "people", "splits")},
        "answers": sum(counts["answers"].values()),
        "protocols": protocols,
        "counted_at": counted_at,
    }


def _tasks_by_protocol(project: Project) -> dict[int, TaskCounts]:
    sums: dict[int, TaskCounts] = defaultdict(TaskCounts)
    for (protocol, _), counts in task_counts(project.protocols.all()).items():
        sums[protocol] = TaskCounts(*(one + other for one, other in zip(sums[protocol], counts, strict=True)))
    return sums


def _on(counts: Mapping[str, Any], protocol: int, day: date) -> int:
    return int(counts["days"].get(f"{protocol} {day.isoformat()}", 0))


def _first_day(now: datetime) -> date:
    return (now - timedelta(days=DAYS_SHOWN - 1)).date()
