"""Work for machines on what follows. The rows say what is to do: a message too many does nothing."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from annotation.followups import actions, queries

# One message follows answers for about so long; the next sweep sends another while there are more.
SECONDS_AT_ONCE = 8.0


@shared_task  # type: ignore[untyped-decorator]
def follow_waiting() -> None:
    began = time.monotonic()
    while actions.follow_some(now=timezone.now()) and time.monotonic() - began < SECONDS_AT_ONCE:
        pass


def send_due() -> None:
    """Enqueue what the rows say is to do: the sweep's part for this room."""
    if queries.is_anything_waiting():
        follow_waiting.delay()
