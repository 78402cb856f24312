"""Reads on quality: the answers browser, figures of agreement, and what came back to its author."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Exists, Func, OuterRef, Prefetch, Q, QuerySet, Subquery, TextField, Value

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import projects_where
from annotation.quality.models import AgreementFigure, AgreementReport, Review, Scope, Verdict
from annotation.tasks.models import Answer, AnswerState, Task

# A text or a flag is looked for in so many of the newest answers that the other filters leave: these two have to read
# what they filter.
SEARCHED = 50_000

IS_FLAG_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}", re.ASCII).fullmatch

# All that an answer says, and all that its prompt's messages say, as JSON text without names of fields.
_ANSWERED = Func(
    "payload",
    template="""jsonb_path_query_array(%(expressions)s, 'strict $.** ? (@.type() == "string")')::text""",
    output_field=TextField(),
)
_ASKED = Func(
    "task__prompt__messages",
    template="jsonb_path_query_array(%(expressions)s, '$[*].content')::text",
    output_field=TextField(),
)


@dataclass(frozen=True, kw_only=True)
class AnswerFilter:
    """Which answers a reviewer wants to see; what is left empty does not narrow."""

    text: str = ""
    protocol: int | None = None
    annotator: int | None = None
    kind: str = ""
    state: str = ""
    # See judgements.level_of.
    agreement: str = ""
    # The name of anything that an annotator ticks: a flag of prompt or completion, or "all_bad".
    flag: str = ""
    guideline: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def answers_in(project: Project, user: User, only: AnswerFilter) -> QuerySet[Answer]:
    """Return the answers of a project, each with its agreement if it has any."""
    rows = Answer.objects.visible_to(user).filter(task__protocol__project=project)
    shown = ("task__protocol", "task__prompt", "annotator", "protocol_version", "guideline_version", "agreement")
    rows = rows.filter(**_columns(only)).select_related(*shown, "withdrawal")
    if only.text or only.flag:
        rows = rows.with_words()
    if only.agreement:
        # Told the project as well, the database finds them in one index, newest first.
        rows = rows.filter(agreement__project=project, agreement__level=only.agreement)
    if only.flag or only.text:
        found = Answer.objects.filter(pk__in=rows.order_by("-pk").values("pk")[:SEARCHED])
        found = found.filter(_ticks(only.flag)) if only.flag else found
        rows = rows.filter(pk__in=(_saying(found, only.text) if only.text else found).values("pk"))
    return rows


def neighbours(rows: QuerySet[Answer], pk: int) -> tuple[int | None, int | None]:
    """Return the answers before and after this one in the list, newest first; two queries."""
    newer = rows.filter(pk__gt=pk).order_by("pk").values_list("pk", flat=True).first()
    return newer, rows.filter(pk__lt=pk).order_by("-pk").values_list("pk", flat=True).first()


def answer_in_full(project: Project, user: User) -> QuerySet[Answer]:
    """Return answers with what was shown, what reviewers said, and the other answers to the task."""
    reviews = Prefetch("reviews", Review.objects.select_related("reviewer").order_by("-pk"))
    others = Answer.objects.select_related("annotator", "agreement", "withdrawal").order_by("pk")
    rows = answers_in(project, user, AnswerFilter()).prefetch_related(
        "task__completions", reviews, Prefetch("task__answers", others)
    )
    return rows.select_related("task__protocol__project")


def people_of(project: Project) -> QuerySet[User]:
    """Return the people who have answered in the project, imported judges among them."""
    answered = Answer.objects.filter(annotator=OuterRef("pk"), task__protocol__project=project)
    return User.objects.filter(Exists(answered)).order_by("name", "pk")


def work_of(
    project: Project, annotator: User, *, protocol: Protocol | None = None, since: datetime | None = None
) -> QuerySet[Answer]:
    """Return what one person has handed in and nobody has struck."""
    rows = Answer.objects.standing().filter(task__protocol__project=project, annotator=annotator)
    rows = rows.filter(task__protocol=protocol) if protocol else rows
    return rows.filter(submitted_at__gte=since) if since else rows


def returned_to(user: User) -> QuerySet[Answer]:
    """Return the person's own answers that a reviewer wants changed, with `returned_at`, where they still work."""
    returns = Review.objects.filter(answer=OuterRef("pk"), verdict=Verdict.RETURN).order_by("-pk")
    mine = Answer.objects.filter(annotator=user, state=AnswerState.RETURNED)
    mine = mine.filter(task__protocol__project__in=projects_where(user, "do_work"))
    return mine.select_related("task__protocol__project", "task__prompt").annotate(
        returned_at=Subquery(returns.values("created_at")[:1])
    )


def has_tasks_to_compare() -> bool:
    return Task.objects.to_compare().exists()


def reports_of(project: Project, user: User) -> list[dict[str, Any]]:
    """Return each protocol that has figures with all of them; two queries."""
    seen = AgreementFigure.objects.visible_to(user).filter(protocol__project=project)
    figures = list(seen.select_related("annotator", "guideline_version"))
    reports = AgreementReport.objects.filter(protocol__project=project).exclude(computed_at=None)
    return [
        {
            "protocol": report.protocol,
            "computed_at": report.computed_at,
            "is_current": report.changes == report.computed_changes,
            "categories": report.categories,
            **_by_scope([figure for figure in figures if figure.protocol_id == report.pk]),
        }
        for report in reports.select_related("protocol").order_by("protocol")
    ]


def _by_scope(figures: Sequence[AgreementFigure]) -> dict[str, Any]:
    of = {scope: [figure for figure in figures if figure.scope == scope] for scope in Scope}
    return {
        "overall": next(iter(of[Scope.PROTOCOL]), None),
        # Most work first: who did little has wide intervals.
        "annotators": sorted(of[Scope.ANNOTATOR], key=lambda figure: -figure.answers),
        "guidelines": sorted(
            of[Scope.GUIDELINE], key=lambda figure: figure.guideline_version.number if figure.guideline_version else 0
        ),
        "weeks": sorted(of[Scope.WEEK], key=lambda figure: figure.week),
    }


def _columns(only: AnswerFilter) -> dict[str, Any]:
    wanted = {
        "task__protocol": only.protocol,
        "annotator": only.annotator,
        "task__protocol__kind": only.kind,
        "state": only.state,
        "guideline_version__number": only.guideline,
        "submitted_at__gte": only.since,
        "submitted_at__lt": only.until,
    }
    return {column: value for column, value in wanted.items() if value not in (None, "")}


def _ticks(flag: str) -> Func:
    """Return the condition that the flag of this name is true anywhere in the payload. Raise ValueError."""
    if not IS_FLAG_NAME(flag):
        raise ValueError(f"{flag!r} is no name of a flag")
    path = Value(f"$.**.{flag} ? (@ == true)")
    return Func("payload", path, template="jsonb_path_exists(%(expressions)s::jsonpath)", output_field=BooleanField())


def _saying(rows: QuerySet[Answer], text: str) -> QuerySet[Answer]:
    said = json.dumps(text, ensure_ascii=False)[1:-1]
    rows = rows.annotate(answered=_ANSWERED, asked=_ASKED)
    return rows.filter(Q(answered__icontains=said) | Q(asked__icontains=said))
