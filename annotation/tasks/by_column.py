"""Write rows and look them up by whole columns: one statement for thousands of rows, whatever the model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from annotation.tasks.copying import Copy

Columns = Mapping[str, Sequence[Any]]

_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False)


class Ids:
    """New ids of one table, taken from its sequence. Those that were fetched beforehand and nobody takes are lost."""

    _BATCHES = 8

    def __init__(self, model: type[models.Model]) -> None:
        self.sequence = [model._meta.db_table, model._meta.pk.column]
        self.left: list[int] = []
        self.most = 0

    def take(self, count: int) -> list[int]:
        """Return so many ids in rising order."""
        self._fetch(count - len(self.left))
        self.most = max(self.most, count)
        taken, self.left = self.left[:count], self.left[count:]
        return taken

    def top_up(self) -> None:
        """Fetch the ids of several batches where those left may not do for the next."""
        if len(self.left) < 2 * self.most:
            self._fetch(self._BATCHES * self.most - len(self.left))

    def _fetch(self, count: int) -> None:
        if count <= 0:
            return
        with connection.cursor() as cursor:
            statement = "SELECT array_agg(nextval(pg_get_serial_sequence(%s, %s))) FROM generate_series(1, %s)"
            cursor.execute(statement, [*self.sequence, count])
            self.left += cursor.fetchone()[0]


def copy_of(model: type[models.Model], *, same: Mapping[str, Any], columns: Columns) -> list[Copy]:
    """Return the COPY that appends rows given column by column, in order; none for no rows.

    Fields named in neither argument get the model's default, as they would from a constructor; an id that is not
    given, the sequence's next.
    """
    given = [f for f in model._meta.concrete_fields if f.name in columns]
    if not len(columns[given[0].name]):
        return []
    rest = [f for f in model._meta.concrete_fields if f not in given and not f.primary_key]
    constant = "\t".join(_written(f, [same.get(f.name, f.get_default())])[0] for f in rest)
    columns = as_written(model, columns)
    written = [columns[f.name] for f in given]
    rows = map("\t".join, zip(*written, repeat(constant)) if rest else zip(*written, strict=True))
    names = ", ".join(f'"{f.column}"' for f in [*given, *rest])
    return [Copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN', "\n".join(rows) + "\n")]


class Written(list[str]):
    """A column's values as COPY reads them."""


def as_written(model: type[models.Model], columns: Columns) -> dict[str, Written]:
    """Return columns in a form that `copy_of` takes as it is, for columns that go into several tables."""
    fields = {name: model._meta.get_field(name) for name in columns}
    return {
        name: values if isinstance(values, Written) else _written(fields[name], values)  # type: ignore[arg-type]
        for name, values in columns.items()
    }


def insert(model: type[models.Model], *, same: Mapping[str, Any], columns: Columns) -> set[int]:
    """Insert rows given column by column, in order, past those that exist; return the ids of the new ones.

    Fields named in neither argument get the model's default, as they would from a constructor.
    """
    given = {f: columns[f.name] for f in model._meta.concrete_fields if f.name in columns}
    rest = [f for f in model._meta.concrete_fields if f not in given and not f.primary_key]
    constants = [f.get_db_prep_save(same.get(f.name, f.get_default()), connection) for f in rest]
    names = ", ".join(f'"{f.column}"' for f in [*given, *rest])
    values = ", ".join([*(_read(f) for f in given), *(f"%s::{_cast(f)}" for f in rest)])
    arrays = ", ".join(f"%s::{_carried_as(f)}[]" for f in given)
    aliases = ", ".join(f'"{f.column}"' for f in given)
    statement = f"""
        INSERT INTO "{model._meta.db_table}" ({names})
        SELECT {values} FROM unnest({arrays}) WITH ORDINALITY AS given({aliases}, place) ORDER BY place
        ON CONFLICT DO NOTHING RETURNING "{model._meta.pk.column}"
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [*constants, *(_carried(f, column) for f, column in given.items())])
        return {pk for (pk,) in cursor.fetchall()}


def ids_by_key(model: type[models.Model], key: Columns) -> list[int | None]:
    """Return the id of each row by its unique key, given column by column, in order; None where there is none.

    LATERAL with LIMIT makes it one look-up in the unique index for each: left to choose, the planner, which knows
    nothing of rows that this transaction wrote, would read the whole table for every batch.
    """
    given = {f: key[f.name] for f in model._meta.concrete_fields if f.name in key}
    arrays = ", ".join(f"%s::{_cast(f)}[]" for f in given)
    aliases = ", ".join(f'"{f.column}"' for f in given)
    matches = " AND ".join(f'there."{f.column}" = given."{f.column}"' for f in given)
    statement = f"""
        SELECT found.id FROM unnest({arrays}) WITH ORDINALITY AS given({aliases}, place)
        LEFT JOIN LATERAL (
            SELECT there.id FROM "{model._meta.db_table}" AS there WHERE {matches} LIMIT 1
        ) AS found ON true ORDER BY given.place
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [_array(values) for values in given.values()])
        return [pk for (pk,) in cursor.fetchall()]


def _cast(column: models.Field[Any, Any]) -> str:
    """Return the type to cast to. A text is not cast to its column's length, which would cut it without a word."""
    if isinstance(column, (models.CharField, models.TextField)):
        return "text"
    return str(column.db_type(connection))


def _carried_as(column: models.Field[Any, Any]) -> str:
    """Return the element type under which a column's values travel."""
    return "text" if isinstance(column, (models.JSONField, ArrayField)) else _cast(column)


def _carried(column: models.Field[Any, Any], values: Sequence[Any]) -> list[Any]:
    if isinstance(column, (models.JSONField, ArrayField)):
        return [json.dumps(value, ensure_ascii=False) for value in values]
    return list(values)


def _read(column: models.Field[Any, Any]) -> str:
    name = f'given."{column.column}"'
    if isinstance(column, models.JSONField):
        return f"{name}::jsonb"
    if isinstance(column, ArrayField):
        return f"ARRAY(SELECT jsonb_array_elements_text({name}::jsonb))::{column.db_type(connection)}"
    return name


def _written(column: models.Field[Any, Any], values: Sequence[Any]) -> Written:
    if column.null and None in values:
        there = iter(_written(column, [value for value in values if value is not None]))
        return Written(r"\N" if value is None else next(there) for value in values)
    if isinstance(column, models.JSONField):
        return _escaped([_JSON.encode(value) for value in values])
    if isinstance(column, ArrayField):
        return _escaped([_array(value) for value in values])
    return _escaped(values) if isinstance(column, (models.CharField, models.TextField)) else Written(map(str, values))


def _array(values: Sequence[Any]) -> str:
    """Return PostgreSQL's own notation of an array of texts or numbers."""
    if values and isinstance(values[0], str):
        return '{"' + '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values]) + '"}'
    return "{" + ",".join(map(str, values)) + "}"


def _escaped(values: Sequence[str]) -> Written:
    """Return texts with what COPY reads otherwise escaped: all at once, as most have nothing of it."""
    whole = "\0".join(values)
    escaped = whole.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    if escaped is whole:
        return Written(values)
    parts = escaped.split("\0") if len(values) > 1 else [escaped]
    # A NUL, which no column takes, has parted a text in two: the server is to say so, as of any other wrong value.
    return Written(parts if len(parts) == len(values) else (_escaped([value])[0] for value in values))
