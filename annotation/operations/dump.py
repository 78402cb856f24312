"""A database into one file and back, with the pg_dump and pg_restore that fit the server."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, cast

import psycopg
from psycopg.conninfo import make_conninfo

from annotation.processes import postgres

# The queue is not kept: its messages are hints, and the rows tell the next sweep what is still to do.
LEFT_OUT = ["--exclude-schema=pgmq"]
UNKNOWN_TO_OLDER_SERVERS = b"SET transaction_timeout = 0;\n"


class DumpFailed(Exception):
    """PostgreSQL's own tool refused; the message is its last words."""


def dump(database: Mapping[str, Any], target: Path) -> None:
    options = ["--format=custom", "--no-owner", "--no-privileges", *LEFT_OUT, "--file", str(target)]
    command, environ = _command("pg_dump", database, options)
    done = subprocess.run(command, check=False, capture_output=True, env=environ)
    if done.returncode:
        raise DumpFailed(f"pg_dump failed: {_last_words(done.stderr)}")


def restore(database: Mapping[str, Any], source: Path) -> None:
    """All or nothing, into a database without tables, of the dumped server's version or an older one."""
    script = [str(_find("pg_restore", 0)), "--no-owner", "--no-privileges", "--file=-", str(source)]
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    command, environ = _command("psql", database, options)
    with tempfile.TemporaryFile() as said, subprocess.Popen(script, stdout=subprocess.PIPE, stderr=said) as written:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said, env=environ) as psql:
            _feed(written, psql)
        written.wait()
        said.seek(0)
        if written.returncode or psql.returncode:
            raise DumpFailed(f"The database was not restored: {_last_words(said.read())}")


def _feed(source: subprocess.Popen[bytes], target: subprocess.Popen[bytes]) -> None:
    """Pass the script on without the one setting that servers before version 17 do not know."""
    waits_for_it = True
    with contextlib.suppress(BrokenPipeError):
        for line in cast(IO[bytes], source.stdout):
            if waits_for_it and line == UNKNOWN_TO_OLDER_SERVERS:
                waits_for_it = False
                continue
            cast(IO[bytes], target.stdin).write(line)
    if source.wait():
        target.kill()  # the end of a script that broke off would be taken for its end, and be committed


def is_empty(database: Mapping[str, Any]) -> bool:
    with psycopg.connect(postgres.url_of(database)) as connection:
        tables = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1"
        return connection.execute(tables).fetchone() is None


def clear(database: Mapping[str, Any]) -> None:
    with psycopg.connect(postgres.url_of(database)) as connection:
        connection.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _command(tool: str, database: Mapping[str, Any], options: list[str]) -> tuple[list[str], dict[str, str]]:
    """The password goes into the environment: every user of the machine can read a process's arguments."""
    known = postgres.libpq_options(database)
    environ = {**os.environ, "PGPASSWORD": known.pop("password", "")}
    return [str(_find(tool, _server_version(database))), "--dbname", make_conninfo("", **known), *options], environ


def _last_words(said: bytes) -> str:
    return said.decode(errors="replace").strip()[-2000:]


def _server_version(database: Mapping[str, Any]) -> int:
    with psycopg.connect(postgres.url_of(database)) as connection:
        return connection.info.server_version // 10000


def _find(tool: str, version: int) -> Path:
    """The tool of the server's own version if one is there, else the next newer one; for 0 the newest."""
    found = {_version_of(path): path for path in _candidates(tool)}
    fitting = [known for known in sorted(found) if known >= version] if version else [max(found)]
    if not fitting:
        raise DumpFailed(f"No {tool} for PostgreSQL {version} is installed: put that version's on the PATH.")
    return found[fitting[0]]


def _candidates(tool: str) -> list[Path]:
    shipped = [folder / tool for folder in postgres.shipped_versions().values()]
    on_path = shutil.which(tool)
    return [*shipped, *([Path(on_path)] if on_path else [])]


def _version_of(tool: Path) -> int:
    said = subprocess.run([tool, "--version"], check=True, capture_output=True, text=True).stdout
    return int(said.split()[2].split(".")[0])
