"""What tests of the API share: rate limits that start afresh, and a row of everything that an address names."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.assignment import actions as assignment_actions
from annotation.assignment.models import Claim
from annotation.people import actions as people_actions
from annotation.people.models import User, Withdrawal
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project, Protocol
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.guards import ask_everybody

AskAll = Callable[..., dict[str, int]]


@pytest.fixture(autouse=True)
def fresh_rate_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def claim(ranking_protocol: Protocol, annotator: User) -> Claim:
    """The annotator's claim on a ranking task with three completions."""
    make_ranking_task(ranking_protocol)
    held = assignment_actions.claim_next(protocol=ranking_protocol, actor=annotator, now=timezone.now())
    assert held is not None
    return held


@pytest.fixture
def rows(
    project: Project,
    ranking_protocol: Protocol,
    demonstration_protocol: Protocol,
    claim: Claim,
    owner: User,
    annotator: User,
    reviewer: User,
    outsider: User,
) -> dict[str, Any]:
    """Return what the names in an address stand for: the id of one row of each kind."""
    now = timezone.now()
    project_actions.publish_guideline(protocol=demonstration_protocol, markdown="# Be kind", actor=owner, now=now)
    answer = answer_task(make_demonstration_task(demonstration_protocol, "What is a loan?"), reviewer)
    invitation, token = membership.invite(
        project=project, email="new@example.com", role="annotator", actor=owner, now=now
    )
    api_token, _ = people_actions.create_token(
        actor=annotator, name="Mine", scopes=["read"], expires_in_days=7, now=now
    )
    strike = Withdrawal.objects.create(
        kind="strike", person=annotator, actor=owner, project_ref=project.pk, created_at=now, settled_at=now
    )
    return {
        "strike": strike.pk,
        "project": project.pk,
        "ranking": ranking_protocol.pk,
        "demonstration": demonstration_protocol.pk,
        "prompt": claim.task.prompt_id,
        "task": claim.task_id,
        "answer": answer.pk,
        "answerer": reviewer.pk,
        "claim": claim.pk,
        "member": project.memberships.get(user=annotator).pk,
        "invitation": invitation.pk,
        "invitation_token": token,
        "sign_in_token": people_actions.create_sign_in_link(user=annotator, now=now),
        "reset_key": people_actions.reset_key_for(user=annotator, actor=owner),
        "token": api_token.public_id,
        "person": annotator.pk,
        "idempotency_key": uuid.uuid4(),
    }


@pytest.fixture
def ask_all(
    everybody: dict[str, User | None], client_of: Callable[[User | None], APIClient], rows: dict[str, Any]
) -> AskAll:
    """Return a function that sends one request as everybody, each time from the same state: {who: status}."""

    browsers = {who: client_of(user) for who, user in everybody.items()}

    def ask(endpoint: str, body: Any = None) -> dict[str, int]:
        return ask_everybody(browsers, endpoint.format(**rows), _filled(body, rows))

    return ask


def _filled(body: Any, rows: dict[str, Any]) -> Any:
    """Return the body with every text "{name}" replaced by that row's id."""
    if isinstance(body, dict):
        return {name: _filled(value, rows) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, rows) for value in body]
    if isinstance(body, str) and body.startswith("{"):
        return rows[body[1:-1]]
    return body
