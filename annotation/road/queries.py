"""What is known of each station of a project's road, read in as many queries however large the project is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from annotation.chat import queries as chat_queries
from annotation.durable import FINAL_STATES, JobState
from annotation.exports.makeup import makeup_of
from annotation.exports.models import Release
from annotation.projects.models import Project, ProtocolVersion
from annotation.projects.protocol import RANKING_KINDS
from annotation.registry.curves import MEASURED_ON
from annotation.registry.models import LearningCurve, ModelVersion, Served, Stage, StaleModel, TrainingRun
from annotation.road.models import Walk
from annotation.road.stations import AFTER, NEEDS, SERVED, Facts, Need, Station, Step, next_step
from annotation.tasks.overview import Counts, counts_of

# Whose answers a station learns from.
KINDS: Mapping[Station, Collection[str]] = {
    Station.PRETRAIN: (),
    Station.SFT: ("demonstration",),
    Station.REWARD: RANKING_KINDS,
    Station.RL: (),
    Station.MODERATION: ("moderation_label",),
    Station.CHAT: (),
}
# Stages of training whose models stand at a station.
STAGES: Mapping[Station, tuple[Stage, ...]] = {
    Station.PRETRAIN: (Stage.PRETRAIN,),
    Station.SFT: (Stage.SFT,),
    Station.REWARD: (Stage.REWARD,),
    Station.RL: (Stage.RL, Stage.DPO),
    Station.MODERATION: (Stage.MODERATION,),
    Station.CHAT: (),
}


class Measured(NamedTuple):
    """Where a card's metrics hold a figure."""

    split: str
    name: str


# The figure of a model that says most, and the same of what it started from.
_HEADLINES: Mapping[Station, tuple[Measured, Measured | None]] = {
    Station.PRETRAIN: (Measured("test", "bits_per_character"), None),
    Station.SFT: (Measured("test", "loss"), Measured("test", "loss_before")),
    Station.REWARD: (Measured("test", "accuracy"), None),
    Station.RL: (Measured("validation", "reward"), Measured("before", "reward")),
    Station.MODERATION: (Measured("test", "mean_auprc"), None),
}
# Older releases than so many are not looked at.
NEWEST_RELEASES = 50


@dataclass(frozen=True)
class Headline:
    """The one figure of a model that says most; `before` is the same of what it started from."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    before: float | None = None


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Where a project stands at one station."""

    station: Station
    need: Need | None
    have: int | None
    # Share of the answers that a reviewer has accepted, and how far people agree; None: not known.
    accepted: float | None = None
    agreement: Mapping[str, Any] | None = None
    model: ModelVersion | None = None
    # The newest model, where it learned from words taken back, and why.
    stale_model: ModelVersion | None = None
    stale_because: str = ""
    headline: Headline | None = None
    ceiling: Mapping[str, Any] | None = None
    curve: Mapping[str, Any] | None = None
    run: TrainingRun | None = None
    is_up: bool = False
    people_seconds: float = 0.0
    machine_seconds: float = 0.0
    step: Step
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True)
class Road:
    stands: list[Stand]
    walk: Walk | None
    counted_at: datetime | None = None
    # Whether a worker should count anew what was expensive to count.
    is_due: bool = False


def road_of(project: Project, *, now: datetime) -> Road:
    """Return where a project stands, station by station."""
    seen = _Seen(project, now)
    stands = [_stand(seen, station) for station in Station]
    walk = walks_of(project).first()
    return Road(stands, walk, seen.counts.counted_at, seen.counts.is_due)


def walks_of(project: Project) -> QuerySet[Walk]:
    return Walk.objects.filter(project=project).select_related("project", "release", "created_by").order_by("-pk")


def standing_models(models: QuerySet[ModelVersion]) -> dict[str, ModelVersion]:
    """Return the newest of each stage that learned from nothing taken back."""
    return _newest(models.filter(stale_at=None), "stage")


def runs_of_walk(walk: Walk) -> list[TrainingRun]:
    """Return the runs of a walk in the order in which they were ordered."""
    rows = TrainingRun.objects.filter(pk__in=walk.runs.values()).defer("config", "counts")
    return list(rows.order_by("pk"))


