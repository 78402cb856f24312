"""Whether a refined model may answer people before people have found it better: a rule of the project."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import require
from annotation.registry.comparison_results import said_of
from annotation.registry.models import REFINED, ComparedPair, DeployRule, ModelVersion
from annotation.tasks.models import AnswerState, TaskState

EVEN = 0.5


def needed_in(project_id: int) -> float | None:
    """Return what a refined model's win rate has to exceed, None where the project asks for nothing."""
    return DeployRule.objects.filter(project=project_id).values_list("needed_win_rate", flat=True).first()


@transaction.atomic
def set_rule(*, project: Project, actor: User, needed_win_rate: float | None, now: datetime) -> None:
    """Let refined models wait for people, or no longer; at once, also for those there are. Raise NotAllowed, BadField.

    A model passes when the lower end of its interval lies above the rate.
    """
    require(actor, "manage_project", project)
    if needed_win_rate is not None and not 0 <= needed_win_rate < 1:
        raise BadField("needed_win_rate", "must be a number from 0 to below 1, or empty")
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    DeployRule.objects.update_or_create(
        project=project, defaults={"needed_win_rate": needed_win_rate, "changed_by": actor, "changed_at": now}
    )
    if needed_win_rate is not None:
        # Nobody listened as long as nothing was asked.
        _note({project.pk})
    for model in ModelVersion.objects.filter(project=project, stage__in=REFINED):
        _let(model, needed_win_rate)


def waits(stage: str, needed: float | None, low: float | None) -> bool:
    """Whether people still have to find a model better, where `low` is the lower end of its win rate's interval."""
    return stage in REFINED and needed is not None and (low is None or low <= needed)


def note_results() -> int:
    """Take in what people have said since the last time, where a project asks for it; return of how many models.

    The sweep's part: where no project asks, it costs one look at the rules.
    """
    return _note(set(DeployRule.objects.exclude(needed_win_rate=None).values_list("project", flat=True)))


def _note(projects: Collection[int]) -> int:
    noted = 0
    for model_id, *sums in _heard(projects):
        seen = ":".join(str(number or 0) for number in sums)
        model = ModelVersion.objects.select_related("run").get(pk=model_id)
        if model.people.get("seen") == seen:
            continue
        overall = said_of(model).people.overall
        with transaction.atomic():
            # Whoever changes the rule holds the project, too.
            Project.objects.select_for_update(no_key=True).get(pk=model.project_id)
            model.people = {"seen": seen, "low": overall.low if overall else None}
            model.save(update_fields=["people"])
            _let(model, needed_in(model.project_id))
        noted += 1
    return noted


def _let(model: ModelVersion, needed: float | None) -> None:
    is_waiting = waits(model.stage, needed, model.people.get("low"))
    ModelVersion.objects.filter(pk=model.pk).exclude(waits_for_people=is_waiting).update(waits_for_people=is_waiting)


def _heard(projects: Collection[int]) -> QuerySet[ComparedPair, tuple[int, ...]]:
    """Return of each compared model what changes with its answers: tasks ended, answers that count, revisions."""
    pairs = ComparedPair.objects.filter(
        comparison__project__in=projects, comparison__project__archived_at=None
    ).order_by()
    standing = ~Q(task__answers__state=AnswerState.STRUCK) & Q(task__answers__is_spare=False)
    return pairs.values_list("comparison__model").annotate(
        ended=Count("task", filter=Q(task__state=TaskState.CLOSED, task__prompt__withdrawal=None), distinct=True),
        heard=Count("task__answers", filter=standing),
        revised=Sum("task__answers__revision", filter=standing),
    )
