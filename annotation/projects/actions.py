"""Verbs on projects: making one, its protocols and guidelines. Its people are in membership.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import chain, count
from typing import Any, Unpack

from django.db import IntegrityError, transaction
from django.db.models import Max

from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.columns import QueueColumns, name_in, set_columns
from annotation.projects.models import (
    GuidelineReading,
    GuidelineVersion,
    Membership,
    Project,
    Protocol,
    ProtocolState,
    Role,
)
from annotation.projects.permissions import NotAllowed, require, require_unarchived
from annotation.projects.presets import PRESETS
from annotation.projects.presets.shape import Preset
from annotation.projects.protocol import check_config, kind_of, whole_config

GUIDELINE_CHARACTERS = 100_000
CHANGE_NOTE_CHARACTERS = 500
FIRST_PROTOCOLS = {"demonstration": "Write the ideal answer", "ranking": "Rank completions"}
# What a duplicate takes over from its original, beside configuration and guideline.
_COPIED = (
    "project", "kind", "preset", "required_answers", "maximum_answers", "agreement_floor", "lease_seconds",
    "eligible_roles", "eligible_teams", "required_qualifications", "answers_per_person", "answers_per_day",
    "calibration_share", "assignment_rules", "follow_up",
)  # fmt: skip


class NameTaken(Exception):
    """Something of this kind already bears the name."""


@transaction.atomic
def create_project(*, actor: User, name: str, now: datetime, description: str = "") -> Project:
    """Make a project with its maker as manager and two protocols. Raise NotAllowed, BadField, NameTaken."""
    if not actor.is_owner:
        raise NotAllowed("Only the owner of this site may make a project.")
    project = Project(name=name_in(name), description=description, created_by=actor, created_at=now)
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
    project.name = project.name if name is None else name_in(name)
    project.description = project.description if description is None else description
    _save_unless_taken(project, f"There is a project named “{project.name}” already.")
    return project


def archive_project(*, project: Project, actor: User, now: datetime) -> None:
    """Hand nothing out from the project and let nothing in it change, until it is taken out again. Raise NotAllowed.

    Who holds a task hands it in as ever. Done again, the first time stands.
    """
    require(actor, "manage_project", project)
    Project.objects.filter(pk=project.pk, archived_at=None).update(archived_at=now)


def unarchive_project(*, project: Project, actor: User) -> None:
    """Raise NotAllowed."""
    require(actor, "manage_project", project)
    Project.objects.filter(pk=project.pk).update(archived_at=None)


@transaction.atomic
def create_protocol(
    *,
    project: Project,
    actor: User,
    now: datetime,
    kind: str = "",
    preset: str = "",
    name: str = "",
    config: Mapping[str, Any] | None = None,
    **columns: Unpack[QueueColumns],
) -> Protocol:
    """Add a kind of work to the project, as version 1: from a preset, or a kind by itself under a name.

    What is given beside a preset overrides it. Raise NotAllowed, BadField, NameTaken, InvalidConfig.
    """
    require(actor, "manage_protocols", project)
    start = _start_of(kind, preset)
    return _add_protocol(project, start, name or start.name, config or {}, columns, actor, now)


@transaction.atomic
def found_protocol(*, project: Project, preset: str, config: Mapping[str, Any], actor: User, now: datetime) -> Protocol:
    """Add a protocol from a preset under the first free name, for a verb of another room that cannot do without one.

    Whether the actor may is what that verb has asked. Raise NameTaken, where another was founded meanwhile.
    """
    start = PRESETS[preset]
    return _add_protocol(project, start, _free_name(project, start.name), config, {}, actor, now)


@transaction.atomic
def protocol_of_preset(*, preset: str, project: Project, actor: User, now: datetime) -> Protocol:
    """Return the project's oldest active protocol made from this preset; else make one, as it is.

    For rooms above that need one to keep what they ask for: they have asked whether the actor may do that.
    """
    found = project.protocols.filter(preset=preset, state=ProtocolState.ACTIVE).order_by("pk").first()
    return found or found_protocol(project=project, preset=preset, config={}, actor=actor, now=now)


@transaction.atomic
def duplicate_protocol(*, protocol: Protocol, actor: User, now: datetime, name: str) -> Protocol:
    """Add an equal protocol under another name, without its tasks: what stands now becomes its first version.

    Raise NotAllowed, BadField, NameTaken.
    """
    require(actor, "manage_protocols", protocol.project)
    columns = {column: getattr(protocol, column) for column in _COPIED}
    copy = Protocol(**columns, name=name_in(name), created_at=now)
    _save_unless_taken(copy, f"This project has a protocol named “{copy.name}” already.")
    guideline = protocol.guidelines.order_by("-number").first()
    config = protocol.versions.order_by("-number")[0].config
    _first_versions(copy, config, guideline.markdown if guideline else "", actor, now)
    return copy


@transaction.atomic
def change_protocol(
    *,
    protocol: Protocol,
    actor: User,
    now: datetime,
    name: str | None = None,
    state: str | None = None,
    config: Mapping[str, Any] | None = None,
    **columns: Unpack[QueueColumns],
) -> Protocol:
    """Change a protocol; another configuration becomes a new version, and settings it leaves out stay as they are.

    A paused or archived one hands nothing out; who holds a task of it hands it in as ever.
    Raise NotAllowed, BadField, NameTaken, InvalidConfig, ProtocolArchived.
    """
    require(actor, "manage_protocols", protocol.project)
    protocol = Protocol.objects.select_for_update().get(pk=protocol.pk)
    is_more_than_state = name is not None or config is not None or columns
    if is_more_than_state and state in (None, ProtocolState.ARCHIVED):
        require_unarchived(protocol)
    if state is not None:
        if state not in ProtocolState.values:
            raise BadField("state", f"must be one of {', '.join(ProtocolState.values)}")
        protocol.state = state
    if name is not None:
        protocol.name = name_in(name)
    set_columns(protocol, columns)
    _save_unless_taken(protocol, f"This project has a protocol named “{protocol.name}” already.")
    if config is not None:
        _new_version(protocol, config, actor, now)
    return protocol


@transaction.atomic
def publish_guideline(
    *, protocol: Protocol, markdown: str, actor: User, now: datetime, change_note: str = ""
) -> GuidelineVersion:
    """Add a version of the protocol's guideline, with what changed in a sentence.

    Raise NotAllowed, BadField, ProtocolArchived.
    """
    require(actor, "manage_protocols", protocol.project)
    require_unarchived(protocol)
    if not markdown.strip() or len(markdown) > GUIDELINE_CHARACTERS or "\x00" in markdown:
        raise BadField("markdown", f"must be a text of at most {GUIDELINE_CHARACTERS:,} characters")
    note = " ".join(change_note.split())
    if len(note) > CHANGE_NOTE_CHARACTERS or "\x00" in note:
        raise BadField("change_note", f"must be a sentence of at most {CHANGE_NOTE_CHARACTERS} characters")
    Protocol.objects.select_for_update().get(pk=protocol.pk)
    last = protocol.guidelines.aggregate(last=Max("number"))["last"] or 0
    return protocol.guidelines.create(
        number=last + 1, markdown=markdown, change_note=note, created_by=actor, created_at=now
    )


def note_guideline_reading(*, protocol: Protocol, number: int, actor: User, now: datetime) -> None:
    """Remember that the person has read this version; said again, the first time stands. Raise NotAllowed, BadField."""
    require(actor, "view_project", protocol.project)
    if not protocol.guidelines.filter(number=number).exists():
        raise BadField("number", "is no version of this guideline")
    reading = {"protocol": protocol, "user": actor, "number": number}
    GuidelineReading.objects.get_or_create(**reading, defaults={"read_at": now})


def _start_of(kind: str, preset: str) -> Preset:
    """Return what a new protocol begins with. Raise BadField, InvalidConfig."""
    if not preset:
        return Preset(key="", kind=kind_of(kind).key, name="", description="", guideline="")
    if preset not in PRESETS:
        raise BadField("preset", f"must be one of {', '.join(PRESETS)}")
    if kind and kind != PRESETS[preset].kind:
        raise BadField("kind", f"the preset {preset} is of the kind {PRESETS[preset].kind}: leave the kind out")
    return PRESETS[preset]


def _add_protocol(
    project: Project,
    start: Preset,
    name: str,
    config: Mapping[str, Any],
    columns: QueueColumns,
    actor: User,
    now: datetime,
) -> Protocol:
    protocol = Protocol(project=project, kind=start.kind, preset=start.key, name=name_in(name), created_at=now)
    set_columns(protocol, {**start.columns, **columns})
    checked = check_config(start.kind, {**start.config, **config})
    if start.follow_up and "follow_up" not in columns:
        protocol.follow_up = _protocol_from(PRESETS[start.follow_up], project, actor, now)
    _save_unless_taken(protocol, f"This project has a protocol named “{protocol.name}” already.")
    _first_versions(protocol, checked, start.guideline, actor, now)
    return protocol


def _protocol_from(preset: Preset, project: Project, actor: User, now: datetime) -> Protocol:
    """Return the project's oldest active protocol made from this preset, or from none; else make one."""
    alike = project.protocols.filter(kind=preset.kind, state=ProtocolState.ACTIVE, preset__in=[preset.key, ""])
    found = alike.order_by("-preset", "pk").first()
    name = _free_name(project, preset.name)
    return found or create_protocol(project=project, preset=preset.key, name=name, actor=actor, now=now)


def _free_name(project: Project, name: str) -> str:
    taken = set(project.protocols.filter(name__startswith=name).values_list("name", flat=True))
    return next(free for free in chain([name], (f"{name} {number}" for number in count(2))) if free not in taken)


def _first_versions(protocol: Protocol, config: Mapping[str, Any], guideline: str, actor: User, now: datetime) -> None:
    made = {"number": 1, "created_by": actor, "created_at": now}
    protocol.versions.create(config=config, **made)
    if guideline:
        protocol.guidelines.create(markdown=guideline, **made)


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
