"""An answer to a task that nobody was handed: what a person has decided elsewhere is said of the task as well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from annotation.people.models import User
from annotation.projects.permissions import require
from annotation.tasks import answers
from annotation.tasks.actions import steer_task
from annotation.tasks.models import Answer, Task, TaskState
from annotation.tasks.recording import Given, recording, revise_answer


@transaction.atomic
def answer_out_of_turn(*, task: Task, actor: User, payload: Mapping[str, Any], now: datetime) -> Answer:
    """Store what the person says of a task, as the next form of their answer where they have given one before.

    It counts: a task that had enough wants one more for it. How long it took is not known.
    Raise NotAllowed, InvalidAnswer, AnswerSealed.
    """
    require(actor, "do_work", task.protocol.project)
    held = _locked(task)
    given = _given(held, payload)
    before = Answer.objects.filter(task=held, annotator=actor).first()
    if before is not None:
        return revise_answer(answer=before, given=given, now=now)
    if held.state == TaskState.CLOSED:
        steer_task(task=held, now=now, required_answers=held.answers_count + 1)
        held = _locked(task)
    return recording(task=held, annotator=actor, given=given, selection={}, now=now).store()


def _locked(task: Task) -> Task:
    rows = Task.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("protocol__project").get(pk=task.pk)


def _given(task: Task, payload: Mapping[str, Any]) -> Given:
    protocol = task.protocol
    version = protocol.versions.order_by("-number")[0]
    shown = list(task.task_completions.order_by("position").values_list("completion_id", flat=True))
    return Given(
        payload=answers.check(protocol.kind, version.config, dict(payload), shown),
        shown_order=shown,
        protocol_version=version,
        guideline_version=protocol.guidelines.order_by("-number").first(),
    )
