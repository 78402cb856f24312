"""A worker killed in mid-freeze, and a message that comes twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from annotation import durable
from annotation.exports import actions
from annotation.exports.jobs import freeze_release
from annotation.exports.models import Release, ReleaseMember
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer
from tests.annotation.exports.many import make_rankings
from training.records import verify_release

ROWS = 6_000
WORKER = "import django; django.setup(); from annotation.exports import actions; actions.freeze(release_id={})"


def test_a_message_too_many_does_nothing(
    answers: dict[str, Answer], project: Project, owner: User, media: Path
) -> None:
    now = timezone.now()
    release = actions.request_release(project=project, name="first", selection={}, actor=owner, now=now)
    freeze_release(release_id=release.pk)
    freeze_release(release_id=release.pk)
    freeze_release(release_id=release.pk + 1)

    release.refresh_from_db()
    assert (release.state, release.attempt) == ("done", 1)
    assert ReleaseMember.objects.filter(release=release).count() == 5


def wait_until(happened: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.005)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_freeze_is_followed_by_another(
    ranking_protocol: Protocol, project: Project, owner: User, media: Path, database_url: str
) -> None:
    make_rankings(ranking_protocol, owner, ROWS)
    requested = timezone.now()
    release = actions.request_release(project=project, name="first", selection={}, actor=owner, now=requested)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "annotation.settings",
        "DATABASE_URL": database_url,
        "MEDIA_ROOT": str(media),
        "VAR_ROOT": str(media.parent),
    }
    worker = subprocess.Popen([sys.executable, "-c", WORKER.format(release.pk)], env=environment)
    try:
        wait_until(lambda: 0 < Release.objects.get(pk=release.pk).progress_done < ROWS)
    finally:
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL

    release.refresh_from_db()
    assert (release.state, release.digest_sha256) == ("running", "")
    assert [path.name for path in (media / "releases").iterdir()] == [f".partial-{release.pk}-1"]
    actions.freeze(release_id=release.pk)
    assert Release.objects.get(pk=release.pk).attempt == 1, "a row with a fresh sign of life is left alone"

    later = timezone.now() + timedelta(seconds=durable.STALE_SECONDS + 1)
    assert durable.due(Release, now=later) == [release.pk]
    actions.freeze(release_id=release.pk, clock=lambda: later)
    release.refresh_from_db()
    assert (release.state, release.attempt, release.lost_workers) == ("done", 2, 1)
    assert [path.name for path in (media / "releases").iterdir()] == [release.digest_sha256]
    verify_release(media / "releases" / release.digest_sha256)
    assert ReleaseMember.objects.filter(release=release).count() == ROWS
