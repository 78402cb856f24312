"""How many messages wait in each queue, by whichever broker carries them."""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.conf import settings
from django.db import connection


def queue_depths() -> dict[str, int | None]:
    """Return how many messages wait in each queue; None where the broker does not say."""
    if settings.QUEUE_SCHEME == "pgmq":
        return {name: _pgmq_depth(name) for name in ("default", "training")}
    with current_app.connection_for_read() as broker, broker.channel() as channel:
        return {name: _channel_depth(channel, name) for name in ("default", "training")}


def _pgmq_depth(name: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"pgmq.q_{name}"])
        if cursor.fetchone()[0] is None:
            return 0
        cursor.execute("SELECT queue_length FROM pgmq.metrics(%s)", [name])
        return int(cursor.fetchone()[0])


def _channel_depth(channel: Any, name: str) -> int | None:
    try:
        return int(channel.queue_declare(name, passive=True).message_count)
    # A queue that nothing was sent to yet is not there; brokers say so by different exceptions.
    except Exception:
        return None
