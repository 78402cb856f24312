"""The sweep: what the rows say is still to do is enqueued again, and what ran out of time is ended."""

from __future__ import annotations

from celery import Task, shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from annotation import durable
from annotation.assignment import actions as assignment_actions
from annotation.chat import actions as chat_actions
from annotation.exports.jobs import build_view, freeze_release
from annotation.followups import jobs as followup_jobs
from annotation.intake import dry_runs
from annotation.intake.jobs import find_duplicates, run_import
from annotation.operations import actions
from annotation.operations.kinds import KINDS
from annotation.people import replies
from annotation.quality import jobs as quality_jobs
from annotation.registry import deploying, previews, withdrawals
from annotation.registry.jobs import (
    call_for_preview,
    compare_models,
    execute_run,
    fill_worklist,
    train_curve,
    write_completions,
    write_continuation,
)
from annotation.road import jobs as road_jobs
from annotation.tasks.tallies import fold_tallies

# How often, and how long, a new site looks whether its demo project is ready for the next step.
DEMO_SECONDS, DEMO_LOOKS = 3, 200

_SENDERS = {
    "import": lambda pk: run_import.delay(import_file_id=pk),
    "duplicates": lambda pk: find_duplicates.delay(search_id=pk),
    "release": lambda pk: freeze_release.delay(release_id=pk),
    "view": lambda pk: build_view.delay(view_id=pk),
    "run": lambda pk: execute_run.delay(run_id=pk),
    "completions": lambda pk: write_completions.delay(batch_id=pk),
    "comparison": lambda pk: compare_models.delay(comparison_id=pk),
    "worklist": lambda pk: fill_worklist.delay(worklist_id=pk),
    "preview": lambda pk: call_for_preview(preview_id=pk),
    "curve": lambda pk: train_curve.delay(curve_id=pk),
    "continuation": lambda pk: write_continuation.delay(continuation_id=pk),
}


@shared_task  # type: ignore[untyped-decorator]
def sweep() -> None:
    now = timezone.now()
    assignment_actions.expire_stale(now=now)
    quality_jobs.send_due()
    followup_jobs.send_due()
    withdrawals.settle(now=now)
    deploying.note_results()
    fold_tallies()
    chat_actions.end_silent(now=now)
    road_jobs.send_due()
    for kind in KINDS.values():
        for pk in durable.take_hints(kind.model, now=now):
            enqueue(kind.name, pk)


@shared_task  # type: ignore[untyped-decorator]
def tidy_withdrawn() -> None:
    withdrawals.tidy()


@shared_task  # type: ignore[untyped-decorator]
def forget_old_sessions() -> None:
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


@shared_task  # type: ignore[untyped-decorator]
def forget_old_replies() -> None:
    replies.forget_replies(now=timezone.now())


@shared_task  # type: ignore[untyped-decorator]
def forget_unconfirmed_imports() -> None:
    dry_runs.forget_unconfirmed(now=timezone.now())


@shared_task  # type: ignore[untyped-decorator]
def forget_old_previews() -> None:
    previews.forget_old(now=timezone.now())


@shared_task(bind=True, max_retries=DEMO_LOOKS)  # type: ignore[untyped-decorator]
def grow_demo(self: Task) -> None:
    """Look after the demo project until its models are ordered."""
    ordered = actions.grow_demo(now=timezone.now())
    for kind, pk in ordered:
        enqueue(kind, pk)
    if not any(kind == "run" for kind, _ in ordered):
        raise self.retry(countdown=DEMO_SECONDS)


def enqueue(kind: str, pk: int) -> None:
    """Send the message for one row."""
    _SENDERS[kind](pk)
