"""Rows for the queue's benchmark, written by the million: tasks that share 10,000 prompts with four completions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection

from annotation.projects.models import Protocol

PROMPTS, EACH = 10_000, 4
CHUNK = 500_000
_BY_CONTENT = "one_task_per_content"

_PROMPTS = """
    WITH numbers AS (SELECT n FROM generate_series(1, %(count)s) AS n), groups AS (
        INSERT INTO tasks_promptgroup (project_id, key, split)
        SELECT %(project)s, encode(sha256(('group ' || n)::bytea), 'hex'), 'train' FROM numbers RETURNING id
    ), numbered AS (SELECT id, row_number() OVER () AS n FROM groups), prompts AS (
        INSERT INTO tasks_prompt (project_id, group_id, messages, messages_sha256, language, tags, source_kind,
                                  source_label, created_at)
        SELECT %(project)s, id, jsonb_build_array(jsonb_build_object('role', 'user', 'content',
                   'Question ' || n || ': ' || repeat('and what would then follow? ', 12))),
               encode(sha256(('prompt ' || n)::bytea), 'hex'), 'en', '{}', 'import', '', now()
        FROM numbered RETURNING id
    )
    INSERT INTO tasks_completion (prompt_id, text, text_sha256, source_kind, source_label, model_sha256, created_at)
    SELECT prompts.id, 'Answer ' || place || ' to ' || prompts.id || ': ' || repeat('so it is, one would say. ', 13),
           encode(sha256((prompts.id || '/' || place)::bytea), 'hex'), 'model', 'model-' || place, '', now()
    FROM prompts, generate_series(1, %(each)s) AS place
"""

# The tasks of one protocol from number `first` on, each over the next of the prompts, with its completions.
_TASKS = """
    WITH prompts AS (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM tasks_prompt WHERE project_id = %(project)s
    ), made AS (
        INSERT INTO tasks_task (protocol_id, prompt_id, content_sha256, state, required_answers, answers_count,
                                claims_count, priority, queue_key, purpose, selection, created_at, brief, language,
                                authors, team)
        SELECT %(protocol)s, prompts.id, encode(sha256((%(protocol)s || ' task ' || number)::bytea), 'hex'), 'open',
               %(overlap)s, 0, 0, 0, 0, 'work', '{}', now(), '{}', 'en', '{}', ''
        FROM generate_series(%(first)s, %(last)s) AS number JOIN prompts ON prompts.n = number %% %(prompts)s
        ORDER BY number RETURNING id, prompt_id
    )
    INSERT INTO tasks_taskcompletion (task_id, completion_id, position)
    SELECT made.id, completion.id, row_number() OVER (PARTITION BY made.id ORDER BY completion.id) - 1
    FROM made CROSS JOIN LATERAL (
        SELECT id FROM tasks_completion WHERE prompt_id = made.prompt_id ORDER BY id LIMIT %(completions)s
    ) AS completion
"""

# What one person has answered at the head of a queue, with claims and revisions as the product leaves them.
_ANSWERED = """
    WITH head AS (
        SELECT id FROM tasks_task WHERE protocol_id = %(protocol)s ORDER BY id LIMIT %(count)s
    ), counted AS (
        UPDATE tasks_task SET answers_count = answers_count + 1 WHERE id IN (SELECT id FROM head)
    ), shown AS (
        SELECT head.id, array_agg(part.completion_id ORDER BY part.position) AS ids
        FROM head JOIN tasks_taskcompletion AS part ON part.task_id = head.id GROUP BY head.id
    ), answers AS (
        INSERT INTO tasks_answer (task_id, annotator_id, payload, revision, is_spare, state, review_note,
                                  protocol_version_id, shown_order, seconds, step_seconds, evidence, selection,
                                  source_kind, submitted_at)
        SELECT id, %(person)s, jsonb_build_object('tiers', jsonb_build_array(to_jsonb(ids)), 'all_bad', false,
                                                  'rationale', ''),
               1, false, 'submitted', '', %(version)s, ids, 30, '{}', '{}', '{}', 'person', now() - interval '1 day'
        FROM shown RETURNING id, task_id, payload, shown_order
    ), revisions AS (
        INSERT INTO tasks_answerrevision (answer_id, number, payload, protocol_version_id, shown_order, seconds,
                                          step_seconds, created_at)
        SELECT id, 1, payload, %(version)s, shown_order, 30, '{}', now() - interval '1 day' FROM answers
    )
    INSERT INTO assignment_claim (id, task_id, annotator_id, state, shown_order, protocol_version_id, selection,
                                  created_at, expires_at, ended_at, draft_seconds, draft_step_seconds, skip_reason,
                                  skip_note, answer_id)
    SELECT gen_random_uuid(), task_id, %(person)s, 'submitted', shown_order, %(version)s, '{}',
           now() - interval '1 day', now() - interval '1 day', now() - interval '1 day', 0, '{}', '', '', id
    FROM answers
"""


def write_prompts(project_id: int) -> None:
    _write(_PROMPTS, project=project_id, count=PROMPTS, each=EACH)


def write_tasks(protocol: Protocol, count: int, overlap: int, completions: int = EACH) -> None:
    """Append so many open tasks to the protocol's queue."""
    with _looked_up_later() if count > CHUNK else nullcontext():
        _write_tasks(protocol, count, overlap, completions)


def _write_tasks(protocol: Protocol, count: int, overlap: int, completions: int) -> None:
    for first in range(0, count, CHUNK):
        last = min(first + CHUNK, count) - 1
        _write(
            _TASKS,
            project=protocol.project_id,
            protocol=protocol.pk,
            overlap=overlap,
            first=first,
            last=last,
            prompts=PROMPTS,
            completions=completions,
        )


def write_answers(protocol: Protocol, person_id: int, count: int) -> None:
    """Let one person have answered the first tasks of the queue."""
    version = protocol.versions.order_by("-number")[0]
    _write(_ANSWERED, protocol=protocol.pk, person=person_id, version=version.pk, count=count)


def settle() -> None:
    """What autovacuum does in the background of a queue that has grown over weeks."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def disk_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


@contextmanager
def _looked_up_later() -> Iterator[None]:
    """Make the index over the digests of tasks anew after the block.

    They come in no order: once the index is larger than the server's memory, each row would read a page from the disk.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [_BY_CONTENT])
        (definition,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE tasks_task DROP CONSTRAINT {_BY_CONTENT}")
        yield
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(f"ALTER TABLE tasks_task ADD CONSTRAINT {_BY_CONTENT} {definition}")


def _write(statement: str, **parameters: object) -> None:
    with connection.cursor() as cursor:
        # Checked one by one, the foreign keys of a million rows would take longer than the rows.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, parameters)
        cursor.execute("SET session_replication_role = DEFAULT")
