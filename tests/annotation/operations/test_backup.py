import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from annotation.operations import backup, dump
from annotation.operations.backup import BackupUnusable, PlaceNotEmpty
from annotation.people.models import User
from annotation.processes import postgres

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def media(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def archive(transactional_db: None, media: Path, tmp_path: Path) -> Path:
    """A backup of one person and two files."""
    User.objects.create_user("ada@example.org", "a long password", name="Ada")
    default_storage.save("releases/abc/manifest.json", ContentFile(b'{"rows": 1}'))
    default_storage.save("imports/Ærlig.csv", ContentFile(b"a,b\n"))
    backup.back_up(tmp_path / "site.backup", now=NOW)
    return tmp_path / "site.backup"


@pytest.fixture
def empty_place(archive: Path, media: Path, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """An empty database on the same server and an empty folder, where restoring is to happen."""
    settings.MEDIA_ROOT = str(tmp_path / "elsewhere")
    here = connection.settings_dict["NAME"]
    there = f"{here}_restored"
    with psycopg.connect(postgres.url_of(connection.settings_dict), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {there} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {there}")
        connection.close()
        connection.settings_dict["NAME"] = there
        yield
        connection.close()
        connection.settings_dict["NAME"] = here
        server.execute(f"DROP DATABASE {there} WITH (FORCE)")


@pytest.mark.usefixtures("empty_place")
def test_a_backup_is_restored_into_an_empty_place(archive: Path) -> None:
    call_command("restore", str(archive))
    assert User.objects.get(email="ada@example.org").check_password("a long password")
    assert sorted(backup.stored_files()) == ["imports/Ærlig.csv", "releases/abc/manifest.json"]
    assert default_storage.open("releases/abc/manifest.json").read() == b'{"rows": 1}'
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_proc WHERE pronamespace = 'pgmq'::regnamespace")
        assert cursor.fetchone()[0] > 20


def test_a_place_that_holds_something_is_left_alone(archive: Path) -> None:
    with pytest.raises(CommandError, match="database already holds tables: restore elsewhere, or use --force"):
        call_command("restore", str(archive))
    assert User.objects.filter(email="ada@example.org").exists()


@pytest.mark.usefixtures("empty_place")
def test_files_alone_also_make_a_place_not_empty(archive: Path) -> None:
    default_storage.save("mine.txt", ContentFile(b"!"))
    with pytest.raises(PlaceNotEmpty, match=r"mine\.txt"):
        backup.restore(archive, force=False)


@pytest.mark.usefixtures("empty_place")
def test_with_force_what_is_there_is_replaced(archive: Path) -> None:
    call_command("restore", str(archive))
    User.objects.create_user("late@example.org", None, name="Late")
    default_storage.save("late.txt", ContentFile(b"!"))
    call_command("restore", str(archive), force=True)
    assert not User.objects.filter(email="late@example.org").exists()
    assert sorted(backup.stored_files()) == ["imports/Ærlig.csv", "releases/abc/manifest.json"]


@pytest.mark.usefixtures("empty_place")
@pytest.mark.parametrize("kept_bytes", [0, 700, 20_000])
def test_a_truncated_archive_is_refused_before_anything_changes(archive: Path, kept_bytes: int) -> None:
    archive.write_bytes(archive.read_bytes()[:kept_bytes])
    with pytest.raises(BackupUnusable, match="no complete backup"):
        backup.restore(archive, force=True)
    assert dump.is_empty(connection.settings_dict)


@pytest.mark.usefixtures("empty_place")
def test_a_changed_file_is_named(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes().replace(b'{"rows": 1}', b'{"rows": 2}'))
    with pytest.raises(BackupUnusable, match=r"damaged: files/releases/abc/manifest\.json"):
        backup.restore(archive, force=False)


def test_an_archive_with_links_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        link = tarfile.TarInfo("files/passwords")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
        tar.addfile(link)
    with pytest.raises(BackupUnusable, match="no plain file"):
        backup.read_contents(tmp_path / "evil.tar")


def test_a_backup_that_cannot_be_written_leaves_nothing(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    with pytest.raises(CommandError, match="The backup was not written"):
        call_command("backup", str(folder / "site.backup"))
    assert not folder.exists()
    assert list(tmp_path.glob("*.part")) == []
