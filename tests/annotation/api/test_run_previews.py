"""A run looked at before it is ordered, over HTTP: who may, what is refused, and whose words go when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from annotation import durable
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry.models import RunPreview, TrainingRun
from tests.annotation.api.test_runs import expected
from tests.guards import guards
from tests.people import NOW

pytestmark = pytest.mark.django_db

SPLIT = {
    "counts": {"rows_in": 3, "rows_used": 2, "left_out": {"all_tied": 1}, "truncated": 0, "pairs": {"used": 5}},
    "repeated": 0, "longer_preferred": 0.5, "rows": 2, "tokens": 40, "trained_tokens": 6, "longest": 20, "median": 20,
    "lengths": [{"to": 20, "rows": 2}],
}  # fmt: skip
RUN = {"state": "scored", "tokens": ["<|end|>"], "hidden": 0, "hidden_at": 0}
FOUND = {
    "vocabulary": 300,
    "splits": {"train": SPLIT, "validation": SPLIT, "test": SPLIT},
    "warnings": [{"warning": "left_out", "number": 1, "of": 3}],
    "rows": [
        {"tokens": 20, "trained_tokens": 3, "parts": [{"kind": "completion", "runs": [RUN]}], "pairs": [[0, 1]]},
    ],
}


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/projects/{project.pk}/run-previews/"


@pytest.fixture
def client(owner: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(owner)


@pytest.fixture
def order(release: Release) -> dict[str, object]:
    return {"release": release.pk, "stage": "reward", "start": {"preset": "tiny"}, "config": {"epochs": 1}}


def test_what_a_run_would_learn_is_ordered_polled_and_shown(
    client: APIClient, url: str, order: dict[str, object]
) -> None:
    answer = client.post(url, order)

    assert answer.status_code == 202, answer.json()
    row = answer.json()
    assert (row["state"], row["stage"], row["found"]) == ("queued", "reward", None)
    job = durable.start(RunPreview, row["id"], now=NOW)
    assert job is not None
    first = client.get(f"{url}{row['id']}/")
    assert client.get(f"{url}{row['id']}/", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    durable.finish(job, now=NOW, found=FOUND)
    shown = client.get(f"{url}{row['id']}/", HTTP_IF_NONE_MATCH=first["ETag"]).json()
    assert (shown["state"], shown["found"]) == ("done", FOUND)
    assert TrainingRun.objects.count() == 0


@guards("POST /api/projects/{project}/run-previews/", "GET /api/projects/{project}/run-previews/{pk}/")
def test_who_may_do_what(statuses: Callable[..., dict[str, int]], url: str, order: dict[str, object]) -> None:
    assert statuses("post", url, order) == expected(202)
    row = RunPreview.objects.order_by("pk")[0]
    assert statuses("get", f"{url}{row.pk}/") == expected(200)


def test_a_preview_of_another_project_is_not_found(
    client: APIClient, url: str, order: dict[str, object], outsider: User
) -> None:
    row = client.post(url, order).json()
    elsewhere = Project.objects.get(name="Elsewhere")

    assert client.get(f"/api/projects/{elsewhere.pk}/run-previews/{row['id']}/").status_code == 404
    assert client.post(f"/api/projects/{elsewhere.pk}/run-previews/", order).status_code in (400, 404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stage": "magic"}, "stage"),
        ({"release": 10**12}, "release"),
        ({"start": {"preset": "huge"}}, "start"),
        ({"config": {"max_length": 1}}, "config.max_length"),
    ],
)
def test_an_impossible_order_is_refused_as_that_of_a_run(
    client: APIClient, url: str, order: dict[str, object], change: dict[str, object], field: str
) -> None:
    answer = client.post(url, {**order, **change})

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert RunPreview.objects.count() == 0


def test_both_queues_are_told_as_one_may_be_training(
    client: APIClient,
    url: str,
    order: dict[str, object],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        row = client.post(url, order).json()

    for queue in ("default", "training"):
        # Other tests leave messages too.
        while (message := next_message(queue)).headers["task"] != "annotation.registry.jobs.preview_run":
            pass
        assert message.payload[1] == {"preview_id": row["id"]}


def next_message(queue: str) -> Any:
    with current_app.connection_or_acquire() as broker:
        message = broker.SimpleQueue(queue).get(block=True, timeout=10)
    message.ack()
    return message
