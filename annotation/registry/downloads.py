"""Who took which file, and when: the verb and the reads of the log."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry.models import Download, ModelVersion


def note_download(
    *,
    actor: User,
    source: Release | ModelVersion,
    path: str,
    start: int,
    length: int,
    size: int,
    by_link: bool,
    now: datetime,
) -> Download:
    """Record that a person is about to get these bytes of a file. They may see it: the caller has read it as theirs."""
    of = {"release": source} if isinstance(source, Release) else {"model": source}
    return Download.objects.create(
        project_id=source.project_id,
        person=actor,
        path=path,
        start_bytes=start,
        sent_bytes=length,
        size_bytes=size,
        by_link=by_link,
        at=now,
        **of,
    )


def downloads_of(project: Project, user: User) -> QuerySet[Download]:
    rows = Download.objects.visible_to(user).filter(project=project)
    return rows.select_related("person", "release", "model")
