"""Which answers a selection names, and why each of the others stays out. Rows of answer revisions, nothing read yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Case, CharField, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from annotation.exports.models import ReleaseMember
from annotation.exports.selection import Selection
from annotation.people.models import Withdrawal, WithdrawalKind
from annotation.projects.models import Project
from annotation.projects.protocol import KINDS
from annotation.quality.models import AnswerAgreement
from annotation.tasks.models import AnswerRevision, AnswerState, Purpose, TaskState

# What a protocol's kind makes of its answers: the file of a release that they stand in.
RECORDS_OF_KIND = {kind.key: kind.record for kind in KINDS.values()}

TASK_CANCELLED = "task_cancelled"
SPARE_ANSWER = "spare_answer"
STRUCK_ANSWER = "struck_answer"
WITHDRAWN_ANSWER = "withdrawn_answer"
KIND_WITHOUT_RECORD = "kind_without_record"
OTHER_DAY = "other_day"
OTHER_LANGUAGE = "other_language"
OTHER_TAG = "other_tag"
OTHER_ANNOTATOR = "other_annotator"
OTHER_GUIDELINE_VERSION = "other_guideline_version"
OTHER_REVIEW_STATE = "other_review_state"
AGREEMENT_UNKNOWN = "agreement_unknown"
AGREEMENT_TOO_LOW = "agreement_too_low"
GROUP_IN_TWO_SPLITS = "group_in_two_splits"
ANNOTATOR_IN_OTHER_SPLIT = "annotator_in_other_split"
WRITTEN_PROMPT_WITHOUT_SPLIT = "written_prompt_without_split"
BROKEN_RANKING = "broken_ranking"

# Taken back by whoever wrote it, or with its prompt; what a reviewer struck is counted as struck. No join: few are.
_WITHDRAWN = Q(answer__withdrawal__in=Withdrawal.objects.exclude(kind=WithdrawalKind.STRIKE).values("pk"))

TASK = "answer__task__"
PROMPT = "answer__task__prompt__"


def selected(project: Project, selection: Selection) -> QuerySet[Any]:
    """Return the newest revision of every answer to the selection's protocols.

    With `reason`: why it stays out, the first that holds, or "". Where a release is corrected it is each answer in the
    form that stood there.
    """
    if selection.corrects:
        members = ReleaseMember.objects.filter(release=selection.corrects, release__project=project)
        stood = AnswerRevision.objects.filter(pk__in=members.values("answer_revision"))
        return stood.annotate(reason=Case(*_taken_out(), default=Value(""), output_field=CharField()))
    rows = AnswerRevision.objects.filter(number=F("answer__revision"), answer__task__protocol__project=project)
    if selection.protocols:
        rows = rows.filter(answer__task__protocol__in=selection.protocols)
    if selection.agreement_from is not None:
        rows = rows.annotate(task_agreement=_task_agreement())
    return rows.annotate(reason=_reason(selection))


def going_in(project: Project, selection: Selection) -> QuerySet[Any]:
    return selected(project, selection).filter(reason="")


def _reason(selection: Selection) -> Case:
    whens = [
        When(~Q(**{TASK + "protocol__kind__in": list(RECORDS_OF_KIND)}), then=Value(KIND_WITHOUT_RECORD)),
        *_taken_out(),
        When(**{TASK + "state": TaskState.CANCELLED}, then=Value(TASK_CANCELLED)),
    ]
    for purpose in Purpose:
        if purpose != Purpose.WORK:
            whens.append(When(**{TASK + "purpose": purpose}, then=Value(f"{purpose.value}_task")))
    if not selection.include_spares:
        whens.append(When(answer__is_spare=True, then=Value(SPARE_ANSWER)))
    asked: Combinable = Value("")
    for passes, reason in reversed(list(_criteria(selection))):
        asked = Case(When(passes, then=asked), default=Value(reason))
    return Case(*whens, default=asked, output_field=CharField())


def _taken_out() -> list[When]:
    return [
        When(_WITHDRAWN, then=Value(WITHDRAWN_ANSWER)),
        When(answer__state=AnswerState.STRUCK, then=Value(STRUCK_ANSWER)),
    ]


def _criteria(selection: Selection) -> Iterator[tuple[Q, str]]:
    """Yield what an answer must pass, each with the reason of those that do not."""
    if selection.begins_at:
        yield Q(created_at__gte=selection.begins_at), OTHER_DAY
    if selection.ends_before:
        yield Q(created_at__lt=selection.ends_before), OTHER_DAY
    if selection.languages:
        of_prompt = Q(**{PROMPT + "language__in": selection.languages})
        of_task = Q(**{TASK + "prompt": None, TASK + "language__in": selection.languages})
        yield of_prompt | of_task, OTHER_LANGUAGE
    if selection.tags:
        yield Q(**{PROMPT + "tags__overlap": list(selection.tags)}), OTHER_TAG
    if selection.annotators:
        yield Q(answer__annotator__in=selection.annotators), OTHER_ANNOTATOR
    if selection.guideline_versions:
        yield Q(guideline_version__in=selection.guideline_versions), OTHER_GUIDELINE_VERSION
    if selection.review_states:
        yield Q(answer__state__in=selection.review_states), OTHER_REVIEW_STATE
    if selection.agreement_from is not None:
        yield Q(task_agreement__isnull=False), AGREEMENT_UNKNOWN
        # Sums of thirds and quarters are never exact.
        yield Q(task_agreement__gte=selection.agreement_from - 1e-9), AGREEMENT_TOO_LOW


def _task_agreement() -> Subquery:
    """How far the answers to a task agree: empty where nobody could be compared with anybody."""
    compared = AnswerAgreement.objects.filter(task=OuterRef("answer__task"), compared__gt=0)
    of_task = compared.values("task").annotate(share=Cast(Sum("agreeing"), FloatField()) / Sum("compared"))
    return Subquery(of_task.values("share"), output_field=FloatField())
