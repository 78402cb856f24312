"""Work for machines on releases. The row is the truth: a message too many does nothing."""

from celery import shared_task

from annotation.exports import actions


@shared_task  # type: ignore[untyped-decorator]
def freeze_release(*, release_id: int) -> None:
    actions.freeze(release_id=release_id)
