"""Store an answer, or another form of it: the task's counts, answer, revision and the person's tally at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from annotation import prepared
from annotation.people.models import User
from annotation.prepared import Asked
from annotation.projects.models import GuidelineVersion, ProtocolVersion
from annotation.tasks.models import Answer, AnswerRevision, AnswerState, Task, TaskState


class AlreadyAnswered(Exception):
    """This person has answered this task before."""


class AnswerSealed(Exception):
    """The answer stands in a release or was struck: it takes no other form."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What came with an answer, checked: the payload as stored, what was shown, and how long it took."""

    payload: Mapping[str, Any]
    shown_order: Sequence[int]
    protocol_version: ProtocolVersion
    guideline_version: GuidelineVersion | None
    seconds: float | None = None
    step_seconds: Mapping[str, float] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)


# One statement, so that an answer costs one round trip. The answer's own unique constraint decides who was first.
RECORD = """
    WITH counted AS (
        UPDATE tasks_task SET
            claims_count = claims_count - %(freed)s::int, answers_count = answers_count + %(counts)s::int,
            state = %(state)s::text, closed_at = %(closed_at)s::timestamptz
        WHERE id = %(task_id)s::bigint
    ), answer AS (
        INSERT INTO tasks_answer (
            task_id, annotator_id, payload, revision, is_spare, state, review_note, protocol_version_id,
            guideline_version_id, shown_order, seconds, step_seconds, evidence, selection, source_kind, submitted_at
        ) VALUES (
            %(task_id)s::bigint, %(annotator_id)s::bigint, %(payload)s::jsonb, 1, %(is_spare)s::boolean, 'submitted',
            '', %(protocol_version_id)s::bigint, %(guideline_version_id)s::bigint, %(shown_order)s::bigint[],
            %(seconds)s::float8, %(step_seconds)s::jsonb, %(evidence)s::jsonb, %(selection)s::jsonb,
            %(source_kind)s::text, %(submitted_at)s::timestamptz
        ) ON CONFLICT (task_id, annotator_id) DO NOTHING RETURNING id
    ), revision AS (
        INSERT INTO tasks_answerrevision (
            answer_id, number, payload, protocol_version_id, guideline_version_id, shown_order, seconds,
            step_seconds, created_at
        ) SELECT id, 1, %(payload)s::jsonb, %(protocol_version_id)s::bigint, %(guideline_version_id)s::bigint,
                 %(shown_order)s::bigint[], %(seconds)s::float8, %(step_seconds)s::jsonb, %(submitted_at)s::timestamptz
        FROM answer
    ), tallied AS (
        INSERT INTO tasks_queueplace AS place (protocol_id, annotator_id, purpose, answers, day, answers_on_day)
        SELECT %(protocol)s::bigint, %(annotator_id)s::bigint, %(purpose)s::text, 1, %(day)s::date, 1 FROM answer
        ON CONFLICT (protocol_id, annotator_id, purpose) DO UPDATE SET
            answers = place.answers + 1, day = EXCLUDED.day,
            answers_on_day = CASE WHEN place.day = EXCLUDED.day THEN place.answers_on_day + 1 ELSE 1 END
    )
    SELECT id FROM answer
"""
_AS_NEW = {"revision": 1, "state": AnswerState.SUBMITTED, "review_note": "", "frozen_at": None, "followed_revision": 0}


@dataclass(frozen=True, slots=True)
class Recording:
    """An answer about to be stored: the statement that does it, which may travel with others, and what it writes."""

    asked: Asked
    columns: Mapping[str, Any]

    def store(self) -> Answer:
        """Store it on its own. Raise AlreadyAnswered."""
        return self.stored(prepared.run(*self.asked))

    def stored(self, rows: Sequence[Any]) -> Answer:
        """Return the answer from what came of the statement. Raise AlreadyAnswered."""
        if not rows:
            raise AlreadyAnswered("You have answered this task already.")
        return prepared.built(Answer, {**self.columns, **_AS_NEW, "id": rows[0].id})


def recording(
    *,
    task: Task,
    annotator: User,
    given: Given,
    selection: Mapping[str, Any],
    now: datetime,
    frees_place: bool = False,
    source_kind: str = "person",
) -> Recording:
    """Prepare to store a checked answer, and to close the task once it has enough. The caller holds the task's lock.

    An answer that comes when the task has enough already is kept as a spare. `frees_place` says that it comes from
    a claim in flight, whose place on the task ends with it. The task given has it counted from here on.
    """
    is_spare = task.state != TaskState.OPEN or task.answers_count >= task.required_answers
    task.claims_count -= frees_place
    task.answers_count += not is_spare
    if not is_spare and task.answers_count >= task.required_answers:
        task.state, task.closed_at = TaskState.CLOSED, now
    columns = {
        "task_id": task.pk,
        "annotator_id": annotator.pk,
        "payload": dict(given.payload),
        "is_spare": is_spare,
        "protocol_version_id": given.protocol_version.pk,
        "guideline_version_id": given.guideline_version.pk if given.guideline_version else None,
        "shown_order": list(given.shown_order),
        "seconds": given.seconds,
        "step_seconds": dict(given.step_seconds),
        "evidence": dict(given.evidence),
        "selection": dict(selection),
        "source_kind": source_kind,
        "submitted_at": now,
    }
    place = {"protocol": task.protocol_id, "purpose": task.purpose, "day": now.date()}
    counted = {"freed": int(frees_place), "counts": int(not is_spare), "state": task.state, "closed_at": task.closed_at}
    as_json = {name: Jsonb(columns[name]) for name in ("payload", "step_seconds", "evidence", "selection")}
    return Recording((RECORD, {**columns, **as_json, **counted, **place}), columns)


_KNOWN = """
    SELECT id, task_id, annotator_id, revision, is_spare, state, submitted_at
    FROM tasks_answer WHERE id = %(id)s::bigint
"""


def known_answer(pk: int) -> Answer:
    """Return an answer stored before: what a client is told again that lost the reply."""
    (row,) = prepared.run(_KNOWN, {"id": pk})
    return prepared.built(Answer, row._asdict())


def revise_answer(*, answer: Answer, given: Given, now: datetime) -> Answer:
    """Give an answer another form, as its next revision; what it counts for stays. Raise AnswerSealed.

    Returned answers are as good as new once they come back. The caller holds the row lock of the answer's task.
    """
    answer = Answer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    check_open(answer)
    answer.revision += 1
    answer.state = AnswerState.SUBMITTED
    answer.payload, answer.seconds = dict(given.payload), given.seconds
    answer.step_seconds, answer.evidence = dict(given.step_seconds), dict(given.evidence)
    answer.protocol_version, answer.guideline_version = given.protocol_version, given.guideline_version
    answer.submitted_at = now
    answer.save()
    Task.objects.filter(pk=answer.task_id, answers_count__gt=1).update(compared_answers=0)
    AnswerRevision.objects.create(
        answer=answer,
        number=answer.revision,
        payload=answer.payload,
        protocol_version=given.protocol_version,
        guideline_version=given.guideline_version,
        shown_order=answer.shown_order,
        seconds=answer.seconds,
        step_seconds=answer.step_seconds,
        created_at=now,
    )
    return answer


def check_open(answer: Answer) -> None:
    """Raise AnswerSealed when its author may not change it any more. What a reviewer has returned they always may."""
    if answer.state == AnswerState.STRUCK:
        raise AnswerSealed("A reviewer has taken this answer out: it cannot be changed.")
    if answer.frozen_at and answer.state != AnswerState.RETURNED:
        raise AnswerSealed("This answer is part of a release: it stays as it is.")
