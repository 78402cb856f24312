from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from annotation.exports import actions
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.guards import guards
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]
Statuses = Callable[..., dict[str, int]]

# Who meets which answer: those who may, those who see the project but not its releases, those who see nothing.
MAY_READ = {"owner", "manager", "researcher", "reviewer"}
MAY_WRITE = {"owner", "manager", "researcher"}


def expected(statuses: dict[str, int], may: set[str], ok: int) -> dict[str, int]:
    others = {"outsider": 404, "anonymous": 401}
    return {who: ok if who in may else others.get(who, 403) for who in statuses}


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def answered(project: Project, owner: User, ranking_protocol: Protocol, demonstration_protocol: Protocol) -> None:
    answer_task(make_demonstration_task(demonstration_protocol), owner)
    answer_task(make_ranking_task(ranking_protocol, "Name a tree."), owner)


@pytest.fixture
def release(answered: None, project: Project, owner: User) -> Release:
    row = actions.request_release(project=project, name="Spring 1", selection={}, actor=owner, now=NOW)
    actions.freeze(release_id=row.pk)
    row.refresh_from_db()
    return row


@pytest.fixture
def waiting(answered: None, project: Project, owner: User) -> Release:
    return actions.request_release(project=project, name="Later", selection={}, actor=owner, now=NOW)


def at(project: Project, *parts: object) -> str:
    return "/".join(["/api/projects", str(project.pk), "releases", *map(str, parts), ""])


def body(response: Any) -> bytes:
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


