"""Tags on releases: put, moved and taken away, each with a line in the log. Part of this room's actions."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction

from annotation.durable import JobState
from annotation.exports.models import Release, ReleaseTag, ReleaseTagMove
from annotation.exports.queries import ReleaseNotFrozen
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import require

_IS_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}", re.ASCII).fullmatch


class BadTag(ValueError):
    """The tag's name cannot stand in an address."""

    field = "tag"
    message = "A tag is 1 to 60 of the characters a-z, 0-9, dot, hyphen and underscore, a letter or digit first."

    def __init__(self) -> None:
        super().__init__(self.message)


class NoSuchTag(Exception):
    """The project has no tag of this name."""


def tag_release(*, release: Release, name: str, actor: User, now: datetime) -> ReleaseTag:
    """Put the tag on the release, away from any other. Raise NotAllowed, BadTag, ReleaseNotFrozen."""
    require(actor, "create_release", release.project)
    if not _IS_NAME(name):
        raise BadTag
    if release.state != JobState.DONE:
        raise ReleaseNotFrozen(f"This release is {release.state}: it can be tagged once it is done.")
    with transaction.atomic():
        # The project's row keeps two who move the same tag apart.
        Project.objects.select_for_update(no_key=True).get(pk=release.project_id)
        tag = ReleaseTag.objects.filter(project=release.project_id, name=name).first()
        if tag and tag.release_id == release.pk:
            return tag
        where = {"release": release, "moved_by": actor, "moved_at": now}
        tag, _ = ReleaseTag.objects.update_or_create(project=release.project, name=name, defaults=where)
        ReleaseTagMove.objects.create(project=release.project, name=name, **where)
    return tag


def take_tag_away(*, project: Project, name: str, actor: User, now: datetime) -> None:
    """Remove the tag; the release stays. Raise NotAllowed, NoSuchTag."""
    require(actor, "create_release", project)
    with transaction.atomic():
        if not ReleaseTag.objects.filter(project=project, name=name).delete()[0]:
            raise NoSuchTag(f"This project has no tag “{name}”.")
        ReleaseTagMove.objects.create(project=project, name=name, release=None, moved_by=actor, moved_at=now)
