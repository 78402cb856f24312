"""The tasks of one protocol with everything that was answered, a chunk at a time, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from annotation.exports.label_studio import Judged, JudgedTask, ShownCompletion
from annotation.exports.pseudonyms import pseudonym_of
from annotation.intake.readers import label_studio
from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.tasks.models import Answer, Task, TaskCompletion, TaskState

_CHUNK = 500


def judged_tasks(protocol: Protocol) -> Iterator[JudgedTask]:
    """Yield the protocol's tasks in the order they were opened, all but the cancelled; three queries a chunk."""
    rows = Task.objects.filter(protocol=protocol).exclude(state=TaskState.CANCELLED).select_related("prompt")
    rows = rows.exclude(prompt=None).order_by("pk")
    name_of = _Names(protocol)
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:_CHUNK]):
        last = chunk[-1].pk
        ids = [task.pk for task in chunk]
        completions, answers = _completions(ids), _answers(ids, name_of)
        for task in chunk:
            assert task.prompt is not None
            yield JudgedTask(
                id=task.pk,
                project_id=protocol.project_id,
                kind=protocol.kind,
                messages=task.prompt.messages,
                completions=completions[task.pk],
                created_at=task.created_at,
                answers=answers[task.pk],
            )


class _Names:
    """What people are called in a file that leaves the site."""

    def __init__(self, protocol: Protocol) -> None:
        self.key = protocol.project.pseudonym_key
        judges = Answer.objects.filter(task__protocol=protocol).exclude(annotator__source="")
        sources = set(judges.values_list("annotator__source", flat=True).distinct())
        # Two sources may both have a judge 2: then all but Label Studio's own are told apart.
        self.plain = sources if len(sources) == 1 else {label_studio.SOURCE}

    def of(self, person: User) -> str | int | None:
        if not person.external_id:
            return pseudonym_of(person.pk, self.key)
        if person.external_id.startswith("unnamed-"):
            return None
        if person.source not in self.plain:
            return f"{person.source}:{person.external_id}"
        return int(person.external_id) if person.external_id.isdecimal() else person.external_id


def _completions(task_ids: Sequence[int]) -> defaultdict[int, list[ShownCompletion]]:
    rows = TaskCompletion.objects.filter(task__in=task_ids).select_related("completion").order_by("task", "position")
    shown: defaultdict[int, list[ShownCompletion]] = defaultdict(list)
    for row in rows:
        completion = row.completion
        shown[row.task_id].append(ShownCompletion(completion.pk, completion.text, completion.source_label))
    return shown


def _answers(task_ids: Sequence[int], name_of: _Names) -> defaultdict[int, list[Judged]]:
    rows = Answer.objects.standing().filter(task__in=task_ids).select_related("annotator").order_by("pk")
    answers: defaultdict[int, list[Judged]] = defaultdict(list)
    for row in rows:
        judge = name_of.of(row.annotator)
        answers[row.task_id].append(Judged(row.pk, judge, row.payload, row.seconds, row.submitted_at))
    return answers
