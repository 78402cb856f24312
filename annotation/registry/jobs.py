"""Celery's way in: ids only, one call each. They wait on the queue whose workers take one job at a time.

They may run for hours, longer than any broker waits for a late acknowledgement: the message goes when the work
begins, and the sweep finds a row whose worker died.
"""

from __future__ import annotations

from celery import shared_task

from annotation.celery import stopping
from annotation.registry import (
    comparison_writing,
    continuations,
    curves,
    execution,
    previews,
    worklist_filling,
    writing,
)


@shared_task(acks_late=False)  # type: ignore[untyped-decorator]
def execute_run(*, run_id: int) -> None:
    execution.execute_run(run_id=run_id, must_stop=stopping)


@shared_task(acks_late=False)  # type: ignore[untyped-decorator]
def write_completions(*, batch_id: int) -> None:
    writing.execute_batch(batch_id=batch_id, must_stop=stopping)


@shared_task(acks_late=False)  # type: ignore[untyped-decorator]
def compare_models(*, comparison_id: int) -> None:
    comparison_writing.execute_comparison(comparison_id=comparison_id, must_stop=stopping)


@shared_task(acks_late=False)  # type: ignore[untyped-decorator]
def fill_worklist(*, worklist_id: int) -> None:
    worklist_filling.execute_worklist(worklist_id=worklist_id, must_stop=stopping)


@shared_task(acks_late=False)  # type: ignore[untyped-decorator]
def write_continuation(*, continuation_id: int) -> None:
    continuations.execute_continuation(continuation_id=continuation_id, must_stop=stopping)


@shared_task(acks_late=False)  # type: ignore[untyped-decorator]
def preview_run(*, preview_id: int) -> None:
    previews.execute_preview(preview_id=preview_id, must_stop=stopping)


@shared_task(acks_late=False)  # type: ignore[untyped-decorator]
def train_curve(*, curve_id: int) -> None:
    curves.execute_curve(curve_id=curve_id, must_stop=stopping)


def call_for_preview(*, preview_id: int) -> None:
    """Tell both queues, on commit: the one may be training for hours, the workers of the other may lack torch."""
    for queue in ("default", "training"):
        preview_run.apply_async_on_commit(kwargs={"preview_id": preview_id}, queue=queue)