def test_a_researcher_freezes_a_release(
    answered: None,
    project: Project,
    researcher: User,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client = client_of(researcher)
    with django_capture_on_commit_callbacks() as promised:
        asked = client.post(at(project), {"name": "Spring", "selection": {"languages": [""]}})
    assert asked.status_code == 202
    assert (asked.json()["state"], asked.json()["selection"]) == ("queued", {"languages": [""]})
    assert len(promised) == 1

    actions.freeze(release_id=asked.json()["id"])
    shown = client.get(at(project, asked.json()["id"])).json()
    assert shown["state"] == "done"
    assert shown["frozen_at"] is not None
    assert shown["created_by"] == {"id": researcher.pk, "name": researcher.name}
    assert sum(shown["counts"]["rankings"].values()) == 1
    assert len(shown["files"]) == 9 + 1
    assert [row["name"] for row in client.get(at(project)).json()["results"]] == ["Spring"]
    assert client.get(at(project, shown["id"], "manifest")).json()["digest_sha256"] == shown["digest_sha256"]


def test_files_download_as_they_were_frozen(
    release: Release, project: Project, researcher: User, client_of: ClientOf
) -> None:
    client = client_of(researcher)
    for entry in release.manifest["files"]:
        response = client.get(at(project, release.pk, "files", entry["path"])[:-1])
        assert len(body(response)) == entry["bytes"]
        card = entry["path"] == "README.md"
        assert response["Content-Type"] == (
            "text/markdown; charset=utf-8" if card else "application/vnd.apache.parquet"
        )
        assert response["Content-Disposition"] == f'attachment; filename="spring-1-{entry["path"].replace("/", "-")}"'


def test_a_release_older_than_a_kind_is_shown_without_it(
    release: Release, project: Project, researcher: User, client_of: ClientOf
) -> None:
    del release.counts["judgements"]
    release.save()
    assert "judgements" not in client_of(researcher).get(at(project, release.pk)).json()["counts"]


@pytest.mark.parametrize(
    "path",
    [
        "../manifest.json",
        "train/../../../secret",
        "%2e%2e/%2e%2e/secret",
        "/etc/passwd",
        "train/demonstrations.parquet/",
        "train",
        "manifest.json",
        ".partial-1-1/release/train/demonstrations.parquet",
        "train%2Fdemonstrations.parquet%00",
    ],
)
def test_no_path_leaves_the_release(
    release: Release, project: Project, owner: User, client_of: ClientOf, media: Path, path: str
) -> None:
    (media / "secret").write_text("secret")
    response = client_of(owner).get(f"{at(project, release.pk)}files/{path}")
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("sent", "status", "code", "field"),
    [
        ({"name": "x", "selection": {"protocols": [0]}}, 400, "invalid_selection", "protocols"),
        ({"name": "x", "selection": {"kind": "ranking"}}, 400, "invalid_selection", "kind"),
        ({"name": "x", "selection": "all"}, 400, "invalid_selection", "selection"),
        ({"name": "x", "selection": {"languages": ["xx"]}}, 400, "empty_selection", "selection"),
        ({"selection": {}}, 400, "invalid", "name"),
        ({"name": " ", "selection": {}}, 400, "invalid", "name"),
        ({"name": "Later"}, 409, "name_taken", None),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_by_name(
    waiting: Release, project: Project, owner: User, client_of: ClientOf, sent: Any, status: int, code: str, field: str
) -> None:
    answer = client_of(owner).post(at(project), sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [error["field"] for error in answer.json().get("errors", [])] == ([field] if field else [])
    assert answer["Content-Type"] == "application/problem+json"


def test_a_preview_counts_without_freezing(
    answered: None, project: Project, researcher: User, client_of: ClientOf
) -> None:
    shown = client_of(researcher).post(at(project, "preview"), {"selection": {}}).json()
    assert {kind: sum(splits.values()) for kind, splits in shown["counts"].items()} == {
        "demonstrations": 1,
        "rankings": 1,
        "judgements": 0,
    }
    assert shown["left_out"] == {}
    assert not Release.objects.exists()


def test_what_is_not_frozen_has_no_files(waiting: Release, project: Project, owner: User, client_of: ClientOf) -> None:
    for path in ("manifest/", "files/train/rankings.parquet"):
        answer = client_of(owner).get(at(project, waiting.pk) + path)
        assert (answer.status_code, answer.json()["code"]) == (409, "release_not_frozen")


def test_files_that_are_gone_are_said_to_be(
    release: Release, project: Project, owner: User, client_of: ClientOf, media: Path
) -> None:
    (media / "releases" / release.digest_sha256 / "train" / "rankings.parquet").unlink()
    answer = client_of(owner).get(at(project, release.pk) + "files/train/rankings.parquet")
    assert (answer.status_code, answer.json()["code"]) == (410, "files_gone")


def test_a_release_of_another_project_is_not_found(release: Release, outsider: User, client_of: ClientOf) -> None:
    elsewhere = Project.objects.get(memberships__user=outsider)
    assert client_of(outsider).get(at(elsewhere, release.pk)).status_code == 404


@guards(
    "GET /api/projects/{project}/releases/",
    "GET /api/projects/{project}/releases/{pk}/",
    "GET /api/projects/{project}/releases/{pk}/manifest/",
    "GET /api/projects/{project}/releases/{pk}/files/{path}",
)
@pytest.mark.parametrize(
    "path",
    ["", "{pk}/", "{pk}/manifest/", "{pk}/files/train/rankings.parquet"],
)
def test_who_reads(release: Release, project: Project, statuses: Statuses, path: str) -> None:
    found = statuses("get", at(project) + path.format(pk=release.pk))
    assert found == expected(found, MAY_READ, 200)


@guards(
    "GET /api/projects/{project}/release-tags/",
    "GET /api/projects/{project}/release-tag-moves/",
    "GET /api/projects/{project}/releases/{pk}/difference/{other}/",
    "GET /api/projects/{project}/releases/{pk}/difference/{other}/lines/",
)
@pytest.mark.parametrize(
    "path",
    ["release-tags/", "release-tag-moves/", "releases/{pk}/difference/{pk}/", "releases/{pk}/difference/{pk}/lines/"],
)
def test_who_reads_what_became_of_releases(release: Release, project: Project, statuses: Statuses, path: str) -> None:
    found = statuses("get", f"/api/projects/{project.pk}/" + path.format(pk=release.pk))
    assert found == expected(found, MAY_READ, 200)


@guards(
    "PUT /api/projects/{project}/release-tags/{tag}/",
    "DELETE /api/projects/{project}/release-tags/{tag}/",
)
def test_who_tags(release: Release, project: Project, statuses: Statuses) -> None:
    address = f"/api/projects/{project.pk}/release-tags/latest/"
    found = statuses("put", address, {"release": release.pk})
    assert found == expected(found, MAY_WRITE, 200)
    found = statuses("delete", address)
    # A second time there is nothing left to take away.
    assert found == expected(found, MAY_WRITE, 404) | {"owner": 204}


def test_a_tag_is_put_moved_and_seen(
    release: Release, project: Project, owner: User, researcher: User, client_of: ClientOf
) -> None:
    client, tags = client_of(researcher), f"/api/projects/{project.pk}/release-tags/"
    put = client.put(f"{tags}paper-v1/", {"release": release.pk})
    assert (put.status_code, put.json()["release"]["name"]) == (200, "Spring 1")
    assert client.get(at(project, release.pk)).json()["tags"] == ["paper-v1"]
    assert [tag["name"] for tag in client.get(tags).json()] == ["paper-v1"]
    bad = client.put(f"{tags}Paper/", {"release": release.pk})
    assert (bad.status_code, bad.json()["code"], bad.json()["errors"][0]["field"]) == (400, "bad_tag", "tag")
    assert client.put(f"{tags}paper-v1/", {"release": release.pk + 1}).status_code == 404
    assert client.delete(f"{tags}paper-v1/").status_code == 204
    moved = client.get(f"/api/projects/{project.pk}/release-tag-moves/").json()["results"]
    assert [(move["release"] and move["release"]["id"], move["moved_by"]["name"]) for move in moved] == [
        (None, researcher.name),
        (release.pk, researcher.name),
    ]


def test_what_a_release_has_become_in_another(
    release: Release, project: Project, owner: User, ranking_protocol: Protocol, client_of: ClientOf
) -> None:
    row = actions.request_release(
        project=project, name="Spring 2", selection={"protocols": [ranking_protocol.pk]}, actor=owner, now=NOW
    )
    actions.freeze(release_id=row.pk)
    client = client_of(owner)
    shown = client.get(at(project, release.pk, "difference", row.pk)).json()
    assert (shown["old"]["name"], shown["new"]["name"], shown["kept"]) == ("Spring 1", "Spring 2", 1)
    assert shown["removed"] == {"total": 1, "reasons": {"other_protocol": 1}}
    (line,) = body(client.get(at(project, release.pk, "difference", row.pk, "lines"))).splitlines()
    assert (json.loads(line)["change"], json.loads(line)["reason"]) == ("removed", "other_protocol")


@guards("POST /api/projects/{project}/releases/preview/")
def test_who_previews(answered: None, project: Project, statuses: Statuses) -> None:
    found = statuses("post", at(project, "preview"), {"selection": {}})
    assert found == expected(found, MAY_WRITE, 200)


@guards("POST /api/projects/{project}/releases/")
def test_who_requests(answered: None, project: Project, statuses: Statuses) -> None:
    found = statuses("post", at(project), {"name": "Everybody's", "selection": {}})
    # The first one takes the name.
    assert found == expected(found, MAY_WRITE, 409) | {"owner": 202}


@guards("POST /api/projects/{project}/releases/{pk}/cancel/")
def test_who_cancels(waiting: Release, project: Project, statuses: Statuses) -> None:
    found = statuses("post", at(project, waiting.pk, "cancel"))
    # A second time there is nothing left to cancel.
    assert found == expected(found, MAY_WRITE, 409) | {"owner": 200}


@guards("POST /api/projects/{project}/releases/{pk}/retry/")
def test_who_tries_again(waiting: Release, project: Project, owner: User, statuses: Statuses) -> None:
    actions.cancel(release=waiting, actor=owner, now=NOW)
    found = statuses("post", at(project, waiting.pk, "retry"))
    assert found == expected(found, MAY_WRITE, 409) | {"owner": 202}


def test_a_list_costs_the_same_however_long(
    release: Release,
    project: Project,
    owner: User,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_of(owner)
    client.get(at(project))
    for number in range(5):
        actions.request_release(project=project, name=f"n{number}", selection={}, actor=owner, now=NOW)
    # Session, person, project, releases with their tags and what was withdrawn from them.
    with django_assert_num_queries(6):
        assert len(client.get(at(project)).json()["results"]) == 6


def test_an_unchanged_release_is_not_sent_again(
    release: Release, project: Project, owner: User, client_of: ClientOf
) -> None:
    client = client_of(owner)
    first = client.get(at(project, release.pk))
    again = client.get(at(project, release.pk), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
