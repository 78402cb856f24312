"""What came of a worklist: how often people side with the model, on what it chose and on what the lot did."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from annotation.people.models import User
from annotation.projects.models import Project
from annotation.quality.selecting import CHOSEN, CONTROL
from annotation.quality.win_rate import Rate, rate_of
from annotation.registry.comparison_results import verdicts_on
from annotation.registry.models import Worklist, WorklistPair
from annotation.tasks.models import TaskState


@dataclass(frozen=True, slots=True)
class Arm:
    name: str
    tasks: int
    # Tasks with all their answers.
    done: int
    # How often people prefer what the model likes, ties half; None before the first task is done.
    sided: Rate | None


def worklists_of(project: Project, user: User) -> QuerySet[Worklist]:
    rows = Worklist.objects.visible_to(user).filter(project=project)
    return rows.select_related("project", "model__run", "protocol", "created_by")


def arms_of(worklist: Worklist) -> list[Arm]:
    """Sum up the finished tasks of each arm that the worklist has; two queries."""
    pairs = WorklistPair.objects.filter(worklist=worklist, task__prompt__withdrawal=None)
    pairs = pairs.exclude(task__state=TaskState.CANCELLED).order_by("task__closed_at", "task_id")
    rows = list(pairs.values_list("task_id", "arm", "liked_id", "task__state"))
    liked = {task: completion for task, _, completion, state in rows if state == TaskState.CLOSED}
    heard = verdicts_on(liked)
    found = []
    for name in (CHOSEN, CONTROL):
        tasks = [task for task, arm, _, _ in rows if arm == name]
        done = [task for task in tasks if task in liked]
        if tasks:
            found.append(Arm(name, len(tasks), len(done), rate_of([one for task in done for one in heard[task]])))
    return found
