"""Runs from order to model, with the real training in its child process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from annotation import durable
from annotation.exports import actions as export_actions
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.registry import (
    actions,
    comparison_writing,
    comparisons,
    completions,
    execution,
    queries,
    trees,
    worklist_filling,
    worklists,
    writing,
)
from annotation.registry.models import (
    ComparedPair,
    CompletionBatch,
    ModelVersion,
    RunLogLine,
    RunMetric,
    SampledCompletion,
    TrainingRun,
    WorklistPair,
)
from annotation.tasks.models import Task
from tests.annotation.registry.test_launch import is_alive
from tests.factories import answer_task, make_completion, make_demonstration_task, make_prompt, make_ranking_task
from tests.people import NOW
from training.handover import model_sha256

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.training]

PLANTS = ("oak", "ash", "elm", "fir", "yew", "fern", "moss", "rose", "flax", "hemp", "rye", "oat")
QUESTIONS = [f"What is {plant} good for, at {hour} o'clock?" for plant in PLANTS for hour in range(1, 4)]
QUICK = {"epochs": 2, "batch_tokens": 256, "max_length": 64, "evaluate_every": 4, "threads": 1}


@pytest.fixture
def frozen(
    project: Project,
    owner: User,
    annotator: User,
    demonstration_protocol: Protocol,
    ranking_protocol: Protocol,
) -> Release:
    """A release of 36 demonstrations and 36 rankings, as a person would freeze it."""
    for question in QUESTIONS:
        answer = {"completion": f"Plainly: {question.split()[2]} is good for much."}
        answer_task(make_demonstration_task(demonstration_protocol, question), annotator, answer)
        answer_task(make_ranking_task(ranking_protocol, question), annotator)
    release = export_actions.request_release(project=project, name="Plants", selection={}, actor=owner, now=NOW)
    export_actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == "done", release.error
    return release


@pytest.fixture
def queue(project: Project, owner: User, frozen: Release) -> Callable[..., TrainingRun]:
    def queued(stage: str = "sft", start: dict[str, object] | None = None, **config: object) -> TrainingRun:
        return actions.request_run(
            project=project,
            actor=owner,
            release_id=frozen.pk,
            stage=stage,
            start=start or {"preset": "tiny"},
            config={**QUICK, **config},
            now=NOW,
        )

    return queued


def execute(run: TrainingRun, must_stop: threading.Event | None = None) -> TrainingRun:
    execution.execute_run(run_id=run.pk, must_stop=must_stop or threading.Event())
    return TrainingRun.objects.get(pk=run.pk)


def points(run: TrainingRun, split: str) -> dict[int, float]:
    return {row.step: row.values["loss"] for row in RunMetric.objects.filter(run=run, split=split)}


def test_a_run_becomes_a_model_that_writes_completions(
    queue: Callable[..., TrainingRun], project: Project, owner: User, ranking_protocol: Protocol, frozen: Release
) -> None:
    run = execute(queue())
    assert run.state == "done", run.error
    assert run.progress_done == run.progress_total > 0
    assert run.counts["rows_used"] > 0
    assert len(points(run, "train")) == run.progress_total
    assert points(run, "validation")

    model = ModelVersion.objects.get(run=run)
    assert (model.name, model.deployable, model.card["release_digest_sha256"]) == ("sft-1", True, frozen.digest_sha256)
    assert model.metrics["test"]["loss"] < model.metrics["test"]["loss_before"]
    stored = Path(default_storage.path(model.stored_prefix))
    assert model.sha256 == model_sha256(stored)
    assert model.size_bytes == sum(path.stat().st_size for path in stored.rglob("*") if path.is_file())
    assert not (stored / "checkpoints").exists()
    assert list(trees.names_under(default_storage, f"runs/{run.pk}")) == []
    assert list(settings.TRAINING_ROOT.iterdir()) == []
    lineage = queries.lineage_of(model)
    assert (lineage.revisions, lineage.people) == (2 * len(QUESTIONS), 1)

    waiting = [make_prompt(project, f"And what is {plant} not good for?") for plant in PLANTS[:3]]
    tasks_before = Task.objects.count()
    batch = completions.request_completions(
        model=model,
        actor=owner,
        protocol_id=ranking_protocol.pk,
        prompts={"ids": [prompt.pk for prompt in waiting]},
        sampling={"n": 4, "max_new_tokens": 12},
        now=NOW,
    )
    writing.execute_batch(batch_id=batch.pk, must_stop=threading.Event())
    batch = CompletionBatch.objects.get(pk=batch.pk)
    assert batch.state == "done", batch.error
    told = {"completions", "duplicates", "empty"}
    assert sum(number for name, number in batch.counts.items() if name in told) == 12
    assert batch.counts["tasks"] == Task.objects.count() - tasks_before > 0
    assert SampledCompletion.objects.filter(batch=batch, model=model).count() == batch.counts["completions"]
    assert (batch.progress_done, batch.progress_total) == (3, 3)
    assert list(settings.TRAINING_ROOT.iterdir()) == []


@pytest.mark.slow
def test_a_reward_run_starts_from_a_model_and_is_measured_beside_its_baselines(
    queue: Callable[..., TrainingRun],
) -> None:
    execute(queue())
    run = execute(queue("reward", {"model": ModelVersion.objects.get().pk}))
    assert run.state == "done", run.error
    model = ModelVersion.objects.get(run=run)
    assert (model.name, model.deployable) == ("reward-1", False)
    test, baselines = model.metrics["test"], model.metrics["baselines"]["test"]
    assert test["accuracy_low"] <= test["accuracy"] <= test["accuracy_high"]
    assert baselines["random"]["accuracy"] == 0.5
    assert {"accuracy", "low", "high"} <= set(baselines["longer_wins"])


@pytest.mark.slow
def test_a_run_that_loses_its_workers_ends_as_if_it_had_not(
    queue: Callable[..., TrainingRun], database_url: str, tmp_path: Path
) -> None:
    """One worker is asked to stop, the next one is killed, the third works on another machine."""
    whole = execute(queue(**LONG))
    assert whole.state == "done", whole.error

    run = queue(**LONG)
    must_stop = threading.Event()
    with meanwhile(lambda: (wait_for_step(run, 3), must_stop.set())):
        given_back = execute(run, must_stop)
    assert (given_back.state, given_back.attempt, given_back.error) == ("queued", 1, "")
    first = step_of(given_back)
    assert stored_steps(run) == [f"attempt-1/step-{first:06d}"]

    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "annotation.settings",
        "DATABASE_URL": database_url,
        "MEDIA_ROOT": settings.MEDIA_ROOT,
        "VAR_ROOT": str(tmp_path / "worker"),
    }
    worker = subprocess.Popen([sys.executable, "-c", WORKER.format(run.pk)], env=environment)
    try:
        wait_until(lambda: step_of(TrainingRun.objects.get(pk=run.pk)) > first)
        [child] = children_of(worker.pid)
        assert execute(run).attempt == 2, "a run that a living worker holds is left alone"
    finally:
        worker.kill()
        worker.wait()
    wait_until(lambda: not is_alive(child))
    killed = TrainingRun.objects.get(pk=run.pk)
    assert (killed.state, killed.attempt) == ("running", 2)
    assert list((tmp_path / "worker" / "training").iterdir()), "the dead worker's folder is still there"

    second = step_of(killed)
    TrainingRun.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=durable.STALE_SECONDS + 1))
    assert durable.due(TrainingRun, now=timezone.now()) == [run.pk]
    done = execute(run)
    assert (done.state, done.attempt, done.lost_workers, done.checkpoint_name) == ("done", 3, 1, "")

    assert points(done, "train") == points(whole, "train")
    # A worker asked to stop breaks off a look at the validation split, which no weight depends on.
    assert points(done, "validation").items() <= points(whole, "validation").items()
    attempts = dict(RunMetric.objects.filter(run=run, split="train").values_list("step", "attempt"))
    steps = range(1, whole.progress_total + 1)
    assert attempts == {step: 1 if step <= first else 2 if step <= second else 3 for step in steps}
    one, two = ModelVersion.objects.order_by("pk")
    assert one.sha256 == two.sha256
    assert one.metrics == two.metrics
    assert list(trees.names_under(default_storage, f"runs/{run.pk}")) == []


# Long enough to be stopped in on a fast machine, short enough that each of its steps leaves a point.
LONG = {"epochs": 100, "checkpoint_every": 10}
WORKER = """
import django, threading
django.setup()
from annotation.registry import execution
execution.execute_run(run_id={}, must_stop=threading.Event())
"""


def step_of(run: TrainingRun) -> int:
    return int(run.checkpoint_name.rpartition("-")[2] or 0)


def stored_steps(run: TrainingRun) -> list[str]:
    prefix = f"runs/{run.pk}/"
    names = trees.names_under(default_storage, prefix.rstrip("/"))
    return sorted({name.removeprefix(prefix).rpartition("/")[0] for name in names})


def children_of(pid: int) -> list[int]:
    lists = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for children in lists for child in children]


def wait_until(happened: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


@contextlib.contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """Act in a thread, with a connection of its own, while the block runs."""

    def acting() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=acting)
    thread.start()
    yield
    thread.join()


def wait_for_step(run: TrainingRun, step: int) -> None:
    wait_until(lambda: RunMetric.objects.filter(run=run, step__gte=step).exists())


def test_a_cancelled_run_ends_its_child_and_leaves_nothing_behind(
    queue: Callable[..., TrainingRun], owner: User
) -> None:
    run = queue(epochs=500)

    cancelled_at = []

    def cancel() -> None:
        wait_for_step(run, 1)
        actions.cancel_run(run=run, actor=owner, now=NOW)
        cancelled_at.append(time.monotonic())

    with meanwhile(cancel):
        cancelled = execute(run)
    assert time.monotonic() - cancelled_at[0] < 10
    assert cancelled.state == "cancelled"
    assert not ModelVersion.objects.exists()
    assert list(settings.TRAINING_ROOT.iterdir()) == []


@pytest.mark.slow
def test_a_storage_without_local_paths_serves_as_well(settings: Settings, request: pytest.FixtureRequest) -> None:
    remote = {"BACKEND": "tests.annotation.registry.remote.RemoteStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": remote}
    queue = request.getfixturevalue("queue")
    assert execute(queue(max_steps=2)).state == "done"
    start = ModelVersion.objects.get()

    run = queue(start={"model": start.pk}, **LONG)
    must_stop = threading.Event()
    with meanwhile(lambda: (wait_for_step(run, 3), must_stop.set())):
        given_back = execute(run, must_stop)
    assert given_back.state == "queued", given_back.error
    assert len(stored_steps(run)) == 1
    done = execute(run)
    assert (done.state, done.attempt) == ("done", 2), done.error
    model = ModelVersion.objects.get(run=run)
    assert f"{model.stored_prefix}/card.json" in trees.names_under(default_storage, model.stored_prefix)
    assert stored_steps(run) == []
    assert list(settings.TRAINING_ROOT.iterdir()) == []


@pytest.mark.slow
def test_a_full_storage_costs_the_checkpoint_not_the_run(queue: Callable[..., TrainingRun], settings: Settings) -> None:
    run = queue(checkpoint_every=5)
    full = {"BACKEND": "tests.annotation.registry.remote.FullForCheckpoints"}
    settings.STORAGES = {**settings.STORAGES, "default": full}
    done = execute(run)
    assert done.state == "done", done.error
    warning = RunLogLine.objects.filter(run=run, level="warning", message__contains="could not be stored").first()
    assert warning is not None
    assert "No space left on device" in warning.message
    assert ModelVersion.objects.get(run=run).size_bytes > 0


@pytest.mark.slow
def test_a_checkpoint_that_cannot_be_removed_costs_its_space_not_the_run(
    queue: Callable[..., TrainingRun], settings: Settings
) -> None:
    keeping = {"BACKEND": "tests.annotation.registry.remote.KeepsCheckpoints"}
    settings.STORAGES = {**settings.STORAGES, "default": keeping}
    run = queue(checkpoint_every=1, max_steps=3)
    done = execute(run)
    assert done.state == "done", done.error
    assert stored_steps(run)


def test_what_the_child_refuses_is_said_in_the_row(queue: Callable[..., TrainingRun], frozen: Release) -> None:
    damaged = next(Path(default_storage.path("releases")).rglob("train/demonstrations.parquet"))
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-10])
    run = execute(queue())
    assert run.state == "failed"
    assert "train/demonstrations.parquet" in run.error


def test_a_run_waits_until_training_is_installed(queue: Callable[..., TrainingRun]) -> None:
    settings.INSTALL_STATE.parent.mkdir(parents=True, exist_ok=True)
    settings.INSTALL_STATE.write_text('{"state": "installing", "message": "torch", "packages_total": 5}')
    try:
        assert execute(queue()).state == "queued"
    finally:
        settings.INSTALL_STATE.unlink()


def test_a_run_that_somebody_holds_is_not_started_again(queue: Callable[..., TrainingRun]) -> None:
    run = queue()
    held = durable.start(TrainingRun, run.pk, now=timezone.now())
    assert held is not None
    assert execute(run).attempt == 1


@pytest.mark.slow
def test_two_models_are_compared_and_a_reward_model_fills_worklists(
    queue: Callable[..., TrainingRun], project: Project, owner: User, frozen: Release
) -> None:
    before = ModelVersion.objects.get(run=execute(queue()))
    judge = ModelVersion.objects.get(run=execute(queue("reward", heads=2)))
    refined = actions.request_run(
        project=project,
        actor=owner,
        release_id=frozen.pk,
        stage="rl",
        start={"model": before.pk},
        config={"rounds": 1, "prompts_per_round": 4, "samples": 2, "max_new_tokens": 8, "max_length": 64, "threads": 1},
        judge=judge.pk,
        now=NOW,
    )
    run = execute(refined)
    assert run.state == "done", run.error
    after = ModelVersion.objects.get(run=run)

    comparison = comparisons.request_comparison(
        model=after, actor=owner, prompts=4, judges=1, sampling={"max_new_tokens": 12}, now=NOW
    )
    comparison_writing.execute_comparison(comparison_id=comparison.pk, must_stop=threading.Event())
    comparison.refresh_from_db()
    assert comparison.state == "done", comparison.error
    assert sum(comparison.counts.values()) == len(comparison.prompts)
    assert comparison.progress_done == comparison.progress_total == 2 * len(comparison.prompts)
    pairs = ComparedPair.objects.filter(comparison=comparison)
    assert pairs.count() == comparison.counts["tasks"]
    assert all(pair.reward_difference is not None for pair in pairs)

    for question in QUESTIONS[:8]:
        waiting = make_prompt(project, f"Again: {question}")
        for text in ("Much.", "Nothing at all."):
            make_completion(waiting, text)
    for kind in ("relabel", "collect"):
        worklist = worklists.request_worklist(
            model=judge, actor=owner, kind=kind, pairs=4, judges=1, control_share=0.25, now=NOW
        )
        worklist_filling.execute_worklist(worklist_id=worklist.pk, must_stop=threading.Event())
        worklist.refresh_from_db()
        assert worklist.state == "done", worklist.error
        assert worklist.counts["candidates"] > 0
        assert WorklistPair.objects.filter(worklist=worklist).count() == worklist.counts["tasks"]
    assert worklist.counts["tasks"] == 4
    assert list(settings.TRAINING_ROOT.iterdir()) == []
