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
    assert len(shown["files"]) == 9
    assert [row["name"] for row in client.get(at(project)).json()["results"]] == ["Spring"]
    assert client.get(at(project, shown["id"], "manifest")).json()["digest_sha256"] == shown["digest_sha256"]


def test_files_download_as_they_were_frozen(
    release: Release, project: Project, researcher: User, client_of: ClientOf
) -> None:
    client = client_of(researcher)
    for entry in release.manifest["files"]:
        response = client.get(at(project, release.pk, "files", entry["path"])[:-1])
        assert len(body(response)) == entry["bytes"]
        assert response["Content-Type"] == "application/jsonl"
        assert response["Content-Disposition"] == f'attachment; filename="spring-1-{entry["path"].replace("/", "-")}"'


def test_views_download_in_the_trainers_shape(
    release: Release, project: Project, researcher: User, client_of: ClientOf
) -> None:
    client = client_of(researcher)
    listed = {view["name"]: view for view in client.get(at(project, release.pk, "views")).json()}
    assert set(listed) == {"trl_sft", "trl_sft_prompt_completion", "trl_preference", "trl_reward_margin"}
    assert sum(listed["trl_preference"]["rows"].values()) == 3
    assert "ties" in listed["trl_preference"]["loses"][0]

    shapes: dict[str, set[str]] = {}
    for name, view in listed.items():
        for split, rows in view["rows"].items():
            lines = body(client.get(at(project, release.pk, "views", name, split))).splitlines()
            assert len(lines) == rows
            shapes[name] = shapes.get(name, set()).union(*map(json.loads, lines))
    assert shapes == {
        "trl_sft": {"messages"},
        "trl_sft_prompt_completion": {"prompt", "completion"},
        "trl_preference": {"prompt", "chosen", "rejected"},
        "trl_reward_margin": set(),
    }


def test_a_release_older_than_a_kind_or_view_is_shown_without_it(
    release: Release, project: Project, researcher: User, client_of: ClientOf
) -> None:
    del release.manifest["views"]["trl_reward_margin"], release.counts["judgements"]
    release.save()
    client = client_of(researcher)
    assert "judgements" not in client.get(at(project, release.pk)).json()["counts"]
    listed = [view["name"] for view in client.get(at(project, release.pk, "views")).json()]
    assert listed == ["trl_sft", "trl_sft_prompt_completion", "trl_preference"]


@pytest.mark.parametrize(
    "path",
    [
        "../manifest.json",
        "train/../../../secret",
        "%2e%2e/%2e%2e/secret",
        "/etc/passwd",
        "train/demonstrations.jsonl/",
        "train",
        "manifest.json",
        ".partial-1-1/release/train/demonstrations.jsonl",
        "train%2Fdemonstrations.jsonl%00",
    ],
)
def test_no_path_leaves_the_release(
    release: Release, project: Project, owner: User, client_of: ClientOf, media: Path, path: str
) -> None:
    (media / "secret").write_text("secret")
    response = client_of(owner).get(f"{at(project, release.pk)}files/{path}")
    assert response.status_code == 404


@pytest.mark.parametrize("path", ["views/trl_sft/all/", "views/trl_dpo/train/", "views/trl_sft/../train/"])
def test_an_unknown_view_or_split_is_not_found(
    release: Release, project: Project, owner: User, client_of: ClientOf, path: str
) -> None:
    assert client_of(owner).get(at(project, release.pk) + path).status_code == 404


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
    for path in ("manifest/", "views/", "files/train/rankings.jsonl", "views/trl_sft/train/"):
        answer = client_of(owner).get(at(project, waiting.pk) + path)
        assert (answer.status_code, answer.json()["code"]) == (409, "release_not_frozen")


def test_files_that_are_gone_are_said_to_be(
    release: Release, project: Project, owner: User, client_of: ClientOf, media: Path
) -> None:
    (media / "releases" / release.digest_sha256 / "train" / "rankings.jsonl").unlink()
    for path in ("files/train/rankings.jsonl", "views/trl_preference/train/"):
        answer = client_of(owner).get(at(project, release.pk) + path)
        assert (answer.status_code, answer.json()["code"]) == (410, "files_gone")


def test_a_release_of_another_project_is_not_found(release: Release, outsider: User, client_of: ClientOf) -> None:
    elsewhere = Project.objects.get(memberships__user=outsider)
    assert client_of(outsider).get(at(elsewhere, release.pk)).status_code == 404


@guards(
    "GET /api/projects/{project}/releases/",
    "GET /api/projects/{project}/releases/{pk}/",
    "GET /api/projects/{project}/releases/{pk}/manifest/",
    "GET /api/projects/{project}/releases/{pk}/files/{path}",
    "GET /api/projects/{project}/releases/{pk}/views/",
    "GET /api/projects/{project}/releases/{pk}/views/{view}/{split}/",
)
@pytest.mark.parametrize(
    "path",
    ["", "{pk}/", "{pk}/manifest/", "{pk}/files/train/rankings.jsonl", "{pk}/views/", "{pk}/views/trl_sft/train/"],
)
def test_who_reads(release: Release, project: Project, statuses: Statuses, path: str) -> None:
    found = statuses("get", at(project) + path.format(pk=release.pk))
    assert found == expected(found, MAY_READ, 200)


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
    # Session, person, project, releases.
    with django_assert_num_queries(4):
        assert len(client.get(at(project)).json()["results"]) == 6


def test_an_unchanged_release_is_not_sent_again(
    release: Release, project: Project, owner: User, client_of: ClientOf
) -> None:
    client = client_of(owner)
    first = client.get(at(project, release.pk))
    again = client.get(at(project, release.pk), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
