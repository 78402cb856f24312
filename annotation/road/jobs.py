"""Celery's way in: a walk is looked at every few seconds, and by the sweep where its message was lost."""

from __future__ import annotations

from celery import Task, shared_task
from django.utils import timezone

from annotation.exports.jobs import freeze_release
from annotation.registry.jobs import execute_run, train_curve
from annotation.road import actions
from annotation.road.actions import Ordered

LOOK_SECONDS = 2
# A walk of this length has been given up by everybody: the sweep alone looks at it then.
MOST_LOOKS = 10_000


@shared_task(bind=True, max_retries=MOST_LOOKS)  # type: ignore[untyped-decorator]
def walk_on(self: Task, *, walk_id: int) -> None:
    goes_on, ordered = actions.walk_on(walk_id=walk_id, now=timezone.now())
    enqueue(ordered)
    if goes_on:
        raise self.retry(countdown=LOOK_SECONDS)


def send_due() -> None:
    for pk in actions.silent_walks(now=timezone.now()):
        walk_on.delay(walk_id=pk)


def enqueue(ordered: Ordered) -> None:
    """Send the messages for what was ordered, on commit."""
    for kind, pk in ordered:
        if kind == "release":
            freeze_release.delay_on_commit(release_id=pk)
        elif kind == "run":
            execute_run.delay_on_commit(run_id=pk)
        else:
            train_curve.delay_on_commit(curve_id=pk)
