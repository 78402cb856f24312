"""Verbs on the site as a whole: its first start, and jobs that want another try."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.core.files import File
from django.db import transaction

from annotation import durable
from annotation.durable import JobState
from annotation.exports import actions as export_actions
from annotation.intake import actions as intake_actions
from annotation.operations.kinds import KINDS
from annotation.people.actions import require_owner
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project
from annotation.registry import actions as registry_actions
from annotation.registry.models import Stage

DEMO_PROJECT = "Demo assistant"
DEMO_RELEASE = "Demo release"
DEMO_DESCRIPTION = (
    "A small project to look around in: annotate, freeze, train. Its prompts, answers and judges were made up "
    "for Bennet and are CC0."
)
_DEMO = Path(__file__).with_name("demo")
_TEXT = "text.txt"
_DEMO_FILES = (
    "demonstrations.jsonl",
    "rankings.jsonl",
    "waiting.jsonl",
    "to_answer.jsonl",
    "moderation.jsonl",
    _TEXT,
)


class NoSuchJob(LookupError):
    """No job has this id."""


def load_demo(*, owner: User, now: datetime) -> list[int]:
    """Make the demo project on a site that has no project yet; return the ids of the imports that fill it."""
    with transaction.atomic():
        if Project.objects.exists():
            return []
        project = project_actions.create_project(actor=owner, name=DEMO_PROJECT, description=DEMO_DESCRIPTION, now=now)
        for protocol in project.protocols.all():
            guideline = (_DEMO / f"guidelines_{protocol.kind}.md").read_text(encoding="utf-8")
            project_actions.publish_guideline(protocol=protocol, markdown=guideline, actor=owner, now=now)
    return [_import(project, name, owner, now) for name in _DEMO_FILES]


def grow_demo(*, now: datetime) -> list[tuple[str, int]]:
    """Take the demo project one step on, once the step before it is done; return the jobs to enqueue.

    Imported answers become a release, the release becomes a reward model and an assistant, trained in view.
    Safe to repeat: a step that was taken is not taken again, whatever became of it.
    """
    project = Project.objects.filter(name=DEMO_PROJECT).select_related("created_by").first()
    if project is None:
        return []
    owner, release = project.created_by, project.releases.order_by("pk").first()
    if release is None:
        if project.imports.exclude(state=JobState.DONE).exists():
            return []
        release = export_actions.request_release(
            project=project, name=DEMO_RELEASE, selection={"documents": True}, actor=owner, now=now
        )
        return [("release", release.pk)]
    if release.state != JobState.DONE or project.runs.exists():
        return []
    with transaction.atomic():
        runs = [
            registry_actions.request_run(
                project=project,
                actor=owner,
                release_id=release.pk,
                stage=stage,
                start={"preset": "small"},
                config={},
                now=now,
            )
            for stage in (Stage.REWARD, Stage.SFT)
        ]
    return [("run", run.pk) for run in runs]


def retry_job(*, job_id: str, actor: User, now: datetime) -> tuple[str, int]:
    """Queue a failed or cancelled job again; return what to enqueue. Raise OwnerOnly, NoSuchJob, JobNotRetryable."""
    require_owner(actor)
    name, _, number = job_id.rpartition("-")
    if name not in KINDS or not number.isdecimal():
        raise NoSuchJob(f"There is no job {job_id}.")
    job = KINDS[name].model._default_manager.filter(pk=int(number)).first()
    if job is None:
        raise NoSuchJob(f"There is no job {job_id}.")
    durable.retry(job, now=now)
    return name, job.pk


def _import(project: Project, name: str, owner: User, now: datetime) -> int:
    # Paragraph by paragraph, so that some of the text is held out.
    format, options = ("text", {"text_unit": "paragraph"}) if name == _TEXT else ("bennet", {})
    with (_DEMO / name).open("rb") as file:
        received = intake_actions.receive_file(
            actor=owner, project=project, file=File(file), file_name=name, format=format, options=options, now=now
        )
    return received.pk
