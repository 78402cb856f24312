"""Ordering a run, what it says, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from pytest_django import DjangoAssertNumQueries, Settings

from annotation import durable
from annotation.durable import JobState
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed
from annotation.registry import actions, base_models
from annotation.registry.actions import OrderRefused
from annotation.registry.models import ModelVersion, RunLogLine, RunMetric, TrainingRun
from annotation.registry.reports import Report
from tests.people import NOW

pytestmark = pytest.mark.django_db
QueueRun = Callable[..., TrainingRun]


def order(project: Project, actor: User, **changes: object) -> TrainingRun:
    release = Release.objects.get(name="First")
    fields = {"release_id": release.pk, "stage": "sft", "start": {"preset": "tiny"}, "config": {}, **changes}
    return actions.request_run(project=project, actor=actor, now=NOW, **fields)  # type: ignore[arg-type]


def refused(project: Project, actor: User, **changes: object) -> dict[str, str]:
    with pytest.raises(OrderRefused) as caught:
        order(project, actor, **changes)
    assert TrainingRun.objects.filter(state=JobState.QUEUED).count() == 0
    return dict(caught.value.errors)


def test_an_order_is_a_queued_row_with_its_whole_configuration(
    project: Project, researcher: User, release: Release
) -> None:
    run = order(project, researcher, stage="reward", config={"epochs": 2})
    assert (run.state, run.stage, run.start_preset, run.release) == ("queued", "reward", "tiny", release)
    assert run.config["epochs"] == 2
    assert run.config["seed"] == 0
    assert run.config["prompts_per_batch"] >= 1
    assert not {"release", "output", "start", "stage"} & set(run.config)


@pytest.mark.parametrize("role", ["reviewer", "annotator", "chat_user"])
def test_who_may_not_order_is_told(project: Project, release: Release, join: Callable[..., User], role: str) -> None:
    with pytest.raises(NotAllowed):
        order(project, join(role))


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"epochs": 0}, "config.epochs"),
        ({"learning_rate": "fast"}, "config.learning_rate"),
        ({"learning_rate": 2.0}, "config.learning_rate"),
        ({"seed": True}, "config.seed"),
        ({"batch_tokens": 64, "max_length": 128}, "config.batch_tokens"),
        ({"max_length": 5_000}, "config.max_length"),
        ({"optimizer": "magic"}, "config.optimizer"),
        ({"output": "/etc"}, "config.output"),
        ({"release": "/tmp"}, "config.release"),
        ({"endpoint": {"url": "http://elsewhere/v1", "model": "x"}}, "config.endpoint"),
    ],
)
def test_an_impossible_configuration_is_refused_by_field(
    project: Project, owner: User, release: Release, config: dict[str, object], field: str
) -> None:
    errors = refused(project, owner, config=config)
    assert set(errors) == {field}
    assert errors[field]


@pytest.mark.parametrize(
    "start",
    [{}, {"preset": "huge"}, {"preset": "tiny", "model": 1}, {"directory": "/"}, {"model": 10**12}, {"model": "1"}],
)
def test_an_impossible_start_is_refused(
    project: Project, owner: User, release: Release, start: dict[str, object]
) -> None:
    assert set(refused(project, owner, start=start)) == {"start"}


def test_an_unknown_stage_is_refused(project: Project, owner: User, release: Release) -> None:
    assert set(refused(project, owner, stage="magic")) == {"stage"}


@pytest.mark.parametrize("state", ["queued", "running", "failed", "cancelled"])
def test_only_a_frozen_release_is_trained_on(project: Project, owner: User, release: Release, state: str) -> None:
    Release.objects.update(state=state)
    assert state in refused(project, owner)["release"]


def test_a_release_without_what_the_stage_learns_from_is_refused(
    project: Project, owner: User, release: Release
) -> None:
    Release.objects.update(counts={"demonstrations": {"train": 3}, "rankings": {"train": 0, "test": 4}})
    assert "rankings" in refused(project, owner, stage="reward")["release"]
    order(project, owner, stage="sft")


def test_a_release_of_another_project_is_refused(
    project: Project, owner: User, release: Release, outsider: User
) -> None:
    Release.objects.update(project=Project.objects.get(name="Elsewhere"))
    assert "not a release of this project" in refused(project, owner)["release"]


def test_a_run_may_start_from_a_model_that_writes(
    project: Project, owner: User, make_model: Callable[..., ModelVersion]
) -> None:
    model = make_model()
    run = order(project, owner, stage="reward", start={"model": model.pk}, config={"max_length": 4_096})
    assert (run.start_model, run.start_preset) == (model, "")


def test_a_start_model_of_another_project_or_kind_or_without_files_is_refused(
    project: Project, owner: User, make_model: Callable[..., ModelVersion], outsider: User
) -> None:
    reward, sft = make_model("reward"), make_model()
    assert "reward" in refused(project, owner, start={"model": reward.pk})["start"]
    default_storage.delete(f"{sft.stored_prefix}/card.json")
    assert "gone" in refused(project, owner, start={"model": sft.pk})["start"]
    ModelVersion.objects.update(project=Project.objects.get(name="Elsewhere"))
    assert "not a model" in refused(project, owner, start={"model": sft.pk})["start"]


REPORT = Report(
    columns={"progress_done": 20, "progress_total": 40, "tokens_per_second": 900.0},
    metrics={("train", step): {"loss": 6.0 - step / 10} for step in range(1, 21)},
    lines=[("info", f"line {n}") for n in range(30)],
)


def test_a_report_costs_three_queries_however_much_it_says(
    running_run: TrainingRun, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):  # three, and the savepoint around them
        actions.record_report(run=running_run, report=REPORT, now=NOW)
    running_run.refresh_from_db()
    assert (running_run.progress_done, running_run.tokens_per_second) == (20, 900.0)
    assert RunMetric.objects.filter(run=running_run, attempt=1).count() == 20
    assert list(RunLogLine.objects.values_list("message", flat=True).order_by("pk")) == [f"line {n}" for n in range(30)]


def test_a_resumed_run_takes_the_place_of_what_it_repeats(running_run: TrainingRun) -> None:
    actions.record_report(run=running_run, report=REPORT, now=NOW)
    first_ids = set(RunMetric.objects.values_list("pk", flat=True))
    later = NOW + timedelta(minutes=5)
    second = durable.start(TrainingRun, running_run.pk, now=later)
    assert second is not None
    repeated = Report(metrics={("train", step): {"loss": 1.0} for step in range(11, 31)})
    actions.record_report(run=second, report=repeated, now=later)
    rows = RunMetric.objects.filter(run=second).order_by("step").values_list("step", "attempt")
    assert list(rows) == [(step, 1 if step < 11 else 2) for step in range(1, 31)]
    assert first_ids < set(RunMetric.objects.values_list("pk", flat=True))


def test_an_older_attempt_writes_nothing(running_run: TrainingRun) -> None:
    later = NOW + timedelta(minutes=5)
    second = durable.start(TrainingRun, running_run.pk, now=later)
    assert second is not None
    card = {"model_sha256": "a" * 64, "metrics": {}}
    with pytest.raises(durable.JobLost):
        actions.record_report(run=running_run, report=REPORT, now=later)
    with pytest.raises(durable.JobLost):
        actions.record_checkpoint(run=running_run, name="runs/1/attempt-1/step-1", now=later)
    with pytest.raises(durable.JobLost):
        actions.finish_run(run=running_run, stored_prefix="m", files=[], card=card, now=later)
    with pytest.raises(durable.JobLost):
        actions.give_back(job=running_run)
    second.refresh_from_db()
    assert (second.state, second.attempt, second.checkpoint_name) == ("running", 2, "")
    assert RunMetric.objects.count() == RunLogLine.objects.count() == ModelVersion.objects.count() == 0


def test_a_finished_run_has_a_model_named_after_its_stage(make_model: Callable[..., ModelVersion]) -> None:
    models = [make_model("sft"), make_model("reward"), make_model("sft")]
    assert [model.name for model in models] == ["sft-1", "reward-1", "sft-2"]
    assert [model.deployable for model in models] == [True, False, True]
    assert models[0].metrics == {"test": {"loss": 2.5}}
    assert models[0].run.state == "running"  # the row in hand; the stored one has ended
    assert TrainingRun.objects.get(pk=models[0].run_id).state == "done"


def test_a_name_that_is_taken_is_not_given_twice(make_model: Callable[..., ModelVersion]) -> None:
    make_model()
    ModelVersion.objects.update(name="sft-2")
    assert make_model().name == "sft-3"


def test_a_run_given_back_waits_again_with_its_checkpoint(running_run: TrainingRun) -> None:
    actions.record_checkpoint(run=running_run, name="runs/1/attempt-1/step-5", now=NOW)
    actions.give_back(job=running_run)
    again = durable.start(TrainingRun, running_run.pk, now=NOW)
    assert again is not None
    assert (again.attempt, again.checkpoint_name, again.lost_workers) == (2, "runs/1/attempt-1/step-5", 0)


def test_cancelling_and_trying_again(queue_run: QueueRun, researcher: User, annotator: User) -> None:
    run = queue_run()
    with pytest.raises(NotAllowed):
        actions.cancel_run(run=run, actor=annotator, now=NOW)
    actions.cancel_run(run=run, actor=researcher, now=NOW)
    with pytest.raises(durable.JobNotEndable):
        actions.cancel_run(run=run, actor=researcher, now=NOW)
    assert durable.start(TrainingRun, run.pk, now=NOW) is None
    with pytest.raises(NotAllowed):
        actions.retry_run(run=run, actor=annotator, now=NOW)
    actions.retry_run(run=run, actor=researcher, now=NOW)
    with pytest.raises(durable.JobNotRetryable):
        actions.retry_run(run=run, actor=researcher, now=NOW)
    assert durable.start(TrainingRun, run.pk, now=NOW) is not None


@pytest.fixture
def models_root(settings: Settings, tmp_path: Path, release: Release) -> Path:
    settings.MODELS_ROOT = tmp_path
    return tmp_path


def put_model(folder: Path, *names: str) -> None:
    folder.mkdir()
    for name in names:
        (folder / name).touch()


def test_a_run_may_start_from_a_folder_of_the_owners(project: Project, owner: User, models_root: Path) -> None:
    put_model(models_root / "gpt2", "config.json", "tokenizer.json", "model.safetensors")
    put_model(models_root / "notes")
    assert base_models.names() == ["gpt2"]
    run = order(project, owner, start={"base": "gpt2"}, config={"max_length": 1_024})
    assert (run.start_base, run.start_preset, run.start_model) == ("gpt2", "", None)


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        ((), "no config.json"),
        (("config.json", "model.safetensors"), "no tokenizer"),
        (("config.json", "tokenizer.json", "pytorch_model.bin"), "pickled weights are not loaded"),
    ],
)
def test_a_folder_that_is_no_model_is_refused_with_what_it_lacks(
    names: tuple[str, ...], remedy: str, project: Project, owner: User, models_root: Path
) -> None:
    put_model(models_root / "half", *names)
    assert base_models.names() == []
    assert remedy in refused(project, owner, start={"base": "half"})["start"]


@pytest.mark.parametrize("name", ["", "..", "../secrets", "/etc", "a/b", "absent", None, 3])
def test_nothing_outside_the_models_folder_can_be_named(
    name: object, project: Project, owner: User, models_root: Path
) -> None:
    put_model(models_root / "inside", "config.json", "tokenizer.json", "model.safetensors")
    assert "MODELS_ROOT" in refused(project, owner, start={"base": name})["start"]
