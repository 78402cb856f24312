"""Views of a release over HTTP: formats, asking, watching, downloading."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from annotation.exports import actions, building
from annotation.exports.models import Release, ReleaseView
from annotation.exports.views import VIEWS
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from tests.annotation.api.test_releases import MAY_READ, MAY_WRITE, at, body, expected
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.guards import guards
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]
Statuses = Callable[..., dict[str, int]]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def release(project: Project, owner: User, ranking_protocol: Protocol, demonstration_protocol: Protocol) -> Release:
    answer_task(make_demonstration_task(demonstration_protocol), owner)
    answer_task(make_ranking_task(ranking_protocol, "Name a tree."), owner)
    row = actions.request_release(project=project, name="Spring 1", selection={}, actor=owner, now=NOW)
    actions.freeze(release_id=row.pk)
    row.refresh_from_db()
    return row


@pytest.fixture
def waiting(release: Release, owner: User) -> ReleaseView:
    return building.request_view(release=release, format="trl_preference", options={}, actor=owner, now=NOW)


@pytest.fixture
def view(waiting: ReleaseView) -> ReleaseView:
    building.build(view_id=waiting.pk)
    waiting.refresh_from_db()
    return waiting


def test_every_format_says_what_can_be_chosen_and_what_it_loses(annotator: User, client_of: ClientOf) -> None:
    listed = client_of(annotator).get("/api/view-formats/").json()
    assert [format["id"] for format in listed] == list(VIEWS)
    preference = next(format for format in listed if format["id"] == "trl_preference")
    assert "ties" in preference["loses"][0]
    options = {option["name"]: option for option in preference["options"]}
    assert options["container"]["choices"] == ["jsonl", "parquet"]
    assert options["pairs"]["default"] == "all"
    assert options["minimum_margin"]["type"] == "integer"


def test_a_researcher_asks_for_a_view_and_downloads_it(
    release: Release,
    project: Project,
    researcher: User,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client = client_of(researcher)
    with django_capture_on_commit_callbacks() as promised:
        asked = client.post(
            at(project, release.pk, "views"), {"format": "trl_preference", "options": {"pairs": "adjacent"}}
        )
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    assert asked.json()["options"]["pairs"] == "adjacent"
    assert len(promised) == 1

    building.build(view_id=asked.json()["id"])
    shown = client.get(at(project, release.pk, "views", asked.json()["id"])).json()
    assert (shown["state"], shown["created_by"]["id"]) == ("done", researcher.pk)
    assert sum(shown["counts"]["rows"].values()) == 2
    assert shown["loses"] == list(VIEWS["trl_preference"].loses)
    [entry] = shown["files"]
    home = at(project, release.pk, "views", shown["id"])
    response = client.get(f"{home}files/{entry['path']}")
    lines = body(response).splitlines()
    assert [set(json.loads(line)) for line in lines] == [{"prompt", "chosen", "rejected"}] * entry["rows"]
    name = f"spring-1-trl_preference-{entry['path']}"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Type"] == "application/jsonl"
    assert client.get(f"{home}manifest/").json()["release_sha256"] == release.digest_sha256
    assert [row["id"] for row in client.get(at(project, release.pk, "views")).json()] == [shown["id"]]


def test_the_same_choices_are_written_once(
    view: ReleaseView, release: Release, project: Project, owner: User, client_of: ClientOf
) -> None:
    again = client_of(owner).post(at(project, release.pk, "views"), {"format": view.format, "options": {}})
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (202, view.pk, "done")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "format"),
        ({"format": "trl_ppo"}, "format"),
        ({"format": "trl_sft", "options": []}, "options"),
        ({"format": "trl_sft", "options": {"pairs": "all"}}, "options.pairs"),
        ({"format": "trl_preference", "options": {"pairs": "most"}}, "options.pairs"),
        ({"format": "trl_sft", "options": {"container": "parquet", "compression": "gz"}}, "options.compression"),
    ],
)
def test_a_view_that_cannot_be_is_refused_by_name(
    release: Release, project: Project, owner: User, client_of: ClientOf, sent: Any, field: str
) -> None:
    answer = client_of(owner).post(at(project, release.pk, "views"), sent)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not ReleaseView.objects.exists()


def test_what_is_not_written_has_no_files(
    waiting: ReleaseView, release: Release, project: Project, owner: User, client_of: ClientOf
) -> None:
    home = at(project, release.pk, "views", waiting.pk)
    for path in ("manifest/", "files/train.jsonl"):
        answer = client_of(owner).get(home + path)
        assert (answer.status_code, answer.json()["code"]) == (409, "view_not_written")


def test_what_is_not_frozen_has_no_views(release: Release, project: Project, owner: User, client_of: ClientOf) -> None:
    later = actions.request_release(project=project, name="Later", selection={}, actor=owner, now=NOW)
    answer = client_of(owner).post(at(project, later.pk, "views"), {"format": "trl_sft"})
    assert (answer.status_code, answer.json()["code"]) == (409, "release_not_frozen")


@pytest.mark.parametrize("path", ["all.jsonl", "../../train/rankings.jsonl", "manifest.json", "%2e%2e/%2e%2e/secret"])
def test_no_path_leaves_the_view(
    view: ReleaseView, release: Release, project: Project, owner: User, client_of: ClientOf, path: str
) -> None:
    home = at(project, release.pk, "views", view.pk)
    assert client_of(owner).get(f"{home}files/{path}").status_code == 404


def test_files_that_are_gone_are_said_to_be_and_written_again(
    view: ReleaseView, release: Release, project: Project, owner: User, client_of: ClientOf, media: Path
) -> None:
    [entry] = view.manifest["files"]
    (media / building.place_of(view) / entry["path"]).unlink()
    home = at(project, release.pk, "views")
    answer = client_of(owner).get(f"{home}{view.pk}/files/{entry['path']}")
    assert (answer.status_code, answer.json()["code"]) == (410, "files_gone")
    again = client_of(owner).post(home, {"format": view.format}).json()
    assert again["state"] == "queued"
    building.build(view_id=again["id"])
    assert client_of(owner).get(f"{home}{again['id']}/files/{entry['path']}").status_code == 200


def test_a_view_is_found_under_its_own_release_alone(
    view: ReleaseView, project: Project, owner: User, outsider: User, client_of: ClientOf
) -> None:
    other = actions.request_release(project=project, name="Later", selection={}, actor=owner, now=NOW)
    assert client_of(owner).get(at(project, other.pk, "views", view.pk)).status_code == 404
    elsewhere = Project.objects.get(memberships__user=outsider)
    assert client_of(outsider).get(at(elsewhere, view.release_id, "views", view.pk)).status_code == 404


def test_a_list_costs_the_same_however_long(
    view: ReleaseView,
    release: Release,
    project: Project,
    owner: User,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_of(owner)
    client.get(at(project, release.pk, "views"))
    for margin in (2, 3, 4):
        options = {"minimum_margin": margin}
        building.request_view(release=release, format="trl_preference", options=options, actor=owner, now=NOW)
    # Session, person, project, release with its tags and what was withdrawn from it, views.
    with django_assert_num_queries(7):
        assert len(client.get(at(project, release.pk, "views")).json()) == 4


@guards("GET /api/view-formats/")
def test_who_sees_the_formats(project: Project, statuses: Statuses) -> None:
    found = statuses("get", "/api/view-formats/")
    assert found == {who: 401 if who == "anonymous" else 200 for who in found}


@guards(
    "GET /api/projects/{project}/releases/{pk}/views/",
    "GET /api/projects/{project}/releases/{pk}/views/{view}/",
    "GET /api/projects/{project}/releases/{pk}/views/{view}/manifest/",
    "GET /api/projects/{project}/releases/{pk}/views/{view}/files/{path}",
)
@pytest.mark.parametrize("path", ["", "{view}/", "{view}/manifest/", "{view}/files/{file}"])
def test_who_reads(view: ReleaseView, release: Release, project: Project, statuses: Statuses, path: str) -> None:
    file = view.manifest["files"][0]["path"]
    found = statuses("get", at(project, release.pk, "views") + path.format(view=view.pk, file=file))
    assert found == expected(found, MAY_READ, 200)


@guards("POST /api/projects/{project}/releases/{pk}/views/")
def test_who_asks_for_a_view(release: Release, project: Project, statuses: Statuses) -> None:
    found = statuses("post", at(project, release.pk, "views"), {"format": "trl_sft"})
    assert found == expected(found, MAY_WRITE, 202)


@guards("POST /api/projects/{project}/releases/{pk}/views/{view}/cancel/")
def test_who_cancels(waiting: ReleaseView, release: Release, project: Project, statuses: Statuses) -> None:
    found = statuses("post", at(project, release.pk, "views", waiting.pk, "cancel"))
    # A second time there is nothing left to cancel.
    assert found == expected(found, MAY_WRITE, 409) | {"owner": 200}
