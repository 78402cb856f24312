"""What decides whether a person gets work in a protocol, read in one statement and judged without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from annotation import prepared
from annotation.assignment.queue import Position, Walker
from annotation.people.models import User
from annotation.prepared import Asked
from annotation.projects.models import GuidelineVersion, Project, Protocol, ProtocolState, ProtocolVersion
from annotation.projects.permissions import verbs_with
from annotation.projects.protocol import KINDS, kind_of, whole_config
from annotation.tasks.models import Purpose
from annotation.tasks.queue import Place
from training.categories import in_order


class NoWork(StrEnum):
    """Why nothing is handed out."""

    EMPTY = "empty"
    # Tasks are open, and none of them is for this person: done or skipped by them, or meant for others.
    FOR_OTHERS = "for_others"
    # What is left for this person others hold at the moment.
    WITH_OTHERS = "with_others"
    PAUSED = "paused"
    NOT_ELIGIBLE = "not_eligible"
    NOT_QUALIFIED = "not_qualified"
    # The texts may be hard to read, and the person has not said that they agree to see such.
    NOT_AGREED = "not_agreed"
    ENOUGH_FOR_TODAY = "enough_for_today"
    ENOUGH = "enough"


@dataclass(frozen=True, slots=True)
class Standing:
    """A protocol, the person's membership, the claims they hold and their places in the queue."""

    protocol: Protocol
    version: ProtocolVersion
    guideline: GuidelineVersion | None
    role: str | None
    team: str
    languages: tuple[str, ...]
    qualifications: frozenset[str]
    # (claim, protocol, whether it was shown), oldest first; reopened answers apart.
    held: tuple[tuple[str, int, bool], ...]
    positions: dict[str, Position]
    answers: int
    answers_today: int
    # Of kinds that are hard to read: what the person agrees to be shown, and how many such texts they had today.
    agreed: frozenset[str] = frozenset()
    exposed_today: int = 0

    def may_work(self, person: User) -> bool:
        return "do_work" in verbs_with(person, self.role)

    @property
    def config(self) -> dict[str, Any]:
        return whole_config(self.protocol.kind, self.version.config)

    @property
    def to_agree(self) -> tuple[str, ...]:
        """Return what they have still to agree to see before they are handed anything."""
        kind = kind_of(self.protocol.kind)
        return in_order(kind.warnings(self.config) - self.agreed) if kind.is_hard_to_read else ()

    @property
    def held_here(self) -> int:
        return sum(protocol_id == self.protocol.pk for _, protocol_id, _ in self.held)

    def having_answered(self, claim_id: UUID) -> Standing:
        """Return how they stand once this claim has become an answer."""
        held = tuple(claim for claim in self.held if claim[0] != str(claim_id))
        return replace(self, held=held, answers=self.answers + 1, answers_today=self.answers_today + 1)

    def walker(self, person: User) -> Walker:
        return Walker(person.pk, self.languages, self.team)

    def position(self, purpose: str, walker: Walker) -> Position:
        return self.positions.get(f"{purpose}/{walker.walked_as}", Position())


_PROTOCOL = (
    "id", "project_id", "kind", "name", "state", "lease_seconds", "required_answers", "eligible_roles",
    "eligible_teams", "required_qualifications", "answers_per_person", "answers_per_day", "calibration_share",
)  # fmt: skip

_HARD_TO_READ = ", ".join(f"'{kind.key}'" for kind in KINDS.values() if kind.is_hard_to_read)

# One row: everything that a claim depends on. The newest version and guideline are found by their unique indexes, the
# claims by their person.
_STANDING = f"""
    SELECT
        {", ".join(f"protocol.{name}" for name in _PROTOCOL)},
        project.name AS project_name, project.archived_at,
        version.id AS version_id, version.number AS version_number, version.config::json,
        guideline.id AS guideline_id, guideline.number AS guideline_number, guideline.markdown,
        member.role, member.team, member.languages, member.qualifications,
        (SELECT json_agg(json_build_array(claim.id, task.protocol_id, claim.shown_at IS NOT NULL)
                         ORDER BY claim.created_at)
         FROM assignment_claim AS claim JOIN tasks_task AS task ON task.id = claim.task_id
         WHERE claim.annotator_id = %(person)s::bigint AND claim.state = 'open' AND claim.answer_id IS NULL
           AND claim.expires_at > %(now)s::timestamptz) AS held,
        (SELECT json_agg(json_build_array(place.purpose, place.walked_as, place.rank, place.queue_key, place.task,
                                          place.last_rank, place.last_queue_key, place.last_task,
                                          place.answers, place.day, place.answers_on_day))
         FROM tasks_queueplace AS place
         WHERE place.protocol_id = protocol.id AND place.annotator_id = %(person)s::bigint) AS places,
        CASE WHEN protocol.kind IN ({_HARD_TO_READ}) THEN (
            SELECT json_agg(category) FROM people_contentagreement WHERE person_id = %(person)s::bigint
        ) END AS agreed,
        CASE WHEN protocol.kind IN ({_HARD_TO_READ}) THEN (
            SELECT texts FROM assignment_exposure
            WHERE annotator_id = %(person)s::bigint AND day = (%(now)s::timestamptz AT TIME ZONE 'UTC')::date
        ) END AS exposed_today
    FROM projects_protocol AS protocol
    JOIN projects_project AS project ON project.id = protocol.project_id
    LEFT JOIN projects_membership AS member
        ON member.project_id = project.id AND member.user_id = %(person)s::bigint
    CROSS JOIN LATERAL (
        SELECT id, number, config FROM projects_protocolversion
        WHERE protocol_id = protocol.id ORDER BY number DESC LIMIT 1
    ) AS version
    LEFT JOIN LATERAL (
        SELECT id, number, markdown FROM projects_guidelineversion
        WHERE protocol_id = protocol.id ORDER BY number DESC LIMIT 1
    ) AS guideline ON TRUE
    WHERE protocol.id = """
