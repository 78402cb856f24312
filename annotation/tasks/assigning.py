"""Verbs on whom tasks are for: assign them by hand, by the thousand, and take that back.

A task for nobody in particular goes to whoever comes first. Whoever holds a claim when it is assigned to others
keeps it. All that a filter names changes in one statement, and everybody in the queue is called back to the first
of it (see `queue.pull_back`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, Max, QuerySet, Sum, Window

from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.models import Membership, Protocol
from annotation.projects.permissions import require, verbs_with
from annotation.tasks import queue
from annotation.tasks.models import Purpose, Task, TaskState
from annotation.tasks.queries import saying
from annotation.tasks.queue import Place

MOST_PEOPLE = 200
EACH = ("all", "split")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which open tasks of a protocol; what is left empty chooses among all. `count` takes the first of the queue."""

    ids: Sequence[int] = ()
    language: str = ""
    tag: str = ""
    text: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many tasks changed, and how many of them hold words of somebody they are now for, who cannot do them."""

    tasks: int
    own_texts: int = 0


@transaction.atomic
def assign_tasks(
    *,
    protocol: Protocol,
    actor: User,
    chosen: Chosen,
    people: Sequence[int] = (),
    team: str = "",
    each: str = "all",
) -> Assigned:
    """Say that tasks are for these people, or for this team, and nobody else.

    Every task is for all the people; or they are dealt out in turn (`each` is "split"), each task to as many of them
    as it wants answers. Raise NotAllowed, BadField.
    """
    require(actor, "manage_tasks", protocol.project)
    if bool(people) == bool(team):
        raise BadField("people", "must name somebody, or team must; not both")
    if each not in EACH:
        raise BadField("each", f"must be one of {', '.join(EACH)}")
    workers = _workers(protocol, people, team)
    tasks = _open(protocol, chosen)
    most = tasks.aggregate(most=Max("required_answers"))["most"] or 0
    if most > len(workers):
        raise BadField("people" if people else "team", f"must be at least {most} people: a task wants so many answers")
    return _mean(protocol, tasks, people=[] if team else workers, team=team, share_out=each == "split")


@transaction.atomic
def unassign_tasks(*, protocol: Protocol, actor: User, chosen: Chosen) -> Assigned:
    """Say that tasks are for everybody who may work in the protocol. Raise NotAllowed."""
    require(actor, "manage_tasks", protocol.project)
    tasks = _open(protocol, chosen).exclude(assigned_to=None, team="")
    return _mean(protocol, tasks, people=[], team="", share_out=False)


def _workers(protocol: Protocol, people: Sequence[int], team: str) -> list[int]:
    """Return the people named, or those of the team, all of whom work in this project. Raise BadField."""
    if len(people) > MOST_PEOPLE:
        raise BadField("people", f"names {len(people):,}; at most {MOST_PEOPLE} are taken. Make them a team.")
    members = Membership.objects.filter(project=protocol.project).select_related("user")
    members = members.filter(team=team) if team else members.filter(user__in=people)
    workers = [row.user_id for row in members if "do_work" in verbs_with(row.user, row.role)]
    if team and not workers:
        raise BadField("team", f"has nobody who works in this project: {team[:60]!r}")
    if strangers := [pk for pk in people if pk not in workers]:
        raise BadField("people", f"{strangers[0]} does no work in this project: choose among its members")
    return workers if team else list(dict.fromkeys(people))


def _open(protocol: Protocol, chosen: Chosen) -> QuerySet[Task]:
    """Return the chosen tasks. Gold, screening and calibration are for whom they are for."""
    rows = Task.objects.filter(protocol=protocol, state=TaskState.OPEN, purpose=Purpose.WORK)
    if chosen.ids:
        rows = rows.filter(pk__in=chosen.ids)
    if chosen.language:
        rows = rows.filter(language=chosen.language)
    if chosen.tag:
        rows = rows.filter(prompt__tags__contains=[chosen.tag])
    if chosen.text:
        rows = rows.filter(prompt__in=saying(protocol.project, chosen.text))
    if chosen.count is not None:
        rows = Task.objects.filter(pk__in=rows.order_by(*_ORDER).values("pk")[: chosen.count])
    return rows


_ORDER = (F("priority").desc(), F("queue_key").asc(), F("pk").asc())

# Locked in the order of their ids, as everybody does who locks several; dealt in the order of the queue: a task's
# people begin after the last one's.
_MEAN = """
    WITH meant AS (SELECT %s::bigint[] AS people, %s::text AS team, %s AS share_out),
    chosen AS MATERIALIZED ({chosen}),
    locked AS MATERIALIZED (
        SELECT id FROM tasks_task WHERE id IN (SELECT id FROM chosen) AND state = 'open'
        ORDER BY id FOR NO KEY UPDATE
    ), changed AS (
        UPDATE tasks_task AS task SET team = meant.team, assigned_to = CASE
            WHEN cardinality(meant.people) = 0 THEN NULL
            WHEN NOT meant.share_out THEN meant.people
            ELSE ARRAY(
                SELECT meant.people[(chosen.seats_before + seat) %% cardinality(meant.people) + 1]
                FROM generate_series(0, task.required_answers - 1) AS seat
            )
        END
        FROM meant, chosen JOIN locked USING (id) WHERE task.id = chosen.id
        RETURNING task.id, task.priority * -1 AS rank, task.queue_key,
                  coalesce(task.authors && task.assigned_to, FALSE) AS is_own
    )
    SELECT rank, queue_key, id, count(*) OVER (), count(*) FILTER (WHERE is_own) OVER ()
    FROM changed ORDER BY rank, queue_key, id LIMIT 1
"""


def _mean(protocol: Protocol, tasks: QuerySet[Task], *, people: Sequence[int], team: str, share_out: bool) -> Assigned:
    seats_before = Window(Sum("required_answers"), order_by=_ORDER) - F("required_answers")
    chosen, parameters = tasks.annotate(seats_before=seats_before).values("id", "seats_before").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_MEAN.format(chosen=chosen), [list(people), team, share_out, *parameters])
        first = cursor.fetchone()
    if first is None:
        return Assigned(0)
    *place, count, own_texts = first
    queue.pull_back(protocol_id=protocol.pk, purpose=Purpose.WORK, place=Place(*place))
    return Assigned(count, own_texts)
