"""Insert rows and look them up by whole columns: one statement for thousands of rows, whatever the model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

Columns = dict[str, Sequence[Any]]


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


def ids_by_key(model: type[models.Model], key: Columns) -> list[int]:
    """Return the id of each row by its unique key, given column by column, in order.

    LATERAL with LIMIT makes it one look-up in the unique index for each: left to choose, the planner, which knows
    nothing of rows that this transaction wrote, would read the whole table for every batch.
    """
    given = {f: key[f.name] for f in model._meta.concrete_fields if f.name in key}
    arrays = ", ".join(f"%s::{_cast(f)}[]" for f in given)
    aliases = ", ".join(f'"{f.column}"' for f in given)
    matches = " AND ".join(f'there."{f.column}" = given."{f.column}"' for f in given)
    statement = f"""
        SELECT found.id FROM unnest({arrays}) WITH ORDINALITY AS given({aliases}, place)
        CROSS JOIN LATERAL (
            SELECT there.id FROM "{model._meta.db_table}" AS there WHERE {matches} LIMIT 1
        ) AS found ORDER BY given.place
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(values) for values in given.values()])
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
