"""Worklists of a reward model over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from annotation import durable
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry.models import ModelVersion, Worklist
from annotation.registry.worklists import Candidate, Opinion, open_worklist
from tests.annotation.api.test_runs import expected
from tests.factories import answer_task, make_completion, make_prompt
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
    return make_model("reward")


def test_a_worklist_is_ordered_and_tells_what_came_of_it(
    client: APIClient, url: str, model: ModelVersion, project: Project, reviewer: User
) -> None:
    answer = client.post(f"{url}models/{model.pk}/worklists/", {"kind": "relabel", "pairs": 5, "judges": 1})
    assert answer.status_code == 202, answer.json()
    row = answer.json()
    assert {name: row[name] for name in ("kind", "state", "pairs", "judges", "control_share", "counts")} == {
        "kind": "relabel",
        "state": "queued",
        "pairs": 5,
        "judges": 1,
        "control_share": 0.0,
        "counts": {"candidates": 0, "tasks": 0},
    }
    one = f"{url}worklists/{row['id']}/"
    assert client.get(one).json() == {**row, "arms": []}
    assert client.get(f"{url}models/{model.pk}/worklists/").json()["results"] == [row]
    prompt = make_prompt(project)
    pair = Candidate(prompt.pk, make_completion(prompt, "Yes.").pk, make_completion(prompt, "No.").pk)
    job = durable.start(Worklist, row["id"], now=NOW)
    assert job is not None
    open_worklist(worklist=job, opinions=[Opinion(pair, -2.0, 0.0)], now=NOW)
    answer_task(job.protocol.tasks.get(), reviewer, {"preferred": pair.second, "strength": 1})
    (arm,) = client.get(one).json()["arms"]
    assert (arm["name"], arm["tasks"], arm["done"], arm["sided"]["rate"]) == ("chosen", 1, 1, 1.0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pairs": 0}, "pairs"),
        ({"judges": 99}, "judges"),
        ({"control_share": 2}, "control_share"),
        ({"kind": "collect"}, "kind"),
    ],
)
def test_an_impossible_order_is_refused_by_field(
    client: APIClient, url: str, model: ModelVersion, change: dict[str, object], field: str
) -> None:
    answer = client.post(f"{url}models/{model.pk}/worklists/", {"kind": "relabel", **change})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert Worklist.objects.count() == 0


@guards(
    "POST /api/projects/{project}/models/{pk}/worklists/",
    "GET /api/projects/{project}/models/{pk}/worklists/",
    "GET /api/projects/{project}/worklists/{pk}/",
    "POST /api/projects/{project}/worklists/{pk}/cancel/",
    "POST /api/projects/{project}/worklists/{pk}/retry/",
)
def test_who_may_do_what(statuses: Callable[..., dict[str, int]], url: str, model: ModelVersion) -> None:
    path = f"{url}models/{model.pk}/worklists/"
    assert statuses("post", path, {"kind": "relabel"}) == expected(202)
    one = f"{url}worklists/{Worklist.objects.order_by('pk')[0].pk}/"
    assert statuses("get", path) == expected(200)
    assert statuses("get", one) == expected(200)
    assert statuses("post", f"{one}cancel/") == expected(409) | {"owner": 200}
    assert statuses("post", f"{one}retry/") == expected(409) | {"owner": 202}
