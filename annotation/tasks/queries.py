"""Reads on the work: how far a project is, and lists for those who run it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db.models import Count, F, Func, OuterRef, Prefetch, QuerySet, Subquery, TextField, Window
from django.db.models.functions import RowNumber

from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import projects_where
from annotation.tasks.models import Completion, Prompt, Task, TaskState

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


def clusters_of(project: Project, user: User) -> QuerySet[Prompt]:
    """Return the first prompt of each cluster of near-duplicates, with how many are in it, and in how many splits."""
    alike = Prompt.objects.filter(project=project, cluster_id=OuterRef("pk")).order_by().values("cluster_id")
    rows = prompts_of(project, user).filter(cluster_id=F("pk"))
    return rows.annotate(
        prompts_count=Subquery(alike.annotate(number=Count("pk")).values("number")),
        splits_count=Subquery(alike.annotate(number=Count("group__split", distinct=True)).values("number")),
    )


def members_of(project: Project, user: User, cluster_ids: Sequence[int], *, most: int) -> dict[int, list[Prompt]]:
    """Return the first prompts of each of these clusters."""
    place = Window(RowNumber(), partition_by=F("cluster_id"), order_by=F("pk").asc())
    rows = prompts_of(project, user).filter(cluster_id__in=cluster_ids).annotate(place=place).filter(place__lte=most)
    found: dict[int, list[Prompt]] = {pk: [] for pk in cluster_ids}
    for row in rows.order_by("pk"):
        found[row.cluster_id or 0].append(row)
    return found


def prompts_in_full(project: Project, user: User) -> QuerySet[Prompt]:
    """Return prompts with their completions and how many answers their tasks have."""
    rows = prompts_of(project, user).prefetch_related(
        Prefetch("completions", Completion.objects.filter(withdrawal=None))
    )
    return rows.annotate(answers_count=Count("tasks__answers", distinct=True))


def tasks_of(project: Project, user: User, *, state: str = "", protocol: int | None = None) -> QuerySet[Task]:
    """Return the project's tasks, for a list that begins at the newest; asks for the protocols at once.

    Told their ids, rather than to look them up, the database knows how many tasks to expect, and walks no more of a
    million than it shows.
    """
    protocols = project.protocols.filter(project__in=projects_where(user, "view_prompts"))
    protocols = protocols.filter(pk=protocol) if protocol else protocols
    known = list(protocols.values_list("pk", flat=True))
    rows = Task.objects.filter(protocol__in=known, prompt__withdrawal=None).select_related("protocol", "prompt")
    if state == TaskState.OPEN:
        # The second says nothing new, but that what is open may be found in the queue.
        return rows.filter(state=state, answers_count__lt=F("required_answers"))
    return rows.filter(state=state) if state else rows
