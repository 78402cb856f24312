import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from annotation.processes import postgres
from annotation.processes.postgres import PostgresFailed, Server


@pytest.fixture
def server() -> Iterator[Server]:
    """In a folder with a short name, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="bennet-") as folder:
        yield Server.under(Path(folder), durable=False)


def test_a_server_starts_takes_connections_and_stops(server: Server) -> None:
    with postgres.running(server), psycopg.connect(server.url) as connection:
        shown = connection.execute("SELECT current_database(), current_setting('max_connections')").fetchone()
        assert shown == ("bennet", "300")
        assert connection.execute("SELECT current_setting('listen_addresses')").fetchone() == ("",)
        assert server.sockets.stat().st_mode & 0o077 == 0
    assert not postgres.is_ready(server)


def test_data_is_still_there_at_the_next_start(server: Server) -> None:
    with postgres.running(server), psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with postgres.running(server), psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_running_server_is_used_and_left_running(server: Server) -> None:
    with postgres.running(server):
        with postgres.running(server), psycopg.connect(server.url):
            pass
        assert postgres.is_ready(server)


def test_a_setup_that_was_cut_short_is_begun_anew(server: Server) -> None:
    half_made = server.data.with_name("postgres.new")
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18")
    with postgres.running(server):
        assert postgres.is_ready(server)


def test_data_of_an_unknown_version_is_refused_with_a_remedy(server: Server) -> None:
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("12")
    with pytest.raises(PostgresFailed, match=r"made by PostgreSQL 12.*back it up"), postgres.running(server):
        pass


def test_a_long_path_gets_a_short_socket_folder() -> None:
    server = Server.under(Path("/srv") / ("long" * 30))
    assert len(os.fsencode(server.sockets / ".s.PGSQL.5432")) < 107
    assert server.sockets != Server.under(Path("/srv") / ("long" * 31)).sockets


def test_an_address_is_made_of_djangos_entry() -> None:
    entry = {"NAME": "b", "USER": "me", "PASSWORD": "p&w", "HOST": "db", "PORT": 5433}
    url = postgres.url_of(entry | {"OPTIONS": {"sslmode": "require", "pool": {}}})
    read = psycopg.conninfo.conninfo_to_dict(url)
    expected = {"dbname": "b", "user": "me", "password": "p&w", "host": "db", "port": "5433", "sslmode": "require"}
    assert read == expected
