"""A storage without local paths, as an object store is one."""

from __future__ import annotations

from typing import IO, Any

from django.core.files import File
from django.core.files.storage import InMemoryStorage, Storage


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

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return self.kept.listdir(path)
