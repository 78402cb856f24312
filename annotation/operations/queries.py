"""What the System page shows: versions, disk, queue, and jobs of every kind."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from celery import current_app
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


def queue_depths() -> dict[str, int | None]:
    """Return how many messages wait in each queue; None where the broker does not say."""
    if settings.QUEUE_SCHEME == "pgmq":
        return {name: _pgmq_depth(name) for name in ("default", "training")}
    with current_app.connection_for_read() as broker, broker.channel() as channel:
        return {name: _channel_depth(channel, name) for name in ("default", "training")}


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


def _pgmq_depth(name: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"pgmq.q_{name}"])
        if cursor.fetchone()[0] is None:
            return 0
        cursor.execute("SELECT queue_length FROM pgmq.metrics(%s)", [name])
        return int(cursor.fetchone()[0])


def _channel_depth(channel: Any, name: str) -> int | None:
    try:
        return int(channel.queue_declare(name, passive=True).message_count)
    # A queue that nothing was sent to yet is not there; brokers say so by different exceptions.
    except Exception:
        return None


def _folder_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder.exists() else 0


def _version_or_none(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
