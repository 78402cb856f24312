"""Comparisons of models, the win rate and the rule that waits for it, over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotation import durable
from annotation.chat.actions import ChatNotReady, require_ready
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import deploying
from annotation.registry.models import ModelComparison, ModelVersion, Served
from tests.annotation.api.test_runs import expected
from tests.chatting import serve
from tests.comparing import hold_out, judge, open_all, refine
from tests.comparing import order as order_comparison
from tests.guards import guards
from tests.people import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(project: Project, owner: User, release: Release, annotator: User) -> ModelVersion:
    hold_out(release, annotator, [f"Question {number}?" for number in range(12)])
    return refine(project, owner, release)


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/projects/{project.pk}/"


@pytest.fixture
def client(owner: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(owner)


def test_a_comparison_is_ordered_shown_cancelled_and_goes_on(client: APIClient, url: str, model: ModelVersion) -> None:
    answer = client.post(f"{url}models/{model.pk}/comparisons/", {"prompts": 5, "judges": 3, "seed": 4})
    assert answer.status_code == 202, answer.json()
    row = answer.json()
    assert {name: row[name] for name in ("state", "prompts", "judges", "counts", "progress_total")} == {
        "state": "queued",
        "prompts": 5,
        "judges": 3,
        "counts": {"tasks": 0, "same": 0, "empty": 0},
        "progress_total": 10,
    }
    assert (row["model"]["name"], row["baseline"]["name"], row["sampling"]["seed"]) == ("dpo-1", "sft-1", 4)
    one = f"{url}comparisons/{row['id']}/"
    shown = client.get(one)
    assert shown.json() == row
    assert client.get(one, HTTP_IF_NONE_MATCH=shown["ETag"]).status_code == 304
    assert client.get(f"{url}models/{model.pk}/comparisons/").json()["results"] == [row]
    assert client.get(f"{url}models/{model.run.start_model_id}/comparisons/").json()["results"] == []
    assert client.post(f"{one}cancel/").json()["state"] == "cancelled"
    assert client.post(f"{one}retry/").json()["state"] == "queued"


def test_the_win_rate_grows_with_the_answers_and_costs_no_more(
    client: APIClient, url: str, model: ModelVersion, owner: User, annotator: User, reviewer: User
) -> None:
    path = f"{url}models/{model.pk}/win-rate/"
    nothing = client.get(path).json()
    assert (nothing["tasks"], nothing["people"]["overall"], nothing["baseline"]["name"]) == (0, None, "sft-1")
    assert (nothing["needed"], nothing["is_waiting"], nothing["reward"]["share"]) == (None, False, None)
    pairs = open_all(order_comparison(model, owner), rewards=[1.0] * 10)
    judge(pairs[0], annotator, 1)
    with CaptureQueriesContext(connection) as few:
        found = client.get(path).json()
    assert (found["tasks"], found["done"], found["people"]["overall"]["rate"]) == (10, 1, 1.0)
    assert (found["reward"]["share"], found["reward"]["agreement"]) == (1.0, 1.0)
    for pair in pairs[1:]:
        judge(pair, reviewer, 0.5)
    with CaptureQueriesContext(connection) as many:
        found = client.get(path).json()
    assert (found["done"], found["people"]["overall"]["rate"], found["people"]["ties"]) == (10, 0.55, 9)
    assert len(many) == len(few) <= 12
    before = client.get(f"{url}models/{model.run.start_model_id}/win-rate/").json()
    assert (before["baseline"], before["tasks"]) == (None, 0)


def test_what_has_to_be_won_is_set_and_the_model_page_says_that_it_waits(
    client: APIClient, url: str, model: ModelVersion
) -> None:
    assert client.get(f"{url}deploy-rule/").json() == {"needed_win_rate": None}
    assert client.put(f"{url}deploy-rule/", {"needed_win_rate": 0.5}).json() == {"needed_win_rate": 0.5}
    shown = client.get(f"{url}models/{model.pk}/").json()
    assert (shown["deployable"], shown["waits_for_people"]) == (False, True)
    rate = client.get(f"{url}models/{model.pk}/win-rate/").json()
    assert (rate["needed"], rate["is_waiting"]) == (0.5, True)
    for wrong in (1, -1, "much"):
        assert client.put(f"{url}deploy-rule/", {"needed_win_rate": wrong}).status_code == 400
    assert client.put(f"{url}deploy-rule/", {}).status_code == 400
    refused = client.post(f"{url}models/{model.pk}/serve/")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "model")


def test_a_served_model_that_has_to_wait_is_talked_to_no_more(
    client: APIClient, url: str, model: ModelVersion, project: Project, owner: User
) -> None:
    served = serve(project, owner, model)
    deploying.set_rule(project=project, actor=owner, needed_win_rate=0.5, now=NOW)
    served = Served.objects.select_related("model").get(pk=served.pk)
    assert not served.can_chat
    with pytest.raises(ChatNotReady, match="waits for people"):
        require_ready(project, served)
    asked = {"model": served.name, "messages": [{"role": "user", "content": "Hello"}]}
    refused = client.post("/v1/chat/completions", asked)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "not_deployable")
    assert "find it better than the model before it" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prompts": 0}, "prompts"),
        ({"prompts": 10**30}, "prompts"),
        ({"judges": 0}, "judges"),
        ({"temperature": -1}, "temperature"),
        ({"seed": 10**30}, "seed"),
    ],
)
def test_an_impossible_order_is_refused_by_field(
    client: APIClient, url: str, model: ModelVersion, change: dict[str, object], field: str
) -> None:
    answer = client.post(f"{url}models/{model.pk}/comparisons/", change)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert ModelComparison.objects.count() == 0


@guards(
    "POST /api/projects/{project}/models/{pk}/comparisons/",
    "GET /api/projects/{project}/models/{pk}/comparisons/",
    "GET /api/projects/{project}/models/{pk}/win-rate/",
    "GET /api/projects/{project}/comparisons/{pk}/",
    "POST /api/projects/{project}/comparisons/{pk}/cancel/",
    "POST /api/projects/{project}/comparisons/{pk}/retry/",
    "GET /api/projects/{project}/deploy-rule/",
    "PUT /api/projects/{project}/deploy-rule/",
)
def test_who_may_do_what(
    statuses: Callable[..., dict[str, int]], url: str, model: ModelVersion, owner: User, project: Project
) -> None:
    of_model = f"{url}models/{model.pk}/"
    assert statuses("post", f"{of_model}comparisons/", {"prompts": 1}) == expected(202)
    one = f"{url}comparisons/{ModelComparison.objects.order_by('pk')[0].pk}/"
    for path in (f"{of_model}comparisons/", f"{of_model}win-rate/", one, f"{url}deploy-rule/"):
        assert statuses("get", path) == expected(200)
    assert statuses("post", f"{one}cancel/") == expected(409) | {"owner": 200}
    assert statuses("post", f"{one}retry/") == expected(409) | {"owner": 202}
    assert statuses("put", f"{url}deploy-rule/", {"needed_win_rate": 0.6}) == expected(200) | {"researcher": 403}
    assert deploying.needed_in(project.pk) == 0.6


def test_a_comparison_of_another_project_is_not_found(
    client: APIClient, model: ModelVersion, owner: User, outsider: User
) -> None:
    row = order_comparison(model, owner)
    elsewhere = f"/api/projects/{Project.objects.get(name='Elsewhere').pk}/"
    assert client.get(f"{elsewhere}comparisons/{row.pk}/").status_code == 404
    assert client.get(f"{elsewhere}models/{model.pk}/win-rate/").status_code == 404
    assert durable.start(ModelComparison, row.pk, now=NOW) is not None
