"""Who comes into a project and by which link, who goes, and that somebody always manages it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects import membership
from annotation.projects.membership import InvitationNotUsable, LastManager
from annotation.projects.models import Invitation, Membership, Project, Role
from annotation.projects.permissions import NotAllowed
from tests.people import NOW

STRONG = "netherfield-1813"


# Invitations


def invited(project: Project, owner: User, email: str = "new@example.com", role: str = "annotator") -> Invitation:
    return membership.invite(project=project, email=email, role=role, actor=owner, now=NOW)[0]


def test_a_new_person_joins_by_invitation(project: Project, owner: User) -> None:
    invitation, token = membership.invite(
        project=project, email=" New@Example.com ", role="annotator", actor=owner, now=NOW
    )
    assert token not in str(Invitation.objects.values().get())
    assert membership.usable_invitation(token=token, now=NOW) == invitation
    user = membership.accept_invitation(invitation=invitation, actor=None, now=NOW, name="New Person", password=STRONG)
    assert (user.email, user.name, user.check_password(STRONG)) == ("new@example.com", "New Person", True)
    assert Membership.objects.get(project=project, user=user).role == Role.ANNOTATOR
    invitation.refresh_from_db()
    assert (invitation.accepted_at, invitation.accepted_by) == (NOW, user)


def test_somebody_with_an_account_joins_as_that_account_alone(
    project: Project, owner: User, outsider: User, annotator: User
) -> None:
    invitation = invited(project, owner, outsider.email, "reviewer")
    for other in (None, annotator, owner):
        with pytest.raises(NotAllowed, match=r"Sign in as outsider@example\.com"):
            membership.accept_invitation(invitation=invitation, actor=other, now=NOW, name="Thief", password=STRONG)
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    assert membership.accept_invitation(invitation=invitation, actor=outsider, now=NOW) == outsider
    assert not User.objects.get(pk=outsider.pk).check_password(STRONG)


def test_an_invitation_is_good_once(project: Project, owner: User) -> None:
    invitation = invited(project, owner)
    user = membership.accept_invitation(invitation=invitation, actor=None, now=NOW, name="New", password=STRONG)
    with pytest.raises(InvitationNotUsable):
        membership.accept_invitation(invitation=invitation, actor=user, now=NOW)


def test_an_old_a_revoked_and_an_unknown_invitation_are_refused(project: Project, owner: User) -> None:
    invitation, token = membership.invite(
        project=project, email="new@example.com", role="annotator", actor=owner, now=NOW
    )
    late = NOW + timedelta(days=membership.INVITATION_DAYS)
    with pytest.raises(InvitationNotUsable):
        membership.usable_invitation(token=token, now=late)
    with pytest.raises(InvitationNotUsable):
        membership.accept_invitation(invitation=invitation, actor=None, now=late, name="New", password=STRONG)
    with pytest.raises(InvitationNotUsable):
        membership.usable_invitation(token=token + "x", now=NOW)
    membership.revoke_invitation(invitation=invitation, actor=owner, now=NOW)
    with pytest.raises(InvitationNotUsable):
        membership.usable_invitation(token=token, now=NOW)
    with pytest.raises(InvitationNotUsable):
        membership.accept_invitation(invitation=invitation, actor=None, now=NOW, name="New", password=STRONG)
    with pytest.raises(InvitationNotUsable, match="accepted or revoked"):
        membership.revoke_invitation(invitation=invitation, actor=owner, now=NOW)
    assert not User.objects.filter(email="new@example.com").exists()


@pytest.mark.parametrize(("name", "password"), [("New", "short"), ("", STRONG), ("New", "password123")])
def test_a_new_person_needs_a_name_and_a_strong_password(
    project: Project, owner: User, name: str, password: str
) -> None:
    invitation = invited(project, owner)
    with pytest.raises(BadField):
        membership.accept_invitation(invitation=invitation, actor=None, now=NOW, name=name, password=password)
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_acceptances_at_once_one_is_told_that_it_was_used(project: Project, owner: User) -> None:
    invitation, gate = invited(project, owner), threading.Barrier(4)

    def accept(_: int) -> bool:
        try:
            gate.wait()
            membership.accept_invitation(invitation=invitation, actor=None, now=NOW, name="New", password=STRONG)
        except InvitationNotUsable:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(accept, range(4))) == [False, False, False, True]


def test_members_are_not_invited_again_and_roles_exist(project: Project, owner: User, annotator: User) -> None:
    with pytest.raises(BadField, match="email"):
        invited(project, owner, annotator.email.upper())
    with pytest.raises(BadField, match="role"):
        invited(project, owner, role="king")


def test_only_managers_invite_and_revoke(project: Project, owner: User, researcher: User) -> None:
    with pytest.raises(NotAllowed):
        invited(project, researcher)
    with pytest.raises(NotAllowed):
        membership.revoke_invitation(invitation=invited(project, owner), actor=researcher, now=NOW)


# Members


def test_a_project_keeps_a_manager(project: Project, owner: User) -> None:
    only = project.memberships.get()
    with pytest.raises(LastManager):
        membership.change_member(membership=only, actor=owner, role="reviewer")
    with pytest.raises(LastManager):
        membership.remove_member(membership=only, actor=owner)
    assert project.memberships.get().role == Role.MANAGER


def test_with_a_second_manager_the_first_may_go(project: Project, owner: User, manager: User) -> None:
    membership.remove_member(membership=project.memberships.get(user=owner), actor=owner)
    with pytest.raises(LastManager):
        membership.remove_member(membership=project.memberships.get(user=manager), actor=owner)


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_leave_at_once_do_not_both_go(project: Project, owner: User, manager: User) -> None:
    gate = threading.Barrier(2)

    def leave(member: Membership) -> bool:
        try:
            gate.wait()
            membership.change_member(membership=member, actor=owner, role="annotator")
        except LastManager:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, project.memberships.select_related("project"))) == [False, True]
    assert project.memberships.filter(role=Role.MANAGER).count() == 1


def test_a_member_gets_another_role_and_qualifications(project: Project, owner: User, annotator: User) -> None:
    member = project.memberships.get(user=annotator)
    membership.change_member(membership=member, actor=owner, role="reviewer", qualifications=["law ", "law", " ", "en"])
    assert (member.role, member.qualifications) == ("reviewer", ["en", "law"])
    membership.change_member(membership=member, actor=owner, languages=["nb", "en", "nb"], team=" Night  shift ")
    member.refresh_from_db()
    assert (member.role, member.languages, member.team) == ("reviewer", ["en", "nb"], "Night shift")
    membership.change_member(membership=member, actor=owner, languages=[], team="")
    member.refresh_from_db()
    assert (member.languages, member.team) == ([], "")
    with pytest.raises(BadField, match="role"):
        membership.change_member(membership=member, actor=owner, role="king")


@pytest.mark.parametrize(
    ("field", "value"),
    [("languages", ["norwegian bokmål"]), ("languages", ["e"]), ("team", "x" * 61), ("team", "a\x00b")],
)
def test_an_impossible_language_or_team_is_refused(
    project: Project, owner: User, annotator: User, field: str, value: object
) -> None:
    with pytest.raises(BadField, match=field):
        membership.change_member(membership=project.memberships.get(user=annotator), actor=owner, **{field: value})


def test_only_managers_change_and_remove_members(project: Project, annotator: User, researcher: User) -> None:
    member = project.memberships.get(user=annotator)
    with pytest.raises(NotAllowed):
        membership.change_member(membership=member, actor=researcher, role="manager")
    with pytest.raises(NotAllowed):
        membership.change_member(membership=member, actor=annotator, role="manager")
    with pytest.raises(NotAllowed):
        membership.remove_member(membership=member, actor=researcher)
