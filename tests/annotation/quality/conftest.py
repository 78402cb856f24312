"""Rankings of one question, and time to compare them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.tasks.models import Answer, Task
from tests.factories import answer_task, make_ranking_task

Rank = Callable[..., Answer]


@pytest.fixture
def rank() -> Rank:
    """Return a function by which a person ranks a task's completions, named by place: rank(task, who, 0, 2, 1)."""

    def ranked(task: Task, person: User, *order: int, **more: object) -> Answer:
        shown = list(task.task_completions.order_by("position").values_list("completion_id", flat=True))
        payload = {"tiers": [[shown[place]] for place in order or range(len(shown))], **more}
        return answer_task(task, person, payload)

    return ranked


@pytest.fixture
def question(ranking_protocol: Protocol) -> Callable[..., Task]:
    """Return a function that opens a ranking task of three completions for two people."""

    def opened(text: str = "What is a lease?", required_answers: int = 2) -> Task:
        return make_ranking_task(ranking_protocol, text, required_answers=required_answers)

    return opened
