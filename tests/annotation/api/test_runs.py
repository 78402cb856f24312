"""Runs over HTTP: who may, what is refused, and polling that costs little."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from celery import current_app
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from annotation import durable
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import actions
from annotation.registry.models import ModelVersion, TrainingRun
from annotation.registry.reports import Report
from tests.guards import guards
from tests.people import NOW

pytestmark = pytest.mark.django_db

READERS = {"owner", "manager", "researcher"}
MEMBERS = {"owner", "manager", "researcher", "reviewer", "annotator", "chat_user"}


def expected(allowed: int, *, member: int = 403) -> dict[str, int]:
    everybody = [*MEMBERS, "outsider", "anonymous"]
    codes = {who: allowed if who in READERS else member for who in everybody}
    return codes | {"outsider": 404, "anonymous": 401}


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/projects/{project.pk}/runs/"


@pytest.fixture
def order(release: Release) -> dict[str, object]:
    return {"release": release.pk, "stage": "sft", "start": {"preset": "tiny"}, "config": {"epochs": 2}}


@pytest.fixture
def client(owner: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(owner)


def test_a_run_is_ordered_listed_and_shown(client: APIClient, url: str, order: dict[str, object], owner: User) -> None:
    answer = client.post(url, order)
    assert answer.status_code == 202, answer.json()
    run = answer.json()
    assert {name: run[name] for name in ("stage", "state", "attempt", "model", "error", "eta_seconds")} == {
        "stage": "sft",
        "state": "queued",
        "attempt": 0,
        "model": None,
        "error": "",
        "eta_seconds": None,
    }
    assert run["start"] == {"preset": "tiny"}
    assert run["config"]["epochs"] == 2
    assert run["release"] == {"id": order["release"], "name": "First"}
    assert run["created_by"] == {"id": owner.pk, "name": owner.name}
    assert client.get(f"{url}{run['id']}/").json() == run
    assert client.get(url).json()["results"] == [run]


def test_an_order_is_put_on_the_training_queue(
    client: APIClient,
    url: str,
    order: dict[str, object],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    settings: Settings,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        run = client.post(url, order).json()["id"]
    assert len(callbacks) == 1
    with current_app.connection_or_acquire() as broker:
        callbacks[0]()
        message = broker.SimpleQueue("training").get(block=True, timeout=10)
    message.ack()
    assert message.headers["task"] == "annotation.registry.jobs.execute_run"
    assert message.payload[1] == {"run_id": run}


@guards(
    "GET /api/projects/{project}/runs/",
    "POST /api/projects/{project}/runs/",
    "GET /api/projects/{project}/runs/options/",
    "GET /api/projects/{project}/runs/{pk}/",
    "GET /api/projects/{project}/runs/{pk}/metrics/",
    "GET /api/projects/{project}/runs/{pk}/log/",
    "GET /api/projects/{project}/runs/{pk}/samples/",
    "POST /api/projects/{project}/runs/{pk}/cancel/",
    "POST /api/projects/{project}/runs/{pk}/retry/",
)
def test_who_may_do_what(
    statuses: Callable[..., dict[str, int]],
    url: str,
    order: dict[str, object],
    running_run: TrainingRun,
) -> None:
    one = f"{url}{running_run.pk}/"
    for path in (url, f"{url}options/", one, f"{one}metrics/", f"{one}log/", f"{one}samples/"):
        assert statuses("get", path) == expected(200), path
    assert statuses("post", url, order) == expected(202)
    assert statuses("post", f"{one}cancel/") == expected(409) | {"owner": 200}
    assert statuses("post", f"{one}retry/") == expected(409) | {"owner": 202}


def test_a_run_of_another_project_is_not_found(client: APIClient, running_run: TrainingRun, outsider: User) -> None:
    elsewhere = Project.objects.get(name="Elsewhere")
    assert client.get(f"/api/projects/{elsewhere.pk}/runs/{running_run.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stage": "magic"}, "stage"),
        ({"release": 10**12}, "release"),
        ({"release": 10**30}, "release"),
        ({"release": None}, "release"),
        ({"start": {"model": 10**30}}, "start"),
        ({"start": {"model": True}}, "start"),
        ({"start": {"preset": ["tiny"]}}, "start"),
        ({"config": {"seed": 10**30}}, "config.seed"),
        ({"config": {"epochs": None}}, "config.epochs"),
        ({"start": {"preset": "huge"}}, "start"),
        ({"start": "small"}, "start"),
        ({"start": None}, "start"),
        ({"start": 5}, "start"),
        ({"start": [["preset", "tiny"]]}, "start"),
        ({"config": {"epochs": -1}}, "config.epochs"),
        ({"config": {"nonsense": 1}}, "config.nonsense"),
        ({"config": []}, "config"),
    ],
)
def test_an_impossible_order_is_refused_by_field(
    client: APIClient, url: str, order: dict[str, object], change: dict[str, object], field: str
) -> None:
    answer = client.post(url, {**order, **change})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert TrainingRun.objects.count() == 0


def test_the_form_knows_every_field_and_start(
    client: APIClient, url: str, make_model: Callable[..., ModelVersion]
) -> None:
    base, sft, _ = make_model("pretrain"), make_model(), make_model("reward")
    options = client.get(f"{url}options/").json()
    stages = {stage["stage"]: stage for stage in options["stages"]}
    assert set(stages) == {"pretrain", "sft", "reward", "rl", "dpo", "moderation"}
    fields = {field["name"]: field for field in stages["reward"]["fields"]}
    assert not {"release", "output", "start"} & set(fields)
    assert not {"text", "shards"} & {field["name"] for field in stages["pretrain"]["fields"]}
    assert not {"reward_models", "endpoint"} & {field["name"] for field in stages["rl"]["fields"]}
    assert [preset["name"] for preset in stages["pretrain"]["presets"]][:2] == ["demo", "austen-laptop"]
    assert fields["epochs"]["type"] == "integer"
    assert fields["epochs"]["minimum"] == 1
    assert fields["max_steps"]["optional"]
    assert fields["learning_rate"]["help"]
    assert {preset["name"] for preset in stages["sft"]["presets"]} >= {"tiny", "small"}
    assert options["start_models"] == [
        {"id": sft.pk, "name": "sft-1", "deployable": True},
        {"id": base.pk, "name": "pretrain-1", "deployable": False},
    ]
    assert set(options["training_installed"]) == {"state", "percent", "message"}


def test_metrics_and_log_come_after_an_id(client: APIClient, url: str, running_run: TrainingRun) -> None:
    report = Report(
        metrics={("train", step): {"loss": 1 / step, "learning_rate": None} for step in range(1, 6)},
        lines=[("info", "one"), ("warning", "two")],
    )
    actions.record_report(run=running_run, report=report, now=NOW)
    one = f"{url}{running_run.pk}/"
    points = client.get(f"{one}metrics/").json()["points"]
    assert [point["step"] for point in points] == [1, 2, 3, 4, 5]
    assert points[1] == {
        "id": points[1]["id"],
        "step": 2,
        "split": "train",
        "values": {"loss": 0.5, "learning_rate": None},
    }
    assert client.get(f"{one}metrics/?after={points[2]['id']}").json()["points"] == points[3:]
    lines = client.get(f"{one}log/").json()["lines"]
    assert [(line["level"], line["message"]) for line in lines] == [("info", "one"), ("warning", "two")]
    assert client.get(f"{one}log/?after={lines[0]['id']}").json()["lines"] == lines[1:]
    for wrong in ("banana", "-1", "9" * 40, "٣"):
        assert client.get(f"{one}log/?after={wrong}").status_code == 400


def test_polling_is_answered_without_a_body_until_something_changes(
    client: APIClient, url: str, running_run: TrainingRun
) -> None:
    one = f"{url}{running_run.pk}/"
    for path in (one, f"{one}metrics/", f"{one}log/"):
        first = client.get(path)
        again = client.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        durable.beat(running_run, now=NOW)
        assert client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
        report = Report(
            columns={"progress_done": running_run.progress_done + 1},
            metrics={("train", len(path)): {"loss": 2.0}},
            lines=[("info", path)],
        )
        running_run.progress_done += 1
        actions.record_report(run=running_run, report=report, now=NOW)
        assert client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_the_list_costs_as_many_queries_for_many_as_for_one(
    client: APIClient, url: str, make_model: Callable[..., ModelVersion], queue_run: Callable[..., TrainingRun]
) -> None:
    costs = []
    for _ in range(2):
        run = queue_run()
        run.start_model = make_model()
        run.save(update_fields=["start_model"])
        make_model("reward")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]
    assert costs[0] <= 6


def test_a_finished_run_names_its_model(client: APIClient, url: str, make_model: Callable[..., ModelVersion]) -> None:
    model = make_model()
    run = client.get(f"{url}{model.run_id}/").json()
    assert (run["state"], run["model"]) == ("done", {"id": model.pk, "name": "sft-1"})


def test_samples_come_by_step_and_a_later_attempt_takes_the_place_of_an_earlier(
    client: APIClient, url: str, running_run: TrainingRun
) -> None:
    def said(text: str) -> dict[str, object]:
        return {"prompt": "Elizabeth", "text": text, "values": {"bits_per_character": 2.5, "known_words": 0.5}}

    samples = {250: said(" and the"), 0: said("?kZhc,TK996")}
    actions.record_report(run=running_run, report=Report(samples=samples), now=NOW)
    actions.record_report(run=running_run, report=Report(samples={250: said(" smiled.")}), now=NOW)

    shown = client.get(f"{url}{running_run.pk}/samples/").json()["samples"]

    assert shown == [{"step": 0, **said("?kZhc,TK996")}, {"step": 250, **said(" smiled.")}]
    first = client.get(f"{url}{running_run.pk}/samples/")
    assert client.get(f"{url}{running_run.pk}/samples/", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
