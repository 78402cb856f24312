"""What people, and the run's reward model, say of a model beside the one before it: read anew from their answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from django.db.models import Count, Q, QuerySet

from annotation.people.models import User
from annotation.projects.models import Project
from annotation.quality.win_rate import Verdict, WinRate, sum_up
from annotation.registry.models import ComparedPair, ModelComparison, ModelVersion
from annotation.tasks.models import Answer, TaskState


@dataclass(frozen=True, slots=True)
class RewardOpinion:
    """What the reward model makes of the same pairs; None where it scored none."""

    pairs: int
    mean_difference: float | None
    # How often it likes the answer of the model after better, ties half.
    share: float | None
    # Of the tasks on which people and it both prefer one, the share where it is the same one.
    agreement: float | None
    agreement_tasks: int


@dataclass(frozen=True, slots=True)
class Said:
    people: WinRate
    reward: RewardOpinion
    # Tasks: how many there are, and how many have all their answers.
    tasks: int
    done: int


def comparisons_of(project: Project, user: User) -> QuerySet[ModelComparison]:
    rows = ModelComparison.objects.visible_to(user).filter(project=project)
    return rows.select_related("project", "model", "baseline", "protocol", "created_by")


def said_of(model: ModelVersion) -> Said:
    """Sum up all comparisons of a model with the one before it: finished tasks alone, in the order of their ends.

    A task whose judges are not all heard would count by whoever is quickest.
    """
    pairs = _pairs_of(model)
    tasks = pairs.aggregate(all=Count("task"), done=Count("task", filter=Q(task__state=TaskState.CLOSED)))
    verdicts = list(_verdicts(pairs))
    return Said(sum_up(verdicts), _reward(pairs, verdicts), tasks["all"], tasks["done"])


def _pairs_of(model: ModelVersion) -> QuerySet[ComparedPair]:
    rows = ComparedPair.objects.filter(comparison__model=model, task__prompt__withdrawal=None)
    return rows.exclude(task__state=TaskState.CANCELLED)


def _verdicts(pairs: QuerySet[ComparedPair]) -> Iterable[Verdict]:
    ended = pairs.filter(task__state=TaskState.CLOSED).order_by("task__closed_at", "task_id")
    heard = verdicts_on(dict(ended.values_list("task_id", "after_id")))
    return [verdict for judged in heard.values() for verdict in judged]


def verdicts_on(sides: Mapping[int, int]) -> dict[int, list[Verdict]]:
    """Return what judges said of a side of each of these tasks, in the order of the tasks; one query."""
    answers = Answer.objects.standing().filter(task__in=list(sides), is_spare=False, withdrawal=None).order_by("pk")
    heard: dict[int, list[Verdict]] = {task: [] for task in sides}
    for task, judge, payload, shown in answers.values_list("task_id", "annotator_id", "payload", "shown_order"):
        side, preferred = sides[task], payload["preferred"]
        won = 0.5 if preferred is None else float(preferred == side)
        heard[task].append(Verdict(task, judge, won, shown[0] == side if shown else None))
    return heard


def _reward(pairs: QuerySet[ComparedPair], verdicts: Sequence[Verdict]) -> RewardOpinion:
    scored = pairs.values_list("task_id", "reward_difference")
    liked = {task: difference for task, difference in scored if difference is not None}
    heard: defaultdict[int, list[float]] = defaultdict(list)
    for verdict in verdicts:
        heard[verdict.task].append(verdict.won - 0.5)
    both = [(liked[task], fmean(won)) for task, won in heard.items() if liked.get(task) and fmean(won)]
    values = list(liked.values())
    return RewardOpinion(
        pairs=len(values),
        mean_difference=fmean(values) if values else None,
        share=fmean(0.5 if not value else float(value > 0) for value in values) if values else None,
        agreement=fmean((reward > 0) == (people > 0) for reward, people in both) if both else None,
        agreement_tasks=len(both),
    )
