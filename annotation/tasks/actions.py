"""Verbs on the work: prompts, completions, tasks, answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import require
from annotation.projects.protocol import kind_of
from annotation.tasks import queue
from annotation.tasks.assignment_rules import EVERYBODY_MAY, Meant, fits
from annotation.tasks.messages import Message, check_messages, check_text
from annotation.tasks.models import (
    Completion,
    Prompt,
    PromptGroup,
    Purpose,
    Task,
    TaskCompletion,
    TaskState,
)
from annotation.tasks.splits import group_key_of, messages_sha256, split_of, task_sha256, text_sha256

# The most that a task's column holds: as many as there are people.
EVERYBODY = 32767


class TaskNotOpenable(ValueError):
    """The completions do not make a task of this protocol."""


class TaskNotCancellable(Exception):
    """Only an open task can be cancelled."""


@transaction.atomic
def add_prompt(
    *,
    project: Project,
    messages: Any,
    author: User | None,
    now: datetime,
    group_key: str = "",
    language: str = "",
    tags: Sequence[str] = (),
    source_kind: str = "person",
    source_label: str = "",
) -> tuple[Prompt, bool]:
    """Return the project's prompt with this text, and whether it is new. Raise BadMessages."""
    checked: list[Message] = check_messages(messages)
    key = group_key or group_key_of(checked)
    group, _ = PromptGroup.objects.get_or_create(project=project, key=key, defaults={"split": split_of(key)})
    return Prompt.objects.get_or_create(
        project=project,
        messages_sha256=messages_sha256(checked),
        defaults={
            "messages": checked,
            "group": group,
            "language": language,
            "tags": list(tags),
            "source_kind": source_kind,
            "source_label": source_label,
            "author": author,
            "created_at": now,
        },
    )


@transaction.atomic
def write_prompt(
    *,
    project: Project,
    messages: Any,
    actor: User,
    now: datetime,
    language: str = "",
    protocol: Protocol | None = None,
) -> tuple[Prompt, bool]:
    """Add a prompt that a person has written, with a task for it in the protocol if one is given.

    Raise NotAllowed, BadMessages, TaskNotOpenable.
    """
    require(actor, "add_prompts", project)
    prompt, created = add_prompt(project=project, messages=messages, author=actor, language=language, now=now)
    if protocol:
        require(actor, "manage_tasks", project)
        open_task(protocol=protocol, prompt=prompt, now=now)
    return prompt, created


def add_completion(
    *, prompt: Prompt, text: str, source_kind: str, now: datetime, source_label: str = "", model_sha256: str = ""
) -> tuple[Completion, bool]:
    """Return the prompt's completion with this text and source, and whether it is new. Raise BadMessages."""
    text = check_text(text, "text")
    return Completion.objects.get_or_create(
        prompt=prompt,
        text_sha256=text_sha256(text),
        source_kind=source_kind,
        source_label=source_label,
        defaults={"text": text, "model_sha256": model_sha256, "created_at": now},
    )


@transaction.atomic
def open_task(
    *,
    protocol: Protocol,
    prompt: Prompt,
    now: datetime,
    completions: Sequence[Completion] = (),
    required_answers: int | None = None,
    priority: int = 0,
    queue_key: int = 0,
    selection: dict[str, Any] | None = None,
    purpose: str = Purpose.WORK,
) -> tuple[Task, bool]:
    """Return the task for this work, and whether it is new: the same work is opened once. Raise TaskNotOpenable."""
    _check_openable(protocol, prompt, completions)
    meant = meant_for(protocol.assignment_rules, purpose, prompt)
    task, created = Task.objects.get_or_create(
        protocol=protocol,
        content_sha256=task_sha256(prompt.pk, [completion.pk for completion in completions]),
        defaults={
            "prompt": prompt,
            "language": prompt.language,
            "authors": authors_of(prompt, completions),
            "team": meant.team,
            "assigned_to": meant.people,
            "required_answers": required_answers or wanted_answers(protocol, purpose),
            "priority": priority,
            "queue_key": queue_key,
            "selection": selection or {},
            "purpose": purpose,
            "created_at": now,
        },
    )
    if created:
        rows = enumerate(completions)
        TaskCompletion.objects.bulk_create(
            TaskCompletion(task=task, completion=completion, position=place) for place, completion in rows
        )
        queue.bring_back(task)
    return task, created


