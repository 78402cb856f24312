"""Set-based writers for what arrives by the thousand: prompts, completions, tasks, imported answers.

Each takes a batch of a few thousand rows and writes it with a fixed number of statements. What is there already
stays as it is, so writing a batch twice adds nothing. Callers hold one transaction around all their batches and call
`take_turn` first. The single-row verbs, with their checks, are in actions.py: rows given here have been checked.

A `Writer` looks up what is there, gives every new row its id at once, and writes all of a batch by COPY when it is
flushed, each row in its final state; given a copier, while the next batch is made ready. Whoever writes the same row
by a single verb between look-up and COPY is met as an IntegrityError: the caller begins its transaction again, which
finds that row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from django.db import connection, models

from annotation.projects.models import Project
from annotation.tasks import steering
from annotation.tasks.by_column import Columns, Ids, as_written, copy_of, ids_by_key
from annotation.tasks.copying import Copier, Copy, run
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
    TaskState,
)
from annotation.tasks.queue import Place, pull_back
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
    # The digest of the messages, where the caller has it already.
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class NewCompletion:
    prompt_id: int
    text: str
    source_kind: str
    source_label: str = ""
    model_sha256: str = ""
    # The digest of the text, where the caller has it already.
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class NewTask:
    protocol_id: int
    prompt_id: int
    required_answers: int
    completion_ids: Sequence[int] = ()
    priority: int = 0
    queue_key: int = 0
    selection: Mapping[str, Any] = field(default_factory=dict)
    # People who are not asked, beside those whose texts these are: they have said it already.
    not_for: Sequence[int] = ()


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


KeyT = TypeVar("KeyT", bound=tuple[Hashable, ...])


def take_turn(project: Project) -> None:
    """Hold the project's row until the transaction ends: two bulk writers that meet could deadlock."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    with connection.cursor() as cursor:
        # Checks put off to the commit would pile up in the server's memory, a dozen for each row.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def add_prompts(project: Project, prompts: Sequence[NewPrompt], *, now: datetime) -> list[Written]:
    """Write the prompts and their groups; one result for each, in order."""
    return _at_once(now, lambda writer: writer.add_prompts(project, prompts))


def add_completions(completions: Sequence[NewCompletion], *, now: datetime) -> list[Written]:
    """Write the completions; one result for each, in order."""
    return _at_once(now, lambda writer: writer.add_completions(completions))


def open_tasks(tasks: Sequence[NewTask], *, now: datetime) -> list[Written]:
    """Open the tasks; one result for each, in order. The same work is opened once and keeps its state."""
    return _at_once(now, lambda writer: writer.open_tasks(tasks))


def add_answers(answers: Sequence[NewAnswer], *, now: datetime) -> list[AnswerOutcome]:
    """Write answers that were given elsewhere, each with its first revision, and count them on their tasks.

    One outcome for each, in order. A task that has enough closes; one with more than it asked for asks for as many.
    """
    return _at_once(now, lambda writer: writer.add_answers(answers))


ResultT = TypeVar("ResultT")


def _at_once(now: datetime, add: Callable[[Writer], ResultT]) -> ResultT:
    writer = Writer(now)
    result = add(writer)
    writer.flush()
    writer.finish()
    return result


