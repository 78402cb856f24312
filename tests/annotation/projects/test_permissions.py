from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.people.models import User
from annotation.projects.models import Project, Role
from annotation.projects.permissions import ROLE_VERBS, VERBS, NotAllowed, can, require, verbs_of


def test_every_role_has_a_row_and_sees_its_project() -> None:
    assert set(ROLE_VERBS) == set(Role.values)
    assert all("view_project" in verbs for verbs in ROLE_VERBS.values())


def test_a_manager_may_do_everything() -> None:
    assert ROLE_VERBS[Role.MANAGER] == VERBS


def test_annotators_and_chat_users_read_no_rows() -> None:
    assert ROLE_VERBS[Role.ANNOTATOR] == {"view_project", "chat", "do_work"}
    assert ROLE_VERBS[Role.CHAT_USER] == {"view_project", "chat"}


def test_only_managers_change_a_project_its_people_and_its_protocols() -> None:
    for verb in ("manage_project", "manage_members", "manage_protocols"):
        assert [role for role, verbs in ROLE_VERBS.items() if verb in verbs] == [Role.MANAGER]


def test_reviewers_read_review_and_work_but_start_nothing() -> None:
    reading = {"view_project", "view_prompts", "view_answers", "view_quality", "view_release", "view_board"}
    assert ROLE_VERBS[Role.REVIEWER] == reading | {"chat", "do_work", "review_answers", "review_appeals"}


@pytest.mark.parametrize("role", Role.values)
def test_a_member_may_do_what_the_table_says(role: str, join: Callable[..., User], project: Project) -> None:
    user = join(role)
    assert verbs_of(user, project) == ROLE_VERBS[role]
    assert {verb for verb in VERBS if can(user, verb, project)} == ROLE_VERBS[role]


def test_the_owner_may_do_everything_without_a_query(
    owner: User, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert verbs_of(owner, project) == VERBS


def test_outsiders_may_do_nothing(outsider: User, project: Project) -> None:
    assert verbs_of(outsider, project) == frozenset()
    with pytest.raises(NotAllowed, match="does not allow this"):
        require(outsider, "view_project", project)


def test_who_is_shut_out_may_do_nothing(manager: User, owner: User, project: Project) -> None:
    for user in (manager, owner):
        user.is_active = False
        assert not can(user, "view_project", project)


def test_a_verb_that_no_role_has_is_a_mistake(owner: User, project: Project) -> None:
    with pytest.raises(KeyError, match="spelled right"):
        can(owner, "view_projects", project)
