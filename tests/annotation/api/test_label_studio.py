from __future__ import annotations

import json
from collections.abc import Callable

from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from tests.factories import answer_task, make_ranking_task

ClientOf = Callable[[User | None], APIClient]


def test_a_protocols_judgements_are_downloaded_as_one_list(
    ranking_protocol: Protocol, project: Project, researcher: User, annotator: User, client_of: ClientOf
) -> None:
    address = f"/api/projects/{project.pk}/protocols/{ranking_protocol.pk}/label-studio/"
    browser = client_of(researcher)
    assert json.loads(browser.get(address).getvalue()) == []
    for text in ("Why?", "Hvorfor så?"):
        answer_task(make_ranking_task(ranking_protocol, text), annotator)
    sent = browser.get(address)
    assert sent["Content-Disposition"] == 'attachment; filename="rank-completions-label-studio.json"'
    tasks = json.loads(sent.getvalue())
    assert [(task["data"]["prompt"], len(task["annotations"])) for task in tasks] == [("Why?", 1), ("Hvorfor så?", 1)]


def test_kinds_that_the_format_cannot_say_are_not_there(
    demonstration_protocol: Protocol, project: Project, researcher: User, client_of: ClientOf
) -> None:
    address = f"/api/projects/{project.pk}/protocols/{demonstration_protocol.pk}/label-studio/"
    assert client_of(researcher).get(address).status_code == 404
