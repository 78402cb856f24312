"""A place for releases of the test's own, and a project with a few answers to freeze."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from annotation.exports import actions
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.people import NOW

Freeze = Callable[..., Release]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    """The disk that releases are written to."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def answers(
    demonstration_protocol: Protocol, ranking_protocol: Protocol, annotator: User, reviewer: User
) -> dict[str, Any]:
    """Two demonstrations and three rankings: one strict, one with a tie, one all bad."""
    lease = make_demonstration_task(demonstration_protocol, "What is a lease?", required_answers=2)
    strict = make_ranking_task(ranking_protocol, "Name a tree.", ("Oak.", "A car."))
    tied = make_ranking_task(ranking_protocol, "Name a bird.", ("Wren.", "Robin.", "A fish."))
    bad = make_ranking_task(ranking_protocol, "Name a river.", ("A hill.", "A lake."))
    wren, robin, fish = tied.task_completions.order_by("position").values_list("completion_id", flat=True)
    hill, lake = bad.task_completions.order_by("position").values_list("completion_id", flat=True)
    return {
        "lease": answer_task(lease, annotator),
        "lease again": answer_task(lease, reviewer, {"completion": "A lease lets somebody use a thing."}),
        "strict": answer_task(strict, annotator),
        "tied": answer_task(tied, annotator, {"tiers": [[robin, wren], [fish]], "all_bad": False, "rationale": ""}),
        "all bad": answer_task(bad, annotator, {"tiers": [[lake], [hill]], "all_bad": True, "rationale": "No river."}),
    }


@pytest.fixture
def freeze(project: Project, owner: User) -> Freeze:
    """Return a function that requests a release and freezes it at once."""

    def frozen(name: str = "first", selection: dict[str, Any] | None = None) -> Release:
        release = actions.request_release(project=project, name=name, selection=selection or {}, actor=owner, now=NOW)
        actions.freeze(release_id=release.pk)
        release.refresh_from_db()
        return release

    return frozen
