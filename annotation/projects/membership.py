"""Verbs on a project's people: inviting them, giving them a place, taking it. Part of this room's actions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from annotation.people.actions import BadField, check_password_strength, link_sha256
from annotation.people.models import User
from annotation.projects.columns import languages_in, name_in, names_in
from annotation.projects.models import Invitation, Membership, Project, Role
from annotation.projects.permissions import NotAllowed, require

INVITATION_DAYS = 14


class InvitationNotUsable(Exception):
    """The invitation is unknown, accepted, revoked or too old."""


class LastManager(Exception):
    """A project keeps at least one manager."""


def invite(*, project: Project, email: str, role: str, actor: User, now: datetime) -> tuple[Invitation, str]:
    """Return an invitation and the token of its link, which is stored only as a hash. Raise NotAllowed, BadField."""
    require(actor, "manage_members", project)
    if role not in Role.values:
        raise BadField("role", f"must be one of {', '.join(Role.values)}")
    email = email.strip().lower()
    if Membership.objects.filter(project=project, user__email__iexact=email).exists():
        raise BadField("email", "belongs to a member of this project already")
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        project=project,
        email=email,
        role=role,
        token_sha256=link_sha256(token),
        invited_by=actor,
        created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    return invitation, token


def revoke_invitation(*, invitation: Invitation, actor: User, now: datetime) -> None:
    """Raise NotAllowed; InvitationNotUsable when it was accepted or revoked before."""
    require(actor, "manage_members", invitation.project)
    waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not waiting.update(revoked_at=now):
        raise InvitationNotUsable("This invitation has been accepted or revoked already.")


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, actor: User | None, now: datetime, name: str = "", password: str = ""
) -> User:
    """Join the project as the invited person, making their account when they have none.

    Somebody with an account must be signed in as that account: the link alone is not their password.
    Raise InvitationNotUsable, NotAllowed, BadField.
    """
    # First of all, so that of two acceptances at once one waits here and then finds nothing to accept.
    if not _usable_invitations(now).filter(pk=invitation.pk).update(accepted_at=now):
        raise InvitationNotUsable("This invitation has been used, revoked or is too old. Ask for a new one.")
    user = User.objects.filter(email__iexact=invitation.email).first()
    if user is None:
        check_password_strength(password)
        user = User.objects.create_user(invitation.email, password, name=name_in(name))
    elif actor is None or actor.pk != user.pk:
        raise NotAllowed(f"Sign in as {invitation.email} to accept this invitation.")
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    place = {"role": invitation.role, "joined_at": now}
    Membership.objects.get_or_create(project=invitation.project, user=user, defaults=place)
    return user


def usable_invitation(*, token: str, now: datetime) -> Invitation:
    """Return the invitation behind a link. Raise InvitationNotUsable."""
    rows = _usable_invitations(now).select_related("project", "invited_by")
    invitation = rows.filter(token_sha256=link_sha256(token)).first()
    if invitation is None:
        raise InvitationNotUsable("This invitation has been used, revoked or is too old. Ask for a new one.")
    return invitation


def add_member(*, project: Project, user: User, role: str, actor: User, now: datetime) -> Membership:
    """Give a person who has an account a place at once. Raise NotAllowed."""
    require(actor, "manage_members", project)
    return Membership.objects.create(project=project, user=user, role=role, joined_at=now)


@transaction.atomic
def change_member(
    *,
    membership: Membership,
    actor: User,
    role: str | None = None,
    qualifications: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    team: str | None = None,
) -> Membership:
    """Raise NotAllowed, BadField, LastManager."""
    require(actor, "manage_members", membership.project)
    if role is not None:
        if role not in Role.values:
            raise BadField("role", f"must be one of {', '.join(Role.values)}")
        if role != Role.MANAGER:
            _keep_a_manager(membership)
        membership.role = role
    if qualifications is not None:
        membership.qualifications = sorted({name.strip()[:60] for name in qualifications if name.strip()})
    if languages is not None:
        membership.languages = languages_in("languages", list(languages))
    if team is not None:
        membership.team = _team(team)
    membership.save(update_fields=["role", "qualifications", "languages", "team"])
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, actor: User) -> None:
    """Raise NotAllowed, LastManager."""
    require(actor, "manage_members", membership.project)
    _keep_a_manager(membership)
    membership.delete()


def _usable_invitations(now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)


def _keep_a_manager(membership: Membership) -> None:
    """Hold the project's managers and raise LastManager when this one is the only one."""
    managers = Membership.objects.select_for_update().filter(project=membership.project, role=Role.MANAGER)
    if [row.pk for row in managers] == [membership.pk]:
        raise LastManager("This is the project's only manager: make somebody else manager first.")


def _team(value: str) -> str:
    team = " ".join(value.split())
    return names_in("team", [team])[0] if team else ""
