"""Where releases lie: one directory a digest, never seen half-written.

On a disk the files are written beside their place and the whole directory is renamed into it; to an object store
they are uploaded with the manifest last. Either way a directory with a manifest is whole and is not written again.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage

from training.fields import RecordError
from training.handover import verify_release
from training.records import MANIFEST, Manifest

ROOT = "releases"
VIEWS = "views"
PARTIAL = ".partial-"


class StorageRefused(OSError):
    """The object store kept a file under another name than the one asked for."""


class FilesGone(Exception):
    """The release is known, its files are not in the storage any more."""


def prefix_of(digest_sha256: str) -> str:
    return f"{ROOT}/{digest_sha256}"


def name_of(digest_sha256: str, path: str) -> str:
    return f"{prefix_of(digest_sha256)}/{path}"


def place_of_view(digest_sha256: str, name: str) -> str:
    """Return where a view lies: below its release, so that what removes the one removes the other."""
    return f"{prefix_of(digest_sha256)}/{VIEWS}/{name}"


def open_file(digest_sha256: str, path: str) -> File:
    """Open a file that the manifest lists, to be read as bytes. Raise FilesGone."""
    try:
        return default_storage.open(name_of(digest_sha256, path), "rb")
    except FileNotFoundError as error:
        raise FilesGone("The files of this release are no longer stored: restore them from a backup.") from error


def lines_of(stream: File) -> Iterator[bytes]:
    r"""Yield the lines of an open file, split at `\n` alone, and close it."""
    with stream:
        yield from iter(stream.readline, b"")


def local_copy(manifest: Manifest, folder: Path) -> Path:
    """Return a directory with the release's files: its own where it has one, else a copy in here. Raise FilesGone."""
    root = _disk_root()
    if root is not None:
        return root / manifest.digest_sha256
    for path in [*(entry.path for entry in manifest.files), MANIFEST]:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open_file(manifest.digest_sha256, path) as stored, target.open("wb") as here:
            shutil.copyfileobj(stored, here)
    return folder


def partial_name(work: object, attempt: int) -> str:
    """Return the name of a writer's directory: a release's by its id, a view's by `view-` and its id."""
    return f"{PARTIAL}{work}-{attempt}"


@contextmanager
def workplace(name: str) -> Iterator[Path]:
    """Yield a directory that no reader sees, gone afterwards: on the disk of the releases where they have one."""
    root = _disk_root()
    if root is None:
        with tempfile.TemporaryDirectory(prefix="bennet-release-") as elsewhere:
            yield Path(elsewhere)
        return
    place = root / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def clear_partials(*, but: Collection[str]) -> None:
    """Remove what killed writers left behind; `but` names the directories that somebody still writes."""
    root = _disk_root()
    for place in root.glob(f"{PARTIAL}*") if root else ():
        if place.name not in but:
            shutil.rmtree(place, ignore_errors=True)


def publish(work: Path, manifest: Manifest) -> Manifest:
    """Put a directory of a workplace into its place, manifest last, and return the manifest that stands there.

    The same records may lie there already, frozen under another name: then those files stay.
    """
    text = json.dumps(manifest.to_json(), ensure_ascii=False, indent=2)
    _write_through(work / MANIFEST, text.encode())
    root = _disk_root()
    if root is None:
        return _upload(work, manifest)
    return _move_in(work, root / manifest.digest_sha256, manifest)


def publish_view(work: Path, place: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Put a view's files into their place, manifest last, and return the manifest that stands there.

    What stands there whole already stays: the same release and choices have been written before.
    """
    standing = standing_view(place)
    if standing:
        return standing
    _write_through(work / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2).encode())
    root = _disk_root()
    if root is None:
        _upload_all([*(entry["path"] for entry in manifest["files"]), MANIFEST], work, place)
    else:
        target = root.parent / place
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        _sync(work)
        work.rename(target)
        _sync(target.parent)
    return dict(manifest)


def standing_view(place: str) -> dict[str, Any] | None:
    """Return the manifest of a stored view whose files are all there in their length, None where one is not."""
    try:
        with default_storage.open(f"{place}/{MANIFEST}", "rb") as stream:
            manifest: dict[str, Any] = json.loads(stream.read())
        sizes = [(default_storage.size(f"{place}/{entry['path']}"), entry["bytes"]) for entry in manifest["files"]]
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return manifest if all(found == wanted for found, wanted in sizes) else None


def remove(digest_sha256: str) -> None:
    """Delete all that lies in the directory of a release, the manifest first: what is left then is no release."""
    prefix, root = prefix_of(digest_sha256), _disk_root()
    default_storage.delete(f"{prefix}/{MANIFEST}")
    if root is not None:
        shutil.rmtree(root / digest_sha256, ignore_errors=True)
        return
    waiting = [prefix]
    while waiting:
        place = waiting.pop()
        folders, files = default_storage.listdir(place)
        waiting += [f"{place}/{folder}" for folder in folders if folder]
        for name in filter(None, files):
            default_storage.delete(f"{place}/{name}")


def _move_in(work: Path, place: Path, manifest: Manifest) -> Manifest:
    for directory in (*(path for path in work.iterdir() if path.is_dir()), work):
        _sync(directory)
    if place.exists():
        try:
            return verify_release(place)
        except RecordError:
            # Somebody changed what was frozen: it goes when the workplace goes.
            place.rename(work.parent / "damaged")
    work.rename(place)
    _sync(place.parent)
    return manifest


def _upload(work: Path, manifest: Manifest) -> Manifest:
    standing = _standing_in_store(manifest.digest_sha256)
    if standing:
        return standing
    _upload_all([*(entry.path for entry in manifest.files), MANIFEST], work, prefix_of(manifest.digest_sha256))
    return manifest


def _upload_all(paths: Iterable[str], work: Path, place: str) -> None:
    for path in paths:
        name = f"{place}/{path}"
        default_storage.delete(name)
        with (work / path).open("rb") as stream:
            if default_storage.save(name, File(stream)) != name:
                raise StorageRefused(f"{name} was stored under another name.")


def _standing_in_store(digest_sha256: str) -> Manifest | None:
    name = name_of(digest_sha256, MANIFEST)
    if not default_storage.exists(name):
        return None
    with default_storage.open(name, "rb") as stream:
        standing = Manifest.from_json(json.loads(stream.read()))
    names = {entry.path: name_of(digest_sha256, entry.path) for entry in standing.files}
    whole = all(
        default_storage.exists(names[entry.path]) and default_storage.size(names[entry.path]) == entry.bytes
        for entry in standing.files
    )
    return standing if whole else None


def _disk_root() -> Path | None:
    try:
        return Path(default_storage.path(ROOT))
    except NotImplementedError:
        return None


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
