"""Compare the answers of tasks whose answers changed, and ask for one more where they agree too little.

Part of this room's actions. What is still to compare stands in a partial index on Task (`to_compare`), so this costs
what has changed, however much there is; a batch is one transaction over tasks that nobody else is comparing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F

from annotation.projects.protocol import check_config
from annotation.quality.judgements import COMPARED_KINDS, Comparison, compare_answers, level_of
from annotation.quality.models import AgreementReport, AnswerAgreement
from annotation.tasks.actions import steer_task
from annotation.tasks.models import Answer, Purpose, Source, Task, TaskState

BATCH = 200

Compared = tuple[Answer, Comparison]

_SUMS = ("others", "compared", "agreeing", "decided", "decided_alike", "correlation", "coincidences")


@transaction.atomic
def compare_changed(*, now: datetime, task_id: int | None = None, limit: int = BATCH) -> int:
    """Compare the answers of up to `limit` tasks, or of one; return how many there were. Safe to repeat."""
    tasks = list(_locked(task_id, limit))
    answers = _answers_of(tasks)
    rows = []
    for task in tasks:
        compared = _compare(task, answers[task.pk])
        rows += [_row(task, answer, one) for answer, one in compared]
        if wants_another(task, compared):
            steer_task(task=task, required_answers=task.answers_count + 1, now=now)
    _store(tasks, rows)
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(compared_answers=F("answers_count"))
    note_changes({row.protocol_id for row in rows})
    return len(tasks)


def forget(task_ids: Iterable[int]) -> None:
    """Drop what was found about the answers of these tasks, because the answers that count are others now."""
    gone = AnswerAgreement.objects.filter(task__in=list(task_ids))
    protocols = set(gone.values_list("protocol_id", flat=True).distinct())
    gone.delete()
    note_changes(protocols)


def note_changes(protocol_ids: Iterable[int]) -> None:
    """Say that the reports of these protocols are out of date, once this transaction is through."""
    for pk in sorted(protocol_ids):
        AgreementReport.objects.get_or_create(protocol_id=pk)
        AgreementReport.objects.filter(protocol_id=pk).update(changes=F("changes") + 1)


def wants_another(task: Task, compared: Sequence[Compared]) -> bool:
    """Say whether a closed task of people's work agrees less than its protocol wants and may have another answer."""
    protocol = task.protocol
    if protocol.agreement_floor is None or protocol.maximum_answers is None:
        return False
    if task.state != TaskState.CLOSED or task.purpose != Purpose.WORK or task.answers_count >= protocol.maximum_answers:
        return False
    # What judges elsewhere disagreed on is not sent to people here.
    if all(answer.source_kind == Source.IMPORT for answer, _ in compared):
        return False
    agreement = sum((one for _, one in compared), start=Comparison()).agreement
    return agreement is not None and agreement < protocol.agreement_floor


def _locked(task_id: int | None, limit: int) -> Iterable[Task]:
    rows = Task.objects.to_compare().select_related("protocol").order_by("pk")
    rows = rows if task_id is None else rows.filter(pk=task_id)
    return rows.select_for_update(skip_locked=True, no_key=True, of=("self",))[:limit]


def _answers_of(tasks: Sequence[Task]) -> dict[int, list[Answer]]:
    """Return the answers that count, by task; one query."""
    tasks = [task for task in tasks if task.protocol.kind in COMPARED_KINDS]
    rows = Answer.objects.standing().filter(task__in=tasks, is_spare=False).select_related("protocol_version")
    by_task: defaultdict[int, list[Answer]] = defaultdict(list)
    for answer in rows.order_by("pk"):
        by_task[answer.task_id].append(answer)
    return by_task


def _compare(task: Task, answers: Sequence[Answer]) -> list[Compared]:
    kind = task.protocol.kind
    scales = [check_config(kind, answer.protocol_version.config).get("scale", 1) for answer in answers]
    found = compare_answers(kind, [answer.payload for answer in answers], scale=max(scales, default=1))
    return [(answer, one) for answer, one in zip(answers, found, strict=True) if one.compared]


def _row(task: Task, answer: Answer, one: Comparison) -> AnswerAgreement:
    day = answer.submitted_at.astimezone(UTC).date()
    return AnswerAgreement(
        answer=answer,
        task=task,
        project_id=task.protocol.project_id,
        protocol_id=task.protocol_id,
        annotator_id=answer.annotator_id,
        guideline_version_id=answer.guideline_version_id,
        week=day - timedelta(days=day.weekday()),
        agreement=one.agreeing / one.compared,
        level=level_of(one.agreement),
        **{name: getattr(one, name) for name in _SUMS},
    )


def _store(tasks: Sequence[Task], rows: Sequence[AnswerAgreement]) -> None:
    """Put these rows in the place of all that was known about the answers of these tasks."""
    AnswerAgreement.objects.filter(task__in=tasks).delete()
    AnswerAgreement.objects.bulk_create(rows)
