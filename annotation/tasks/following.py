"""What it does to rows that an answer is followed. Part of this room's actions.

What follows what is for `followups` to say. Callers hold one transaction.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Func, Value

from annotation.tasks import queue
from annotation.tasks.models import Answer, AnswerState, Task, TaskState


def take(answer_id: int) -> Answer | None:
    """Lock an answer that waits to be followed or taken back; None when it does not, or somebody else has it."""
    rows = Answer.objects.to_follow() | Answer.objects.to_take_back()
    shown = ("task__protocol__follow_up__project", "task__prompt__group", "task__prompt__project", "annotator")
    return rows.select_related(*shown).select_for_update(of=("self",), skip_locked=True).filter(pk=answer_id).first()


def is_taken_back(answer: Answer) -> bool:
    """Say whether the answer no longer counts, so that nothing may follow from it."""
    return answer.is_spare or answer.state == AnswerState.STRUCK


def mark(answer: Answer, *, revision: int) -> None:
    Answer.objects.filter(pk=answer.pk).update(followed_revision=revision)


def withdraw(answer: Answer, *, now: datetime, but: Task | None = None) -> None:
    """Cancel the tasks that followed an answer and that nobody holds or has answered."""
    untouched = Task.objects.filter(follows=answer, state=TaskState.OPEN, answers_count=0, claims_count=0)
    rows = untouched.exclude(pk=but.pk) if but else untouched
    rows.update(state=TaskState.CANCELLED, closed_at=now)


def adopt(task: Task, answer: Answer) -> None:
    """Have a task that was there already follow an answer too: not for its author, and open again if it had been."""
    authors = Func(F("authors"), Value(answer.annotator_id), function="array_append")
    Task.objects.filter(pk=task.pk).exclude(authors__contains=[answer.annotator_id]).update(authors=authors)
    withdrawn = Task.objects.filter(pk=task.pk, follows=answer, state=TaskState.CANCELLED, answers_count=0)
    if withdrawn.update(state=TaskState.OPEN, closed_at=None):
        queue.bring_back(task)
