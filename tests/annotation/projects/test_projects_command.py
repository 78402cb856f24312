from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from annotation.people.models import User
from annotation.projects import actions
from annotation.projects.models import Project, Protocol
from tests.people import NOW


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("projects", *words, stdout=out)
    return out.getvalue()


def test_projects_are_listed_with_their_protocols(
    project: Project, ranking_protocol: Protocol, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    gone = actions.create_project(actor=owner, name="Gone", now=NOW)
    actions.archive_project(project=gone, actor=owner, now=NOW)
    with django_assert_num_queries(2):
        first, second = json.loads(said("--json"))
    assert (first["id"], first["name"], first["is_archived"], second["is_archived"]) == (
        project.pk,
        project.name,
        False,
        True,
    )
    kinds = {one["id"]: (one["kind"], one["state"]) for one in first["protocols"]}
    assert kinds[ranking_protocol.pk] == ("ranking", "active")
    shown = said()
    assert f"{project.pk:>5}  {project.name}\n" in shown
    assert "Gone (archived)" in shown


@pytest.mark.django_db
def test_an_empty_site_says_so() -> None:
    assert said() == "There is no project yet.\n"
    assert json.loads(said("--json")) == []
