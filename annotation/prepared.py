"""Statements of the annotator's path: the server parses and plans each once a connection, then only runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import psycopg
from django.db import connection
from django.db.models import DEFERRED, Model
from psycopg.pq import ExecStatus
from psycopg.rows import namedtuple_row

RowT = TypeVar("RowT", bound=Model)


def run(statement: str, parameters: Mapping[str, Any]) -> list[Any]:
    """Run a statement with its parameters bound by the server and return its rows, named by column.

    Django binds on the client, so that each execution is a new statement to the server: dear where planning costs
    more than running. Errors, counts and logs are Django's own all the same. As everywhere on Django's connections
    a jsonb comes as a text: select it as json.
    """
    connection.ensure_connection()
    raw = getattr(connection.connection, "cursor_for_prepared", None) or _cursor(connection.connection)
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    # Not as a context, which would close the cursor.
    cursor = wrap(raw)
    cursor.execute(statement, parameters)
    return list(cursor.fetchall()) if raw.pgresult.status == ExecStatus.TUPLES_OK else []


def built(model: type[RowT], columns: Mapping[str, Any]) -> RowT:
    """Return a stored row of the model from some of its columns; the others load when somebody asks for them."""
    values = [columns.get(field.attname, DEFERRED) for field in model._meta.concrete_fields]
    return model.from_db("default", [field.attname for field in model._meta.concrete_fields], values)


def _cursor(raw: Any) -> Any:
    """Make the connection's one cursor for this: making one costs more than most of these statements."""
    raw.prepare_threshold = 0  # which Django's own statements never come to
    raw.cursor_for_prepared = psycopg.Cursor(raw, row_factory=namedtuple_row)
    return raw.cursor_for_prepared
