"""How long each person has worked on each day: seconds at the desk, as their page measured them without idle time.

An answer's time counts on the day it was handed in; when it is revised, what the revision took counts on the day of
the revision, so that a past day never changes. Time spent on what was skipped, given back or left to run out is time
worked too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from annotation.people.models import User
from annotation.projects.models import Project

_CHUNK = 1000

_HOURS = """
    WITH worked AS (
        SELECT answer.annotator_id AS person, task.protocol_id AS protocol, revision.created_at AS at,
               (revision.number = 1)::int AS answers, 0 AS skips,
               greatest(coalesce(revision.seconds, 0) - coalesce(before.seconds, 0), 0) AS seconds
        FROM tasks_answerrevision AS revision
        JOIN tasks_answer AS answer ON answer.id = revision.answer_id
        JOIN tasks_task AS task ON task.id = answer.task_id
        LEFT JOIN tasks_answerrevision AS before
            ON before.answer_id = revision.answer_id AND before.number = revision.number - 1
        WHERE revision.created_at >= %(start)s AND revision.created_at < %(end)s AND answer.source_kind = 'person'
        UNION ALL
        SELECT claim.annotator_id, task.protocol_id, claim.ended_at, 0, (claim.state = 'skipped')::int,
               greatest(claim.draft_seconds - coalesce(reopened.seconds, 0), 0)
        FROM assignment_claim AS claim
        JOIN tasks_task AS task ON task.id = claim.task_id
        LEFT JOIN tasks_answer AS reopened ON reopened.id = claim.answer_id
        WHERE claim.state IN ('skipped', 'released', 'expired')
          AND claim.ended_at >= %(start)s AND claim.ended_at < %(end)s
    )
    SELECT {columns}, sum(answers), sum(skips), sum(seconds)
    FROM worked
    JOIN projects_protocol AS protocol ON protocol.id = worked.protocol
    JOIN people_user AS person ON person.id = worked.person
    WHERE protocol.project_id = %(project)s AND (%(person)s::bigint IS NULL OR worked.person = %(person)s)
    GROUP BY {columns}
    HAVING sum(answers) + sum(skips) + sum(seconds) > 0
    ORDER BY {columns}
"""
_DAY = "(worked.at AT TIME ZONE %(zone)s)::date"
_BY_DAY = _HOURS.format(columns=f"{_DAY}, person.name, person.email, protocol.name")
_BY_PERSON = _HOURS.format(columns="person.name, person.id")


@dataclass(frozen=True)
class Worked:
    """A person's work on one day in one protocol."""

    day: date
    name: str
    email: str
    protocol: str
    answers: int
    skips: int
    seconds: float


@dataclass(frozen=True)
class PersonWorked:
    id: int
    name: str
    answers: int
    skips: int
    seconds: float


def hours_by_day(project: Project, first: date, last: date, *, person: User | None = None) -> Iterator[Worked]:
    """Yield everybody's days, or one person's, in order; read from the database a thousand at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_BY_DAY, _given(project, first, last, person))
        while rows := cursor.fetchmany(_CHUNK):
            yield from (Worked(*row) for row in rows)


def hours_by_person(project: Project, first: date, last: date, *, person: User | None = None) -> list[PersonWorked]:
    """Return what each has worked in all these days; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_PERSON, _given(project, first, last, person))
        return [PersonWorked(pk, name, *sums) for name, pk, *sums in cursor.fetchall()]


def _given(project: Project, first: date, last: date, person: User | None) -> dict[str, Any]:
    return {
        "project": project.pk,
        "start": _midnight(first),
        "end": _midnight(last + timedelta(days=1)),
        "person": person and person.pk,
        "zone": timezone.get_current_timezone_name(),
    }


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
