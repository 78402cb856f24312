"""Every kind whose answers can be compared, from stored payloads to a report."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.projects.protocol import KINDS
from annotation.quality import reporting
from annotation.quality.comparing import compare_changed
from annotation.quality.judgements import COMPARED_KINDS
from annotation.quality.models import AgreementFigure
from annotation.tasks.actions import open_task
from annotation.tasks.models import Task
from tests.factories import answer_task, make_completion, make_prompt
from tests.people import NOW


def compared(protocol: Protocol, people: tuple[User, User], texts: list[str], payloads: list[Any]) -> AgreementFigure:
    """Return the figures of two answers to one task that shows these completions."""
    prompt = make_prompt(protocol.project)
    completions = [make_completion(prompt, text) for text in texts]
    task, _ = open_task(protocol=protocol, prompt=prompt, completions=completions, now=NOW, required_answers=2)
    for person, payload in zip(people, payloads, strict=True):
        answer_task(task, person, payload(task) if callable(payload) else payload)
    assert compare_changed(now=NOW) == 1
    reporting.compute_report(protocol_id=protocol.pk, now=NOW)
    return AgreementFigure.objects.get(protocol=protocol, scope="protocol")


@pytest.fixture
def people(annotator: User, reviewer: User) -> tuple[User, User]:
    return annotator, reviewer


def made(project: Project, owner: User, preset: str, **config: object) -> Protocol:
    return project_actions.create_protocol(project=project, actor=owner, now=NOW, preset=preset, config=config or None)


def shown(task: Task, place: int) -> int:
    return int(task.task_completions.order_by("position").values_list("completion_id", flat=True)[place])


def test_every_kind_is_compared_or_is_a_text() -> None:
    assert set(KINDS) - COMPARED_KINDS == {"demonstration", "prompt"}


def test_a_comparison_is_a_ranking_of_two_and_a_tie_half_an_agreement(
    project: Project, owner: User, people: tuple[User, User]
) -> None:
    def prefers_first(task: Task) -> dict[str, int]:
        return {"preferred": shown(task, 0), "strength": 3}

    tie = {"preferred": None, "strength": 0}
    found = compared(made(project, owner, "pair_strength"), people, ["A.", "B."], [prefers_first, tie])
    assert (found.agreement, found.strict, found.tau_b) == (0.5, None, 0)


def test_scores_are_compared_on_the_protocols_own_scale(
    project: Project, owner: User, people: tuple[User, User]
) -> None:
    found = compared(made(project, owner, "demo_score"), people, ["A."], [{"score": 7}, {"score": 4}])
    assert (found.agreement, found.strict, found.tau_b) == (0.5, 0, None)


def test_labels_are_compared_as_sets(project: Project, owner: User, people: tuple[User, User]) -> None:
    protocol = made(project, owner, "label", options=["safe", "spam", "toxic"], multiple=True)
    found = compared(protocol, people, [], [{"labels": ["spam", "toxic"]}, {"labels": ["spam"]}])
    assert (found.agreement, found.strict) == (0.5, 0)
    assert found.alpha is not None
