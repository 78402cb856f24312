"""Reads on projects."""

from __future__ import annotations

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from annotation.people.models import User
from annotation.projects.models import GuidelineVersion, Membership, Project, Protocol, ProtocolVersion


def projects_of(user: User) -> QuerySet[Project]:
    """Return the projects that the person sees, each with `my_role`: theirs, or None for the owner of the site."""
    mine = Membership.objects.filter(user=user, project=OuterRef("pk"))
    return Project.objects.visible_to(user).annotate(my_role=Subquery(mine.values("role")))


def memberships_of(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user).select_related("project").order_by("project__name")


def protocols_of(project: Project) -> QuerySet[Protocol]:
    """Return the project's protocols with versions and guidelines, newest first; three queries for all of them."""
    versions = Prefetch("versions", ProtocolVersion.objects.order_by("-number"))
    guidelines = Prefetch("guidelines", GuidelineVersion.objects.order_by("-number"))
    return project.protocols.select_related("project").prefetch_related(versions, guidelines)
