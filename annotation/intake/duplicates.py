"""Verbs on the search for near-duplicates: ask for one, and make it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event

from django.db import InterfaceError, OperationalError, transaction

from annotation import durable
from annotation.durable import JobState
from annotation.intake.models import DuplicateSearch
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import require
from annotation.tasks import clusters


def request_search(*, project: Project, actor: User, now: datetime) -> DuplicateSearch:
    """Queue a search, unless one waits already. Raise NotAllowed."""
    require(actor, "import_data", project)
    return queue_search(project=project, now=now)


def queue_search(*, project: Project, now: datetime) -> DuplicateSearch:
    """Return the project's waiting search; for callers who have asked who may."""
    waiting = DuplicateSearch.objects.filter(project=project, state=JobState.QUEUED).first()
    return waiting or DuplicateSearch.objects.create(project=project, created_at=now)


def run_search(*, search_id: int, clock: Callable[[], datetime]) -> None:
    """Work on a queued search until it ends; do nothing when another worker has it.

    A killed one is begun again: digests that were made stay made, clusters are written all at once.
    """
    job = durable.start(DuplicateSearch, search_id, now=clock())
    if job is None:
        return
    with durable.beating(job) as lost:
        try:
            _search(job, lost, clock)
        except durable.JobLost:
            return
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            durable.fail(job, error=f"The search stopped on an unexpected error ({type(error).__name__}).", now=clock())
            raise


def _search(job: DuplicateSearch, lost: Event, clock: Callable[[], datetime]) -> None:
    total = clusters.unsketched(job.project).count()

    def tell(done: int) -> None:
        durable.beat(job, now=clock(), progress_done=done, progress_total=max(total, done))

    def go_on() -> None:
        if lost.is_set():
            raise durable.JobLost(f"DuplicateSearch {job.pk}, attempt {job.attempt}")

    sketched = clusters.sketch(job.project, on_progress=tell)
    with transaction.atomic():
        found = clusters.regroup(job.project, on_band=go_on)
        durable.finish(job, now=clock(), counts={"sketched": sketched, **found})
