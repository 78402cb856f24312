"""Set-based writers for what arrives by the thousand: prompts, completions, tasks, imported answers.

Each takes a batch of a few thousand rows and writes it with a fixed number of statements. What is there already
stays as it is, so writing a batch twice adds nothing. Callers hold one transaction around all their batches and call
`take_turn` first. The single-row verbs, with their checks, are in actions.py: rows given here have been checked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection

from annotation.projects.models import Project, Protocol
from annotation.tasks.assignment_rules import EVERYBODY_MAY, fits
from annotation.tasks.by_column import Columns, ids_by_key, insert
from annotation.tasks.messages import Message
from annotation.tasks.models import (
    Answer,
    AnswerRevision,
    Completion,
    Prompt,
    PromptGroup,
    Purpose,
    Task,
    TaskCompletion,
)
from annotation.tasks.queue import bring_all_back
from annotation.tasks.splits import group_key_of, messages_sha256, split_of, task_sha256, text_sha256

_REQUIRED_ANSWERS_MOST = 32767


@dataclass(frozen=True, slots=True)
class NewPrompt:
    messages: list[Message]
    group_key: str = ""
    language: str = ""
    tags: Sequence[str] = ()
    source_kind: str = "import"
    source_label: str = ""


@dataclass(frozen=True, slots=True)
class NewCompletion:
    prompt_id: int
    text: str
    source_kind: str
    source_label: str = ""
    model_sha256: str = ""


@dataclass(frozen=True, slots=True)
class NewTask:
    protocol_id: int
    prompt_id: int
    required_answers: int
    completion_ids: Sequence[int] = ()
    priority: int = 0
    queue_key: int = 0
    selection: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewAnswer:
    task_id: int
    annotator_id: int
    payload: Mapping[str, Any]
    protocol_version_id: int
    submitted_at: datetime
    source_kind: str = "import"
    # Completion ids in the order shown, and active seconds, where whoever recorded the answer knew them.
    shown_order: Sequence[int] = ()
    seconds: float | None = None


class Written(NamedTuple):
    id: int
    is_new: bool


class AnswerOutcome(StrEnum):
    NEW = "new"
    DUPLICATE = "duplicate"
    # This annotator has answered this task otherwise; the answer that stands stays.
    CONTRADICTION = "contradiction"


def take_turn(project: Project) -> None:
    """Hold the project's row until the transaction ends: two bulk writers that meet could deadlock."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    with connection.cursor() as cursor:
        # Checks put off to the commit would pile up in the server's memory, a dozen for each row.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def add_prompts(project: Project, prompts: Sequence[NewPrompt], *, now: datetime) -> list[Written]:
    """Write the prompts and their groups; one result for each, in order."""
    keys = [prompt.group_key or group_key_of(prompt.messages) for prompt in prompts]
    digests = [messages_sha256(prompt.messages) for prompt in prompts]
    groups = _group_ids(project, keys)
    new = insert(
        Prompt,
        same={"project": project.pk, "created_at": now},
        columns={
            "group": [groups[key] for key in keys],
            "messages": [prompt.messages for prompt in prompts],
            "messages_sha256": digests,
            "language": [prompt.language for prompt in prompts],
            "tags": [list(prompt.tags) for prompt in prompts],
            "source_kind": [prompt.source_kind for prompt in prompts],
            "source_label": [prompt.source_label for prompt in prompts],
        },
    )
    return _written(ids_by_key(Prompt, {"messages_sha256": digests, "project": [project.pk] * len(digests)}), new)


def add_completions(completions: Sequence[NewCompletion], *, now: datetime) -> list[Written]:
    """Write the completions; one result for each, in order."""
    key: Columns = {
        "prompt": [completion.prompt_id for completion in completions],
        "text_sha256": [text_sha256(completion.text) for completion in completions],
        "source_kind": [completion.source_kind for completion in completions],
        "source_label": [completion.source_label for completion in completions],
    }
    rest: Columns = {
        "text": [completion.text for completion in completions],
        "model_sha256": [completion.model_sha256 for completion in completions],
    }
    new = insert(Completion, same={"created_at": now}, columns=key | rest)
    return _written(ids_by_key(Completion, key), new)


def open_tasks(tasks: Sequence[NewTask], *, now: datetime) -> list[Written]:
    """Open the tasks; one result for each, in order. The same work is opened once and keeps its state."""
    key: Columns = {
        "protocol": [task.protocol_id for task in tasks],
        "content_sha256": [task_sha256(task.prompt_id, task.completion_ids) for task in tasks],
    }
    rest: Columns = {
        "prompt": [task.prompt_id for task in tasks],
        "required_answers": [task.required_answers for task in tasks],
        "priority": [task.priority for task in tasks],
        "queue_key": [task.queue_key for task in tasks],
        "selection": [dict(task.selection) for task in tasks],
    }
    new = insert(Task, same={"created_at": now}, columns=key | rest)
    written = _written(ids_by_key(Task, key), new)
    _show(tasks, written)
    new_ids = [row.id for row in written if row.is_new]
    _copy_what_steers(new_ids)
    _mean_by_rules(new_ids)
    return written


