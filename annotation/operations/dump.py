"""A database into one file and back, with the pg_dump and pg_restore that fit the server."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from annotation.operations import postgres

# The queue is not kept: its messages are hints, and the rows tell the next sweep what is still to do.
LEFT_OUT = ["--exclude-schema=pgmq"]


class DumpFailed(Exception):
    """PostgreSQL's own tool refused; the message is its last words."""


def dump(database: Mapping[str, Any], target: Path) -> None:
    options = ["--format=custom", "--no-owner", "--no-privileges", *LEFT_OUT, "--file", str(target)]
    _run("pg_dump", database, options)


def restore(database: Mapping[str, Any], source: Path) -> None:
    """All or nothing, into a database without tables."""
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(source)]
    _run("pg_restore", database, options)


def is_empty(database: Mapping[str, Any]) -> bool:
    with psycopg.connect(postgres.url_of(database)) as connection:
        tables = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1"
        return connection.execute(tables).fetchone() is None


def clear(database: Mapping[str, Any]) -> None:
    with psycopg.connect(postgres.url_of(database)) as connection:
        connection.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _run(tool: str, database: Mapping[str, Any], options: list[str]) -> None:
    known = postgres.libpq_options(database)
    # In the environment, because every user of the machine can read a process's arguments.
    environ = {**os.environ, "PGPASSWORD": known.pop("password", "")}
    command = [str(_find(tool, _server_version(database))), "--dbname", make_conninfo("", **known), *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)
    if done.returncode:
        raise DumpFailed(f"{tool} failed: {done.stderr.strip()}")


def _server_version(database: Mapping[str, Any]) -> int:
    with psycopg.connect(postgres.url_of(database)) as connection:
        return connection.info.server_version // 10000


def _find(tool: str, version: int) -> Path:
    """The tool of the server's own version if one is there, else the next newer one."""
    found = {_version_of(path): path for path in _candidates(tool)}
    fitting = [known for known in sorted(found) if known >= version]
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
