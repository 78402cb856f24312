"""A foundation model's playground over HTTP: who may, what is refused, and polling that costs little."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotation import durable
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry.models import Continuation, ModelVersion
from tests.annotation.api.test_runs import expected
from tests.guards import guards
from tests.people import NOW

pytestmark = pytest.mark.django_db

ORDER = {"prompt": '"You must decide for yourself," said Elizabeth ', "max_new_tokens": 50, "seed": 3}


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/projects/{project.pk}/"


@pytest.fixture
def client(owner: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(owner)


@pytest.fixture
def model(make_model: Callable[..., ModelVersion]) -> ModelVersion:
    return make_model("pretrain")


def test_a_text_is_queued_and_shown_letter_for_letter(
    client: APIClient, url: str, model: ModelVersion, owner: User
) -> None:
    answer = client.post(f"{url}models/{model.pk}/continuations/", ORDER)

    assert answer.status_code == 202, answer.json()
    assert answer.json() == {
        "id": answer.json()["id"],
        "model": {"id": model.pk, "name": "pretrain-1"},
        "state": "queued",
        "prompt": ORDER["prompt"],
        "sampling": {"temperature": 0.8, "top_p": 1.0, "max_new_tokens": 50, "seed": 3},
        "text": "",
        "progress_done": 0,
        "progress_total": 0,
        "error": "",
        "created_at": answer.json()["created_at"],
        "finished_at": None,
        "created_by": {"id": owner.pk, "name": owner.name},
    }
    assert client.get(f"{url}continuations/{answer.json()['id']}/").json() == answer.json()
    assert client.get(f"{url}models/{model.pk}/continuations/").json()["results"] == [answer.json()]


@guards(
    "GET /api/projects/{project}/models/{pk}/continuations/",
    "POST /api/projects/{project}/models/{pk}/continuations/",
    "GET /api/projects/{project}/continuations/{pk}/",
    "POST /api/projects/{project}/continuations/{pk}/cancel/",
)
def test_who_may_do_what(statuses: Callable[..., dict[str, int]], url: str, model: ModelVersion) -> None:
    assert statuses("post", f"{url}models/{model.pk}/continuations/", ORDER) == expected(202)
    row = Continuation.objects.order_by("pk")[0]
    assert statuses("get", f"{url}models/{model.pk}/continuations/") == expected(200)
    assert statuses("get", f"{url}continuations/{row.pk}/") == expected(200)
    assert statuses("post", f"{url}continuations/{row.pk}/cancel/") == expected(409) | {"owner": 200}


def test_what_belongs_to_another_project_is_not_found(
    client: APIClient, url: str, model: ModelVersion, outsider: User
) -> None:
    row = client.post(f"{url}models/{model.pk}/continuations/", ORDER).json()
    elsewhere = f"/api/projects/{Project.objects.get(name='Elsewhere').pk}/"

    assert client.post(f"{elsewhere}models/{model.pk}/continuations/", ORDER).status_code == 404
    assert client.get(f"{elsewhere}continuations/{row['id']}/").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prompt": "  "}, "prompt"),
        ({"prompt": "a" * 10_001}, "prompt"),
        ({"temperature": -1}, "temperature"),
        ({"max_new_tokens": 10**9}, "max_new_tokens"),
        ({"seed": 10**30}, "seed"),
    ],
)
def test_an_impossible_order_is_refused_by_field(
    client: APIClient, url: str, model: ModelVersion, change: dict[str, object], field: str
) -> None:
    answer = client.post(f"{url}models/{model.pk}/continuations/", {**ORDER, **change})

    assert answer.status_code == 400
    assert field in str(answer.json())
    assert Continuation.objects.count() == 0


def test_only_a_foundation_model_goes_on_from_a_text(
    client: APIClient, url: str, make_model: Callable[..., ModelVersion]
) -> None:
    answer = client.post(f"{url}models/{make_model('sft').pk}/continuations/", ORDER)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["model"]


def test_polling_is_answered_without_a_body_until_something_changes(
    client: APIClient, url: str, model: ModelVersion
) -> None:
    row = client.post(f"{url}models/{model.pk}/continuations/", ORDER).json()
    path = f"{url}continuations/{row['id']}/"
    first = client.get(path)

    assert client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    job = durable.start(Continuation, row["id"], now=NOW)
    assert job is not None
    durable.finish(job, now=NOW, text=" warmly.")
    assert client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).json()["text"] == " warmly."


def test_a_list_costs_as_many_queries_for_many_as_for_one(client: APIClient, url: str, model: ModelVersion) -> None:
    costs = []
    for _ in range(2):
        client.post(f"{url}models/{model.pk}/continuations/", ORDER)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{url}models/{model.pk}/continuations/").status_code == 200
        costs.append(len(captured))

    assert costs[0] == costs[1] <= 7
