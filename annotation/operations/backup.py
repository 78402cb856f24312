"""One archive with everything a site knows: database.dump, files/… and, last, a list with their checksums.

The list comes last and is checked first: an archive that was cut short, or changed, is refused before
anything of it is restored.
"""

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection

from annotation.operations import dump

FORMAT = "bennet-backup/1"
DUMP, CONTENTS, FILES = "database.dump", "contents.json", "files/"


class BackupUnusable(Exception):
    """The archive is cut short, changed or none of ours."""


class PlaceNotEmpty(Exception):
    """Something is where the backup would be restored."""


@dataclass(frozen=True)
class Contents:
    format: str
    created_at: str
    version: str
    sha256: dict[str, str]


def back_up(target: Path, *, now: datetime) -> Contents:
    """Write the archive aside and move it into place: FILE is there complete or not at all."""
    draft = target.with_name(f"{target.name}.part")
    try:
        with tarfile.open(draft, "w") as archive:
            sha256 = dict(_write_members(archive))
            contents = Contents(FORMAT, now.isoformat(), settings.VERSION, sha256)
            listing = json.dumps(asdict(contents), indent=1, sort_keys=True).encode()
            _add(archive, CONTENTS, io.BytesIO(listing), len(listing))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return contents


def restore(source: Path, *, force: bool) -> Contents:
    """Raise BackupUnusable or PlaceNotEmpty before anything is changed; with force, replace what is there."""
    contents = read_contents(source)
    if not force:
        _require_empty_place()
    dump.clear(connection.settings_dict)
    for name in list(stored_files()):
        default_storage.delete(name)
    with tarfile.open(source) as archive:
        for member, stream in _members(archive):
            if member == DUMP:
                _restore_database(stream)
            elif member.startswith(FILES):
                default_storage.save(member.removeprefix(FILES), File(stream))
    return contents


def read_contents(source: Path) -> Contents:
    """Read the whole archive once and compare every checksum."""
    try:
        with tarfile.open(source) as archive:
            found, listing = {}, b""
            for member, stream in _members(archive):
                if member == CONTENTS:
                    listing = stream.read()
                else:
                    found[member] = hashlib.file_digest(stream, "sha256").hexdigest()
    except (tarfile.TarError, EOFError) as error:
        raise BackupUnusable(f"{source} is no complete backup: {error}.") from error
    if not listing:
        raise BackupUnusable(f"{source} is no complete backup: its list of contents is missing.")
    contents = Contents(**json.loads(listing))
    if contents.format != FORMAT:
        raise BackupUnusable(f"{source} has the format {contents.format}; this version reads {FORMAT}.")
    if contents.sha256 != found:
        changed = sorted(name for name, _ in contents.sha256.items() ^ found.items())
        raise BackupUnusable(f"{source} is damaged: {changed[0]} is not what was backed up.")
    return contents


def stored_files(folder: str = "") -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    yield from (f"{prefix}{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from stored_files(f"{prefix}{name}")


def _require_empty_place() -> None:
    if not dump.is_empty(connection.settings_dict):
        raise PlaceNotEmpty("The database already holds tables: restore elsewhere, or use --force to replace them.")
    if (name := next(stored_files(), None)) is not None:
        where = f"MEDIA_ROOT already holds files, {name} among them"
        raise PlaceNotEmpty(f"{where}: restore elsewhere, or use --force to replace them.")


def _write_members(archive: tarfile.TarFile) -> Iterator[tuple[str, str]]:
    """The database first: a file that its rows name is then certainly in the archive too."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / DUMP
        dump.dump(connection.settings_dict, path)
        with path.open("rb") as stream:
            yield DUMP, _add(archive, DUMP, stream, path.stat().st_size)
    for name in stored_files():
        with default_storage.open(name) as stream:
            yield FILES + name, _add(archive, FILES + name, stream, default_storage.size(name))


class _Hashing:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.sha256.update(data)
        return data


def _add(archive: tarfile.TarFile, name: str, stream: IO[bytes], size: int) -> str:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    hashing = _Hashing(stream)
    archive.addfile(entry, hashing)
    return hashing.sha256.hexdigest()


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, io.BufferedReader]]:
    for entry in archive:
        if not entry.isfile():
            raise BackupUnusable(f"{entry.name} is no plain file: this is no backup of Bennet's.")
        yield entry.name, cast(io.BufferedReader, archive.extractfile(entry))


def _restore_database(stream: IO[bytes]) -> None:
    with tempfile.NamedTemporaryFile(suffix=".dump") as copy:
        while chunk := stream.read(1 << 20):
            copy.write(chunk)
        copy.flush()
        dump.restore(connection.settings_dict, Path(copy.name))
