"""Work for machines on quality. The rows say what is to do: a message too many does nothing."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from annotation.quality import comparing, queries, reporting

# One message compares for about so long; the next sweep sends another while there is more.
SECONDS_AT_ONCE = 8.0


@shared_task  # type: ignore[untyped-decorator]
def compare_task(*, task_id: int) -> None:
    """Compare the answers of one task, and ask for another where they agree too little."""
    comparing.compare_changed(now=timezone.now(), task_id=task_id)


@shared_task  # type: ignore[untyped-decorator]
def compare_changed() -> None:
    began = time.monotonic()
    while comparing.compare_changed(now=timezone.now()) and time.monotonic() - began < SECONDS_AT_ONCE:
        pass


@shared_task  # type: ignore[untyped-decorator]
def compute_report(*, protocol_id: int) -> None:
    reporting.compute_report(protocol_id=protocol_id, now=timezone.now())


def send_due() -> None:
    """Enqueue what the rows say is to do: the sweep's part for this room."""
    if queries.has_tasks_to_compare():
        compare_changed.delay()
    for protocol_id in reporting.take_due(now=timezone.now()):
        compute_report.delay(protocol_id=protocol_id)
