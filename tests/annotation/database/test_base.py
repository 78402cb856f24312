"""A connection that the server has closed leaves the pool no more, and one in use costs no question."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool
from pytest_django.fixtures import Settings

from annotation.database import base
from annotation.processes import postgres

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(db: None) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.url_of(connection.settings_dict), autocommit=True) as opened:
        yield opened


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[psycopg.Connection]:
    """Note each question to the server."""
    noted: list[psycopg.Connection] = []
    ask = ConnectionPool.check_connection
    monkeypatch.setattr(ConnectionPool, "check_connection", lambda line: (noted.append(line), ask(line)))
    return noted


def test_a_line_is_asked_once_a_second(
    line: psycopg.Connection, asked: list[psycopg.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        base.check(line)
    assert asked == [line]
    monkeypatch.setattr(base, "ASKED_EVERY_SECONDS", 0.0)
    base.check(line)
    assert asked == [line, line]


def test_a_line_that_the_server_has_closed_is_noticed_at_once(line: psycopg.Connection) -> None:
    base.check(line)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [line.info.backend_pid])
    deadline = time.monotonic() + base.ASKED_EVERY_SECONDS / 2
    while not base._has_heard(line):
        assert time.monotonic() < deadline
    with pytest.raises(psycopg.OperationalError):
        base.check(line)


def test_a_notice_on_a_sound_line_does_no_harm(line: psycopg.Connection, asked: list[psycopg.Connection]) -> None:
    line.execute("LISTEN bell")
    base.check(line)
    with psycopg.connect(postgres.url_of(connection.settings_dict), autocommit=True) as other:
        other.execute("NOTIFY bell")
    while not base._has_heard(line):
        time.sleep(0.01)
    base.check(line)
    assert asked == [line, line]


@pytest.fixture
def pooled(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[base.DatabaseWrapper]:
    """Give a connection to the tests' database that comes from a pool of its own, of one."""
    monkeypatch.setattr(base.DatabaseWrapper, "_connection_pools", {})
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 0, "max_size": 1, "timeout": 5}}
    here = base.DatabaseWrapper({**connection.settings_dict, "OPTIONS": options}, "default")
    here.inc_thread_sharing()
    yield here
    here.close()
    here.close_pool()


def test_the_pool_looks_with_this_check(pooled: base.DatabaseWrapper) -> None:
    assert pooled.pool is pooled.pool
    assert pooled.pool._check is base.check
    assert base.DatabaseWrapper({**connection.settings_dict, "OPTIONS": {}}, "x").pool is None


def test_a_thread_keeps_its_connection_for_a_while(pooled: base.DatabaseWrapper, settings: Settings) -> None:
    pooled.ensure_connection()
    held = pooled.connection
    pooled.close_if_unusable_or_obsolete()
    assert pooled.connection is held
    settings.DATABASE_KEPT_SECONDS = 0.0
    pooled.close()
    pooled.ensure_connection()
    assert pooled.connection is held
    pooled.close_if_unusable_or_obsolete()
    assert pooled.connection is None
    pooled.ensure_connection()
    assert pooled.connection is held


def test_a_kept_connection_that_the_server_has_closed_is_replaced(pooled: base.DatabaseWrapper) -> None:
    pooled.ensure_connection()
    held = pooled.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [held.info.backend_pid])
    while not base._has_heard(held):
        time.sleep(0.01)
    pooled.close_if_unusable_or_obsolete()
    assert pooled.connection is None
    with pooled.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert pooled.connection is not held


def test_a_thread_that_ends_gives_its_connection_back(pooled: base.DatabaseWrapper) -> None:
    def ask() -> None:
        gone = base.DatabaseWrapper(pooled.settings_dict, "default")
        gone.ensure_connection()
        gone.close_if_unusable_or_obsolete()

    # At once: nobody knows when garbage will be collected next.
    gc.disable()
    try:
        for _ in range(3):
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join()
        pooled.ensure_connection()  # of a pool of one
    finally:
        gc.enable()
    assert pooled.connection is not None


def test_a_prepared_statement_is_planned_once_whatever_it_is_asked(pooled: base.DatabaseWrapper) -> None:
    for here in (pooled, connection):
        for number in range(8):
            with here.cursor() as cursor:
                if number == 0:
                    cursor.execute("PREPARE one_person (bigint) AS SELECT name FROM people_user WHERE id = $1")
                cursor.execute("EXECUTE one_person (%s)", [number])
        with here.cursor() as cursor:
            cursor.execute(
                "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = %s", ["one_person"]
            )
            assert cursor.fetchone() == (8, 0)
    # Said once a connection, not each time that somebody takes it from the pool.
    raw = pooled.connection
    pooled.close()
    pooled.ensure_connection()
    assert pooled.connection is raw
    assert not pooled._configure_connection(raw)
