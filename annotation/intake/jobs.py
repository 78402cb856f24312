"""Imports on the queue."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from annotation.intake import actions, duplicates, queries


@shared_task  # type: ignore[untyped-decorator]
def run_import(*, import_file_id: int) -> None:
    actions.run_import(import_file_id=import_file_id, clock=timezone.now)
    for pk in queries.searches_after(import_file_id):
        find_duplicates.delay(search_id=pk)


@shared_task  # type: ignore[untyped-decorator]
def find_duplicates(*, search_id: int) -> None:
    duplicates.run_search(search_id=search_id, clock=timezone.now)
