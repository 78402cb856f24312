"""A thread that will wait for something else gives its connection back first."""

from __future__ import annotations

from django.db import connection


def give_back() -> None:
    """Let others have this thread's connection, unless somebody around holds a transaction on it."""
    if not connection.in_atomic_block:
        connection.close()
