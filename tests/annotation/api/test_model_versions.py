"""Trained models and completion batches over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotation import durable
from annotation.exports.models import Release, ReleaseMember
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.registry.models import CompletionBatch, ModelVersion
from annotation.tasks.models import Prompt
from tests.annotation.api.test_runs import expected
from tests.factories import answer_task, make_demonstration_task, make_prompt
from tests.guards import guards
from tests.people import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/projects/{project.pk}/"


@pytest.fixture
def client(owner: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(owner)


@pytest.fixture
def model(make_model: Callable[..., ModelVersion]) -> ModelVersion:
    return make_model()


@pytest.fixture
def prompt(project: Project) -> Prompt:
    return make_prompt(project)


@pytest.fixture
def order(ranking_protocol: Protocol, prompt: Prompt) -> dict[str, object]:
    return {"protocol": ranking_protocol.pk, "prompts": {"ids": [prompt.pk]}, "n": 3, "seed": 7}


def test_a_model_is_listed_and_shown_with_what_it_was_made_from(
    client: APIClient,
    url: str,
    model: ModelVersion,
    release: Release,
    demonstration_protocol: Protocol,
    annotator: User,
    reviewer: User,
) -> None:
    for question, person in (("One?", annotator), ("Two?", annotator), ("Three?", reviewer)):
        answer = answer_task(make_demonstration_task(demonstration_protocol, question), person)
        ReleaseMember.objects.create(release=release, answer_revision=answer.revisions.get(), split="train")
    (listed,) = client.get(f"{url}models/").json()["results"]
    assert listed == {
        "id": model.pk,
        "name": "sft-1",
        "stage": "sft",
        "deployable": True,
        "waits_for_people": False,
        "is_filter": False,
        "metrics": {"test": {"loss": 2.5}},
        "card": model.card,
        "sha256": model.sha256,
        "bytes": model.files[0]["bytes"],
        "run": {"id": model.run_id},
        "release": {"id": release.pk, "name": "First", "digest_sha256": "d" * 64},
        "created_at": "2026-11-23T12:00:00Z",
        "stale_at": None,
        "withdrawn": [],
    }
    shown = client.get(f"{url}models/{model.pk}/").json()
    assert shown == {**listed, "lineage": {"revisions": 3, "people": 2}}


def test_an_order_is_queued_and_shown(
    client: APIClient, url: str, model: ModelVersion, order: dict[str, object], ranking_protocol: Protocol
) -> None:
    answer = client.post(f"{url}models/{model.pk}/completions/", order)
    assert answer.status_code == 202, answer.json()
    batch = answer.json()
    assert {name: batch[name] for name in ("state", "n", "prompts", "model", "counts", "progress_done")} == {
        "state": "queued",
        "n": 3,
        "prompts": 1,
        "model": {"id": model.pk, "name": "sft-1"},
        "counts": {"completions": 0, "tasks": 0, "duplicates": 0, "empty": 0, "too_few": 0},
        "progress_done": 0,
    }
    assert batch["sampling"]["seed"] == 7
    assert client.get(f"{url}completion-batches/{batch['id']}/").json() == batch
    assert client.get(f"{url}completion-batches/").json()["results"] == [batch]


@guards(
    "GET /api/projects/{project}/models/",
    "GET /api/projects/{project}/models/{pk}/",
    "POST /api/projects/{project}/models/{pk}/completions/",
    "GET /api/projects/{project}/completion-batches/",
    "GET /api/projects/{project}/completion-batches/{pk}/",
    "POST /api/projects/{project}/completion-batches/{pk}/cancel/",
    "POST /api/projects/{project}/completion-batches/{pk}/retry/",
)
def test_who_may_do_what(
    statuses: Callable[..., dict[str, int]], url: str, model: ModelVersion, order: dict[str, object], owner: User
) -> None:
    assert statuses("get", f"{url}models/") == expected(200)
    assert statuses("get", f"{url}models/{model.pk}/") == expected(200)
    assert statuses("post", f"{url}models/{model.pk}/completions/", order) == expected(202)
    batch = CompletionBatch.objects.order_by("pk")[0]
    one = f"{url}completion-batches/{batch.pk}/"
    assert statuses("get", f"{url}completion-batches/") == expected(200)
    assert statuses("get", one) == expected(200)
    assert statuses("post", f"{one}cancel/") == expected(409) | {"owner": 200}
    assert statuses("post", f"{one}retry/") == expected(409) | {"owner": 202}


def test_what_belongs_to_another_project_is_not_found(client: APIClient, model: ModelVersion, outsider: User) -> None:
    elsewhere = f"/api/projects/{Project.objects.get(name='Elsewhere').pk}/"
    assert client.get(f"{elsewhere}models/{model.pk}/").status_code == 404
    assert client.post(f"{elsewhere}models/{model.pk}/completions/", {}).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"n": 1}, "n"),
        ({"n": 10}, "n"),
        ({"top_p": 0}, "top_p"),
        ({"temperature": "hot"}, "temperature"),
        ({"protocol": 10**12}, "protocol"),
        ({"protocol": 10**30}, "protocol"),
        ({"prompts": {"ids": [10**12]}}, "prompts.ids"),
        ({"prompts": {"ids": [10**30]}}, "prompts.ids"),
        ({"prompts": {"ids": []}}, "prompts.ids"),
        ({"prompts": {"limit": 10**30}}, "prompts.limit"),
        ({"prompts": {"ids": None}}, "prompts.ids"),
        ({"seed": 10**30}, "seed"),
        ({"prompts": {"limit": 0}}, "prompts.limit"),
        ({"prompts": {"limit": 1, "split": "all"}}, "prompts.split"),
        ({"prompts": {}}, "prompts.limit"),
    ],
)
def test_an_impossible_order_is_refused_by_field(
    client: APIClient, url: str, model: ModelVersion, order: dict[str, object], change: dict[str, object], field: str
) -> None:
    answer = client.post(f"{url}models/{model.pk}/completions/", {**order, **change})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert CompletionBatch.objects.count() == 0


def test_a_reward_model_writes_nothing(
    client: APIClient, url: str, make_model: Callable[..., ModelVersion], order: dict[str, object]
) -> None:
    answer = client.post(f"{url}models/{make_model('reward').pk}/completions/", order)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["model"]


def test_polling_a_batch_is_answered_without_a_body_until_something_changes(
    client: APIClient, url: str, model: ModelVersion, order: dict[str, object]
) -> None:
    batch = client.post(f"{url}models/{model.pk}/completions/", order).json()
    path = f"{url}completion-batches/{batch['id']}/"
    first = client.get(path)
    assert client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    row = durable.start(CompletionBatch, batch["id"], now=NOW)
    assert row is not None
    durable.beat(row, now=NOW, progress_done=1)
    changed = client.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (changed.status_code, changed.json()["progress_done"]) == (200, 1)


def test_lists_cost_as_many_queries_for_many_as_for_one(
    client: APIClient, url: str, make_model: Callable[..., ModelVersion], order: dict[str, object]
) -> None:
    costs = []
    for _ in range(2):
        client.post(f"{url}models/{make_model().pk}/completions/", order)
        for path in ("models/", "completion-batches/"):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url + path).status_code == 200
            costs.append(len(captured))
    assert costs[:2] == costs[2:]
    assert max(costs) <= 6
