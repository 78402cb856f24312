from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from pytest_django import Settings

from annotation import durable
from annotation.intake import actions
from annotation.intake.models import ImportFile
from annotation.people.models import User
from annotation.projects.models import Project


@pytest.fixture(autouse=True)
def _own_media(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture(autouse=True)
def _no_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    """The beat has a connection of its own, which does not see the rows of a test that is one transaction."""
    monkeypatch.setattr(durable, "BEAT_SECONDS", 3600.0)


@pytest.fixture
def receive(project: Project, owner: User) -> Callable[..., ImportFile]:
    """Return a function that stores bytes as an import that waits for a worker."""

    def received(data: bytes, format: str = "auto", name: str = "file.jsonl", **options: Any) -> ImportFile:
        return actions.receive_file(
            actor=owner,
            project=project,
            file=ContentFile(data, name=name),
            file_name=name,
            format=format,
            options=options,
            now=timezone.now(),
        )

    return received


@pytest.fixture
def bring_in(receive: Callable[..., ImportFile]) -> Callable[..., ImportFile]:
    """Return a function that imports bytes to the end and returns the row as it is then."""

    def brought(data: bytes, format: str = "auto", name: str = "file.jsonl", **options: Any) -> ImportFile:
        row = receive(data, format, name, **options)
        actions.run_import(import_file_id=row.pk, clock=timezone.now)
        row.refresh_from_db()
        return row

    return brought
