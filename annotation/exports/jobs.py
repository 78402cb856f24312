"""Work for machines on releases. The row is the truth: a message too many does nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from celery import shared_task

from annotation.exports import actions, building, makeup


@contextmanager
def giving_back() -> Iterator[None]:
    """Return to the system, after the block, what its rows took: the worker lives on and would keep it."""
    try:
        yield
    finally:
        pa.default_memory_pool().release_unused()


@shared_task  # type: ignore[untyped-decorator]
def freeze_release(*, release_id: int) -> None:
    with giving_back():
        actions.freeze(release_id=release_id)
    makeup.fill(release_id=release_id)


@shared_task  # type: ignore[untyped-decorator]
def build_view(*, view_id: int) -> None:
    with giving_back():
        building.build(view_id=view_id)
