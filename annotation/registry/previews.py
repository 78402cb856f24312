"""What a run would learn, token by token, before it is ordered: read by a child with training's own functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from threading import Event as Flag
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation import durable
from annotation.durable import FINAL_STATES, JobState
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import require
from annotation.registry import actions, execution, launch
from annotation.registry.attempts import Attempt, work_on
from annotation.registry.models import RunPreview, Stage
from annotation.registry.reports import Report

# A preview quotes what people wrote: it is for looking at, not for keeping.
KEPT = timedelta(days=1)


@transaction.atomic
def request_preview(
    *,
    project: Project,
    actor: User,
    release_id: int,
    stage: str,
    start: Any,
    config: Mapping[str, Any],
    now: datetime,
    judge: int | None = None,
) -> RunPreview:
    """Queue a preview; one that the same person still waits for is cancelled. Raise what `request_run` raises."""
    require(actor, "start_run", project)
    if stage == Stage.MODERATION:
        raise actions.OrderRefused([("stage", "has no tokens to look at: a filter counts n-grams of whole texts")])
    ordered = actions.check_order(
        project=project, release_id=release_id, stage=stage, start=start, config=config, judge=judge
    )
    waiting = RunPreview.objects.filter(project=project, created_by=actor).exclude(state__in=FINAL_STATES)
    waiting.update(state=JobState.CANCELLED, finished_at=now)
    return RunPreview.objects.create(created_by=actor, created_at=now, **ordered)


def execute_preview(*, preview_id: int, must_stop: Flag) -> None:
    """Have the rows read, and keep what is shown of them."""
    work_on(RunPreview, preview_id, must_stop=must_stop, work=_read)


def forget_old(*, now: datetime) -> int:
    """Drop previews that are over a day old; return how many."""
    dropped, _ = RunPreview.objects.filter(created_at__lt=now - KEPT).delete()
    return dropped


def _read(attempt: Attempt[RunPreview]) -> None:
    config = execution.lay_out(attempt.job, attempt.folder)
    ending = attempt.run_child(launch.training_command("preview", config), partial(_beat, attempt.job))
    durable.finish(attempt.job, now=timezone.now(), found=ending.card or {})


def _beat(job: RunPreview, report: Report) -> None:
    durable.beat(job, now=timezone.now())
