"""COPY behind one's back: the server takes one batch in while this process makes the next ready.

They share one connection and one transaction, so they take turns: every statement waits for the COPY that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection

from annotation.beside import Beside, switching_often


class Copy(NamedTuple):
    """A COPY … FROM STDIN and the rows for it, as PostgreSQL reads them."""

    statement: str
    rows: str


def run(copies: Sequence[Copy]) -> None:
    """Run them in order. A row that is there already is an IntegrityError, one that does not fit a DataError."""
    _sender()(copies)


class Copier:
    """Runs one lot of copies at a time in another thread; what goes wrong there is raised by whoever waits next."""

    def __init__(self, beside: Beside) -> None:
        self.beside = beside

    def start(self, copies: Sequence[Copy]) -> None:
        self.wait()
        self.beside.start(_sender(), copies)

    def wait(self) -> None:
        self.beside.wait()

    def before(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """Wait before a statement that Django runs on the same connection."""
        self.wait()
        return execute(*statement)


@contextmanager
def copying_behind() -> Iterator[Copier]:
    """Yield a copier for this thread's connection. At the end nothing runs; call `wait` to know that it went well."""
    with ThreadPoolExecutor(1, "copy") as pool, switching_often():
        copier = Copier(Beside(pool))
        with connection.execute_wrapper(copier.before):
            yield copier


def _sender() -> Callable[[Sequence[Copy]], None]:
    """Return what sends copies over this thread's connection, from whichever thread."""
    connection.ensure_connection()
    raw, errors = connection.connection, connection.wrap_database_errors

    def send(copies: Sequence[Copy]) -> None:
        with errors, raw.cursor() as cursor:
            for statement, rows in copies:
                with cursor.copy(statement) as copy:
                    copy.write(rows)

    return send
