"""The rows that records are made of, read a batch at a time in the order in which they lie on the disk.

Revisions are append-only and completions immutable, so no transaction stays open while files are written. While one
batch is worked on, a thread reads the next over the same connection: the database and this process work at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import orjson
from django.db import connection
from psycopg import Cursor
from psycopg.types.json import set_json_loads

from annotation.beside import switching_often
from annotation.exports.rendering import Row, Text, completion_ids

BATCH = 500

_ROWS = """
    SELECT r.id, r.payload, r.shown_order, r.seconds, NULLIF(r.step_seconds, '{}'),
           to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           a.annotator_id, a.source_kind, NULLIF(a.selection, '{}'),
           p.kind, p.id, v.number, v.config->'strength_levels', u.number,
           t.prompt_id, NULLIF(t.brief, '{}'), COALESCE(q.language, t.language), q.messages, g.key, g.split
    FROM tasks_answerrevision r
    JOIN tasks_answer a ON a.id = r.answer_id
    JOIN tasks_task t ON t.id = a.task_id
    JOIN projects_protocol p ON p.id = t.protocol_id
    JOIN projects_protocolversion v ON v.id = r.protocol_version_id
    LEFT JOIN projects_guidelineversion u ON u.id = r.guideline_version_id
    LEFT JOIN tasks_prompt q ON q.id = t.prompt_id
    LEFT JOIN tasks_promptgroup g ON g.id = q.group_id
    WHERE r.id = ANY(%s)
"""
_COMPLETIONS = "SELECT id, text, source_kind, source_label FROM tasks_completion WHERE id = ANY(%s)"


class Batch(NamedTuple):
    """Some rows, in no order, and the completions that they speak of by id."""

    rows: Sequence[Row]
    completions: Mapping[int, Text]


def batches(ids: Sequence[int]) -> Iterator[Batch]:
    """Yield the rows of these revisions; two queries a batch."""
    connection.ensure_connection()
    cursor = Cursor(connection.connection)
    set_json_loads(orjson.loads, cursor)
    with cursor, switching_often(), ThreadPoolExecutor(1, thread_name_prefix="rows") as reader:
        waiting = None
        for start in range(0, len(ids), BATCH):
            coming = reader.submit(_read, cursor, list(ids[start : start + BATCH]))
            if waiting:
                yield waiting.result()
            waiting = coming
        if waiting:
            yield waiting.result()


def _read(cursor: Cursor[Any], ids: list[int]) -> Batch:
    rows = [Row._make(row) for row in cursor.execute(_ROWS, [ids], binary=True).fetchall()]
    wanted = {pk for row in rows for pk in completion_ids(row)}
    texts = cursor.execute(_COMPLETIONS, [list(wanted)], binary=True).fetchall() if wanted else []
    return Batch(rows, {row[0]: Text._make(row) for row in texts})
