"""Verbs on projects: making one, its people, its protocols and guidelines."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from annotation.people.actions import BadField, check_password_strength, link_sha256
from annotation.people.models import User
from annotation.projects.models import (
    GuidelineReading,
    GuidelineVersion,
    Invitation,
    Membership,
    Project,
    Protocol,
    ProtocolState,
    ProtocolVersion,
    Role,
)
from annotation.projects.permissions import NotAllowed, require
from annotation.projects.protocol import check_config, whole_config

INVITATION_DAYS = 14
LEASE_SECONDS = (60, 7 * 24 * 3600)
GUIDELINE_CHARACTERS = 100_000
FIRST_PROTOCOLS = {"demonstration": "Write the ideal answer", "ranking": "Rank completions"}


class NameTaken(Exception):
    """Something of this kind already bears the name."""


class InvitationNotUsable(Exception):
    """The invitation is unknown, accepted, revoked or too old."""


class LastManager(Exception):
    """A project keeps at least one manager."""


@transaction.atomic
def create_project(*, actor: User, name: str, now: datetime, description: str = "") -> Project:
    """Make a project with its maker as manager and two protocols. Raise NotAllowed, BadField, NameTaken."""
    if not actor.is_owner:
        raise NotAllowed("Only the owner of this site may make a project.")
    project = Project(name=_name(name), description=description, created_by=actor, created_at=now)
    _save_unless_taken(project, f"There is a project named “{project.name}” already.")
    Membership.objects.create(project=project, user=actor, role=Role.MANAGER, joined_at=now)
    for kind, title in FIRST_PROTOCOLS.items():
        create_protocol(project=project, kind=kind, name=title, actor=actor, now=now)
    return project


def change_project(
    *, project: Project, actor: User, name: str | None = None, description: str | None = None
) -> Project:
    """Raise NotAllowed, BadField, NameTaken."""
    require(actor, "manage_project", project)
    project.name = project.name if name is None else _name(name)
    project.description = project.description if description is None else description
    _save_unless_taken(project, f"There is a project named “{project.name}” already.")
    return project


@transaction.atomic
def create_protocol(
    *,
    project: Project,
    kind: str,
    name: str,
    actor: User,
    now: datetime,
    config: Mapping[str, Any] | None = None,
    required_answers: int = 1,
) -> Protocol:
    """Add a kind of work to the project, as version 1. Raise NotAllowed, BadField, NameTaken, InvalidConfig."""
    require(actor, "manage_protocols", project)
    checked = check_config(kind, config or {})
    protocol = Protocol(
        project=project,
        kind=kind,
        name=_name(name),
        required_answers=_within("required_answers", required_answers, 1, 100),
        created_at=now,
    )
    _save_unless_taken(protocol, f"This project has a protocol named “{protocol.name}” already.")
    ProtocolVersion.objects.create(protocol=protocol, number=1, config=checked, created_by=actor, created_at=now)
    return protocol


@transaction.atomic
def change_protocol(
    *,
    protocol: Protocol,
    actor: User,
    now: datetime,
    name: str | None = None,
    state: str | None = None,
    required_answers: int | None = None,
    lease_seconds: int | None = None,
    config: Mapping[str, Any] | None = None,
) -> Protocol:
    """Change a protocol; another configuration becomes a new version, and settings it leaves out stay as they are.

    Raise NotAllowed, BadField, NameTaken, InvalidConfig.
    """
    require(actor, "manage_protocols", protocol.project)
    protocol = Protocol.objects.select_for_update().select_related("project").get(pk=protocol.pk)
    if name is not None:
        protocol.name = _name(name)
    if state is not None:
        if state not in ProtocolState.values:
            raise BadField("state", f"must be one of {', '.join(ProtocolState.values)}")
        protocol.state = state
    if required_answers is not None:
        protocol.required_answers = _within("required_answers", required_answers, 1, 100)
    if lease_seconds is not None:
        protocol.lease_seconds = _within("lease_seconds", lease_seconds, *LEASE_SECONDS)
    _save_unless_taken(protocol, f"This project has a protocol named “{protocol.name}” already.")
    if config is not None:
        _new_version(protocol, config, actor, now)
    return protocol


@transaction.atomic
def publish_guideline(*, protocol: Protocol, markdown: str, actor: User, now: datetime) -> GuidelineVersion:
    """Add a version of the protocol's guideline. Raise NotAllowed, BadField."""
    require(actor, "manage_protocols", protocol.project)
    if not markdown.strip() or len(markdown) > GUIDELINE_CHARACTERS or "\x00" in markdown:
        raise BadField("markdown", f"must be a text of at most {GUIDELINE_CHARACTERS:,} characters")
    Protocol.objects.select_for_update().get(pk=protocol.pk)
    last = protocol.guidelines.aggregate(last=Max("number"))["last"] or 0
    return protocol.guidelines.create(number=last + 1, markdown=markdown, created_by=actor, created_at=now)


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
        user = User.objects.create_user(invitation.email, password, name=_name(name))
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
    *, membership: Membership, actor: User, role: str | None = None, qualifications: Sequence[str] | None = None
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
    membership.save(update_fields=["role", "qualifications"])
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, actor: User) -> None:
    """Raise NotAllowed, LastManager."""
    require(actor, "manage_members", membership.project)
    _keep_a_manager(membership)
    membership.delete()


def note_guideline_reading(*, protocol: Protocol, number: int, actor: User, now: datetime) -> None:
    """Remember that the person has read this version; said again, the first time stands. Raise NotAllowed, BadField."""
    require(actor, "view_project", protocol.project)
    if not protocol.guidelines.filter(number=number).exists():
        raise BadField("number", "is no version of this guideline")
    reading = {"protocol": protocol, "user": actor, "number": number}
    GuidelineReading.objects.get_or_create(**reading, defaults={"read_at": now})


def _usable_invitations(now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)


def _keep_a_manager(membership: Membership) -> None:
    """Hold the project's managers and raise LastManager when this one is the only one."""
    managers = Membership.objects.select_for_update().filter(project=membership.project, role=Role.MANAGER)
    if [row.pk for row in managers] == [membership.pk]:
        raise LastManager("This is the project's only manager: make somebody else manager first.")


def _new_version(protocol: Protocol, changes: Mapping[str, Any], actor: User, now: datetime) -> None:
    last = protocol.versions.order_by("-number")[0]
    config = check_config(protocol.kind, {**last.config, **changes})
    if whole_config(protocol.kind, last.config) != config:
        protocol.versions.create(number=last.number + 1, config=config, created_by=actor, created_at=now)


def _save_unless_taken(row: Project | Protocol, message: str) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise NameTaken(message) from error


def _name(value: str) -> str:
    name = " ".join(value.split())
    if not name or len(name) > 120 or "\x00" in name:
        raise BadField("name", "must have between 1 and 120 characters")
    return name


def _within(field: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise BadField(field, f"must be between {low:,} and {high:,}")
    return value
