"""What a person has given to which project, and what they have taken back. Reads for oneself, and for managers."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotation.exports.models import StaleRelease
from annotation.people.models import User, Withdrawal
from annotation.projects.models import Project
from annotation.registry import withdrawals
from annotation.registry.lineage import reach_of
from annotation.registry.models import ModelVersion, TrainingRun
from annotation.tasks.models import Answer, Completion, Prompt


def projects_of(person: User) -> QuerySet[Project]:
    """Return the projects that hold or held words of this person, whether or not they still belong to them."""
    here = OuterRef("pk")
    answers = Answer.objects.filter(annotator=person, task__protocol__project=here)
    prompts = Prompt.objects.filter(author=person, project=here)
    completions = Completion.objects.filter(author=person, prompt__project=here)
    return Project.objects.filter(Q(Exists(answers)) | Q(Exists(prompts)) | Q(Exists(completions)))


def given_by(person: User) -> list[dict[str, Any]]:
    """Return what stands of a person's words in each project, and what they took back; six queries a project."""
    return [_given(person, project) for project in projects_of(person).order_by("name", "pk")]


def withdrawals_in(project: Project) -> QuerySet[Withdrawal]:
    return Withdrawal.objects.filter(project_ref=project.pk).select_related("person", "actor")


def touched_by(row: Withdrawal) -> dict[str, Any]:
    """Return what a withdrawal took out, and what was made of it: releases with their answers, models, ended runs."""
    stale = StaleRelease.objects.filter(withdrawal=row).select_related("release").order_by("release")
    models = ModelVersion.objects.filter(staleness__withdrawal=row).order_by("pk")
    ended = TrainingRun.objects.filter(project=row.project_ref, finished_at=row.created_at, error=withdrawals.STOPPED)
    return {
        "answers": Answer.objects.filter(withdrawal=row).count(),
        "prompts": Prompt.objects.filter(withdrawal=row).count(),
        "completions": Completion.objects.filter(withdrawal=row).count(),
        "releases": [{"id": mark.release_id, "name": mark.release.name, "answers": mark.answers} for mark in stale],
        "models": list(models.values("id", "name")),
        "runs": list(ended.order_by("pk").values_list("pk", flat=True)),
    }


def _given(person: User, project: Project) -> dict[str, Any]:
    answers = Answer.objects.filter(annotator=person, task__protocol__project=project, withdrawal=None)
    kinds = answers.values("task__protocol__kind").annotate(answers=Count("pk")).order_by("task__protocol__kind")
    by_kind = {row["task__protocol__kind"]: row["answers"] for row in kinds}
    return {
        "project": project,
        "answers": sum(by_kind.values()),
        "kinds": [{"kind": kind, "answers": number} for kind, number in by_kind.items()],
        "prompts": Prompt.objects.filter(author=person, project=project, withdrawal=None).count(),
        "completions": Completion.objects.filter(author=person, prompt__project=project, withdrawal=None).count(),
        **reach_of(answers),
        # What others struck is no withdrawal of theirs.
        "withdrawals": list(withdrawals_in(project).filter(person=person).exclude(kind="strike").order_by("-pk")),
    }
