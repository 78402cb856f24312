"""The people of every test: one for each role, and an outsider. Loaded as a pytest plugin by conftest.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects import membership
from annotation.projects.models import Project, Protocol

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
# Everybody who asks an endpoint something, in the order in which tests list what each gets.
EVERYBODY = (
    "owner",
    "manager",
    "researcher",
    "reviewer",
    "annotator",
    "chat_user",
    "outsider",
    "anonymous",
)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("owner@example.com", "pemberley-1813", name="Olivia Owner", is_owner=True)


@pytest.fixture
def project(owner: User, now: datetime) -> Project:
    """A project of the owner's with one protocol of each kind. Other people join by their own fixtures."""
    return project_actions.create_project(actor=owner, name="Assistant", now=now)


@pytest.fixture
def join(project: Project, owner: User, now: datetime) -> Callable[..., User]:
    """Return a function that makes a person and gives them a role in the project."""

    def joined(role: str, name: str = "") -> User:
        name = name or role
        user = User.objects.create_user(f"{name}@example.com", "pemberley-1813", name=f"{name.title()} Person")
        membership.add_member(project=project, user=user, role=role, actor=owner, now=now)
        return user

    return joined


@pytest.fixture
def manager(join: Callable[..., User]) -> User:
    return join("manager")


@pytest.fixture
def researcher(join: Callable[..., User]) -> User:
    return join("researcher")


@pytest.fixture
def reviewer(join: Callable[..., User]) -> User:
    return join("reviewer")


@pytest.fixture
def annotator(join: Callable[..., User]) -> User:
    return join("annotator")


@pytest.fixture
def chat_user(join: Callable[..., User]) -> User:
    return join("chat_user")


@pytest.fixture
def outsider(owner: User, now: datetime) -> User:
    """Somebody with an account and a project of their own, but no place in the one under test."""
    user = User.objects.create_user("outsider@example.com", "pemberley-1813", name="Oscar Outsider")
    elsewhere = project_actions.create_project(actor=owner, name="Elsewhere", now=now)
    membership.add_member(project=elsewhere, user=user, role="manager", actor=owner, now=now)
    return user


@pytest.fixture
def everybody(
    owner: User,
    manager: User,
    researcher: User,
    reviewer: User,
    annotator: User,
    chat_user: User,
    outsider: User,
) -> dict[str, User | None]:
    people = (owner, manager, researcher, reviewer, annotator, chat_user, outsider, None)
    return dict(zip(EVERYBODY, people, strict=True))


@pytest.fixture
def ranking_protocol(project: Project) -> Protocol:
    return project.protocols.get(kind="ranking")


@pytest.fixture
def demonstration_protocol(project: Project) -> Protocol:
    return project.protocols.get(kind="demonstration")


@pytest.fixture
def client_of() -> Callable[[User | None], APIClient]:
    """Return a function that gives a person a browser of their own, signed in (None: nobody is)."""

    def signed_in(user: User | None) -> APIClient:
        client = APIClient(enforce_csrf_checks=False)
        if user is not None:
            client.force_login(user, backend="annotation.people.sessions.Backend")
        return client

    return signed_in


@pytest.fixture
def statuses(
    everybody: dict[str, User | None], client_of: Callable[[User | None], APIClient]
) -> Callable[..., dict[str, int]]:
    """Return a function that sends one request as everybody and returns each one's status code."""

    def ask(method: str, path: str, body: object = None, **extra: object) -> dict[str, int]:
        answers = {}
        for who, user in everybody.items():
            request = getattr(client_of(user), method)
            answers[who] = request(path, body, **extra).status_code
        return answers

    return ask
