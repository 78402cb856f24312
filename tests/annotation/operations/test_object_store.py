"""The files of a site in a bucket of a real server, which S3_TEST_URL, S3_TEST_KEY and S3_TEST_SECRET name.

`tests/swift FOLDER PORT` starts one; `pytest -m bucket` then runs what needs it.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from django.conf import settings as site
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from annotation import environment
from annotation.exports import actions, building
from annotation.exports.models import Release
from annotation.exports.storage import remove
from annotation.files import StoreFailed
from annotation.files.bucket import MEMORY_BYTES
from annotation.intake import actions as intake
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.registry import trees
from tests.factories import answer_task, make_demonstration_task

ClientOf = Callable[[User | None], APIClient]

URL = os.environ.get("S3_TEST_URL", "http://127.0.0.1:8480")
KEYS = {
    "AWS_ACCESS_KEY_ID": os.environ.get("S3_TEST_KEY", "bennet:site"),
    "AWS_SECRET_ACCESS_KEY": os.environ.get("S3_TEST_SECRET", "storing"),
    "AWS_DEFAULT_REGION": "us-east-1",
}
ANOTHER_ADDRESS = "http://127.0.0.1:1"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": URL, "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(s3: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of the test's own, in which the site keeps its files under a prefix."""
    there, name = boto3.resource("s3"), f"bennet-test-{uuid.uuid4().hex[:12]}"
    made = there.create_bucket(Bucket=name)
    use(f"s3://{name}/site", settings, monkeypatch)
    yield name
    for left in made.objects.all():  # one by one: to delete many at once Swift wants the MD5 that boto3 sends no more
        left.delete()
    made.delete()


