"""Small rows for tests, made by the same actions that the product uses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from annotation.people.judges import ensure_judges
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks import actions as task_actions
from annotation.tasks.answers import check
from annotation.tasks.models import Answer, Completion, Prompt, Task
from annotation.tasks.recording import Given, recording
from tests.people import NOW


def make_judge(*, source: str, external_id: str, name: str) -> User:
    key = (source, external_id)
    return User.objects.get(pk=ensure_judges({key: name})[key])


def user_says(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def make_prompt(project: Project, text: str = "What is a lease?", now: datetime = NOW) -> Prompt:
    prompt, _ = task_actions.add_prompt(project=project, messages=user_says(text), author=None, now=now)
    return prompt


def make_completion(prompt: Prompt, text: str, source_label: str = "model-a", now: datetime = NOW) -> Completion:
    completion, _ = task_actions.add_completion(
        prompt=prompt, text=text, source_kind="model", source_label=source_label, now=now
    )
    return completion


def make_demonstration_task(protocol: Protocol, text: str = "What is a lease?", **columns: int) -> Task:
    prompt = make_prompt(protocol.project, text)
    task, _ = task_actions.open_task(protocol=protocol, prompt=prompt, now=NOW, **columns)
    return task


def make_ranking_task(
    protocol: Protocol,
    text: str = "What is a lease?",
    completions: Sequence[str] = ("A contract.", "A dog.", "Ask a lawyer."),
    **columns: int,
) -> Task:
    prompt = make_prompt(protocol.project, text)
    rows = [make_completion(prompt, completion) for completion in completions]
    task, _ = task_actions.open_task(protocol=protocol, prompt=prompt, completions=rows, now=NOW, **columns)
    return task


def answer_task(
    task: Task, annotator: User, payload: dict[str, object] | None = None, now: datetime = NOW, seconds: float = 12.5
) -> Answer:
    """Record an answer past the queue; by default an ideal answer, or the completions in the order of their ids."""
    shown = list(task.task_completions.order_by("position").values_list("completion_id", flat=True))
    if payload is None:
        payload = {"tiers": [[pk] for pk in shown]} if shown else {"completion": "A lease is a contract."}
    version = task.protocol.versions.order_by("-number")[0]
    task = Task.objects.get(pk=task.pk)
    given = Given(
        payload=check(task.protocol.kind, version.config, payload, shown),
        shown_order=shown,
        seconds=seconds,
        protocol_version=version,
        guideline_version=task.protocol.guidelines.order_by("-number").first(),
    )
    return recording(task=task, annotator=annotator, given=given, selection={}, now=now).store()
