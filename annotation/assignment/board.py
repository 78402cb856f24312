"""The live board: how far each protocol is in each language, how fast it goes, and who holds what right now.

Read every few seconds, so nothing here grows with the work that is done: counts come from tallies, claims from the
index of open ones, and speed from the latest hours of those who work here now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, Left

from annotation.assignment.models import Claim, ClaimState
from annotation.people.models import User
from annotation.projects.models import Project, Protocol, ProtocolState
from annotation.tasks.tallies import TaskCounts, task_counts

HOURS_SHOWN = 12
HOUR_SECONDS = 3600
# A page on screen renews its claim three times a lease: with less than a third left, two renewals have not come.
EXPIRING_SECONDS = 300
_RENEWALS = 3
_EXCERPT = 160

# By person, along the index of their answers: an index of all answers by time would cost every submit its upkeep.
_LATEST = """
    SELECT task.protocol_id, task.language,
           floor(extract(epoch FROM %(now)s - answer.submitted_at) / %(hour)s)::int, count(*)
    FROM tasks_answer AS answer
    JOIN tasks_task AS task ON task.id = answer.task_id
    JOIN projects_protocol AS protocol ON protocol.id = task.protocol_id
    WHERE answer.annotator_id = ANY (ARRAY(
              SELECT user_id FROM projects_membership WHERE project_id = %(project)s
              UNION SELECT id FROM people_user WHERE is_owner))
      AND answer.submitted_at > %(since)s AND answer.submitted_at <= %(now)s
      AND answer.source_kind = 'person' AND NOT answer.is_spare
      AND task.purpose = 'work' AND protocol.project_id = %(project)s
    GROUP BY 1, 2, 3
"""

Key = tuple[int, str]


@dataclass(frozen=True)
class HeldClaim:
    """What one person holds; `seen_at` is the last sign of life from their page, empty before the first."""

    id: Any
    person: User
    protocol: int
    task: int
    language: str
    excerpt: str
    created_at: datetime
    shown_at: datetime | None
    seen_at: datetime | None
    expires_at: datetime
    is_expiring: bool


@dataclass
class Line:
    """One line of the board: a protocol's work in one language, or in all."""

    language: str = ""
    open: int = 0
    done: int = 0
    missing: int = 0
    in_flight: int = 0
    expiring: int = 0
    # Answers in each of the last hours, oldest first; the last one is the hour until now.
    answers_by_hour: list[int] = field(default_factory=lambda: [0] * HOURS_SHOWN)

    @property
    def answers_per_hour(self) -> float | None:
        """Return the mean of those hours in which something was handed in; None when nothing was."""
        worked = [count for count in self.answers_by_hour if count]
        return sum(worked) / len(worked) if worked else None

    @property
    def seconds_left(self) -> float | None:
        """Return how long the missing answers take at this pace; None when there is no pace to go by."""
        pace = self.answers_per_hour
        return self.missing / pace * HOUR_SECONDS if pace else None


@dataclass(frozen=True)
class Row:
    protocol: Protocol
    total: Line
    languages: list[Line]


@dataclass(frozen=True)
class Board:
    protocols: list[Row]
    claims: list[HeldClaim]


def board_of(project: Project, *, now: datetime) -> Board:
    """Return the board of what is not archived; four queries, however much there is."""
    protocols = project.protocols.exclude(state=ProtocolState.ARCHIVED)
    lines: dict[Key, Line] = defaultdict(Line)
    for key, counts in task_counts(protocols).items():
        if any(counts):
            _count(lines[key], counts)
    for key, hours_ago, count in _answers_by_hour(project, now):
        lines[key].answers_by_hour[-1 - hours_ago] += count
    claims = held_claims(project, now)
    for claim in claims:
        line = lines[claim.protocol, claim.language]
        line.in_flight += 1
        line.expiring += claim.is_expiring
    return Board([_row(protocol, lines) for protocol in protocols.order_by("pk")], claims)


def held_claims(project: Project, now: datetime) -> list[HeldClaim]:
    """Return the claims in flight, the one that ends first in front; one query."""
    last = KeyTextTransform("content", KeyTransform(-1, "task__prompt__messages"))
    said = Coalesce(last, KeyTextTransform("text", "task__brief"), Value(""))
    rows = Claim.objects.filter(state=ClaimState.OPEN, expires_at__gt=now, task__protocol__project=project)
    # Drafts are long and are none of the manager's business.
    rows = rows.defer("draft", "selection").annotate(excerpt=Left(said, _EXCERPT), language=F("task__language"))
    rows = rows.annotate(protocol=F("task__protocol"), lease_seconds=F("task__protocol__lease_seconds"))
    return [_held(claim, now) for claim in rows.select_related("annotator").order_by("expires_at")]


def _held(claim: Any, now: datetime) -> HeldClaim:
    lease = timedelta(seconds=claim.lease_seconds)
    late = min(timedelta(seconds=EXPIRING_SECONDS), lease / _RENEWALS)
    return HeldClaim(
        id=claim.pk,
        person=claim.annotator,
        protocol=claim.protocol,
        task=claim.task_id,
        language=claim.language,
        excerpt=claim.excerpt,
        created_at=claim.created_at,
        shown_at=claim.shown_at,
        seen_at=claim.shown_at and max(claim.shown_at, claim.expires_at - lease),
        expires_at=claim.expires_at,
        # What was fetched ahead goes back unseen, and nobody minds.
        is_expiring=bool(claim.shown_at) and claim.expires_at - now < late,
    )


def _answers_by_hour(project: Project, now: datetime) -> Iterable[tuple[Key, int, int]]:
    """Yield (protocol and language, hours ago, answers) of the latest hours; one query."""
    since = now - timedelta(hours=HOURS_SHOWN)
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, {"project": project.pk, "since": since, "now": now, "hour": HOUR_SECONDS})
        return [((protocol, language), ago, count) for protocol, language, ago, count in cursor.fetchall()]


def _count(line: Line, counts: TaskCounts) -> None:
    line.open, line.done, line.missing = counts


def _row(protocol: Protocol, lines: dict[Key, Line]) -> Row:
    languages = []
    for (pk, language), line in sorted(lines.items()):
        if pk == protocol.pk:
            line.language = language
            languages.append(line)
    return Row(protocol, _sum(languages), languages)


def _sum(lines: list[Line]) -> Line:
    names = ("open", "done", "missing", "in_flight", "expiring")
    hours = zip(*(line.answers_by_hour for line in lines), strict=True)
    total = Line(**{name: sum(getattr(line, name) for line in lines) for name in names})
    if lines:
        total.answers_by_hour = [sum(counts) for counts in hours]
    return total
