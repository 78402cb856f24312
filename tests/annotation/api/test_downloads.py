"""Files as people get them: whole, in parts, again, by link; logged each time, and nobody else's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from annotation.api import links
from annotation.exports import actions, parts
from annotation.exports.models import Release
from annotation.people import actions as people_actions
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.registry.models import Download, ModelVersion
from tests.factories import answer_task, make_ranking_task
from tests.guards import guards
from tests.people import NOW

ClientOf = Callable[[User | None], APIClient]
Statuses = Callable[..., dict[str, int]]

REMOTE = {"BACKEND": "tests.annotation.registry.remote.RemoteStorage"}


@pytest.fixture
def storage(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> None:
    """A disk; where a test asks for it, a storage without local paths."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    if getattr(request, "param", "disk") == "remote":
        settings.STORAGES = {**settings.STORAGES, "default": REMOTE}


everywhere = pytest.mark.parametrize("storage", ["disk", "remote"], indirect=True)


@pytest.fixture
def frozen(storage: None, project: Project, owner: User, ranking_protocol: Protocol) -> Release:
    answer_task(make_ranking_task(ranking_protocol, "Name a tree."), owner)
    row = actions.request_release(project=project, name="Spring 1", selection={}, actor=owner, now=NOW)
    actions.freeze(release_id=row.pk)
    row.refresh_from_db()
    return row


@pytest.fixture
def entry(frozen: Release) -> dict[str, Any]:
    return next(file for file in frozen.manifest["files"] if file["rows"])


@pytest.fixture
def content(frozen: Release, entry: dict[str, Any]) -> bytes:
    with default_storage.open(f"releases/{frozen.digest_sha256}/{entry['path']}") as stream:
        return bytes(stream.read())


