"""The sweep, and the page that shows every job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from annotation import durable
from annotation.assignment.actions import claim_next
from annotation.durable import JobState
from annotation.exports.models import Release
from annotation.intake.models import ImportFile
from annotation.operations import actions, depths
from annotation.operations.jobs import sweep
from annotation.people.actions import OwnerOnly
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.registry.models import TrainingRun
from annotation.tasks.models import Answer, Task
from tests.factories import make_demonstration_task
from tests.guards import guards


@pytest.fixture
def release(project: Project, owner: User) -> Release:
    asked_at = timezone.now() - timedelta(minutes=1)
    return Release.objects.create(project=project, name="First", created_by=owner, created_at=asked_at)


def waiting(queue: str = "default") -> int:
    depth = depths.queue_depths()[queue]
    assert depth is not None
    return depth


def test_a_row_whose_message_was_lost_is_enqueued_once_a_minute(release: Release) -> None:
    before = waiting()
    sweep()
    assert waiting() == before + 1
    sweep()
    assert waiting() == before + 1
    Release.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=durable.HINT_SECONDS + 1))
    sweep()
    assert waiting() == before + 2


def test_a_row_whose_worker_died_is_enqueued_and_a_living_one_is_left(release: Release) -> None:
    before = waiting()
    Release.objects.update(state=JobState.RUNNING, attempt=1, heartbeat_at=timezone.now())
    sweep()
    assert waiting() == before
    Release.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=durable.STALE_SECONDS + 1))
    sweep()
    assert waiting() == before + 1


def test_the_sweep_expires_claims(demonstration_protocol: Protocol, annotator: User) -> None:
    task = make_demonstration_task(demonstration_protocol)
    claim_next(protocol=demonstration_protocol, actor=annotator, now=timezone.now() - timedelta(hours=1))
    sweep()
    assert Task.objects.get(pk=task.pk).claims_count == 0


def test_the_owner_sees_failed_jobs_and_tries_them_again(
    release: Release,
    owner: User,
    client_of: Callable[[User], APIClient],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    Release.objects.update(state=JobState.FAILED, error="The disk is full.")
    browser = client_of(owner)
    [job] = browser.get("/api/system/jobs/?state=failed").json()
    assert (job["id"], job["error"], job["project"]["name"]) == (
        f"release-{release.pk}",
        "The disk is full.",
        "Assistant",
    )
    before = waiting()
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(f"/api/system/jobs/{job['id']}/retry/").status_code == 202
        assert waiting() == before, "a worker would find the row as it was"
    release.refresh_from_db()
    assert (release.state, release.error, waiting()) == (JobState.QUEUED, "", before + 1)
    assert browser.post(f"/api/system/jobs/{job['id']}/retry/").status_code == 409
    for unknown in ("release-999999", "dance-1", "release-x", "x"):
        assert browser.post(f"/api/system/jobs/{unknown}/retry/").status_code == 404


def test_the_system_page_tells_versions_disk_and_queues(owner: User, client_of: Callable[[User], APIClient]) -> None:
    body = client_of(owner).get("/api/system/").json()
    assert body["versions"]["postgresql"][:2].isdigit()
    assert body["disk"]["database_bytes"] > 1_000_000
    assert body["disk"]["free_bytes"] < body["disk"]["total_bytes"]
    assert set(body["queue"]) == {"default", "training"}
    assert body["installs"]["state"] in {"waiting", "installing", "done", "failed"}


@guards("GET /api/system/", "GET /api/system/jobs/", "POST /api/system/jobs/{job}/retry/")
def test_only_the_owner_sees_the_system(statuses: Callable[..., dict[str, int]], release: Release) -> None:
    others = dict.fromkeys(["manager", "researcher", "reviewer", "annotator", "chat_user", "outsider"], 403)
    expected = {"owner": 200, **others, "anonymous": 401}
    assert statuses("get", "/api/system/") == expected
    assert statuses("get", "/api/system/jobs/") == expected
    Release.objects.update(state=JobState.FAILED)
    assert statuses("post", f"/api/system/jobs/release-{release.pk}/retry/") == expected | {"owner": 202}


def test_retrying_is_the_owners_alone(release: Release, manager: User) -> None:
    with pytest.raises(OwnerOnly):
        actions.retry_job(job_id=f"release-{release.pk}", actor=manager, now=timezone.now())


def test_the_demo_project_fills_an_empty_site_once(owner: User, annotator_of_demo: Callable[[Project], User]) -> None:
    from annotation.intake.jobs import run_import

    pks = actions.load_demo(owner=owner, now=timezone.now())
    for pk in pks:
        run_import(import_file_id=pk)
    files = ImportFile.objects.filter(pk__in=pks)
    assert [(file.state, file.error, file.rejected_by_reason) for file in files] == [(JobState.DONE, "", {})] * 6
    project = Project.objects.get(name=actions.DEMO_PROJECT)
    assert project.prompts.count() > 150
    assert Answer.objects.filter(task__protocol__kind="ranking").count() > 80
    assert Answer.objects.filter(task__protocol__kind="demonstration").count() > 100
    assert Answer.objects.filter(task__protocol__kind="moderation_label").count() == 60
    assert project.documents.count() > 50
    worker = annotator_of_demo(project)
    for protocol in project.protocols.filter(kind__in=["demonstration", "ranking"]):
        assert protocol.guidelines.count() == 1
        assert claim_next(protocol=protocol, actor=worker, now=timezone.now()) is not None
    assert actions.load_demo(owner=owner, now=timezone.now()) == []


def test_the_demo_project_grows_a_release_and_two_runs_once(owner: User) -> None:
    from annotation.exports.jobs import freeze_release
    from annotation.intake.jobs import run_import

    now = timezone.now()
    assert actions.grow_demo(now=now) == []
    imports = actions.load_demo(owner=owner, now=now)
    assert actions.grow_demo(now=now) == []
    for pk in imports:
        run_import(import_file_id=pk)
    [(kind, release)] = actions.grow_demo(now=now)
    assert kind == "release"
    assert actions.grow_demo(now=now) == []
    freeze_release(release_id=release)
    runs = actions.grow_demo(now=now)
    assert [TrainingRun.objects.get(pk=pk).stage for kind, pk in runs if kind == "run"] == ["reward", "sft"]
    assert actions.grow_demo(now=now) == []


@pytest.fixture
def annotator_of_demo() -> Callable[[Project], User]:
    def joined(project: Project) -> User:
        user = User.objects.create_user("new@example.com", None, name="New Annotator")
        project.memberships.create(user=user, role="annotator", joined_at=timezone.now())
        return user

    return joined
