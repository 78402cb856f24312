"""Verbs on the road: do what is next at a station; walk all of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count

from django.db import IntegrityError, transaction

from annotation.chat import actions as chat_actions
from annotation.chat import queries as chat_queries
from annotation.durable import FINAL_STATES, JobState
from annotation.exports import actions as export_actions
from annotation.exports.actions import EmptySelection, ReleaseNameTaken
from annotation.exports.models import Release
from annotation.exports.queries import StaleData
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed, ProjectArchived, require
from annotation.registry import actions as registry_actions
from annotation.registry import curves, serving
from annotation.registry.actions import OrderRefused
from annotation.registry.models import ModelVersion, Served, ServedState, Stage, TrainingRun
from annotation.road import orders, queries
from annotation.road.models import Walk, WalkState
from annotation.road.orders import Order
from annotation.road.stations import Do, Station

# A walk that nobody has looked at for so long has lost its message.
SILENT = timedelta(seconds=30)
WALKED = (Stage.PRETRAIN, Stage.SFT, Stage.REWARD, Stage.RL, Stage.MODERATION)
# Kinds of job by their names in operations/kinds.py, each with a row: what is to be enqueued.
Ordered = list[tuple[str, int]]


class StepChanged(Exception):
    """What was next when the page was drawn is not next any more."""


class NothingToWalk(ValueError):
    """Stations of the road have nothing to learn from; `stations` names them."""

    def __init__(self, stations: list[Station]) -> None:
        self.stations = stations
        names = ", ".join(stations)
        super().__init__(f"There is nothing yet to learn from at: {names}. Import or collect it first.")


class WalkUnderWay(Exception):
    """One walk at a time in a project."""


def take_step(*, project: Project, station: str, do: str, target: int | None, actor: User, now: datetime) -> Ordered:
    """Do what is next at a station, if it is what the person saw; return the jobs to enqueue.

    Raise NotAllowed, StepChanged, and what the action itself raises (OrderRefused, StaleData, EmptySelection …).
    """
    require(actor, "start_run", project)
    road = queries.road_of(project, now=now)
    stand = next((one for one in road.stands if one.station == station), None)
    if stand is None or not stand.step.is_order or (stand.step.do, stand.step.target) != (do, target):
        raise StepChanged("Something else is next here by now: look at the road again.")
    return _take(project, stand, actor, now)


@transaction.atomic
def start_walk(*, project: Project, actor: User, now: datetime) -> Walk:
    """Begin to walk the whole road. Raise NotAllowed, NothingToWalk, WalkUnderWay."""
    for verb in ("create_release", "start_run", "serve_models"):
        require(actor, verb, project)
    have = {stand.station: stand.facts.answers for stand in queries.road_of(project, now=now).stands}
    wanted = (Station.PRETRAIN, Station.SFT, Station.REWARD, Station.MODERATION)
    if lacking := [station for station in wanted if not have[station]]:
        raise NothingToWalk(lacking)
    try:
        with transaction.atomic():
            return Walk.objects.create(project=project, created_by=actor, created_at=now, looked_at=now)
    except IntegrityError as error:
        raise WalkUnderWay("The road of this project is being walked already.") from error


@transaction.atomic
def cancel_walk(*, walk: Walk, actor: User, now: datetime) -> None:
    """End a walk where it is, with the release or run that it waits for; twice is once. Raise NotAllowed."""
    require(actor, "start_run", walk.project)
    row = Walk.objects.select_for_update().get(pk=walk.pk)
    if row.state != WalkState.RUNNING:
        return
    _end(row, WalkState.CANCELLED, now)
    waiting = TrainingRun.objects.filter(pk__in=row.runs.values()).exclude(state__in=FINAL_STATES)
    for run in waiting:
        registry_actions.cancel_run(run=run, actor=actor, now=now)
    if row.release is not None and row.release.state not in FINAL_STATES:
        export_actions.cancel(release=row.release, actor=actor, now=now)


def silent_walks(*, now: datetime) -> list[int]:
    """Return the walks whose message was lost, marked as looked at."""
    rows = Walk.objects.filter(state=WalkState.RUNNING, looked_at__lt=now - SILENT)
    found = list(rows.values_list("pk", flat=True))
    Walk.objects.filter(pk__in=found).update(looked_at=now)
    return found


@transaction.atomic
def walk_on(*, walk_id: int, now: datetime) -> tuple[bool, Ordered]:
    """Take a walk one step on where the one before is done; return whether it goes on, and the jobs to enqueue.

    Safe to repeat and to do twice at once: the row is locked, and a step that was taken stands in it.
    """
    rows = Walk.objects.select_for_update(skip_locked=True, of=("self",)).select_related("project", "release")
    walk = rows.filter(pk=walk_id, state=WalkState.RUNNING).first()
    if walk is None:
        return False, []
    try:
        with transaction.atomic():
            ordered = _walk(walk, now)
    except (OrderRefused, StaleData, NotAllowed, ProjectArchived, EmptySelection, ReleaseNameTaken) as error:
        _end(walk, WalkState.FAILED, now, said=str(error))
        return False, []
    walk.looked_at = now
    walk.save(update_fields=["release", "runs", "looked_at"])
    return walk.state == WalkState.RUNNING, ordered


def _walk(walk: Walk, now: datetime) -> Ordered:
    project, actor = walk.project, walk.created_by
    if walk.release is None:
        walk.release = _freeze(project, actor, now)
        return [("release", walk.release.pk)]
    if not _is_done(walk, walk.release, f"The release “{walk.release}”", now):
        return []
    runs = TrainingRun.objects.select_related("model").in_bulk(list(walk.runs.values()))
    made: dict[str, ModelVersion] = {}
    for stage in WALKED:
        run = runs.get(walk.runs.get(stage, 0))
        if run is None:
            ordered = _order(project, walk.release.pk, orders.tiny(stage, made), actor, now)
            walk.runs = {**walk.runs, str(stage): ordered.pk}
            return [("run", ordered.pk)]
        if not _is_done(walk, run, f"The {stage} run", now):
            return []
        made[stage] = run.model
    _bring_up(walk, made, now)
    return []


def _is_done(walk: Walk, job: Release | TrainingRun, name: str, now: datetime) -> bool:
    """Whether a job is done; where it ended otherwise, the walk ends, too."""
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        _end(walk, WalkState.FAILED, now, said=f"{name} was {job.state}. {job.error}".strip())
    return job.state == JobState.DONE


def _bring_up(walk: Walk, made: Mapping[str, ModelVersion], now: datetime) -> None:
    """Want assistant and filter up, and see them ready: then anybody may chat."""
    project, actor = walk.project, walk.created_by
    served = [serving.serve(model=made[stage], actor=actor, now=now) for stage in (Stage.RL, Stage.MODERATION)]
    if failed := [one for one in served if one.state == ServedState.FAILED]:
        _end(walk, WalkState.FAILED, now, said=f"{failed[0]} does not start: {failed[0].said}")
    elif all(one.state == ServedState.READY for one in served):
        if chat_queries.filter_of(project) != served[1]:
            _choose_filter(project, served[1], actor, now)
        _end(walk, WalkState.DONE, now)


def _choose_filter(project: Project, served: Served, actor: User, now: datetime) -> None:
    """Put the filter before the models, for those who may: a researcher leaves what a manager has chosen."""
    try:
        chat_actions.choose_filter(project=project, served=served, actor=actor, now=now)
    except NotAllowed:
        return


def _take(project: Project, stand: queries.Stand, actor: User, now: datetime) -> Ordered:
    step, station = stand.step, stand.station
    if step.do == Do.FREEZE:
        return [("release", _freeze(project, actor, now).pk)]
    assert step.target is not None, f"{step.do} names a row"
    if step.do == Do.CORRECT:
        stale = Release.objects.get(project=project, pk=step.target)
        return [("release", export_actions.request_correction(release=stale, actor=actor, now=now).pk)]
    if step.do == Do.SERVE:
        model = ModelVersion.objects.select_related("project").get(project=project, pk=step.target)
        serving.serve(model=model, actor=actor, now=now)
        return []
    models = queries.standing_models(ModelVersion.objects.filter(project=project))
    order = orders.usual(Stage(station), models, characters=stand.have or 0)
    if step.do == Do.MEASURE:
        curve = curves.request_curve(
            project=project, actor=actor, release_id=step.target, stage=order.stage, start=order.start,
            config=order.config, seeds=1, now=now,
        )  # fmt: skip
        return [("curve", curve.pk)]
    return [("run", _order(project, step.target, order, actor, now).pk)]


def _freeze(project: Project, actor: User, now: datetime) -> Release:
    """Freeze all that the project holds, under a name of its day."""
    taken = set(project.releases.values_list("name", flat=True))
    stem = f"Road {now.date().isoformat()}"
    name = next(name for number in count(1) if (name := stem if number == 1 else f"{stem}, {number}") not in taken)
    selection = {"documents": True} if project.documents.exists() else {}
    return export_actions.request_release(project=project, name=name, selection=selection, actor=actor, now=now)


def _order(project: Project, release_id: int, order: Order, actor: User, now: datetime) -> TrainingRun:
    return registry_actions.request_run(
        project=project, actor=actor, release_id=release_id, stage=order.stage, start=order.start, config=order.config,
        judge=order.judge, now=now,
    )  # fmt: skip


def _end(walk: Walk, state: WalkState, now: datetime, *, said: str = "") -> None:
    walk.state, walk.said, walk.finished_at = state, said, now
    walk.save(update_fields=["state", "said", "finished_at"])
