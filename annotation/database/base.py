"""Connections that stay with their thread for a while, from a pool that looks at each before it gives it away.

Every request pays for that look, so the server is not asked every time. One that has gone away has closed its end,
which the socket tells at once. What no socket tells, a line that went dead in silence, is found out by a question, at
most once a second a connection.
"""

from __future__ import annotations

import select
import threading
import time
import weakref
from typing import Any

from django.conf import settings
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import Connection, Error
from psycopg_pool import ConnectionPool

ASKED_EVERY_SECONDS = 1.0


class _Keep:
    """What a thread holds for as long as it keeps a connection; it goes when the thread does."""


class _Keeps(threading.local):
    def __init__(self) -> None:
        self.of: dict[int, _Keep] = {}


# A wrapper whose thread has ended lives on until garbage is collected, and with it would its connection: a site that is
# used little ran out of them. This refers to nothing and is part of no circle, so it goes at once.
_keeps = _Keeps()


class DatabaseWrapper(base.DatabaseWrapper):
    @property
    def pool(self) -> Any:
        """Return this process's pool, None where the settings want none. It differs from Django's in its check."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if not options or self.alias == NO_DB_ALIAS:
            return None
        if known := self._connection_pools.get(self.alias):  # type: ignore[attr-defined]
            return known
        made = ConnectionPool(
            kwargs={**self.get_connection_params(), "autocommit": True},
            open=False,
            # Not this thread's own, which the pool would keep for ever.
            configure=DatabaseWrapper(self.settings_dict, self.alias)._configure_connection,  # type: ignore[arg-type]
            check=check,
            **options,
        )
        # Of threads that come at the same time the first one's is kept; none is open yet.
        return self._connection_pools.setdefault(self.alias, made)  # type: ignore[attr-defined]

    def connect(self) -> None:
        super().connect()
        if self.pool:
            # To fetch a connection and to give it back took longer than most statements, and one that is used again at
            # once finds its server's memory warm: a thread keeps it from one request to the next.
            self.close_at = time.monotonic() + settings.DATABASE_KEPT_SECONDS
            keep = _keeps.of[id(self)] = _Keep()
            self.given_back = weakref.finalize(keep, self.pool.putconn, self.connection)
            self.given_back.atexit = False

    def _configure_connection(self, connection: Connection) -> bool:
        """Let prepared statements have one plan for all parameters.

        Each is written for one: its look-ups go by index whatever is asked. Left to choose, the server compares the
        costs it guesses, and on some connections planned a claim anew each time, for more than the claim itself cost.
        """
        is_changed: bool = super()._configure_connection(connection)  # type: ignore[misc]
        if getattr(connection, "has_one_plan", False):
            return is_changed
        with connection.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_generic_plan")
        connection.has_one_plan = True  # type: ignore[attr-defined]
        return True

    def _close(self) -> None:
        if self.pool and self.connection is not None:
            self.given_back.detach()
            _keeps.of.pop(id(self), None)
        super()._close()  # type: ignore[misc]

    def close_if_unusable_or_obsolete(self) -> None:
        """Between two requests: give back what was kept long enough, or is no connection any more."""
        super().close_if_unusable_or_obsolete()
        if self.connection is not None and self.pool and not self.in_atomic_block:
            try:
                check(self.connection)
            except Error:
                self.close()


def check(connection: Connection) -> None:
    """Raise OperationalError where the server does not answer on this connection any more."""
    now = time.monotonic()
    answered_at: float = getattr(connection, "answered_at", 0.0)
    if now - answered_at < ASKED_EVERY_SECONDS and not _has_heard(connection):
        return
    ConnectionPool.check_connection(connection)
    connection.answered_at = now  # type: ignore[attr-defined]


def _has_heard(connection: Connection) -> bool:
    """Say whether there is something to read though nothing was asked: a goodbye, as a rule."""
    socket = select.poll()
    socket.register(connection.pgconn.socket, select.POLLIN)
    return bool(socket.poll(0))
