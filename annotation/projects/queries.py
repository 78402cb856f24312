"""Reads on projects."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from annotation.people.models import User
from annotation.projects.models import (
    GuidelineReading,
    GuidelineVersion,
    Membership,
    Project,
    Protocol,
    ProtocolVersion,
)


@dataclass(frozen=True)
class GuidelineNews:
    """A protocol's newest guideline and what of it is new to one person."""

    protocol: Protocol
    newest: GuidelineVersion
    # The last version the person has read; None before the first.
    read: GuidelineReading | None
    # Versions that came after it, newest first; none for somebody who has read none.
    changes: list[GuidelineVersion]


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


def guideline_news(user: User, protocols: QuerySet[Protocol]) -> list[GuidelineNews]:
    """Return the news of each protocol that has a guideline, without their texts; three queries for all of them."""
    versions = Prefetch("guidelines", GuidelineVersion.objects.defer("markdown").order_by("-number"))
    readings = Prefetch("guideline_readings", GuidelineReading.objects.filter(user=user).order_by("-number"))
    return [_news_of(row) for row in protocols.prefetch_related(versions, readings) if row.guidelines.all()]


def _news_of(protocol: Protocol) -> GuidelineNews:
    versions = list(protocol.guidelines.all())
    read = next(iter(protocol.guideline_readings.all()), None)
    changes = [version for version in versions if read and version.number > read.number]
    return GuidelineNews(protocol, versions[0], read, changes)
