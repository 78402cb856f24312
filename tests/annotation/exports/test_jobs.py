"""A worker killed while it freezes or writes a view, and a message that comes twice."""

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
from annotation.durable import Job
from annotation.exports import actions, building
from annotation.exports.jobs import freeze_release
from annotation.exports.models import Release, ReleaseMember, ReleaseView
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer
from tests.annotation.exports.many import make_rankings
from training.handover import sha256_of_file, verify_release

ROWS = 6_000
WORKER = "import django; django.setup(); from annotation.exports import actions, building; {}"


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


def killed_at_work(job: Job, call: str, media: Path, database_url: str) -> None:
    """Let a process of its own work on the job, and kill it when it is neither at the beginning nor at the end."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "annotation.settings",
        "DATABASE_URL": database_url,
        "MEDIA_ROOT": str(media),
        "VAR_ROOT": str(media.parent),
    }
    rows = type(job)._default_manager
    worker = subprocess.Popen([sys.executable, "-c", WORKER.format(call)], env=environment)
    try:
        wait_until(lambda: 0 < rows.get(pk=job.pk).progress_done < ROWS)
    finally:
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_freeze_is_followed_by_another(
    ranking_protocol: Protocol, project: Project, owner: User, media: Path, database_url: str
) -> None:
    make_rankings(ranking_protocol, owner, ROWS)
    requested = timezone.now()
    release = actions.request_release(project=project, name="first", selection={}, actor=owner, now=requested)
    killed_at_work(release, f"actions.freeze(release_id={release.pk})", media, database_url)

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


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_view_leaves_nothing_to_see_and_is_followed_by_another(
    ranking_protocol: Protocol, project: Project, owner: User, media: Path, database_url: str
) -> None:
    make_rankings(ranking_protocol, owner, ROWS)
    now = timezone.now()
    release = actions.request_release(project=project, name="first", selection={}, actor=owner, now=now)
    actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    view = building.request_view(release=release, format="trl_preference", options={}, actor=owner, now=now)
    killed_at_work(view, f"building.PROGRESS_SECONDS = 0; building.build(view_id={view.pk})", media, database_url)

    view.refresh_from_db()
    place = media / building.place_of(view)
    assert (view.state, view.manifest, place.exists()) == ("running", {}, False)
    later = timezone.now() + timedelta(seconds=durable.STALE_SECONDS + 1)
    assert durable.due(ReleaseView, now=later) == [view.pk]
    building.build(view_id=view.pk, clock=lambda: later)
    view.refresh_from_db()
    assert (view.state, view.attempt, view.lost_workers) == ("done", 2, 1)
    assert [path.name for path in (media / "releases").iterdir()] == [release.digest_sha256]
    for entry in view.manifest["files"]:
        assert sha256_of_file(place / entry["path"]) == entry["sha256"]
    assert sum(view.counts["records"].values()) == ROWS
