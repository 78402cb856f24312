"""The road over HTTP: who sees it, who takes the next step, and how a walk is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry.models import TrainingRun
from annotation.road.models import Walk
from tests.annotation.api.test_runs import expected
from tests.guards import guards
from tests.people import NOW
from tests.runs import finish_run, order_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/projects/{project.pk}/road/"


@pytest.fixture
def walk(project: Project, owner: User) -> Walk:
    return Walk.objects.create(project=project, created_by=owner, created_at=NOW, looked_at=NOW)


def test_a_road_is_told_station_by_station(
    url: str, owner: User, client_of: Callable[[User], APIClient], release: Release, project: Project
) -> None:
    Release.objects.update(makeup={"answers": 0, "people": 0, "versions": []})
    model = finish_run(order_run(project, owner, release))
    client = client_of(owner)
    found = client.get(url)
    stands = {stand["station"]: stand for stand in found.json()["stands"]}
    assert list(stands) == ["pretrain", "sft", "reward", "rl", "moderation", "chat"]
    assert stands["reward"]["need"] == {"unit": "completions", "low": 100_000, "high": 1_000_000}
    assert (stands["sft"]["have"], stands["chat"]["have"]) == (0, None)
    assert stands["sft"]["model"] == {
        "id": model.pk, "name": "sft-1", "deployable": True, "created_at": NOW.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    assert stands["sft"]["headline"] == {"name": "loss", "value": 2.5, "low": None, "high": None, "before": None}
    assert stands["sft"]["step"] == {"do": "serve", "target": model.pk, "station": None, "is_order": True}
    assert stands["rl"]["first"] == ["reward"]
    assert stands["pretrain"]["step"]["do"] == "collect"
    assert found.json()["walk"] is None
    assert client.get(url, HTTP_IF_NONE_MATCH=found["ETag"]).status_code == 304

    step = {"do": "serve", "target": model.pk}
    assert client.post(f"{url}sft/step/", step).json() == {"jobs": []}
    again = client.post(f"{url}sft/step/", step)
    assert (again.status_code, again.json()["code"]) == (409, "step_changed")


def test_a_walk_is_told_with_its_runs(
    url: str, owner: User, client_of: Callable[[User], APIClient], project: Project, release: Release, walk: Walk
) -> None:
    Release.objects.update(makeup={"answers": 0, "people": 0, "versions": []})
    run = order_run(project, owner, release)
    Walk.objects.update(release=release, runs={"sft": run.pk})
    client = client_of(owner)
    told = client.get(url).json()["walk"]
    assert (told["state"], told["release"]["name"], told["release_state"]) == ("running", "First", "done")
    assert [(one["id"], one["stage"], one["state"]) for one in told["runs"]] == [(run.pk, "sft", "queued")]
    assert told["stages"] == ["pretrain", "sft", "reward", "rl", "moderation"]
    ended = client.post(f"/api/projects/{project.pk}/walks/{walk.pk}/cancel/").json()
    assert (ended["state"], TrainingRun.objects.get().state) == ("cancelled", "cancelled")


def test_a_walk_that_has_nothing_to_learn_from_is_refused(
    owner: User, client_of: Callable[[User], APIClient], project: Project
) -> None:
    refused = client_of(owner).post(f"/api/projects/{project.pk}/walks/")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_walk")
    assert "pretrain, sft, reward, moderation" in refused.json()["detail"]


@guards("GET /api/projects/{project}/road/")
def test_those_who_see_runs_see_the_road(url: str, statuses: Callable[..., dict[str, int]]) -> None:
    assert statuses("get", url) == expected(200)


@guards(
    "POST /api/projects/{project}/road/{station}/step/",
    "POST /api/projects/{project}/walks/",
    "POST /api/projects/{project}/walks/{walk}/cancel/",
)
def test_those_who_order_runs_walk_it(
    url: str, statuses: Callable[..., dict[str, int]], project: Project, walk: Walk
) -> None:
    assert statuses("post", f"{url}sft/step/", {"do": "freeze", "target": None}) == expected(409)
    assert statuses("post", f"/api/projects/{project.pk}/walks/") == expected(409)
    assert statuses("post", f"/api/projects/{project.pk}/walks/{walk.pk}/cancel/") == expected(200)