class Writer:
    """The verbs above, for batch after batch: add what belongs together, then `flush`; at the end `finish`.

    With a copier a flushed batch goes on its way when the next one calls `look_ahead`, and is written meanwhile.
    """

    def __init__(self, now: datetime, copier: Copier | None = None) -> None:
        self.now, self.copier = now, copier
        self.rules = steering.Rules()
        identified: list[type[models.Model]] = [PromptGroup, Prompt, Completion, Task, Answer]
        self.new_ids = {model: Ids(model) for model in identified}
        # The first open task of each protocol, among all batches.
        self.first_open: dict[int, Place] = {}
        # The batch that has been flushed: what waits to be copied, and the ids by which its rows are known already.
        self.waiting: list[Copy] = []
        self.flushed: Mapping[type[models.Model], Mapping[Any, int]] = {}
        self._forget()

    def _forget(self) -> None:
        # The ids of this batch's rows by their unique keys, and its new rows by their ids.
        self.ids: defaultdict[type[models.Model], dict[Any, int]] = defaultdict(dict)
        self.groups: dict[int, tuple[str, int]] = {}
        self.prompts: dict[int, tuple[NewPrompt, int, int, str]] = {}
        self.completions: dict[int, tuple[NewCompletion, str]] = {}
        self.tasks: dict[int, tuple[NewTask, str]] = {}
        self.answers: list[NewAnswer] = []
        # What stands for each task and annotator that this batch speaks of.
        self.payloads: dict[tuple[int, int], Any] = {}
        self.answered: set[int] = set()
        # What `look_ahead` has found, None for what is not there.
        self.seen: dict[type[models.Model], dict[Any, int | None]] = {}

    def look_ahead(self, project: Project, group_keys: Sequence[str], digests: Sequence[str]) -> None:
        """Look up the prompts of the next batch and their groups, then send the batch before on its way."""
        wanted = {
            PromptGroup: (("key", "project"), group_keys),
            Prompt: (("messages_sha256", "project"), digests),
        }
        for model, (names, values) in wanted.items():
            flushed = self.flushed.get(model, {})
            keys = [key for key in dict.fromkeys((value, project.pk) for value in values) if key not in flushed]
            self.seen[model] = _found(model, names, keys)
        for ids in self.new_ids.values():
            ids.top_up()
        if self.copier and self.waiting:
            self.copier.start(self.waiting)
            self.waiting = []

    def add_prompts(self, project: Project, prompts: Sequence[NewPrompt]) -> list[Written]:
        names = [prompt.group_key or group_key_of(prompt.messages) for prompt in prompts]
        groups = self._identify(PromptGroup, ("key", "project"), [(name, project.pk) for name in names])
        for name, row in zip(names, groups, strict=True):
            if row.is_new:
                self.groups[row.id] = name, project.pk
        digests = [prompt.sha256 or messages_sha256(prompt.messages) for prompt in prompts]
        written = self._identify(Prompt, ("messages_sha256", "project"), [(digest, project.pk) for digest in digests])
        for prompt, group, digest, row in zip(prompts, groups, digests, written, strict=True):
            if row.is_new:
                self.prompts[row.id] = prompt, project.pk, group.id, digest
        return written

    def add_completions(self, completions: Sequence[NewCompletion]) -> list[Written]:
        keys = [(c.prompt_id, c.sha256 or text_sha256(c.text), c.source_kind, c.source_label) for c in completions]
        new = {key for key in keys if key[0] in self.prompts}
        written = self._identify(Completion, ("prompt", "text_sha256", "source_kind", "source_label"), keys, new)
        for completion, key, row in zip(completions, keys, written, strict=True):
            if row.is_new:
                self.completions[row.id] = completion, key[1]
        return written

    def open_tasks(self, tasks: Sequence[NewTask]) -> list[Written]:
        keys = [(task.protocol_id, task_sha256(task.prompt_id, task.completion_ids)) for task in tasks]
        new = {key for key, task in zip(keys, tasks, strict=True) if task.prompt_id in self.prompts}
        written = self._identify(Task, ("protocol", "content_sha256"), keys, new)
        for task, key, row in zip(tasks, keys, written, strict=True):
            if row.is_new:
                self.tasks[row.id] = task, key[1]
        return written

    def add_answers(self, answers: Sequence[NewAnswer]) -> list[AnswerOutcome]:
        self._find_payloads([(answer.task_id, answer.annotator_id) for answer in answers])
        return [self._add_answer(answer) for answer in answers]

    def flush(self) -> None:
        """Write what has been added since the last time, in the order that the foreign keys want."""
        answer_ids = self.new_ids[Answer].take(len(self.answers))
        copies = [*self._prompts(), *self._completions(), *self._tasks(), *self._answers(answer_ids)]
        if self.waiting:
            self._send()
        self.waiting, self.flushed = copies, self.ids
        if self.answered or not self.copier:
            self._send()
        if self.answered:
            _count_answers(sorted(self.answered), self.now)
        self._forget()

    def finish(self) -> None:
        """Write what waits, and pull everybody back to the first open task in each queue.

        That last, for it holds up whoever works there until the transaction ends.
        """
        self._send()
        for protocol_id, place in sorted(self.first_open.items()):
            pull_back(protocol_id=protocol_id, purpose=Purpose.WORK, place=place)
        self.first_open = {}

    def _send(self) -> None:
        """See to it that all that has been flushed is written."""
        if self.copier:
            self.copier.wait()
        run(self.waiting)
        self.waiting = []

    def _identify(
        self, model: type[models.Model], names: Sequence[str], keys: Sequence[KeyT], new: Collection[KeyT] = ()
    ) -> list[Written]:
        """Return the id of each row by its unique key; of those that are nowhere, a new one. `new` need no look-up."""
        ids = self.ids[model]
        unknown = [key for key in dict.fromkeys(keys) if key not in ids]
        seen, flushed = self.seen.get(model, {}), self.flushed.get(model, {})
        found = {key: flushed.get(key) or seen.get(key) for key in unknown if key in flushed or key in seen}
        asked = [key for key in unknown if key not in found and key not in new]
        if asked:
            self._send()
            found |= _found(model, names, asked)
        made = [key for key in unknown if found.get(key) is None]
        ids |= {key: pk for key, pk in found.items() if pk is not None}
        ids |= zip(made, self.new_ids[model].take(len(made)), strict=True)
        # Of equal rows in one batch the first makes it.
        left = set(made)
        written = []
        for key in keys:
            written.append(Written(ids[key], key in left))
            left.discard(key)
        return written

    def _find_payloads(self, keys: Sequence[tuple[int, int]]) -> None:
        """Lock the tasks that were there before this batch, and learn what stands there."""
        old = {key for key in keys if key[0] not in self.tasks and key not in self.payloads}
        if not old:
            return
        self._send()
        task_ids = sorted({task_id for task_id, _ in old})
        list(Task.objects.select_for_update(no_key=True).filter(pk__in=task_ids).order_by("pk").values_list("pk"))
        tasks, annotators = zip(*sorted(old), strict=True)
        ids = [pk for pk in ids_by_key(Answer, {"task": tasks, "annotator": annotators}) if pk is not None]
        there = Answer.objects.filter(pk__in=ids).values_list("task_id", "annotator_id", "payload")
        self.payloads |= {(task, annotator): payload for task, annotator, payload in there}

    def _add_answer(self, answer: NewAnswer) -> AnswerOutcome:
        key = (answer.task_id, answer.annotator_id)
        if key in self.payloads:
            same = self.payloads[key] == answer.payload
            return AnswerOutcome.DUPLICATE if same else AnswerOutcome.CONTRADICTION
        self.payloads[key] = answer.payload
        self.answers.append(answer)
        if answer.task_id not in self.tasks:
            self.answered.add(answer.task_id)
        return AnswerOutcome.NEW

    def _prompts(self) -> list[Copy]:
        groups: Columns = {
            "id": list(self.groups),
            "project": [project for _, project in self.groups.values()],
            "key": [key for key, _ in self.groups.values()],
            "split": [split_of(key) for key, _ in self.groups.values()],
        }
        rows = self.prompts.values()
        prompts: Columns = {
            "id": list(self.prompts),
            "project": [project for _, project, _, _ in rows],
            "group": [group for _, _, group, _ in rows],
            "messages_sha256": [digest for _, _, _, digest in rows],
            "messages": [prompt.messages for prompt, _, _, _ in rows],
            "language": [prompt.language for prompt, _, _, _ in rows],
            "tags": [prompt.tags for prompt, _, _, _ in rows],
            "source_kind": [prompt.source_kind for prompt, _, _, _ in rows],
            "source_label": [prompt.source_label for prompt, _, _, _ in rows],
        }
        copies = copy_of(PromptGroup, same={}, columns=groups)
        return [*copies, *copy_of(Prompt, same={"created_at": self.now}, columns=prompts)]

    def _completions(self) -> list[Copy]:
        rows = self.completions.values()
        completions: Columns = {
            "id": list(self.completions),
            "prompt": [completion.prompt_id for completion, _ in rows],
            "text": [completion.text for completion, _ in rows],
            "text_sha256": [digest for _, digest in rows],
            "source_kind": [completion.source_kind for completion, _ in rows],
            "source_label": [completion.source_label for completion, _ in rows],
            "model_sha256": [completion.model_sha256 for completion, _ in rows],
        }
        return copy_of(Completion, same={"created_at": self.now}, columns=completions)

    def _tasks(self) -> list[Copy]:
        """Write the tasks as they are after this batch's answers: one row each, and none to be changed again."""
        if not self.tasks:
            return []
        ids, rows = list(self.tasks), [task for task, _ in self.tasks.values()]
        answers = dict.fromkeys(ids, 0)
        for answer in self.answers:
            if answer.task_id in answers:
                answers[answer.task_id] += 1
        closed = [answers[pk] >= task.required_answers for pk, task in zip(ids, rows, strict=True)]
        required = [max(task.required_answers, answers[pk]) for pk, task in zip(ids, rows, strict=True)]
        meant = self._steer(rows)
        tasks: Columns = {
            "id": ids,
            "protocol": [task.protocol_id for task in rows],
            "content_sha256": [digest for _, digest in self.tasks.values()],
            "prompt": [task.prompt_id for task in rows],
            "required_answers": [min(number, _REQUIRED_ANSWERS_MOST) for number in required],
            "answers_count": list(answers.values()),
            "state": [TaskState.CLOSED.value if done else TaskState.OPEN.value for done in closed],
            "closed_at": [self.now if done else None for done in closed],
            "priority": [task.priority for task in rows],
            "queue_key": [task.queue_key for task in rows],
            "selection": [task.selection for task in rows],
            "language": [one.language for one in meant],
            "authors": [one.authors for one in meant],
            "team": [one.team for one in meant],
            "assigned_to": [one.people for one in meant],
        }
        for pk, task, done in zip(ids, rows, closed, strict=True):
            if not done:
                place = Place(-task.priority, task.queue_key, pk)
                self.first_open[task.protocol_id] = min(self.first_open.get(task.protocol_id, place), place)
        shown = [(pk, c, at) for pk, task in zip(ids, rows, strict=True) for at, c in enumerate(task.completion_ids)]
        parts: Columns = {
            "task": [task_id for task_id, _, _ in shown],
            "completion": [completion_id for _, completion_id, _ in shown],
            "position": [place for _, _, place in shown],
        }
        copies = copy_of(Task, same={"created_at": self.now}, columns=tasks)
        return [*copies, *copy_of(TaskCompletion, same={}, columns=parts)]

    def _steer(self, tasks: Sequence[NewTask]) -> list[steering.Steering]:
        """Return for whom each task is; only what was there before this batch is asked for."""
        prompts = {task.prompt_id for task in tasks} - self.prompts.keys()
        completions = {pk for task in tasks for pk in task.completion_ids} - self.completions.keys()
        if prompts or completions:
            self._send()
        there, authors = steering.prompts_there(prompts), steering.authors_there(completions)
        there |= {pk: steering.Described(prompt.language, prompt.tags) for pk, (prompt, *_) in self.prompts.items()}
        rules = self.rules.of({task.protocol_id for task in tasks})
        return [
            steering.steer(
                there[task.prompt_id],
                [*(authors[pk] for pk in task.completion_ids if pk in authors), *task.not_for],
                rules[task.protocol_id],
            )
            for task in tasks
        ]

    def _answers(self, ids: Sequence[int]) -> list[Copy]:
        both: Columns = {
            "payload": [answer.payload for answer in self.answers],
            "protocol_version": [answer.protocol_version_id for answer in self.answers],
            "shown_order": [answer.shown_order for answer in self.answers],
            "seconds": [answer.seconds for answer in self.answers],
        }
        both = as_written(Answer, both)
        answers: Columns = {
            "id": ids,
            "task": [answer.task_id for answer in self.answers],
            "annotator": [answer.annotator_id for answer in self.answers],
            "source_kind": [answer.source_kind for answer in self.answers],
            "submitted_at": [answer.submitted_at for answer in self.answers],
        }
        revisions: Columns = {"answer": ids, "created_at": answers["submitted_at"]}
        copies = copy_of(Answer, same={}, columns={**answers, **both})
        return [*copies, *copy_of(AnswerRevision, same={"number": 1}, columns={**revisions, **both})]


def _found(model: type[models.Model], names: Sequence[str], keys: Sequence[KeyT]) -> dict[KeyT, int | None]:
    if not keys:
        return {}
    columns = dict(zip(names, map(list, zip(*keys, strict=True)), strict=True))
    return dict(zip(keys, ids_by_key(model, columns), strict=True))


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
