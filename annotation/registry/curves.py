"""What more judgements would buy: a stage trained on shares of a release by a child, measured, and forgotten.

What a training has measured stands in the row as soon as it is known, so another worker trains only what is left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from threading import Event as Flag
from typing import Any

from django.utils import timezone

from annotation import durable
from annotation.exports.queries import handed_out
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import require
from annotation.registry import actions, execution, launch
from annotation.registry.actions import OrderRefused
from annotation.registry.attempts import Attempt, work_on
from annotation.registry.models import LearningCurve, Stage
from annotation.registry.reports import Report

STAGES = (Stage.SFT, Stage.REWARD)
MOST_SEEDS = 5
SHARES = 4


def request_curve(
    *,
    project: Project,
    actor: User,
    release_id: int,
    stage: str,
    start: Any,
    config: Mapping[str, Any],
    seeds: int,
    now: datetime,
    judge: int | None = None,
) -> LearningCurve:
    """Queue a learning curve: so many trainings of each of four shares. Raise what `request_run` raises."""
    require(actor, "start_run", project)
    if stage not in STAGES:
        raise OrderRefused([("stage", f"a {stage} run has no learning curve: choose {' or '.join(STAGES)}")])
    if not 1 <= seeds <= MOST_SEEDS:
        raise OrderRefused([("seeds", f"must be 1 to {MOST_SEEDS}")])
    ordered = actions.check_order(
        project=project, release_id=release_id, stage=stage, start=start, config=config, judge=judge
    )
    if not ordered["release"].counts.get(MEASURED_ON[stage], {}).get("test"):
        raise OrderRefused([("release", f"holds no {MEASURED_ON[stage]} in its test split to measure a curve by")])
    return LearningCurve.objects.create(
        created_by=actor, created_at=now, seeds=seeds, progress_total=seeds * SHARES, **ordered
    )


def cancel_curve(*, curve: LearningCurve, actor: User, now: datetime) -> None:
    """End a curve; its worker notices within seconds. Raise NotAllowed, JobNotEndable."""
    require(actor, "start_run", curve.project)
    durable.cancel(curve, now=now)


def retry_curve(*, curve: LearningCurve, actor: User, now: datetime) -> None:
    """Queue an ended curve again; it keeps what was trained. Raise NotAllowed, JobNotRetryable, StaleData."""
    require(actor, "start_run", curve.project)
    handed_out(curve.release)
    durable.retry(curve, now=now)


def execute_curve(*, curve_id: int, must_stop: Flag) -> None:
    """Train every share that is not known yet."""
    work_on(LearningCurve, curve_id, must_stop=must_stop, work=_train)


MEASURED_ON: Mapping[str, str] = {Stage.SFT: "demonstrations", Stage.REWARD: "rankings"}


def _train(attempt: Attempt[LearningCurve]) -> None:
    curve = attempt.job
    config = execution.lay_out(curve, attempt.folder)
    known = attempt.folder / "known.json"
    known.write_text(json.dumps(curve.found.get("trained", [])))
    command = [*launch.training_command("curve", config), "--seeds", str(curve.seeds), "--known", str(known)]
    ending = attempt.run_child(command, partial(_record, curve))
    durable.finish(curve, now=timezone.now(), found=ending.card or {})


def _record(curve: LearningCurve, report: Report) -> None:
    known = ("progress_done", "progress_total", "found")
    durable.beat(curve, now=timezone.now(), **{name: report.columns[name] for name in known if name in report.columns})
