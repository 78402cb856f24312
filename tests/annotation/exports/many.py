"""Rankings by the thousand, made by the database itself: for what must hold at size."""

from __future__ import annotations

from django.db import connection

from annotation.people.models import User
from annotation.projects.models import Protocol
from tests.people import NOW

_ROWS = """
WITH groups AS (
    INSERT INTO tasks_promptgroup (project_id, key, split)
    SELECT %(project)s, encode(sha256(('group ' || n)::bytea), 'hex'),
           CASE n %% 10 WHEN 8 THEN 'validation' WHEN 9 THEN 'test' ELSE 'train' END
    FROM generate_series(%(first)s, %(last)s) AS n
    RETURNING id
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY id) + %(first)s - 1 AS n FROM groups
), prompts AS (
    INSERT INTO tasks_prompt (project_id, group_id, messages, messages_sha256, language, tags, source_kind,
                              source_label, created_at)
    SELECT %(project)s, id, jsonb_build_array(jsonb_build_object('role', 'user', 'content',
               'Question ' || n || ': ' || repeat('what then? ', 30))),
           encode(sha256(('prompt ' || n)::bytea), 'hex'), 'en', '{}', 'import', '', %(now)s
    FROM numbered
    RETURNING id
), completions AS (
    INSERT INTO tasks_completion (prompt_id, text, text_sha256, source_kind, source_label, model_sha256, created_at)
    SELECT prompts.id, 'Answer ' || place || ' to ' || prompts.id || ': ' || repeat('so it is. ', 30),
           encode(sha256((prompts.id || '/' || place)::bytea), 'hex'), 'model', 'model-' || place, '', %(now)s
    FROM prompts, generate_series(1, %(each)s) AS place
    RETURNING id, prompt_id
), orders AS (
    SELECT prompt_id, array_agg(id ORDER BY id) AS ids FROM completions GROUP BY prompt_id
), tasks AS (
    INSERT INTO tasks_task (protocol_id, prompt_id, content_sha256, state, required_answers, answers_count,
                            claims_count, priority, queue_key, purpose, selection, created_at, brief, language,
                            authors, team)
    SELECT %(protocol)s, prompt_id, encode(sha256(('task ' || prompt_id)::bytea), 'hex'), 'closed', 1, 1, 0, 0, 0,
           'work', '{}', %(now)s, '{}', 'en', '{}', ''
    FROM orders
    RETURNING id, prompt_id
), answers AS (
    INSERT INTO tasks_answer (task_id, annotator_id, payload, revision, is_spare, protocol_version_id, shown_order,
                              seconds, selection, source_kind, submitted_at, state, review_note, step_seconds,
                              evidence)
    SELECT tasks.id, %(annotator)s,
           jsonb_build_object('tiers', jsonb_build_array(to_jsonb(ids[1:1]), to_jsonb(ids[2:])),
                              'all_bad', false, 'rationale', ''),
           1, false, %(version)s, ids, 30.5, '{}', 'person', %(now)s, 'submitted', '', '{}', '{}'
    FROM tasks JOIN orders USING (prompt_id)
    RETURNING id, payload, shown_order
)
INSERT INTO tasks_answerrevision (answer_id, number, payload, protocol_version_id, shown_order, seconds, step_seconds,
                                  created_at)
SELECT id, 1, payload, %(version)s, shown_order, 30.5, '{}', %(now)s FROM answers
"""


def make_rankings(protocol: Protocol, annotator: User, number: int, each: int = 4, first: int = 1) -> None:
    """Store so many prompts with `each` completions, and one answer to each: the first is best, the others tie.

    Eight prompts of ten are for training, from number `first` on.
    """
    version = protocol.versions.order_by("-number")[0]
    names = {"project": protocol.project_id, "protocol": protocol.pk, "version": version.pk}
    with connection.cursor() as cursor:
        cursor.execute(
            _ROWS,
            {**names, "annotator": annotator.pk, "first": first, "last": first + number - 1, "each": each, "now": NOW},
        )
        cursor.execute("ANALYZE")
