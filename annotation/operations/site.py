"""This checkout's own site: its lock, and its database for commands that run beside `up` or without it."""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from django.conf import settings
from django.db import connection

from annotation.processes import postgres


class SiteRunning(Exception):
    """Another process runs this site."""


@contextlib.contextmanager
def lock() -> Iterator[None]:
    """Raise SiteRunning: two on one folder would fight over the database's files."""
    settings.VAR_ROOT.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_ROOT / "up.lock").open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            holder = f"Bennet already runs on {settings.VAR_ROOT} (process {held.read()})"
            raise SiteRunning(f"{holder}: stop that one first, or set VAR_ROOT.") from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


@contextlib.contextmanager
def database_running() -> Iterator[None]:
    """The embedded server, started for as long as the block lasts unless it runs already."""
    if settings.EMBEDDED is None:
        yield
        return
    with postgres.running(settings.EMBEDDED):
        try:
            yield
        finally:
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
