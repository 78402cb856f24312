"""Imports on the queue."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from annotation.intake import actions


@shared_task  # type: ignore[untyped-decorator]
def run_import(*, import_file_id: int) -> None:
    actions.run_import(import_file_id=import_file_id, clock=timezone.now)