STANDING = _STANDING + "%(protocol)s::bigint"
_BY_CLAIM = f"""{_STANDING} (
        SELECT task.protocol_id FROM assignment_claim AS claim JOIN tasks_task AS task ON task.id = claim.task_id
        WHERE claim.id = %(claim)s::uuid)
"""


def standing_of(person: User, protocol_id: int, now: datetime) -> Standing:
    """Return how the person stands in the protocol; one statement."""
    return read(prepared.run(STANDING, {"person": person.pk, "protocol": protocol_id, "now": now}), now)


def reading_by_claim(person: User, claim_id: UUID, now: datetime) -> Asked:
    """Reads how the person stands in the protocol that a claim belongs to."""
    return _BY_CLAIM, {"person": person.pk, "claim": claim_id, "now": now}


def read(rows: Sequence[Any], now: datetime) -> Standing:
    (row,) = rows
    places = row.places or []
    return Standing(
        protocol=_protocol(row),
        version=version_of(row.version_id, row.id, row.version_number, row.config),
        guideline=guideline_of(row.guideline_id, row.id, row.guideline_number, row.markdown),
        role=row.role,
        team=row.team or "",
        languages=tuple(row.languages or ()),
        qualifications=frozenset(row.qualifications or ()),
        held=tuple((pk, protocol, shown) for pk, protocol, shown in row.held or ()),
        positions={f"{place[0]}/{place[1]}": Position(Place(*place[2:5]), Place(*place[5:8])) for place in places},
        answers=sum(place[8] for place in places),
        answers_today=sum(place[10] for place in places if place[9] and date.fromisoformat(place[9]) == now.date()),
        agreed=frozenset(row.agreed or ()),
        exposed_today=row.exposed_today or 0,
    )


def why_not(standing: Standing, person: User) -> NoWork | None:
    """Return why this person is handed nothing here whatever waits; None when they may have the next task.

    The site's owner may try everything; rules on who works are for members. What is hard to read nobody is shown who
    has not agreed to it.
    """
    protocol = standing.protocol
    if protocol.state != ProtocolState.ACTIVE or protocol.project.archived_at:
        return NoWork.PAUSED
    if not person.is_owner and (reason := _not_meant(standing)):
        return reason
    if standing.to_agree:
        return NoWork.NOT_AGREED
    if _reached(kind_of(protocol.kind).texts_per_day(standing.config), standing.exposed_today):
        return NoWork.ENOUGH_FOR_TODAY
    if _reached(protocol.answers_per_person, standing.answers + standing.held_here):
        return NoWork.ENOUGH
    if _reached(protocol.answers_per_day, standing.answers_today + standing.held_here):
        return NoWork.ENOUGH_FOR_TODAY
    return None


def lanes(share: float, draw: float) -> list[tuple[str, float]]:
    """Return the lanes to look into, first choice first, each with how likely it was to be the first.

    `draw` is uniform in [0, 1): a person can't tell which of their tasks everybody gets.
    Source: Stiennon et al. 2020 (arXiv:2009.01325), appendix C.1, step 3: 10-20 % of each labeler's queue is shared.
    """
    if not share:
        return [(Purpose.WORK, 1.0)]
    both = [(Purpose.CALIBRATION.value, share), (Purpose.WORK.value, 1 - share)]
    return both if draw < share else both[::-1]


def _not_meant(standing: Standing) -> NoWork | None:
    protocol = standing.protocol
    if protocol.eligible_roles and standing.role not in protocol.eligible_roles:
        return NoWork.NOT_ELIGIBLE
    if protocol.eligible_teams and standing.team not in protocol.eligible_teams:
        return NoWork.NOT_ELIGIBLE
    return None if standing.qualifications.issuperset(protocol.required_qualifications) else NoWork.NOT_QUALIFIED


def _reached(limit: int | None, count: int) -> bool:
    return limit is not None and count >= limit


def _protocol(row: Any) -> Protocol:
    """Build the protocol from what was read; its other columns load when somebody asks for them."""
    project = {"id": row.project_id, "name": row.project_name, "archived_at": row.archived_at}
    columns = {column: getattr(row, column) for column in _PROTOCOL}
    return prepared.built(Protocol, columns, project=prepared.built(Project, project))


def version_of(pk: int, protocol_id: int, number: int, config: dict[str, Any]) -> ProtocolVersion:
    columns = {"id": pk, "protocol_id": protocol_id, "number": number, "config": config}
    return prepared.built(ProtocolVersion, columns)


def guideline_of(pk: int | None, protocol_id: int, number: int, markdown: str) -> GuidelineVersion | None:
    if pk is None:
        return None
    columns = {"id": pk, "protocol_id": protocol_id, "number": number, "markdown": markdown}
    return prepared.built(GuidelineVersion, columns)