@pytest.fixture
def address(frozen: Release, entry: dict[str, Any]) -> str:
    return f"/api/projects/{frozen.project_id}/releases/{frozen.pk}/files/{entry['path']}"


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@everywhere
def test_a_file_comes_whole_with_its_digest(
    address: str, content: bytes, entry: dict[str, Any], researcher: User, client_of: ClientOf
) -> None:
    answer = client_of(researcher).get(address, HTTP_ACCEPT="text/html")
    assert (answer.status_code, body(answer)) == (200, content)
    assert answer["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert (answer["Content-Length"], answer["Accept-Ranges"]) == (str(len(content)), "bytes")
    assert answer["Content-Disposition"].startswith('attachment; filename="spring-1-')
    assert client_of(researcher).get(address, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304


@everywhere
def test_a_broken_download_goes_on_where_it_stopped(
    address: str, content: bytes, researcher: User, client_of: ClientOf
) -> None:
    client = client_of(researcher)
    etag = client.get(address)["ETag"]
    rest = client.get(address, HTTP_RANGE="bytes=100-", HTTP_IF_RANGE=etag)
    assert (rest.status_code, body(rest)) == (206, content[100:])
    assert rest["Content-Range"] == f"bytes 100-{len(content) - 1}/{len(content)}"
    middle = client.get(address, HTTP_RANGE="bytes=10-19")
    assert (middle["Content-Length"], body(middle)) == ("10", content[10:20])
    other = client.get(address, HTTP_RANGE="bytes=100-", HTTP_IF_RANGE='"another"')
    assert (other.status_code, body(other)) == (200, content)


def test_a_range_past_the_end_is_refused_with_the_size(
    address: str, content: bytes, researcher: User, client_of: ClientOf
) -> None:
    answer = client_of(researcher).get(address, HTTP_RANGE=f"bytes={len(content)}-")
    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer["Content-Range"] == f"bytes */{len(content)}"


def test_a_head_says_what_a_get_would_send_and_is_not_logged(
    address: str, content: bytes, researcher: User, client_of: ClientOf
) -> None:
    answer = client_of(researcher).head(address)
    assert (answer.status_code, answer["Content-Length"], answer.content) == (200, str(len(content)), b"")
    assert not Download.objects.exists()


def test_pieces_are_small_however_large_the_file(
    address: str, content: bytes, researcher: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PIECE_BYTES", 64)
    pieces = list(client_of(researcher).get(address).streaming_content)
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) == 64


def test_every_download_is_logged(
    address: str,
    content: bytes,
    entry: dict[str, Any],
    frozen: Release,
    researcher: User,
    manager: User,
    client_of: ClientOf,
) -> None:
    client = client_of(researcher)
    client.get(address)
    client.get(address, HTTP_RANGE="bytes=7-9")
    client.get(address, HTTP_RANGE=f"bytes={len(content)}-")
    shown = client_of(manager).get(f"/api/projects/{frozen.project_id}/downloads/").json()["results"]
    for row in shown:
        assert (row["person"], row["path"]) == ({"id": researcher.pk, "name": researcher.name}, entry["path"])
        assert (row["release"]["id"], row["model"], row["size_bytes"]) == (frozen.pk, None, len(content))
    assert [(row["start_bytes"], row["sent_bytes"]) for row in shown] == [(7, 3), (0, len(content))]


def test_the_log_costs_the_same_for_many(
    address: str,
    frozen: Release,
    researcher: User,
    manager: User,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(3):
        client_of(researcher).get(address)
    client = client_of(manager)
    client.get(f"/api/projects/{frozen.project_id}/downloads/")
    with django_assert_num_queries(5):
        client.get(f"/api/projects/{frozen.project_id}/downloads/")


def test_a_link_needs_no_header(address: str, content: bytes, researcher: User, client_of: ClientOf) -> None:
    link = client_of(researcher).get("/api/download-links/", {"address": address})
    assert (link.status_code, link["Cache-Control"]) == (200, "no-store")
    parts = urlsplit(link.json()["address"])
    assert f"{parts.scheme}://{parts.netloc}" == "http://localhost:8000"
    answer = client_of(None).get(f"{parts.path}?{parts.query}", HTTP_RANGE="bytes=5-")
    assert (answer.status_code, body(answer)) == (206, content[5:])
    assert Download.objects.get().by_link
    assert Download.objects.get().person == researcher


def test_a_link_opens_that_file_alone_and_for_a_while(
    address: str, frozen: Release, researcher: User, client_of: ClientOf, settings: Settings
) -> None:
    made, _ = links.signed(address, "", researcher, timezone.now())
    query = urlsplit(made).query
    nobody = client_of(None)

    def asked(path: str, query: str) -> int:
        return int(nobody.get(f"{path}?{query}").status_code)

    assert asked(address, query) == 200
    others = [file["path"] for file in frozen.manifest["files"] if not address.endswith(file["path"])]
    assert {asked(address.partition("files/")[0] + f"files/{path}", query) for path in others} == {410}
    assert asked(address, f"{query}&page=2") == 410
    assert asked(address, query.replace(f"signature={researcher.pk}", f"signature={frozen.created_by_id}")) == 410
    assert asked(address, "signature=guessed") == asked(address, "signature=") == asked(address, "signature=%00") == 410
    assert asked(f"/api/projects/{frozen.project_id}/releases/", query) == 401
    settings.DOWNLOAD_LINK_HOURS = 0
    assert asked(address, query) == 410


@pytest.mark.parametrize("what", ["leaves", "is shut out", "changes the password"])
def test_a_link_ends_with_what_its_person_may(
    address: str, frozen: Release, researcher: User, owner: User, client_of: ClientOf, what: str
) -> None:
    made, _ = links.signed(address, "", researcher, timezone.now())
    if what == "leaves":
        frozen.project.memberships.filter(user=researcher).delete()
    elif what == "is shut out":
        people_actions.set_active(user=researcher, is_active=False, actor=owner)
    else:
        researcher.set_password("netherfield-1813")
        researcher.save()
    expected = 404 if what == "leaves" else 410
    assert client_of(None).get(made).status_code == expected


def test_the_query_is_part_of_what_is_signed(address: str, researcher: User, client_of: ClientOf) -> None:
    made, ends = links.signed(address, "b=2&a=1", researcher, NOW)
    assert ends == NOW + timedelta(hours=24)
    assert client_of(None).get(made.replace("b=2&a=1", "a=1&b=2")).status_code == 200
    assert client_of(None).get(made.replace("b=2", "b=3")).status_code == 410


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("", 400),
        ("train", 400),
        ("https://elsewhere.example/file", 400),
        ("http://[", 400),
        ("/api/" + "x" * 2_000, 400),
        ("/api/nowhere/", 404),
        ("/api/me/", 404),
        ("/api/projects/1/releases/1/files/nothing", 404),
    ],
)
def test_only_addresses_of_files_are_signed(researcher: User, client_of: ClientOf, asked: str, status: int) -> None:
    assert client_of(researcher).get("/api/download-links/", {"address": asked}).status_code == status


@everywhere
def test_a_file_of_another_length_is_not_sent(
    address: str, entry: dict[str, Any], frozen: Release, researcher: User, client_of: ClientOf
) -> None:
    name = f"releases/{frozen.digest_sha256}/{entry['path']}"
    default_storage.delete(name)
    gone = client_of(researcher).get(address)
    assert (gone.status_code, gone.json()["code"]) == (410, "files_gone")
    default_storage.save(name, ContentFile(b"short"))
    changed = client_of(researcher).get(address)
    assert (changed.status_code, "length" in changed.json()["detail"]) == (410, True)
    assert not Download.objects.exists()


def test_a_model_is_downloaded_file_by_file(
    make_model: Callable[..., ModelVersion], project: Project, researcher: User, client_of: ClientOf
) -> None:
    model = make_model()
    client, place = client_of(researcher), f"/api/projects/{project.pk}/models/{model.pk}/files/"
    listed = client.get(place).json()
    assert listed == model.files
    answer = client.get(f"{place}card.json")
    text = body(answer)
    assert hashlib.sha256(text).hexdigest() == listed[0]["sha256"]
    assert answer["Content-Disposition"] == 'attachment; filename="sft-1-card.json"'
    assert Download.objects.get().model == model
    assert client.get(f"{place}../secret").status_code == 404


def test_a_model_that_lists_no_files_is_read_from_storage(
    make_model: Callable[..., ModelVersion], project: Project, researcher: User, client_of: ClientOf
) -> None:
    model = make_model()
    known = model.files[0]
    ModelVersion.objects.update(files=[])
    client, place = client_of(researcher), f"/api/projects/{project.pk}/models/{model.pk}/files/"
    assert client.get(place).json() == [{**known, "sha256": ""}]
    assert len(body(client.get(f"{place}card.json"))) == known["bytes"]


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_a_file_goes_out(address: str, researcher: User, client_of: ClientOf) -> None:
    pieces = iter(client_of(researcher).get(address).streaming_content)
    assert connection.connection is not None
    next(pieces)
    assert connection.connection is None


@guards("GET /api/download-links/", "GET /api/projects/{project}/downloads/")
def test_who_gets_a_link_and_who_sees_the_log(address: str, project: Project, statuses: Statuses) -> None:
    asked = statuses("get", "/api/download-links/", {"address": address})
    assert list(asked.values()) == [200, 200, 200, 200, 403, 403, 404, 401]
    seen = statuses("get", f"/api/projects/{project.pk}/downloads/")
    assert list(seen.values()) == [200, 200, 403, 403, 403, 403, 404, 401]


@guards("GET /api/projects/{project}/models/{pk}/files/", "GET /api/projects/{project}/models/{pk}/files/{path}")
@pytest.mark.parametrize("path", ["", "card.json"])
def test_who_gets_a_models_files(
    make_model: Callable[..., ModelVersion], project: Project, statuses: Statuses, path: str
) -> None:
    found = statuses("get", f"/api/projects/{project.pk}/models/{make_model().pk}/files/{path}")
    assert list(found.values()) == [200, 200, 200, 403, 403, 403, 404, 401]
