"""Verbs on the work: prompts, completions, tasks, answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import require, require_unarchived
from annotation.projects.protocol import kind_of, whole_config
from annotation.tasks import queue
from annotation.tasks.assignment_rules import EVERYBODY_MAY, Meant, fits
from annotation.tasks.messages import Message, check_messages, check_text
from annotation.tasks.models import (
    Answer,
    Completion,
    Prompt,
    PromptGroup,
    Purpose,
    Task,
    TaskCompletion,
    TaskState,
)
from annotation.tasks.showing import shown_together
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

    Raise NotAllowed, BadMessages, TaskNotOpenable, ProtocolArchived.
    """
    require(actor, "add_prompts", project)
    prompt, created = add_prompt(project=project, messages=messages, author=actor, language=language, now=now)
    if protocol:
        require(actor, "manage_tasks", project)
        require_unarchived(protocol)
        open_task(protocol=protocol, prompt=prompt, now=now)
    return prompt, created


def add_completion(
    *,
    prompt: Prompt,
    text: str,
    source_kind: str,
    now: datetime,
    source_label: str = "",
    model_sha256: str = "",
    author: User | None = None,
) -> tuple[Completion, bool]:
    """Return the prompt's completion with this text and source, and whether it is new. Raise BadMessages."""
    text = check_text(text, "text")
    return Completion.objects.get_or_create(
        prompt=prompt,
        text_sha256=text_sha256(text),
        source_kind=source_kind,
        source_label=source_label,
        defaults={"text": text, "model_sha256": model_sha256, "author": author, "created_at": now},
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
    follows: Answer | None = None,
    bounds: tuple[int, int] | None = None,
) -> tuple[Task, bool]:
    """Return the task for this work, and whether it is new: the same work is opened once. Raise TaskNotOpenable.

    `bounds` are `bounds_of(protocol)`, from callers that open many.
    """
    _check_openable(protocol, prompt, completions, bounds or bounds_of(protocol))
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
            "follows": follows,
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
    """Open a prompt's tasks, with its completions as the protocol shows them; return how many tasks are new.

    Raise NotAllowed, TaskNotOpenable, ProtocolArchived.
    """
    require(actor, "manage_tasks", protocol.project)
    require_unarchived(protocol)
    prompts = Prompt.objects.filter(project=protocol.project, pk__in=prompt_ids, withdrawal=None)
    prompts = prompts.prefetch_related(Prefetch("completions", Completion.objects.filter(withdrawal=None)))
    missing = sorted(set(prompt_ids) - {prompt.pk for prompt in prompts})
    if missing:
        raise TaskNotOpenable(f"This project has no prompt {missing[0]}.")
    bounds = bounds_of(protocol)
    wanted = [(prompt, shown) for prompt in prompts for shown in _shown_in_tasks(prompt, bounds)]
    opened = 0
    for prompt, completions in wanted:
        _, created = open_task(
            protocol=protocol,
            prompt=prompt,
            completions=completions,
            required_answers=required_answers,
            priority=priority,
            bounds=bounds,
            now=now,
        )
        opened += created
    return {"opened": opened, "already_there": len(wanted) - opened}


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


def config_of(protocol: Protocol) -> dict[str, Any]:
    """Return the configuration that the protocol has now, settings younger than it included. One query."""
    return whole_config(protocol.kind, protocol.versions.order_by("-number")[0].config)


def bounds_of(protocol: Protocol) -> tuple[int, int]:
    """Return the fewest and the most completions that a task of the protocol shows now. One query."""
    return kind_of(protocol.kind).bounds(config_of(protocol))


def _shown_in_tasks(prompt: Prompt, bounds: tuple[int, int]) -> list[list[Completion]]:
    completions = list(prompt.completions.all()) if bounds[1] else []
    # Where there are too few for any task, all of them: opening it then says how many there should be.
    return shown_together(completions, bounds) or [completions]


def _check_openable(
    protocol: Protocol, prompt: Prompt, completions: Sequence[Completion], bounds: tuple[int, int]
) -> None:
    if kind_of(protocol.kind).has_brief:
        raise TaskNotOpenable(f"A {protocol.kind} task begins with a brief, not with a prompt.")
    (low, high), shown = bounds, len(completions)
    if not low <= shown <= high:
        raise TaskNotOpenable(
            f"A {protocol.kind} task shows {_plain(low, high)}, not {shown} as for prompt {prompt.pk}."
        )
    if any(completion.prompt_id != prompt.pk for completion in completions):
        raise TaskNotOpenable("Every completion of a task answers the task's own prompt.")
    if len({completion.pk for completion in completions}) < shown:
        raise TaskNotOpenable("A completion is shown once.")
    if prompt.withdrawal_id or any(completion.withdrawal_id for completion in completions):
        raise TaskNotOpenable("This text was withdrawn: nobody is asked about it any more.")
    if prompt.project_id != protocol.project_id:
        raise TaskNotOpenable("Prompt and protocol belong to one project.")


def _plain(low: int, high: int) -> str:
    if low == high:
        return "1 completion" if high == 1 else f"{high or 'no'} completions"
    return f"{low} to {high} completions"