def use(address: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_ROOT", address)
    root, store = environment.file_store("MEDIA_ROOT", Path("unused"))
    settings.MEDIA_ROOT, settings.STORAGES = root, {**settings.STORAGES, "default": store}


@pytest.mark.bucket
@pytest.mark.django_db
def test_what_comes_in_is_frozen_viewed_downloaded_in_parts_and_verified(
    bucket: str, project: Project, owner: User, demonstration_protocol: Protocol, client_of: ClientOf
) -> None:
    client = client_of(owner)
    row = '{"kind": "demonstration", "messages": [{"role": "user", "content": "Name a tree."}], "completion": "Oak."}'
    file = SimpleUploadedFile("a.jsonl", row.encode())
    sent = client.post(f"/api/projects/{project.pk}/imports/", {"file": file}, format="multipart")
    intake.run_import(import_file_id=sent.json()["id"], clock=timezone.now)
    answer_task(make_demonstration_task(demonstration_protocol, "Name a bird."), owner)
    release = actions.request_release(project=project, name="Spring", selection={}, actor=owner, now=timezone.now())
    actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    assert (release.state, release.error) == ("done", "")

    view = building.request_view(release=release, format="trl_sft", options={}, actor=owner, now=timezone.now())
    building.build(view_id=view.pk)
    view.refresh_from_db()
    assert (view.state, sum(view.counts["rows"].values())) == ("done", 2)

    assert_downloads(client, release)
    out = io.StringIO()
    call_command("verify_release", str(release.pk), stdout=out)
    assert "2 records as they were frozen" in out.getvalue()

    remove(release.digest_sha256)
    assert list(trees.names_under(default_storage, f"releases/{release.digest_sha256}")) == []


def assert_downloads(client: APIClient, release: Release) -> None:
    entry = max(release.manifest["files"], key=lambda file: file["bytes"])
    address = f"/api/projects/{release.project_id}/releases/{release.pk}/files/{entry['path']}"
    whole = client.get(address)
    content = b"".join(whole.streaming_content)
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    rest = client.get(address, HTTP_RANGE="bytes=100-", HTTP_IF_RANGE=whole["ETag"])
    assert (rest.status_code, b"".join(rest.streaming_content)) == (206, content[100:])


@pytest.mark.bucket
def test_a_tree_with_a_large_file_comes_back_as_it_was(bucket: str, tmp_path: Path) -> None:
    tensors = os.urandom(2 * MEMORY_BYTES + 1)  # sent in parts, and fetched by way of a temporary file
    (tmp_path / "here" / "inner").mkdir(parents=True)
    (tmp_path / "here" / "inner" / "tensors").write_bytes(tensors)
    (tmp_path / "here" / "empty").write_bytes(b"")
    (tmp_path / "here" / "card.json").write_text("{}")
    trees.store(default_storage, tmp_path / "here", "models/1", last="card.json")
    with pytest.raises(trees.NameTaken):
        trees.store(default_storage, tmp_path / "here", "models/1")
    back = trees.fetch(default_storage, "models/1", tmp_path / "back")
    assert (back / "inner" / "tensors").read_bytes() == tensors
    assert [path.name for path in trees.files_in(back)] == ["card.json", "empty", "tensors"]
    with default_storage.open("models/1/inner/tensors") as stored:
        stored.read(1)
        assert getattr(stored.file, "_rolled")  # noqa: B009
    trees.remove(default_storage, "models/1")
    with pytest.raises(trees.TreeMissing):
        trees.fetch(default_storage, "models/1", tmp_path / "gone")


@pytest.mark.bucket
def test_what_is_not_there_is_told_as_a_disk_tells_it(
    bucket: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ask in (default_storage.open, default_storage.size):
        with pytest.raises(FileNotFoundError):
            ask("models/none")
    assert not default_storage.exists("models/none")
    assert default_storage.listdir("models") == ([], [])
    use(f"s3://{bucket}-none", settings, monkeypatch)
    with pytest.raises(StoreFailed, match="NoSuchBucket"):
        default_storage.listdir("")
    with pytest.raises(StoreFailed):
        default_storage.save("a", ContentFile(b"a"))


@pytest.mark.bucket
@pytest.mark.parametrize(("named", "secret"), [("bennet-no-such-bucket", ""), ("bennet", "wrong")])
def test_a_site_does_not_start_without_its_bucket(
    named: str, secret: str, s3: None, database_url: str, tmp_path: Path
) -> None:
    environ = os.environ | {"MEDIA_ROOT": f"s3://{named}", "DATABASE_URL": database_url}
    environ |= {"DJANGO_SETTINGS_MODULE": "annotation.settings", "VAR_ROOT": str(tmp_path)}
    environ |= {"AWS_SECRET_ACCESS_KEY": secret} if secret else {}
    line = [sys.executable, site.ROOT / "manage.py", "prepare"]
    refused = subprocess.run(line, check=False, capture_output=True, text=True, env=environ)
    assert refused.returncode == 1
    assert "MEDIA_ROOT names a bucket that cannot be reached" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_server_that_does_not_answer_fails_as_a_disk_does(
    s3: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", ANOTHER_ADDRESS)
    use("s3://team/bennet", settings, monkeypatch)
    store = storages["default"]
    asked: list[Callable[[], object]] = [
        lambda: store.open("a"),
        lambda: store.save("a", ContentFile(b"a")),
        lambda: store.delete("a"),
        lambda: store.exists("a"),
        lambda: store.listdir(""),
        lambda: store.size("a"),
    ]
    for ask in asked:
        with pytest.raises(StoreFailed, match="Could not connect"):
            ask()


def test_who_asks_for_a_file_then_is_told_to_come_again(
    s3: None,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    project: Project,
    owner: User,
    demonstration_protocol: Protocol,
    client_of: ClientOf,
    tmp_path: Path,
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    answer_task(make_demonstration_task(demonstration_protocol, "Name a bird."), owner)
    release = actions.request_release(project=project, name="Spring", selection={}, actor=owner, now=timezone.now())
    actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    path = release.manifest["files"][0]["path"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", ANOTHER_ADDRESS)
    use("s3://team/bennet", settings, monkeypatch)
    answer = client_of(owner).get(f"/api/projects/{project.pk}/releases/{release.pk}/files/{path}")
    assert (answer.status_code, answer.json()["code"]) == (503, "files_unavailable")
    assert ANOTHER_ADDRESS not in answer.json()["detail"]
