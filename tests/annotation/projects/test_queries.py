from __future__ import annotations

from pytest_django import DjangoAssertNumQueries

from annotation.people.models import User
from annotation.projects import actions, queries
from annotation.projects.models import Project
from tests.people import NOW


def test_people_see_the_projects_they_are_in_with_their_role(project: Project, annotator: User, owner: User) -> None:
    actions.create_project(actor=owner, name="Another", now=NOW)
    assert [(row.name, row.my_role) for row in queries.projects_of(annotator)] == [("Assistant", "annotator")]
    Project.objects.get(name="Another").memberships.all().delete()
    assert {row.name: row.my_role for row in queries.projects_of(owner)} == {"Assistant": "manager", "Another": None}


def test_protocols_come_with_their_newest_version_and_guideline_in_three_queries(
    project: Project, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    protocol = project.protocols.get(kind="ranking")
    actions.change_protocol(protocol=protocol, actor=owner, now=NOW, config={"allow_ties": False})
    for text in ("old", "new"):
        actions.publish_guideline(protocol=protocol, markdown=text, actor=owner, now=NOW)
    for number in range(5):
        actions.create_protocol(project=project, kind="ranking", name=f"Another {number}", actor=owner, now=NOW)
    with django_assert_num_queries(3):
        rows = {row.pk: row for row in queries.protocols_of(project)}
        newest = rows[protocol.pk]
        assert newest.versions.all()[0].number == 2
        assert next(iter(newest.guidelines.all())).markdown == "new"
    assert len(rows) == 7