def add_answers(answers: Sequence[NewAnswer], *, now: datetime) -> list[AnswerOutcome]:
    """Write answers that were given elsewhere, each with its first revision, and count them on their tasks.

    One outcome for each, in order. A task that has enough closes; one with more than it asked for asks for as many.
    """
    task_ids = sorted({answer.task_id for answer in answers})
    list(Task.objects.select_for_update(no_key=True).filter(pk__in=task_ids).order_by("pk").values_list("pk"))
    key: Columns = {
        "task": [answer.task_id for answer in answers],
        "annotator": [answer.annotator_id for answer in answers],
    }
    rest: Columns = {
        "payload": [dict(answer.payload) for answer in answers],
        "protocol_version": [answer.protocol_version_id for answer in answers],
        "source_kind": [answer.source_kind for answer in answers],
        "submitted_at": [answer.submitted_at for answer in answers],
        "shown_order": [list(answer.shown_order) for answer in answers],
        "seconds": [answer.seconds for answer in answers],
    }
    new = insert(Answer, same={}, columns=key | rest)
    ids = ids_by_key(Answer, key)
    stored = dict(Answer.objects.filter(pk__in=ids).values_list("pk", "payload"))
    written = _written(ids, new)
    _add_revisions(answers, written)
    if new:
        _count_answers(task_ids, now)
    rows = zip(answers, written, strict=True)
    return [_outcome(answer, stored[row.id], row.is_new) for answer, row in rows]


def _outcome(answer: NewAnswer, stored: Any, is_new: bool) -> AnswerOutcome:
    if is_new:
        return AnswerOutcome.NEW
    return AnswerOutcome.DUPLICATE if stored == answer.payload else AnswerOutcome.CONTRADICTION


def _group_ids(project: Project, keys: Sequence[str]) -> dict[str, int]:
    unique = list(dict.fromkeys(keys))
    splits = [split_of(key) for key in unique]
    insert(PromptGroup, same={"project": project.pk}, columns={"key": unique, "split": splits})
    ids = ids_by_key(PromptGroup, {"key": unique, "project": [project.pk] * len(unique)})
    return dict(zip(unique, ids, strict=True))


def _show(tasks: Sequence[NewTask], written: Sequence[Written]) -> None:
    """Tie the completions to the tasks that are new."""
    shown = [
        (row.id, completion_id, place)
        for task, row in zip(tasks, written, strict=True)
        if row.is_new
        for place, completion_id in enumerate(task.completion_ids)
    ]
    if shown:
        columns: Columns = dict(
            zip(("task", "completion", "position"), map(list, zip(*shown, strict=True)), strict=True)
        )
        insert(TaskCompletion, same={}, columns=columns)


def _copy_what_steers(task_ids: Sequence[int]) -> None:
    """Copy language and authors to the new tasks, and pull everybody back to the first of them in each lane."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tasks_task AS task SET language = prompt.language, authors = ARRAY(
                SELECT prompt.author_id WHERE prompt.author_id IS NOT NULL
                UNION SELECT completion.author_id FROM tasks_taskcompletion AS part
                JOIN tasks_completion AS completion ON completion.id = part.completion_id
                WHERE part.task_id = task.id AND completion.author_id IS NOT NULL
            )
            FROM tasks_prompt AS prompt WHERE prompt.id = task.prompt_id AND task.id = ANY(%s)
            """,
            [list(task_ids)],
        )
    bring_all_back(task_ids)


def _mean_by_rules(task_ids: Sequence[int]) -> None:
    """Say whom the new tasks are for where their protocol has rules: a statement for each answer the rules give."""
    rows = Task.objects.filter(pk__in=task_ids, purpose=Purpose.WORK)
    with_rules = Protocol.objects.exclude(assignment_rules=[]).filter(pk__in=rows.values("protocol"))
    rules = dict(with_rules.values_list("pk", "assignment_rules"))
    tasks_of: defaultdict[tuple[str, tuple[int, ...]], list[int]] = defaultdict(list)
    columns = ("pk", "protocol_id", "prompt__language", "prompt__tags")
    for pk, protocol_id, language, tags in rows.filter(protocol__in=rules).values_list(*columns):
        meant = fits(rules[protocol_id], language or "", tags or ())
        if meant != EVERYBODY_MAY:
            tasks_of[meant.team, tuple(meant.people or ())].append(pk)
    for (team, people), ids in tasks_of.items():
        Task.objects.filter(pk__in=ids).update(team=team, assigned_to=list(people) or None)


def _add_revisions(answers: Sequence[NewAnswer], written: Sequence[Written]) -> None:
    new = [(row.id, answer) for row, answer in zip(written, answers, strict=True) if row.is_new]
    insert(
        AnswerRevision,
        same={"number": 1},
        columns={
            "answer": [pk for pk, _ in new],
            "payload": [dict(answer.payload) for _, answer in new],
            "protocol_version": [answer.protocol_version_id for _, answer in new],
            "created_at": [answer.submitted_at for _, answer in new],
            "shown_order": [list(answer.shown_order) for _, answer in new],
            "seconds": [answer.seconds for _, answer in new],
        },
    )


def _count_answers(task_ids: Sequence[int], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tasks_task AS task SET
                answers_count = counted.answers,
                required_answers = LEAST(GREATEST(task.required_answers, counted.answers), %(most)s),
                closed_at = CASE WHEN task.state = 'open' AND counted.answers >= task.required_answers
                                 THEN %(now)s ELSE task.closed_at END,
                state = CASE WHEN task.state = 'open' AND counted.answers >= task.required_answers
                             THEN 'closed' ELSE task.state END
            FROM (
                SELECT task_id, count(*) AS answers FROM tasks_answer
                WHERE task_id = ANY(%(ids)s) AND NOT is_spare AND state <> 'struck' GROUP BY task_id
            ) AS counted
            WHERE task.id = counted.task_id AND task.answers_count <> counted.answers
            """,
            {"ids": list(task_ids), "now": now, "most": _REQUIRED_ANSWERS_MOST},
        )


def _written(ids: Sequence[int], new: set[int]) -> list[Written]:
    """Pair each id with whether this row made it: of equal rows in one batch the first did."""
    left = set(new)
    result = []
    for pk in ids:
        result.append(Written(pk, pk in left))
        left.discard(pk)
    return result
