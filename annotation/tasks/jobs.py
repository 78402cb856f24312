"""Work for machines on tasks. The rows say what is to do: a message too many does nothing but count again."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from annotation.tasks import overview


@shared_task  # type: ignore[untyped-decorator]
def count_project(*, project_id: int) -> None:
    overview.count_project(project_id=project_id, now=timezone.now())
