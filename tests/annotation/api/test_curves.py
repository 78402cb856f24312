"""Learning curves over HTTP: who may, what is refused, and what is shown while they grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation import durable
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry.models import LearningCurve, TrainingRun
from tests.annotation.api.test_runs import expected
from tests.guards import guards
from tests.people import NOW

pytestmark = pytest.mark.django_db

POINT = {"share": 0.125, "judgements": 5, "value": 0.6, "error": 0.1, "runs": 1}
FOUND = {"measure": "accuracy", "better": "higher", "points": [POINT], "fit": None, "forecast": None}
TRAINED = {"share": 0.125, "seed": 0, "judgements": 5, "value": 0.6, "low": 0.4, "high": 0.8}


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/projects/{project.pk}/learning-curves/"


@pytest.fixture
def client(owner: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(owner)


@pytest.fixture
def order(release: Release) -> dict[str, Any]:
    return {"release": release.pk, "stage": "reward", "start": {"preset": "tiny"}, "config": {"epochs": 1}, "seeds": 2}


def test_a_curve_is_ordered_grows_is_cancelled_and_goes_on(
    client: APIClient, url: str, order: dict[str, Any], release: Release
) -> None:
    row = client.post(url, order).json()
    assert (row["state"], row["seeds"], row["progress_total"], row["found"]) == ("queued", 2, 8, None)
    job = durable.start(LearningCurve, row["id"], now=NOW)
    assert job is not None
    durable.beat(job, now=NOW, found={**FOUND, "trained": [TRAINED]}, progress_done=1)
    first = client.get(f"{url}{row['id']}/")
    assert (first.json()["found"], first.json()["progress_done"]) == (FOUND, 1)
    assert client.get(f"{url}{row['id']}/", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304

    assert client.post(f"{url}{row['id']}/cancel/").json()["state"] == "cancelled"
    assert client.post(f"{url}{row['id']}/retry/").json()["state"] == "queued"
    assert LearningCurve.objects.get().found["trained"] == [TRAINED]
    assert [one["id"] for one in client.get(f"{url}?release={release.pk}").json()["results"]] == [row["id"]]
    assert client.get(f"{url}?release={release.pk + 1}").json()["results"] == []
    assert TrainingRun.objects.count() == 0


@guards(
    "POST /api/projects/{project}/learning-curves/",
    "GET /api/projects/{project}/learning-curves/",
    "GET /api/projects/{project}/learning-curves/{pk}/",
    "POST /api/projects/{project}/learning-curves/{pk}/cancel/",
    "POST /api/projects/{project}/learning-curves/{pk}/retry/",
)
def test_who_may_do_what(statuses: Callable[..., dict[str, int]], url: str, order: dict[str, Any]) -> None:
    assert statuses("post", url, order) == expected(202)
    row = LearningCurve.objects.order_by("pk")[0]
    assert statuses("get", url) == expected(200)
    assert statuses("get", f"{url}{row.pk}/") == expected(200)
    assert set(statuses("post", f"{url}{row.pk}/cancel/").values()) == {200, 401, 403, 404, 409}
    assert set(statuses("post", f"{url}{row.pk}/retry/").values()) == {202, 401, 403, 404, 409}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stage": "pretrain"}, "stage"),
        ({"seeds": 0}, "seeds"),
        ({"seeds": 6}, "seeds"),
        ({"release": 10**12}, "release"),
        ({"config": {"max_length": 1}}, "config.max_length"),
        ({"judge": 1}, "judge"),
    ],
)
def test_an_impossible_order_is_refused_by_field(
    client: APIClient, url: str, order: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    answer = client.post(url, {**order, **change})

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert LearningCurve.objects.count() == 0


def test_a_release_with_nothing_to_measure_on_is_refused(
    client: APIClient, url: str, order: dict[str, Any], release: Release
) -> None:
    release.counts["rankings"]["test"] = 0
    release.save(update_fields=["counts"])
    (error,) = client.post(url, order).json()["errors"]
    assert (error["field"], "no rankings in its test split" in error["message"]) == ("release", True)
