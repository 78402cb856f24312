"""The verb withdraw: words are taken back, and all that was made of them is told.

One transaction takes answers out of queue, agreement and selections, and marks every release and model that holds
them. Releases that are being written meanwhile end before it, and are found, or after it, and look for themselves;
what was on its way to the database is found by the sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotation.assignment.withdrawing import end_claims
from annotation.durable import JobState
from annotation.exports import makeup, staleness
from annotation.exports.models import Release, StaleRelease
from annotation.people.actions import BadField
from annotation.people.models import User, Withdrawal, WithdrawalKind
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import require
from annotation.quality import actions as quality_actions
from annotation.quality import comparing
from annotation.quality import queries as quality_queries
from annotation.registry.models import LearningCurve, ModelVersion, RunPreview, StaleModel, TrainingRun
from annotation.tasks import withdrawing
from annotation.tasks.models import Answer, AnswerState, Completion, Prompt
from annotation.tasks.queue import bring_all_back

REASON_CHARACTERS = 2_000
STRIKES_SHOWN = 20
# For how long after a withdrawal a transaction that began before it may still bring words in.
SETTLES_AFTER = timedelta(minutes=10)
_FORGOTTEN_AT_ONCE = 10_000
STOPPED = "Stopped: its release holds answers that were withdrawn. Freeze the corrected release and train on that."


class NothingToWithdraw(Exception):
    """The person has nothing in the project that still stands."""


@transaction.atomic
def withdraw_work(*, project: Project, person: User, actor: User, now: datetime, reason: str = "") -> Withdrawal:
    """Take back all that a person has given to a project until now: by themselves, or by a manager for them.

    Asked again with nothing new, the last withdrawal is returned. Raise NotAllowed, BadField, NothingToWithdraw.
    """
    if person.pk != actor.pk:
        require(actor, "withdraw_data", project)
    staleness.take_turn(project.pk)
    if not has_work(project, person):
        return _last(project, person=person, kind=WithdrawalKind.WORK)
    return _withdraw(WithdrawalKind.WORK, project, actor, now, reason, person=person)


@transaction.atomic
def withdraw_prompt(*, prompt: Prompt, actor: User, now: datetime, reason: str = "") -> Withdrawal:
    """Take back a prompt, its completions and the answers on it: by its author, or by a manager.

    Asked again, the same withdrawal is returned. Raise NotAllowed, BadField.
    """
    if prompt.author_id != actor.pk:
        require(actor, "withdraw_data", prompt.project)
    staleness.take_turn(prompt.project_id)
    prompt = Prompt.objects.select_related("project", "author", "withdrawal").get(pk=prompt.pk)
    if prompt.withdrawal:
        return prompt.withdrawal
    return _withdraw(WithdrawalKind.PROMPT, prompt.project, actor, now, reason, person=prompt.author, prompt=prompt)


@transaction.atomic
def withdraw_answer(*, answer: Answer, actor: User, now: datetime, reason: str = "") -> Withdrawal:
    """Take back one answer, and what its author's words in it became: by its author, or by a manager.

    Asked again, the same withdrawal is returned. Raise NotAllowed, BadField.
    """
    project = answer.task.protocol.project
    if answer.annotator_id != actor.pk:
        require(actor, "withdraw_data", project)
    staleness.take_turn(project.pk)
    answer = Answer.objects.select_related("annotator", "withdrawal").get(pk=answer.pk)
    if answer.withdrawal and answer.withdrawal.hides_texts:
        return answer.withdrawal
    return _withdraw(WithdrawalKind.ANSWER, project, actor, now, reason, person=answer.annotator, answer=answer)


@transaction.atomic
def strike_out(
    *,
    project: Project,
    annotator: User,
    actor: User,
    now: datetime,
    protocol: Protocol | None = None,
    since: datetime | None = None,
    reason: str = "",
) -> int:
    """Strike a person's work and mark what was made of it; return how many answers. Raise as quality's strike_work."""
    staleness.take_turn(project.pk)
    work = quality_queries.work_of(project, annotator, protocol=protocol, since=since)
    ids = list(work.values_list("pk", flat=True)[: quality_actions.STRUCK_AT_ONCE + 1])
    struck = quality_actions.strike_work(
        project=project, annotator=annotator, actor=actor, now=now, protocol=protocol, since=since, reason=reason
    )
    if struck:
        row = _row(WithdrawalKind.STRIKE, project, actor, now, reason, person=annotator)
        withdrawing.note_struck(row, ids)
        _mark_made(row, now)
        # Nothing of it is on its way: a strike is of what was there to be read.
        Withdrawal.objects.filter(pk=row.pk).update(answers=struck, settled_at=now)
    return struck


@transaction.atomic
def undo_strike(*, project: Project, strike: Withdrawal, actor: User, now: datetime) -> int:
    """Take a strike back; return how many answers count again, or are spares. Raise as quality's restore_work.

    What was made of them is no longer marked because of it, but for releases whose files went meanwhile; runs that
    it stopped stay stopped. Done twice, it changes nothing.
    """
    staleness.take_turn(project.pk)
    restored = quality_actions.restore_work(project=project, strike=strike, actor=actor, now=now)
    if restored:
        staleness.lift(strike)
        marked = list(StaleModel.objects.filter(withdrawal=strike).values_list("model", flat=True))
        StaleModel.objects.filter(withdrawal=strike).delete()
        ModelVersion.objects.filter(pk__in=marked, staleness=None).update(stale_at=None)
    return restored


def strikes_in(project: Project, *, person: int | None = None) -> QuerySet[Withdrawal]:
    """Return the latest strikes of whole work of which something is struck still, with `left`: how many answers."""
    rows = Withdrawal.objects.filter(project_ref=project.pk, kind=WithdrawalKind.STRIKE)
    rows = rows.filter(person=person) if person else rows
    struck = Answer.objects.filter(withdrawal=OuterRef("pk"), state=AnswerState.STRUCK)
    left = Coalesce(Subquery(struck.values("withdrawal").annotate(number=Count("pk")).values("number")), 0)
    rows = rows.filter(Exists(struck)).select_related("person", "actor").annotate(left=left)
    return rows.order_by("-pk")[:STRIKES_SHOWN]


def settle(*, now: datetime) -> int:
    """Find what came in while words were taken back; return how many withdrawals are still watched."""
    waiting = Withdrawal.objects.filter(settled_at=None)
    for row in waiting.order_by("pk"):
        with transaction.atomic():
            projects = Project.objects.select_for_update(no_key=True, skip_locked=True)
            # Who holds the project, as an import does for minutes, is not waited for: the next sweep comes soon.
            if projects.filter(pk=row.project_ref).first() is None:
                continue
            _apply(row, now)
            if row.created_at + SETTLES_AFTER <= now:
                Withdrawal.objects.filter(pk=row.pk).update(settled_at=now)
    return waiting.count()


def tidy(*, clock: Callable[[], datetime] = timezone.now) -> None:
    """Delete the files of releases stale for long enough; catch up with what else the rows say is still to do."""
    now = clock()
    staleness.purge(before=now - timedelta(days=settings.STALE_FILES_DAYS), now=now)
    withdrawing.cancel_late_tasks(now=now)
    makeup.fill()


def mark_made_of(model: ModelVersion, *, now: datetime) -> None:
    """Mark a model that has just been finished if its release, or a model it began with or was chosen by, is stale.

    The release's row is held, so that whoever marks it meanwhile finds the model.
    """
    Release.objects.select_for_update(no_key=True).get(pk=model.release_id)
    of_release = StaleRelease.objects.filter(release=model.release_id).values_list("withdrawal", flat=True)
    before = [model.run.start_model_id, model.run.judge_model_id]
    of_models = StaleModel.objects.filter(model__in=filter(None, before)).values_list("withdrawal", flat=True)
    for withdrawal in {*of_release, *of_models}:
        _mark([model.pk], withdrawal, now)


def has_work(project: Project, person: User) -> bool:
    """Say whether anything that the person gave to the project still stands."""
    stands = Q(withdrawal=None) | Q(withdrawal__kind=WithdrawalKind.STRIKE)
    answers = Answer.objects.filter(stands, annotator=person, task__protocol__project=project)
    prompts = Prompt.objects.filter(author=person, project=project, withdrawal=None)
    completions = Completion.objects.filter(author=person, prompt__project=project, withdrawal=None)
    return answers.exists() or prompts.exists() or completions.exists()


def _last(project: Project, *, person: User, kind: str) -> Withdrawal:
    rows = Withdrawal.objects.filter(project_ref=project.pk, person=person, kind=kind)
    if row := rows.order_by("-pk").first():
        return row
    raise NothingToWithdraw(f"There is nothing of {person} in “{project}” to withdraw.")


def _withdraw(
    kind: WithdrawalKind,
    project: Project,
    actor: User,
    now: datetime,
    reason: str,
    *,
    person: User | None,
    prompt: Prompt | None = None,
    answer: Answer | None = None,
) -> Withdrawal:
    row = _row(kind, project, actor, now, reason, person=person, prompt=prompt, answer=answer)
    _apply(row, now)
    return row


def _row(
    kind: WithdrawalKind,
    project: Project,
    actor: User,
    now: datetime,
    reason: str,
    *,
    person: User | None,
    prompt: Prompt | None = None,
    answer: Answer | None = None,
) -> Withdrawal:
    reason = reason.strip()
    if len(reason) > REASON_CHARACTERS:
        raise BadField("reason", f"has {len(reason):,} characters; at most {REASON_CHARACTERS:,} are allowed")
    return Withdrawal.objects.create(
        kind=kind,
        person=person,
        actor=actor,
        project_ref=project.pk,
        prompt_ref=prompt.pk if prompt else None,
        answer_ref=answer.pk if answer else None,
        reason=reason,
        created_at=now,
    )


def _apply(row: Withdrawal, now: datetime) -> None:
    """Take out all that the withdrawal speaks of. Repeated, it finds what is new."""
    showing = withdrawing.withdraw_texts(row)
    changed = withdrawing.withdraw_answers(row, showing=showing, now=now)
    freed = end_claims(
        project_id=row.project_ref,
        person_id=row.person_id if row.is_of_all else None,
        answer_id=row.answer_ref,
        until=row.created_at,
        showing=showing,
        now=now,
    )
    bring_all_back(freed)
    for start in range(0, len(changed), _FORGOTTEN_AT_ONCE):
        comparing.forget(changed[start : start + _FORGOTTEN_AT_ONCE])
    if changed:
        row.answers = Answer.objects.filter(withdrawal=row).count()
        row.save(update_fields=["answers"])
        _mark_made(row, now)


def _mark_made(row: Withdrawal, now: datetime) -> None:
    """Mark the releases that hold it, the models that learned from those, and end what is being trained on them."""
    releases = staleness.mark_holders(row, now=now)
    models = _learned_from(releases)
    _mark(models, row.pk, now)
    # Previews quote what releases hold.
    of_them = Q(release__in=releases) | Q(start_model__in=models) | Q(judge_model__in=models)
    RunPreview.objects.filter(of_them).delete()
    for trainings in (TrainingRun.objects.filter(of_them), LearningCurve.objects.filter(of_them)):
        trainings.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).update(
            state=JobState.CANCELLED, finished_at=now, error=STOPPED
        )


def _learned_from(releases: Collection[int]) -> set[int]:
    """Return the models trained on these releases, and those that began with one of them or were chosen by it."""
    found: set[int] = set()
    latest = set(ModelVersion.objects.filter(release__in=releases).values_list("pk", flat=True))
    while latest:
        found |= latest
        after = Q(run__start_model__in=latest) | Q(run__judge_model__in=latest)
        latest = set(ModelVersion.objects.filter(after).values_list("pk", flat=True)) - found
    return found


def _mark(models: Collection[int], withdrawal: int, now: datetime) -> None:
    StaleModel.objects.bulk_create(
        [StaleModel(model_id=pk, withdrawal_id=withdrawal, at=now) for pk in sorted(models)], ignore_conflicts=True
    )
    ModelVersion.objects.filter(pk__in=models, stale_at=None).update(stale_at=now)
