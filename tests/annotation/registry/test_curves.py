"""A learning curve by the real child, taken up again by another worker; and a reward model that chooses a look."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotation.exports import actions as export_actions
from annotation.exports.models import Release
from annotation.exports.queries import stored_prefix
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import actions, curves, execution, previews
from annotation.registry.lineage import of_model
from annotation.registry.models import LearningCurve, ModelVersion, TrainingRun
from annotation.registry.withdrawals import withdraw_work
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.people import NOW

TINY = {"max_length": 64, "batch_tokens": 64, "threads": 1, "epochs": 1}


@pytest.fixture
def frozen(project: Project, owner: User, own_folders: None) -> Release:
    """Freeze a release of what one person wrote and ranked."""
    for number in range(40):
        demonstration = make_demonstration_task(
            project.protocols.get(kind="demonstration"), f"What is a fence of kind {number}?"
        )
        answer_task(demonstration, owner, {"completion": f"Fence {number} stands around a garden."})
    for number in range(12):
        texts = ("A gate.", "Go away.")
        ranked = make_ranking_task(project.protocols.get(kind="ranking"), f"What is gate {number}?", texts)
        ids = list(ranked.task_completions.order_by("position").values_list("completion", flat=True))
        answer_task(ranked, owner, {"tiers": [[ids[0]], [ids[1]]]})
    release = export_actions.request_release(project=project, name="Fences", selection={}, actor=owner, now=NOW)
    export_actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    return release


@pytest.mark.training
@pytest.mark.django_db(transaction=True)
def test_a_child_trains_what_is_not_known_yet_and_withdrawing_ends_it(
    project: Project, owner: User, frozen: Release
) -> None:
    row = curves.request_curve(
        project=project, actor=owner, release_id=frozen.pk, stage="sft", start={"preset": "tiny"}, config=TINY,
        seeds=1, now=NOW,
    )  # fmt: skip
    known = [
        {"share": share, "seed": 0, "judgements": n, "value": 9.0, "low": None, "high": None}
        for share, n in ((0.125, 3), (0.25, 7), (0.5, 15))
    ]
    LearningCurve.objects.filter(pk=row.pk).update(found={"trained": known})

    curves.execute_curve(curve_id=row.pk, must_stop=threading.Event())

    row.refresh_from_db()
    assert (row.state, row.progress_done, row.progress_total) == ("done", 4, 4), row.error
    assert row.found["trained"] == [
        *known,
        {"share": 1.0, "seed": 0, **dict.fromkeys(("judgements", "value", "low", "high"), ANY)},
    ]
    assert [point["share"] for point in row.found["points"]] == [0.125, 0.25, 0.5, 1.0]
    assert row.found["fit"]["slope"] < 0

    later = curves.request_curve(
        project=project, actor=owner, release_id=frozen.pk, stage="sft", start={"preset": "tiny"}, config=TINY,
        seeds=1, now=NOW,
    )  # fmt: skip
    withdraw_work(project=project, person=owner, actor=owner, now=NOW)
    later.refresh_from_db()
    assert (later.state, "withdrawn" in later.error) == ("cancelled", True)


@pytest.mark.slow
@pytest.mark.training
@pytest.mark.django_db(transaction=True)
def test_a_reward_model_of_the_project_chooses_the_look_that_is_kept(
    project: Project, owner: User, frozen: Release
) -> None:
    def ordered(stage: str, judge: int | None = None, **config: object) -> TrainingRun:
        return actions.request_run(
            project=project, actor=owner, release_id=frozen.pk, stage=stage, start={"preset": "tiny"},
            config={**TINY, **config}, judge=judge, now=NOW,
        )  # fmt: skip

    execution.execute_run(run_id=ordered("reward").pk, must_stop=threading.Event())
    judge = ModelVersion.objects.get(stage="reward")
    told = {"keep": "best", "evaluate_every": 2, "judge_prompts": 2, "judge_tokens": 8}
    preview = previews.request_preview(
        project=project, actor=owner, release_id=frozen.pk, stage="sft", start={"preset": "tiny"},
        config={**TINY, **told}, judge=judge.pk, now=NOW,
    )  # fmt: skip
    run = ordered("sft", judge.pk, **told)
    execution.execute_run(run_id=run.pk, must_stop=threading.Event())
    previews.execute_preview(preview_id=preview.pk, must_stop=threading.Event())

    run.refresh_from_db()
    assert run.state == "done", run.error
    assert run.model.metrics["judge"]["model_sha256"] == judge.sha256
    seen = [point.values["reward"] for point in run.metrics.filter(split="validation") if "reward" in point.values]
    assert run.model.metrics["judge"]["reward"] == pytest.approx(max(seen), abs=1e-4)
    preview.refresh_from_db()
    assert preview.found["judging"]["looks"] == len(seen), preview.error
    assert (f"model:{judge.pk}", f"run:{run.pk}") in of_model(run.model, owner).edges


@pytest.mark.django_db
def test_only_a_reward_model_of_the_project_may_choose_and_only_for_sft(
    project: Project, owner: User, release: Release, make_model: Callable[..., ModelVersion], tmp_path: Path
) -> None:
    reward, writer = make_model("reward"), make_model("sft")
    told = {"keep": "best"}
    for stage, judge, config, field, why in (
        ("sft", writer.pk, told, "judge", "choose a reward model"),
        ("sft", 10**9, told, "judge", "not a model of this project"),
        ("reward", reward.pk, {}, "judge", "SFT and RL runs alone"),
        ("sft", reward.pk, {}, "judge", "set keep to best"),
        ("sft", None, {"judge": "/etc"}, "config.judge", "is not set here"),
    ):
        with pytest.raises(actions.OrderRefused, match=why) as refused:
            actions.check_order(
                project=project, release_id=release.pk, stage=stage, start={"preset": "tiny"}, config=config,
                judge=judge,
            )  # fmt: skip
        assert [name for name, _ in refused.value.errors] == [field]
    run = actions.request_run(
        project=project, actor=owner, release_id=release.pk, stage="sft", start={"preset": "tiny"}, config=told,
        judge=reward.pk, now=NOW,
    )  # fmt: skip
    default_storage.save(f"{stored_prefix(release)}/manifest.json", ContentFile("{}"))
    (tmp_path / "work").mkdir()
    laid = json.loads(execution.lay_out(run, tmp_path / "work").read_text())
    assert (laid["judge"], json.loads((tmp_path / "work" / "judge" / "card.json").read_text())["stage"]) == (
        "judge",
        "reward",
    )
