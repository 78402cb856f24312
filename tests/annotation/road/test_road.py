"""Where a project stands, read from its rows; the next step taken; the whole road walked, step by step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from annotation import durable
from annotation.chat import queries as chat_queries
from annotation.exports import actions as export_actions
from annotation.exports import makeup
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed
from annotation.registry.models import LearningCurve, Served, ServedState, TrainingRun
from annotation.registry.withdrawals import withdraw_work
from annotation.road import actions, orders, queries
from annotation.road.models import Walk, WalkState
from annotation.road.stations import Do, Station, Step
from annotation.tasks.documents import NewDocument, add_documents
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.people import NOW
from tests.runs import finish_run, order_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def worked(project: Project, annotator: User, own_folders: None) -> Project:
    """Return a project in which one person has written and ranked."""
    for number in range(40):
        task = make_demonstration_task(project.protocols.get(kind="demonstration"), f"What is a fence {number}?")
        answer_task(task, annotator, {"completion": f"Fence {number} stands around a garden."}, seconds=30.0)
        ranked = make_ranking_task(project.protocols.get(kind="ranking"), f"What is gate {number}?", ("Wood.", "No."))
        answer_task(ranked, annotator, seconds=60.0)
    return project


@pytest.fixture
def stands(worked: Project) -> Callable[[], dict[str, queries.Stand]]:
    return lambda: {stand.station: stand for stand in queries.road_of(worked, now=NOW).stands}


def freeze(project: Project, owner: User, name: str = "First") -> Release:
    release = export_actions.request_release(project=project, name=name, selection={}, actor=owner, now=NOW)
    export_actions.freeze(release_id=release.pk, clock=lambda: NOW)
    makeup.fill(release_id=release.pk)
    release.refresh_from_db()
    return release


def test_a_road_is_seen_as_it_is_walked(
    worked: Project, owner: User, annotator: User, stands: Callable[[], dict[str, queries.Stand]]
) -> None:
    before = stands()
    assert [before[one].step.do for one in Station] == ["collect", "freeze", "freeze", "first", "collect", "first"]
    assert (before["sft"].have, before["reward"].have, before["rl"].have) == (40, 80, 80)
    assert (before["sft"].people_seconds, before["reward"].people_seconds) == (1200, 2400)
    assert before["rl"].facts.missing == (Station.SFT, Station.REWARD)

    release = freeze(worked, owner)
    assert stands()["sft"].step == Step(Do.TRAIN, release.pk)

    run = order_run(worked, owner, release)
    assert stands()["sft"].step == Step(Do.WAIT_RUN, run.pk)
    model = finish_run(run)
    TrainingRun.objects.filter(pk=run.pk).update(started_at=NOW - timedelta(hours=1), finished_at=NOW)
    seen = stands()["sft"]
    assert (seen.step, seen.machine_seconds, seen.headline) == (
        Step(Do.SERVE, model.pk), 3600, queries.Headline("loss", 2.5)
    )  # fmt: skip
    assert stands()["chat"].step == Step(Do.FIRST, station=Station.SFT)

    Served.objects.create(project=worked, name="m", model=model, state="ready", created_by=owner, changed_at=NOW)
    assert stands()["sft"].step == Step(Do.MEASURE, release.pk)
    assert stands()["chat"].step == Step(Do.FIRST, station=Station.MODERATION)
    found = {"measure": "loss", "better": "lower", "points": [], "fit": None, "forecast": None}
    LearningCurve.objects.create(
        project=worked, release=release, stage="sft", state="done", found=found, seeds=1, created_by=owner,
        created_at=NOW,
    )  # fmt: skip
    assert (stands()["sft"].step, stands()["sft"].curve) == (Step(Do.MORE), found)

    withdraw_work(project=worked, person=annotator, actor=owner, now=NOW, reason="Changed my mind.")
    stale = stands()["sft"]
    assert stale.stale_model is not None
    assert (stale.model, stale.stale_model.pk, stale.stale_because) == (None, model.pk, "Changed my mind.")
    assert stale.step == Step(Do.CORRECT, release.pk)


def test_its_cost_does_not_grow(
    worked: Project, owner: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    release = freeze(worked, owner)
    for _ in range(3):
        finish_run(order_run(worked, owner, release))
        finish_run(order_run(worked, owner, release, "reward"))
    with django_assert_max_num_queries(25) as few:
        queries.road_of(worked, now=NOW)
    for number in range(5):
        freeze(worked, owner, f"Number {number}")
        finish_run(order_run(worked, owner, release))
    with django_assert_max_num_queries(len(few)):
        queries.road_of(worked, now=NOW)


def test_the_button_does_what_it_says(worked: Project, owner: User, researcher: User, annotator: User) -> None:
    def take(station: str, do: str, target: int | None, actor: User = researcher) -> actions.Ordered:
        return actions.take_step(project=worked, station=station, do=do, target=target, actor=actor, now=NOW)

    with pytest.raises(NotAllowed):
        take("sft", "freeze", None, annotator)
    with pytest.raises(actions.StepChanged):
        take("sft", "train", 1)
    with pytest.raises(actions.StepChanged):
        take("pretrain", "collect", None)
    with pytest.raises(actions.StepChanged):
        take("elsewhere", "freeze", None)
    [(kind, pk)] = take("sft", "freeze", None)
    release = Release.objects.get(pk=pk)
    assert (kind, release.name) == ("release", f"Road {NOW.date()}")
    export_actions.freeze(release_id=pk, clock=lambda: NOW)
    [(kind, pk)] = take("reward", "train", release.pk)
    run = TrainingRun.objects.get(pk=pk)
    assert (kind, run.stage, run.start_preset) == ("run", "reward", "small")
    # Twice is once: something else is next by now.
    with pytest.raises(actions.StepChanged):
        take("reward", "train", release.pk)
    model = finish_run(run)
    [(kind, pk)] = take("reward", "measure", release.pk)
    assert (kind, LearningCurve.objects.get(pk=pk).stage) == ("curve", "reward")
    assistant = finish_run(TrainingRun.objects.get(pk=take("sft", "train", release.pk)[0][1]))
    assert take("sft", "serve", assistant.pk) == []
    assert Served.objects.get().model == assistant
    refined = TrainingRun.objects.get(pk=take("rl", "train", release.pk)[0][1])
    assert (refined.start_model, refined.judge_model) == (assistant, model)


@pytest.fixture
def whole(worked: Project, owner: User, annotator: User) -> Project:
    """Return a project with something to learn from at every station."""
    add_documents(worked, [NewDocument(f"Paragraph {number} of a book.") for number in range(30)], now=NOW)
    protocol = project_actions.create_protocol(
        project=worked, actor=owner, name="Labels", preset="moderation_label", now=NOW
    )
    for number in range(12):
        task = make_demonstration_task(protocol, f"Text {number}")
        answer_task(task, annotator, {"verdicts": {"violence": number % 2 == 0}})
    return worked


def test_a_walk_goes_through_all_stations(whole: Project, owner: User) -> None:
    walk = actions.start_walk(project=whole, actor=owner, now=NOW)
    with pytest.raises(actions.WalkUnderWay):
        actions.start_walk(project=whole, actor=owner, now=NOW)

    goes_on, [(kind, release)] = actions.walk_on(walk_id=walk.pk, now=NOW)
    assert (goes_on, kind) == (True, "release")
    assert actions.walk_on(walk_id=walk.pk, now=NOW) == (True, [])
    export_actions.freeze(release_id=release, clock=lambda: NOW)
    trained = []
    for stage in actions.WALKED:
        goes_on, [(kind, pk)] = actions.walk_on(walk_id=walk.pk, now=NOW)
        assert (goes_on, kind) == (True, "run")
        assert actions.walk_on(walk_id=walk.pk, now=NOW) == (True, []), "a step that was taken is not taken again"
        run = TrainingRun.objects.get(pk=pk)
        assert run.stage == stage
        assert run.config.items() >= orders.TINY[stage].items()
        trained.append(finish_run(run))
    chain = {run.stage: run.start_model for run in TrainingRun.objects.all()}
    assert (chain["sft"], chain["rl"]) == (trained[0], trained[1])

    # Both are wanted up; the walk ends when they are.
    assert actions.walk_on(walk_id=walk.pk, now=NOW) == (True, [])
    assert set(Served.objects.values_list("model__stage", flat=True)) == {"rl", "moderation"}
    Served.objects.update(state=ServedState.READY)
    assert actions.walk_on(walk_id=walk.pk, now=NOW) == (False, [])
    walk.refresh_from_db()
    assert (walk.state, walk.said, [run.stage for run in queries.runs_of_walk(walk)]) == (
        WalkState.DONE, "", ["pretrain", "sft", "reward", "rl", "moderation"],
    )  # fmt: skip
    assert chat_queries.setup_of(whole).missing == []
    # And another may be walked.
    assert actions.start_walk(project=whole, actor=owner, now=NOW).pk != walk.pk


def test_a_walk_ends_where_a_run_does(whole: Project, owner: User) -> None:
    walk = actions.start_walk(project=whole, actor=owner, now=NOW)
    _, [(_, release)] = actions.walk_on(walk_id=walk.pk, now=NOW)
    export_actions.freeze(release_id=release, clock=lambda: NOW)
    _, [(_, pk)] = actions.walk_on(walk_id=walk.pk, now=NOW)
    run = durable.start(TrainingRun, pk, now=NOW)
    assert run is not None
    durable.fail(run, error="The disk is full.", now=NOW)
    assert actions.walk_on(walk_id=walk.pk, now=NOW) == (False, [])
    walk.refresh_from_db()
    assert (walk.state, walk.said) == ("failed", "The pretrain run was failed. The disk is full.")


def test_a_walk_is_cancelled_with_what_it_waits_for(whole: Project, owner: User) -> None:
    walk = actions.start_walk(project=whole, actor=owner, now=NOW)
    _, [(_, release)] = actions.walk_on(walk_id=walk.pk, now=NOW)
    for _ in range(2):
        actions.cancel_walk(walk=walk, actor=owner, now=NOW)
    walk.refresh_from_db()
    assert (walk.state, Release.objects.get(pk=release).state) == ("cancelled", "cancelled")
    assert actions.walk_on(walk_id=walk.pk, now=NOW) == (False, [])


def test_a_walk_wants_something_to_learn_from_everywhere(worked: Project, owner: User) -> None:
    with pytest.raises(actions.NothingToWalk) as refused:
        actions.start_walk(project=worked, actor=owner, now=NOW)
    assert refused.value.stations == [Station.PRETRAIN, Station.MODERATION]


def test_a_walk_whose_message_was_lost_is_found(whole: Project, owner: User) -> None:
    walk = actions.start_walk(project=whole, actor=owner, now=NOW)
    assert actions.silent_walks(now=NOW + timedelta(seconds=10)) == []
    later = NOW + timedelta(seconds=31)
    assert actions.silent_walks(now=later) == [walk.pk]
    assert actions.silent_walks(now=later) == []
    assert Walk.objects.get().looked_at == later


def test_an_order_goes_on_from_what_reads_enough(worked: Project, owner: User) -> None:
    release = freeze(worked, owner)
    models = {}
    for stage, card in (("pretrain", {"stage": "pretrain", "start": {"preset": "demo"}}),):
        models[stage] = finish_run(order_run(worked, owner, release, stage))
        models[stage].card = {"config": card}
    # The demo preset reads 64 tokens: too few to answer anybody.
    assert orders.room_of(models["pretrain"]) == 64
    assert orders.usual("sft", models).start == {"preset": "small"}
    models["pretrain"].card["config"]["context"] = 300
    order = orders.usual("sft", models)
    assert (order.start, order.config) == ({"model": models["pretrain"].pk}, {"max_length": 300})
    assert orders.usual("pretrain", {}, characters=2_000_000).start == {"preset": "austen-laptop"}
