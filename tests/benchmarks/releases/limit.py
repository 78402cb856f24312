"""The limit: COPY of the same rows from and into the same tables, with all their indexes and constraints."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from annotation.processes.postgres import Server

CHUNK = 2**20
# What an import writes, in the order in which the foreign keys allow it, and the rows of one project.
TABLES = {
    "tasks_promptgroup": "SELECT t.* FROM tasks_promptgroup t WHERE t.project_id = {project} ORDER BY t.id",
    "tasks_prompt": "SELECT t.* FROM tasks_prompt t WHERE t.project_id = {project} ORDER BY t.id",
    "tasks_completion": """SELECT t.* FROM tasks_completion t JOIN tasks_prompt p ON p.id = t.prompt_id
        WHERE p.project_id = {project} ORDER BY t.id""",
    "tasks_task": """SELECT t.* FROM tasks_task t JOIN projects_protocol p ON p.id = t.protocol_id
        WHERE p.project_id = {project} ORDER BY t.id""",
    "tasks_taskcompletion": """SELECT t.* FROM tasks_taskcompletion t JOIN tasks_task k ON k.id = t.task_id
        JOIN projects_protocol p ON p.id = k.protocol_id WHERE p.project_id = {project} ORDER BY t.id""",
    "tasks_answer": """SELECT t.* FROM tasks_answer t JOIN tasks_task k ON k.id = t.task_id
        JOIN projects_protocol p ON p.id = k.protocol_id WHERE p.project_id = {project} ORDER BY t.id""",
    "tasks_answerrevision": """SELECT t.* FROM tasks_answerrevision t JOIN tasks_answer a ON a.id = t.answer_id
        JOIN tasks_task k ON k.id = a.task_id JOIN projects_protocol p ON p.id = k.protocol_id
        WHERE p.project_id = {project} ORDER BY t.id""",
}
# The people and protocols that these rows point at, which are few: there before the clock starts.
NAMED = {
    "people_user": "SELECT t.* FROM people_user t WHERE t.source <> ''",
}


def write_limit_seconds(server: Server, empty: str, project_id: int, folder: Path) -> float:
    """Return how long COPY takes to write what one project holds into a database that holds nothing of it."""
    folder.mkdir(exist_ok=True)
    try:
        with psycopg.connect(server.url) as there:
            for table, rows in (NAMED | TABLES).items():
                _copy_out(there, rows.format(project=project_id), folder / table)
        with _twin(server, empty) as here:
            for table in NAMED:
                _copy_in(here, table, folder / table)
            here.commit()
            begun = time.perf_counter()
            here.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in TABLES:
                _copy_in(here, table, folder / table)
            here.commit()
            return time.perf_counter() - begun
    finally:
        for file in folder.iterdir():
            file.unlink()


def one_table_seconds(server: Server, empty: str, file: Path) -> float:
    """Return how long COPY takes to write the file's lines into a table with one jsonb column."""
    with _twin(server, empty) as here:
        here.execute("CREATE TABLE one_table (id bigserial PRIMARY KEY, row jsonb NOT NULL)")
        here.commit()
        begun = time.perf_counter()
        with here.cursor().copy("COPY one_table (row) FROM STDIN") as copy, file.open("rb") as lines:
            while chunk := lines.readlines(CHUNK):
                copy.write(b"".join(chunk).replace(b"\\", b"\\\\"))
        here.commit()
        return time.perf_counter() - begun


@contextmanager
def _twin(server: Server, empty: str) -> Iterator[psycopg.Connection]:
    """A database of its own for the block, as the site's was before anything came in."""
    with psycopg.connect(server.url, dbname="postgres", autocommit=True) as maker:
        maker.execute(sql.SQL("CREATE DATABASE limit_of_copy TEMPLATE {}").format(sql.Identifier(empty)))
        try:
            with psycopg.connect(server.url, dbname="limit_of_copy") as connection:
                yield connection
        finally:
            maker.execute("DROP DATABASE limit_of_copy")


def _copy_out(connection: psycopg.Connection, rows: str, path: Path) -> None:
    statement = sql.SQL("COPY ({}) TO STDOUT").format(sql.SQL(rows))  # type: ignore[arg-type]
    with connection.cursor().copy(statement) as copy, path.open("wb") as file:
        file.writelines(copy)


def _copy_in(connection: psycopg.Connection, table: str, path: Path) -> None:
    statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
    with connection.cursor().copy(statement) as copy, path.open("rb") as file:
        while chunk := file.read(CHUNK):
            copy.write(chunk)
