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
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.tasks.briefs import open_briefs
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
def judged(project: Project, owner: User, annotator: User, reviewer: User) -> dict[str, Any]:
    """An answer to a protocol of every preset."""

    def protocol(preset: str, **config: Any) -> Protocol:
        return project_actions.create_protocol(project=project, preset=preset, config=config, actor=owner, now=NOW)

    writing = protocol("demo_write")
    assert writing.follow_up
    turns = [{"role": "assistant", "content": "Land or sea?"}, {"role": "user", "content": "Sea."}]
    demonstration = answer_task(
        make_demonstration_task(writing, "Name an animal."), annotator, {"completion": "A seal.", "turns": turns}
    )
    ranked = make_ranking_task(protocol("rank"), "Name a colour.", ("Red.", "Seven."))
    detailed = make_ranking_task(protocol("instructgpt_rank"), "Name a fruit.", ("Fig.", "Plum.", "Stone.", "Iron."))
    compared = make_ranking_task(protocol("pair_strength"), "Name a river.", ("The Nile.", "A hill."))
    scored = make_ranking_task(writing.follow_up, "Name a bird.", ("Wren.",))
    nile, _ = compared.task_completions.order_by("position").values_list("completion_id", flat=True)
    fruit = detailed.task_completions.order_by("position").values_list("completion_id", flat=True)
    labelled = make_demonstration_task(protocol("label"), "Is this safe?")
    prompts = protocol("prompt_write")
    open_briefs(protocol=prompts, briefs=[{"text": "On trees."}], actor=owner, now=NOW)
    written = {"style": "few_shot", "text": "Name one.", "shots": [{"query": "A tree", "completion": "Oak"}]}
    return {
        "demonstration": demonstration,
        "ranking": answer_task(ranked, annotator),
        "detailed": answer_task(
            detailed,
            annotator,
            {
                "tiers": [[pk] for pk in fruit],
                "use_case": "chat",
                "prompt_flags": {"ambiguous": True},
                "outputs": {str(pk): {"overall_quality": 7 - place} for place, pk in enumerate(fruit)},
            },
        ),
        "comparison": answer_task(
            compared,
            annotator,
            {"preferred": nile, "strength": 2, "edit": {"of": nile, "text": "The Nile, in Africa."}},
        ),
        "score": answer_task(scored, reviewer, {"score": 6, "rationale": "Small."}),
        "labels": answer_task(labelled, annotator, {"labels": ["safe"]}),
        "prompt": answer_task(prompts.tasks.get(), annotator, written),
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
