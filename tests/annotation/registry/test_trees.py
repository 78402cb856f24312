"""Folders in storage, local or not."""

from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage, Storage

from annotation.registry import trees
from tests.annotation.registry.remote import RemoteStorage


class Cancelled(Exception):
    pass


@pytest.fixture(params=["disk", "remote"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return FileSystemStorage(tmp_path / "media") if request.param == "disk" else RemoteStorage()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    for name, content in {
        "a.bin": b"\x00" * 3,
        "card.json": b"{}",
        "sub/z.txt": b"z",
        "checkpoints/c": b"skip",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_what_is_stored_comes_back(storage: Storage, folder: Path, tmp_path: Path) -> None:
    assert trees.store(storage, folder, "models/1", without="checkpoints") == 6
    copy = trees.fetch(storage, "models/1", tmp_path / "copy")
    assert contents(copy) == {"a.bin": b"\x00" * 3, "card.json": b"{}", "sub/z.txt": b"z"}
    assert contents(trees.readable(storage, "models/1", tmp_path / "read")) == contents(copy)


def test_a_local_storage_is_read_in_place(folder: Path, tmp_path: Path) -> None:
    local = FileSystemStorage(tmp_path / "media")
    trees.store(local, folder, "models/1")
    assert trees.readable(local, "models/1", tmp_path / "read") == tmp_path / "media" / "models" / "1"
    assert not (tmp_path / "read").exists()


def test_the_last_file_is_stored_last(folder: Path, tmp_path: Path) -> None:
    stored: list[str] = []

    class Watched(FileSystemStorage):
        def save(self, name: str, *args: object, **options: object) -> str:  # type: ignore[override]
            stored.append(name)
            return super().save(name, *args, **options)  # type: ignore[arg-type]

    trees.store(Watched(tmp_path / "media"), folder, "m", last="card.json")
    assert stored == ["m/a.bin", "m/checkpoints/c", "m/sub/z.txt", "m/card.json"]


def test_nothing_under_the_prefix_is_said(storage: Storage, tmp_path: Path) -> None:
    with pytest.raises(trees.TreeMissing):
        trees.fetch(storage, "models/9", tmp_path / "copy")
    with pytest.raises(trees.TreeMissing):
        trees.readable(storage, "models/9", tmp_path / "read")


def test_a_folder_that_is_not_there_is_not_stored_as_nothing(storage: Storage, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        trees.store(storage, tmp_path / "nowhere", "models/1")


def test_a_name_that_is_taken_is_refused_and_left_alone(storage: Storage, folder: Path, tmp_path: Path) -> None:
    trees.store(storage, folder, "models/1")
    with pytest.raises(trees.NameTaken):
        trees.store(storage, folder, "models/1")
    assert contents(trees.fetch(storage, "models/1", tmp_path / "copy")) == contents(folder)


def test_copying_ends_when_the_pause_says_so(storage: Storage, folder: Path) -> None:
    calls = iter(range(10))

    def pause() -> None:
        if next(calls) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        trees.store(storage, folder, "models/1", pause=pause)
    assert len(list(trees.names_under(storage, "models/1"))) == 2


def test_removing_leaves_the_neighbours(storage: Storage, folder: Path) -> None:
    trees.store(storage, folder, "runs/1/a")
    trees.store(storage, folder, "runs/12/a")
    trees.remove(storage, "runs/1")
    assert list(trees.names_under(storage, "runs/1")) == []
    assert len(list(trees.names_under(storage, "runs/12"))) == 4
    trees.remove(storage, "runs/99")


def test_a_local_storage_keeps_no_empty_folders(folder: Path, tmp_path: Path) -> None:
    local = FileSystemStorage(tmp_path / "media")
    trees.store(local, folder, "runs/1")
    trees.remove(local, "runs/1")
    assert not (tmp_path / "media" / "runs" / "1").exists()
