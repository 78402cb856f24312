"""Reads on projects."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from annotation.people.models import User
from annotation.projects.models import GuidelineVersion, Membership, Project, Protocol, ProtocolVersion


def role_of(user: User, project: Project) -> str | None:
    """Return the person's role; one query."""
    return Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()


def protocols_of(project: Project) -> QuerySet[Protocol]:
    """Return the project's protocols with versions and guidelines, newest first; three queries for all of them."""
    versions = Prefetch("versions", ProtocolVersion.objects.order_by("-number"))
    guidelines = Prefetch("guidelines", GuidelineVersion.objects.order_by("-number"))
    return project.protocols.select_related("project").prefetch_related(versions, guidelines)