class _Seen:
    """The rows that all stations are judged by."""

    def __init__(self, project: Project, now: datetime) -> None:
        self.project, self.now = project, now
        self.counts: Counts = counts_of(project, now=now)
        kinds = project.protocols.values_list("pk", "kind")
        self.protocols = {station: [pk for pk, kind in kinds if kind in KINDS[station]] for station in Station}
        releases = project.releases.defer("manifest", "selection", "left_out").annotate(
            agreement=F("manifest__agreement")
        )
        self.releases = list(releases.order_by("-pk")[:NEWEST_RELEASES])
        self.kind_of = self._kinds_of_versions()
        self.runs = _newest(TrainingRun.objects.filter(project=project).defer("config", "counts"), "stage")
        models = ModelVersion.objects.filter(project=project).defer("card", "files")
        self.models = standing_models(models)
        self.stale = _newest(models.exclude(stale_at=None), "stage")
        self.served = set(
            Served.objects.filter(project=project, is_wanted=True, model__stale_at=None).values_list(
                "model__stage", flat=True
            )
        )
        self.curves = _newest(LearningCurve.objects.filter(project=project).defer("config"), "stage")
        self.spent = self._spent()

    def _kinds_of_versions(self) -> dict[int, str]:
        versions = {version for release in self.releases for version, *_ in _versions(release)}
        return dict(ProtocolVersion.objects.filter(pk__in=versions).values_list("pk", "protocol__kind"))

    def _spent(self) -> dict[str, float]:
        """Return the seconds that machines have trained, by stage; what is under way counts up to now."""
        runs = TrainingRun.objects.filter(project=self.project, started_at__isnull=False).order_by()
        sums = runs.values("stage").annotate(spent=Sum(Coalesce(F("finished_at"), self.now) - F("started_at")))
        return {row["stage"]: row["spent"].total_seconds() for row in sums}

    def held_by(self, release: Release, station: Station) -> int:
        """Return how much of what a station learns from a release holds."""
        if station == Station.PRETRAIN:
            return sum(release.counts.get("documents", {}).values())
        kinds = ("demonstration", *RANKING_KINDS) if station == Station.RL else KINDS[station]
        return sum(answers for version, _, answers in _versions(release) if self.kind_of.get(version) in kinds)

    def teaching(self, station: Station) -> Iterable[Release]:
        """Yield the frozen releases that teach a station, newest first."""
        frozen = (release for release in self.releases if release.state == JobState.DONE)
        return (release for release in frozen if self.held_by(release, station))


def _stand(seen: _Seen, station: Station) -> Stand:
    facts = _facts(seen, station)
    model, stale = (_one(rows, station) for rows in (seen.models, seen.stale))
    is_stale = stale is not None and (model is None or stale.pk > model.pk)
    teaching = next((one for one in seen.teaching(station) if one.pk == facts.release), None)
    curve = _one(seen.curves, station)
    return Stand(
        station=station,
        need=NEEDS[station],
        have=_have(seen, station),
        accepted=_accepted(seen, station),
        agreement=_agreement(teaching, station),
        model=model,
        stale_model=stale if is_stale else None,
        stale_because=_reason(stale) if is_stale and stale else "",
        headline=_headline(station, model.metrics) if model else None,
        ceiling=_ceiling(model.metrics) if model and station == Station.REWARD else None,
        curve=curve.found if curve and curve.state == JobState.DONE else None,
        run=_one(seen.runs, station),
        is_up=bool(seen.served & set(STAGES[station])),
        people_seconds=sum(seen.counts.of("seconds", seen.protocols[station])),
        machine_seconds=sum(seen.spent.get(stage, 0.0) for stage in STAGES[station]),
        step=next_step(station, facts),
        facts=facts,
    )


def _facts(seen: _Seen, station: Station) -> Facts:
    if station == Station.CHAT:
        return Facts(missing=_missing(seen, station))
    teaching = list(seen.teaching(station))
    standing = next((one for one in teaching if one.stale_at is None), None)
    stale = next((one for one in teaching if one.stale_at is not None), None)
    freezing = next((one for one in seen.releases if one.state not in FINAL_STATES), None)
    run, model, curve = (_one(rows, station) for rows in (seen.runs, seen.models, seen.curves))
    newest = max(_newest_of(seen, station), default="")
    return Facts(
        answers=_answers(seen, station),
        held=seen.held_by(standing, station) if standing else 0,
        has_news=standing is not None and newest > standing.created_at.isoformat(),
        release=standing.pk if standing else None,
        stale_release=stale.pk if stale else None,
        freezing=freezing.pk if freezing else None,
        run=run.pk if run else None,
        is_running=run is not None and not run.is_final,
        has_failed=run is not None and run.state in (JobState.FAILED, JobState.CANCELLED),
        run_release=run.release_id if run else None,
        model=model.pk if model else None,
        model_release=model.release_id if model else None,
        is_served=_is_served(seen, station),
        can_measure=standing is not None and bool(standing.counts.get(MEASURED_ON.get(station, ""), {}).get("test")),
        has_curve=curve is not None and curve.state != JobState.FAILED,
        missing=_missing(seen, station),
    )


