"""What the System page shows: versions, disk, queue, and jobs of every kind."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from annotation import installed
from annotation.durable import Job
from annotation.operations.kinds import KINDS
from annotation.people.models import User

JOBS_SHOWN = 200


@dataclass(frozen=True)
class JobRow:
    id: str
    kind: str
    project: Any
    job: Job

    @property
    def created_at(self) -> datetime:
        return self.job.created_at


def versions() -> dict[str, str | None]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [postgresql] = cursor.fetchone()
    return {
        "bennet": settings.VERSION,
        "python": platform.python_version(),
        "django": version("Django"),
        "postgresql": postgresql,
        "torch": _version_or_none("torch"),
    }


def disk() -> dict[str, int | None]:
    """Return sizes in bytes; media is None where files lie in an object store."""
    place = shutil.disk_usage(settings.VAR_ROOT if settings.VAR_ROOT.exists() else settings.ROOT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        [database] = cursor.fetchone()
    in_bucket = settings.MEDIA_ROOT.startswith("s3://")
    media = None if in_bucket else _folder_bytes(Path(settings.MEDIA_ROOT))
    return {
        "total_bytes": place.total,
        "free_bytes": place.free,
        "media_bytes": media,
        "database_bytes": database,
    }


def installation() -> installed.Installation:
    return installed.read(settings.INSTALL_STATE)


def jobs(user: User, *, state: str = "") -> list[JobRow]:
    """Return the newest jobs of every kind that the person may see; one query a kind."""
    rows = []
    for kind in KINDS.values():
        seen = kind.model.objects.visible_to(user).select_related("project")  # type: ignore[attr-defined]
        seen = seen.filter(state=state) if state else seen
        newest = seen.order_by("-created_at")[:JOBS_SHOWN]
        rows += [JobRow(f"{kind.name}-{job.pk}", kind.name, job.project, job) for job in newest]
    return sorted(rows, key=lambda row: row.created_at, reverse=True)[:JOBS_SHOWN]


def _folder_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder.exists() else 0


def _version_or_none(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
