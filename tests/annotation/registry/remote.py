"""Storages that tests need: one without local paths, as an object store is one, one that is full, one that keeps."""

from __future__ import annotations

import errno
import os
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage, InMemoryStorage, Storage


class RemoteStorage(Storage):
    def __init__(self) -> None:
        self.kept = InMemoryStorage()

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        return self.kept.open(name, mode)

    def _save(self, name: str, content: IO[Any]) -> str:
        return self.kept.save(name, content)

    def delete(self, name: str) -> None:
        self.kept.delete(name)

    def exists(self, name: str) -> bool:
        return self.kept.exists(name)

    def size(self, name: str) -> int:
        return self.kept.size(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return self.kept.listdir(path)


class FullForCheckpoints(FileSystemStorage):
    """A disk on which everything has room but a run's checkpoints."""

    def _save(self, name: str, content: IO[Any]) -> str:
        if name.startswith("runs/"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super()._save(name, content)


class KeepsCheckpoints(FileSystemStorage):
    """A storage from which a run's checkpoints cannot be removed."""

    def delete(self, name: str) -> None:
        if name.startswith("runs/"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().delete(name)