def _missing(seen: _Seen, station: Station) -> tuple[Station, ...]:
    """Return what must be passed first: models for RL, and models that are up for chat."""
    if station != Station.CHAT:
        return tuple(one for one in AFTER[station] if _one(seen.models, one) is None)
    setup = chat_queries.setup_of(seen.project)
    talks = () if setup.partners else (Station.RL if _one(seen.models, Station.RL) else Station.SFT,)
    return (*talks, *(() if setup.filter else (Station.MODERATION,)))


def _is_served(seen: _Seen, station: Station) -> bool:
    """Whether it is up; an assistant need not be where a refined one is, or could be."""
    if station not in SERVED:
        return False
    refined = station == Station.SFT and bool(_one(seen.models, Station.RL))
    return refined or bool(seen.served & set(STAGES[station]))


def _answers(seen: _Seen, station: Station) -> int:
    if station == Station.PRETRAIN:
        return int(seen.counts.counts.get("documents", 0))
    return sum(seen.counts.of("answers", seen.protocols[station]))


def _newest_of(seen: _Seen, station: Station) -> Iterable[str]:
    if station == Station.PRETRAIN:
        return filter(None, [seen.counts.counts.get("newest_document")])
    return seen.counts.of("newest", seen.protocols[station])


def _have(seen: _Seen, station: Station) -> int | None:
    counts = seen.counts.counts
    by_count = {Station.PRETRAIN: "characters", Station.REWARD: "ranked", Station.RL: "prompts"}
    if station in by_count:
        return int(counts.get(by_count[station], 0))
    return None if NEEDS[station] is None else _answers(seen, station)


def _accepted(seen: _Seen, station: Station) -> float | None:
    answers = _answers(seen, station) if KINDS[station] else 0
    return sum(seen.counts.of("accepted", seen.protocols[station])) / answers if answers else None


def _agreement(release: Release | None, station: Station) -> Mapping[str, Any] | None:
    """Return how far people agree in the split, and the kind of work, in which most tasks have several answers."""
    by_split = getattr(release, "agreement", None) or {}
    found = [kinds[kind] for kinds in by_split.values() for kind in KINDS[station] if kind in kinds]
    return max(found, key=lambda figure: figure["tasks"], default=None)


def _headline(station: Station, metrics: Mapping[str, Any]) -> Headline | None:
    (split, name), before = _HEADLINES[station]
    found = metrics.get(split) or {}
    if not isinstance(found.get(name), (int, float)):
        return None
    earlier = (metrics.get(before.split) or {}).get(before.name) if before else None
    shown = "auprc" if name == "mean_auprc" else name
    return Headline(shown, found[name], found.get(f"{name}_low"), found.get(f"{name}_high"), earlier)


def _ceiling(metrics: Mapping[str, Any]) -> Mapping[str, Any] | None:
    ceiling = metrics.get("ceiling") or {}
    return ceiling if "agreement" in ceiling else None


def _reason(model: ModelVersion) -> str:
    mark = StaleModel.objects.filter(model=model).select_related("withdrawal").order_by("pk").first()
    return mark.withdrawal.reason if mark else ""


def _versions(release: Release) -> Sequence[Sequence[int]]:
    return makeup_of(release)["versions"] if release.state == JobState.DONE else []


def _newest(rows: QuerySet[Any], by: str) -> dict[str, Any]:
    """Return the newest row of each."""
    return {getattr(row, by): row for row in rows.order_by(by, "-pk").distinct(by)}


def _one(rows: Mapping[str, Any], station: Station) -> Any:
    found = [rows[stage] for stage in STAGES[station] if stage in rows]
    return max(found, key=lambda row: row.pk, default=None)
