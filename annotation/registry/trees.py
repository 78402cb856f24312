"""Folders in the default storage: put there, fetched, removed.

Storage knows files only. A folder is its files under one prefix, each written once; what makes it complete
(a row that names the prefix) is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from django.core.files import File
from django.core.files.storage import Storage

_CHUNK_BYTES = 1 << 20


class TreeMissing(Exception):
    """Nothing is stored under the prefix."""


class NameTaken(Exception):
    """A file of that name is already stored."""


def store(
    storage: Storage,
    folder: Path,
    prefix: str,
    *,
    last: str = "",
    without: str = "",
    pause: Callable[[], None] = lambda: None,
) -> int:
    """Copy a folder, `without` its subfolder of that name, under a prefix and return the bytes copied.

    The file named `last` follows all others. `pause` runs before each file and may raise to end the copying.
    Raise FileNotFoundError when the folder is not there, or goes while it is copied.
    """
    files = sorted(files_in(folder, without=without), key=lambda path: (path.name == last, path))
    for path in files:
        pause()
        name = f"{prefix}/{path.relative_to(folder).as_posix()}"
        with path.open("rb") as source:
            stored = storage.save(name, File(source))
        if stored != name:
            storage.delete(stored)
            raise NameTaken(name)
    return sum(path.stat().st_size for path in files)


def files_in(folder: Path, *, without: str = "") -> list[Path]:
    """Return the files of a folder in order, those in its subfolder of that name left out. Raise FileNotFoundError."""
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in paths if path.relative_to(folder).parts[0] != without]


def readable(storage: Storage, prefix: str, folder: Path) -> Path:
    """Return a local directory to read the tree from: the storage's own when it is local, else `folder`, filled."""
    try:
        local = Path(storage.path(prefix))
    except NotImplementedError:
        return fetch(storage, prefix, folder)
    if not local.is_dir():
        raise TreeMissing(prefix)
    return local


def link(storage: Storage, prefix: str, place: Path) -> None:
    """Let a tree be read at a place in a work folder, from which what had to be fetched goes with the folder."""
    place.symlink_to(readable(storage, prefix, place.parent / "fetched" / place.name))


def fetch(storage: Storage, prefix: str, folder: Path) -> Path:
    """Copy the tree into a new local folder, which is returned. Raise TreeMissing when there is none."""
    names = list(names_under(storage, prefix))
    if not names:
        raise TreeMissing(prefix)
    for name in names:
        target = folder / name.removeprefix(f"{prefix}/")
        target.parent.mkdir(parents=True, exist_ok=True)
        with storage.open(name) as source, target.open("wb") as out:
            for chunk in source.chunks(_CHUNK_BYTES):
                out.write(chunk)
    return folder


def remove(storage: Storage, prefix: str) -> None:
    for name in list(names_under(storage, prefix)):
        storage.delete(name)
    _remove_empty_folders(storage, prefix)


def names_under(storage: Storage, prefix: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(prefix)
    except FileNotFoundError:
        return
    yield from (f"{prefix}/{name}" for name in sorted(files) if name)
    for folder in sorted(folders):
        yield from names_under(storage, f"{prefix}/{folder}")


def _remove_empty_folders(storage: Storage, prefix: str) -> None:
    """A local storage keeps folders whose files are gone."""
    try:
        local = Path(storage.path(prefix))
    except NotImplementedError:
        return
    for folder in sorted((path for path in local.rglob("*") if path.is_dir()), reverse=True):
        folder.rmdir()
    if local.is_dir():
        local.rmdir()