@transaction.atomic
def open_tasks_for(
    *,
    protocol: Protocol,
    prompt_ids: Sequence[int],
    actor: User,
    now: datetime,
    required_answers: int | None = None,
    priority: int = 0,
) -> dict[str, int]:
    """Open a task for each prompt, with all its completions where the kind shows any; return how many are new.

    Raise NotAllowed, TaskNotOpenable.
    """
    require(actor, "manage_tasks", protocol.project)
    prompts = Prompt.objects.filter(project=protocol.project, pk__in=prompt_ids).prefetch_related("completions")
    missing = sorted(set(prompt_ids) - {prompt.pk for prompt in prompts})
    if missing:
        raise TaskNotOpenable(f"This project has no prompt {missing[0]}.")
    shows = kind_of(protocol.kind).maximum_completions > 0
    opened = 0
    for prompt in prompts:
        completions = list(prompt.completions.all()) if shows else []
        _, created = open_task(
            protocol=protocol,
            prompt=prompt,
            completions=completions,
            required_answers=required_answers,
            priority=priority,
            now=now,
        )
        opened += created
    return {"opened": opened, "already_there": len(prompts) - opened}


def cancel_task(*, task: Task, actor: User, now: datetime) -> None:
    """Take an open task out of the queue; answers it has stay. Raise NotAllowed, TaskNotCancellable."""
    require(actor, "manage_tasks", task.protocol.project)
    open_rows = Task.objects.filter(pk=task.pk, state=TaskState.OPEN)
    if not open_rows.update(state=TaskState.CANCELLED, closed_at=now):
        raise TaskNotCancellable("Only an open task can be cancelled.")


def steer_task(
    *,
    task: Task,
    now: datetime,
    required_answers: int | None = None,
    priority: int | None = None,
    queue_key: int | None = None,
) -> None:
    """Set the columns by which higher rooms steer the queue; more required answers open a closed task again."""
    with transaction.atomic():
        row = Task.objects.select_for_update().get(pk=task.pk)
        if required_answers is not None:
            row.required_answers = required_answers
            if row.state != TaskState.CANCELLED:
                enough = row.answers_count >= required_answers
                row.state = TaskState.CLOSED if enough else TaskState.OPEN
                row.closed_at = (row.closed_at or now) if enough else None
        row.priority = row.priority if priority is None else priority
        row.queue_key = row.queue_key if queue_key is None else queue_key
        row.save(update_fields=["required_answers", "state", "closed_at", "priority", "queue_key"])
        queue.bring_back(row)


def authors_of(prompt: Prompt, completions: Sequence[Completion]) -> list[int]:
    """Return the people who wrote any of it here: the task is not for them."""
    authors = {prompt.author_id, *(completion.author_id for completion in completions)}
    return sorted(author for author in authors if author is not None)


def wanted_answers(protocol: Protocol, purpose: str) -> int:
    """Return how many answers a task wants: what everybody is calibrated on never has enough."""
    return EVERYBODY if purpose == Purpose.CALIBRATION else protocol.required_answers


def meant_for(rules: Sequence[Mapping[str, Any]], purpose: str, prompt: Prompt) -> Meant:
    """Return whom a new task is for. Rules divide the work; what everybody is measured by is for everybody."""
    return fits(rules, prompt.language, prompt.tags) if purpose == Purpose.WORK else EVERYBODY_MAY


def _check_openable(protocol: Protocol, prompt: Prompt, completions: Sequence[Completion]) -> None:
    kind = kind_of(protocol.kind)
    low, high, shown = kind.minimum_completions, kind.maximum_completions, len(completions)
    if not low <= shown <= high:
        wanted = f"{low} to {high} completions" if high else "no completions"
        raise TaskNotOpenable(f"A {protocol.kind} task shows {wanted}, not {shown} as for prompt {prompt.pk}.")
    if any(completion.prompt_id != prompt.pk for completion in completions):
        raise TaskNotOpenable("Every completion of a task answers the task's own prompt.")
    if len({completion.pk for completion in completions}) < shown:
        raise TaskNotOpenable("A completion is shown once.")
    if prompt.project_id != protocol.project_id:
        raise TaskNotOpenable("Prompt and protocol belong to one project.")
