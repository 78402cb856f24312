"""What a refinement starts from, who judges and watches it, and that what comes of it answers people."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotation import durable
from annotation.exports.models import Release
from annotation.exports.queries import stored_prefix
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import actions, execution, queries
from annotation.registry.actions import OrderRefused
from annotation.registry.models import ModelVersion, TrainingRun
from tests.people import NOW

Make = Callable[..., ModelVersion]


@pytest.fixture
def order(project: Project, owner: User, release: Release) -> Callable[..., TrainingRun]:
    def ordered(stage: str, **given: Any) -> TrainingRun:
        how = {"release_id": release.pk, "config": {}, **given}
        return actions.request_run(project=project, actor=owner, stage=stage, now=NOW, **how)

    return ordered


@pytest.mark.django_db
def test_a_refinement_starts_from_an_assistant_and_names_its_judges(
    order: Callable[..., TrainingRun], make_model: Make, tmp_path: Path
) -> None:
    assistant, base, judge, gold = (make_model(stage) for stage in ("sft", "pretrain", "reward", "reward"))
    start = {"model": assistant.pk}
    run = order("rl", start=start, judge=judge.pk, gold=gold.pk, config={"rounds": 3})
    default_storage.save(f"{stored_prefix(run.release)}/manifest.json", ContentFile(b"{}"))
    folder = tmp_path / "work"
    folder.mkdir()
    written = json.loads(execution.lay_out(run, folder).read_text())
    assert (written["reward_models"], written["gold_model"], written["start"]) == (
        ["judge"],
        "gold",
        {"directory": "start"},
    )
    assert written["rounds"] == 3
    assert "judge" not in written
    assert (folder / "gold" / "card.json").is_file()
    assert order("dpo", start=start).config["loss"] == "dpo"

    for stage, given, field in (
        ("rl", {"start": start}, "judge"),
        ("rl", {"start": start, "judge": assistant.pk}, "judge"),
        ("rl", {"start": start, "judge": judge.pk, "gold": judge.pk}, "gold"),
        ("rl", {"start": {"model": base.pk}, "judge": judge.pk}, "start"),
        ("dpo", {"start": {"preset": "tiny"}}, "start"),
        ("dpo", {"start": start, "judge": judge.pk}, "judge"),
        ("sft", {"start": start, "gold": gold.pk}, "gold"),
        ("rl", {"start": start, "judge": judge.pk, "config": {"reward_function": "x"}}, "config.reward_function"),
        ("rl", {"start": start, "judge": judge.pk, "config": {"samples": 1}}, "config.samples"),
    ):
        with pytest.raises(OrderRefused) as refused:
            order(stage, **given)
        assert [name for name, _ in refused.value.errors] == [field], (stage, given)


@pytest.mark.django_db
def test_what_was_refined_answers_people(make_model: Make, order: Callable[..., TrainingRun], owner: User) -> None:
    assistant = make_model("sft")
    made = actions.finish_run(
        run=_started(order("dpo", start={"model": assistant.pk})),
        stored_prefix="x",
        files=[],
        card={"model_sha256": "f" * 64, "metrics": {}},
        now=NOW,
    )
    assert made.may_serve
    offered = queries.run_options(made.project, owner)["start_models"]
    assert {"id": made.pk, "name": made.name, "deployable": True} in offered


def _started(run: TrainingRun) -> TrainingRun:
    started = durable.start(TrainingRun, run.pk, now=NOW)
    assert started is not None
    return started
