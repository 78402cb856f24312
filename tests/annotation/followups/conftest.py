"""Protocols whose answers go on, and answers to go on with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.tasks.briefs import open_briefs
from annotation.tasks.models import Answer, Task
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW

Demonstrate = Callable[..., Answer]


@pytest.fixture
def writing(project: Project, owner: User) -> Protocol:
    """Demonstrations that go on to be scored."""
    return project_actions.create_protocol(project=project, preset="demo_write", actor=owner, now=NOW)


@pytest.fixture
def scoring(writing: Protocol) -> Protocol:
    assert writing.follow_up
    return writing.follow_up


@pytest.fixture
def demonstrate(writing: Protocol, annotator: User) -> Demonstrate:
    """Return a function that hands in a demonstration, by default the annotator's."""

    def handed_in(text: str = "A contract.", prompt: str = "What is a lease?", by: User | None = None) -> Answer:
        task = make_demonstration_task(writing, prompt, required_answers=3)
        return answer_task(task, by or annotator, {"completion": text})

    return handed_in


@pytest.fixture
def prompting(project: Project, owner: User, writing: Protocol) -> Protocol:
    """Written prompts that go on to be answered."""
    return project_actions.create_protocol(
        project=project, preset="prompt_write", follow_up=writing.pk, actor=owner, now=NOW
    )


@pytest.fixture
def brief(prompting: Protocol, owner: User) -> Task:
    open_briefs(protocol=prompting, briefs=[{"text": "On housing."}], language="nb", actor=owner, now=NOW)
    return prompting.tasks.get()
