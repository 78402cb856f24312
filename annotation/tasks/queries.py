"""Reads on the work: how far a project is, and lists for those who run it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Func, Q, QuerySet, TextField
from django.db.models.functions import TruncDate

from annotation.people.models import User
from annotation.projects.models import Project
from annotation.tasks.models import Answer, Completion, Prompt, Split, Task, TaskState

DAYS_SHOWN = 14

# The contents of a prompt's messages as JSON text, without roles and the names of fields.
_SAID = Func(
    "messages", template="jsonb_path_query_array(%(expressions)s, '$[*].content')::text", output_field=TextField()
)


def prompts_of(project: Project, user: User, *, text: str = "", split: str = "") -> QuerySet[Prompt]:
    rows = Prompt.objects.visible_to(user).filter(project=project).select_related("group")
    rows = rows.filter(pk__in=saying(project, text)) if text else rows
    return rows.filter(group__split=split) if split else rows


def saying(project: Project, text: str) -> QuerySet[Prompt]:
    """Return the project's prompts in which somebody says this text."""
    rows = Prompt.objects.filter(project=project).annotate(said=_SAID)
    return rows.filter(said__icontains=json.dumps(text, ensure_ascii=False)[1:-1])


def prompts_in_full(project: Project, user: User) -> QuerySet[Prompt]:
    """Return prompts with their completions and how many answers their tasks have."""
    rows = prompts_of(project, user).prefetch_related("completions")
    return rows.annotate(answers_count=Count("tasks__answers", distinct=True))


def tasks_of(project: Project, user: User, *, state: str = "", protocol: int | None = None) -> QuerySet[Task]:
    rows = Task.objects.visible_to(user).filter(protocol__project=project).select_related("protocol", "prompt")
    rows = rows.filter(state=state) if state else rows
    return rows.filter(protocol=protocol) if protocol else rows


def project_progress(project: Project, *, now: datetime) -> dict[str, Any]:
    """Return what the overview shows; a fixed number of queries."""
    answers = Answer.objects.standing().filter(task__protocol__project=project)
    groups = Prompt.objects.filter(project=project).values_list("group__split").annotate(count=Count("pk"))
    return {
        "prompts": Prompt.objects.filter(project=project).count(),
        "completions": Completion.objects.filter(prompt__project=project).count(),
        "answers": answers.count(),
        "people": answers.values("annotator").distinct().count(),
        "protocols": _protocol_rows(project, answers, now),
        "splits": dict.fromkeys(Split.values, 0) | dict(groups),
    }


def _protocol_rows(project: Project, answers: QuerySet[Answer], now: datetime) -> list[dict[str, Any]]:
    by_state = Count("tasks", filter=Q(tasks__state=TaskState.OPEN))
    closed = Count("tasks", filter=Q(tasks__state=TaskState.CLOSED))
    protocols = project.protocols.annotate(tasks_open=by_state, tasks_closed=closed, tasks_total=Count("tasks"))
    totals = dict(answers.values_list("task__protocol").annotate(Count("pk")))
    first_day = (now - timedelta(days=DAYS_SHOWN - 1)).date()
    recent = answers.filter(submitted_at__date__gte=first_day, source_kind="person")
    days = recent.values_list("task__protocol", TruncDate("submitted_at")).annotate(Count("pk"))
    per_day = {(protocol, day): count for protocol, day, count in days}
    shown = [first_day + timedelta(days=offset) for offset in range(DAYS_SHOWN)]
    return [
        {
            "id": row.pk,
            "name": row.name,
            "kind": row.kind,
            "tasks_open": row.tasks_open,
            "tasks_closed": row.tasks_closed,
            "tasks_total": row.tasks_total,
            "answers": totals.get(row.pk, 0),
            "answers_today": per_day.get((row.pk, now.date()), 0),
            "answers_per_day": [{"date": day, "count": per_day.get((row.pk, day), 0)} for day in shown],
        }
        for row in protocols.order_by("pk")
    ]
