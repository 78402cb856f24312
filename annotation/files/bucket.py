"""Files in a bucket: django-storages' S3 storage, made to fail as a disk does and to keep no whole file in memory.

What calls a storage knows OSError, and FileNotFoundError among them; of boto3's exceptions it knows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3File, S3Storage
from storages.utils import clean_name

from annotation.files import StoreFailed

# Larger files are fetched by way of a temporary file. Left alone, django-storages holds an object in memory whole.
MEMORY_BYTES = 8 << 20

# What a HEAD and what a GET say of an object that is not there. A bucket that is not there is no answer about a file.
ABSENT = ("404", "NoSuchKey")


@contextmanager
def told_as_a_disk_would(name: str) -> Iterator[None]:
    """Raise FileNotFoundError for what is not there, and StoreFailed for all else that comes from boto3."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ABSENT:
            raise FileNotFoundError(f"{name}: {error}") from error
        raise StoreFailed(f"{name}: {error}") from error
    except (Boto3Error, BotoCoreError) as error:
        raise StoreFailed(f"{name}: {error}") from error


class StoredObject(S3File):
    """An object that is fetched when it is first read."""

    def _fetched(self) -> Any:
        with told_as_a_disk_would(self.name):
            return self._get_file()

    file = property(_fetched, S3File._set_file)


class ObjectStore(S3Storage):
    def get_default_settings(self) -> dict[str, Any]:
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {"max_memory_size": MEMORY_BYTES}

    def _open(self, name: str, mode: str = "rb") -> StoredObject:
        with told_as_a_disk_would(name):
            return StoredObject(self._normalize_name(clean_name(name)), mode, self)

    def _save(self, name: str, content: File[Any]) -> str:
        with told_as_a_disk_would(name):
            stored: str = super()._save(name, content)
            return stored

    def delete(self, name: str) -> None:
        with told_as_a_disk_would(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with told_as_a_disk_would(name):
            found: bool = super().exists(name)
            return found

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Return folders and files, none of either where nothing is."""
        with told_as_a_disk_would(path):
            folders, files = super().listdir(path)
            return folders, files

    def size(self, name: str) -> int:
        with told_as_a_disk_would(name):
            length: int = super().size(name)
            return length
