"""A full disk, a changed disk, and no disk at all: an object store."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django.fixtures import Settings

from annotation.exports import actions, storage
from annotation.exports.models import Release, ReleaseMember
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer
from tests.annotation.exports.many import make_rankings
from tests.annotation.registry.remote import RemoteStorage
from tests.people import NOW
from training.handover import verify_release
from training.records import MANIFEST

Freeze = Callable[..., Release]


class ObjectStore(RemoteStorage):
    """As the product configures one: a name that is taken gets another one, nothing is overwritten."""

    def size(self, name: str) -> int:
        return self.kept.size(name)

    def get_modified_time(self, name: str) -> datetime:
        return self.kept.get_modified_time(name)


@pytest.fixture
def object_store(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.ObjectStore"}}


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: the system refuses the write, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_nothing_and_says_what_to_do(
    media: Path, ranking_protocol: Protocol, project: Project, owner: User, freeze: Freeze
) -> None:
    make_rankings(ranking_protocol, owner, 300)
    with room_for(10_000):
        release = freeze("first")

    assert release.state == "failed"
    assert "The disk is full" in release.error
    assert "Free some space" in release.error
    assert release.digest_sha256 == ""
    assert list((media / "releases").iterdir()) == []
    assert not ReleaseMember.objects.exists()

    actions.retry(release=release, actor=owner, now=NOW)
    actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == "done"
    assert verify_release(media / "releases" / release.digest_sha256).counts["rankings"]["train"] == 240


def test_an_object_store_holds_the_same_release(
    answers: dict[str, Answer], media: Path, settings: Settings, freeze: Freeze
) -> None:
    on_disk = freeze("on a disk")
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.ObjectStore"}}
    release = freeze("in a store")

    assert release.digest_sha256 == on_disk.digest_sha256
    # The card names its release.
    assert release.manifest["files"][:-1] == on_disk.manifest["files"][:-1]
    for entry in release.manifest["files"][:-1]:
        with storage.open_file(release.digest_sha256, entry["path"]) as stream:
            written = (media / "releases" / release.digest_sha256 / entry["path"]).read_bytes()
            assert b"".join(storage.lines_of(stream)) == written


def test_an_interrupted_upload_is_done_again(answers: dict[str, Answer], object_store: None, freeze: Freeze) -> None:
    release = freeze("first")
    part = next(entry for entry in release.manifest["files"] if entry["rows"])
    name = storage.name_of(release.digest_sha256, part["path"])
    # As an upload leaves it that ended in its first file.
    default_storage.delete(storage.name_of(release.digest_sha256, MANIFEST))
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"{"))

    freeze("second")
    assert default_storage.size(name) == part["bytes"]
    with default_storage.open(storage.name_of(release.digest_sha256, MANIFEST)) as stream:
        assert json.loads(stream.read())["name"] == "second"
    assert len(default_storage.listdir(f"{storage.prefix_of(release.digest_sha256)}/train")[1]) == 3


def test_what_stands_in_a_store_is_not_written_again(
    answers: dict[str, Answer], object_store: None, freeze: Freeze
) -> None:
    release = freeze("first")
    name = storage.name_of(release.digest_sha256, "train/rankings.parquet")
    before = default_storage.get_modified_time(name)

    freeze("second")
    assert default_storage.get_modified_time(name) == before
