"""People's labels become a filter: frozen, read by training as they stand, ordered and trained."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from annotation.exports import actions as export_actions
from annotation.exports import storage
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project
from annotation.quality.comparing import compare_changed
from annotation.quality.models import AgreementReport
from annotation.quality.reporting import compute_report
from annotation.registry import actions, execution, previews
from annotation.registry.models import ModelVersion, TrainingRun
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW
from training import labels

pytestmark = pytest.mark.usefixtures("own_folders")
RUDE, KIND = "Go away, you {}, you fool.", "Dear {}, do sit down with us."
NAMES = [f"{first}{last}" for first in ("Ab", "Cor", "Dun", "El", "Fos") for last in ("bert", "na", "tom", "wick")]


@pytest.fixture
def frozen(project: Project, owner: User, annotator: User, reviewer: User) -> Release:
    """Forty texts labelled by two people, who are of one mind but for the violence of one text."""
    config = {"categories": ["harassment", "violence"]}
    protocol = project_actions.create_protocol(
        project=project, preset="moderation_label", config=config, actor=owner, now=NOW
    )
    for text, rude in ((form.format(name), form is RUDE) for name in NAMES for form in (RUDE, KIND)):
        task = make_demonstration_task(protocol, text, required_answers=2)
        answer_task(task, annotator, {"verdicts": {"harassment": rude, "violence": "Abbert" in text}})
        answer_task(task, reviewer, {"verdicts": {"harassment": rude}})
    answer_task(make_demonstration_task(protocol, "Punch him."), annotator, {"verdicts": {"violence": True}})
    task = make_demonstration_task(protocol, "Push him.", required_answers=2)
    answer_task(task, annotator, {"verdicts": {"violence": True}})
    answer_task(task, reviewer, {"verdicts": {"violence": False}})
    compare_changed(now=NOW)
    compute_report(protocol_id=protocol.pk, now=NOW)
    release = export_actions.request_release(project=project, name="Labels", selection={}, actor=owner, now=NOW)
    export_actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == "done", release.error
    return release


def order(project: Project, owner: User, release: Release) -> TrainingRun:
    fields = {"release_id": release.pk, "stage": "moderation", "start": {"preset": "ngrams"}}
    return actions.request_run(project=project, actor=owner, config={"epochs": 3}, now=NOW, **fields)  # type: ignore[arg-type]


def test_a_release_says_what_people_said_and_what_nobody_judged(frozen: Release) -> None:
    folder = Path(default_storage.path(storage.prefix_of(frozen.digest_sha256)))
    found = [text for split in ("train", "validation", "test") for text in labels.read_labels(folder, split)[0]]
    assert len(found) == 42
    votes = {text.text: text.votes for text in found}
    assert votes[RUDE.format("Abbert")] == {"harassment": (2, 0), "violence": (1, 0)}
    assert votes["Push him."] == {"violence": (1, 1)}
    assert votes["Punch him."] == {"violence": (1, 0)}


def test_agreement_is_told_by_category(frozen: Release) -> None:
    harassment, violence = AgreementReport.objects.get().categories
    assert (harassment["category"], harassment["verdicts"], harassment["yes"]) == ("harassment", 80, 40)
    assert harassment["agreement"]["value"] == harassment["alpha"]["value"] == 1
    assert (violence["verdicts"], violence["agreement"]["value"]) == (2, 0)


def test_a_run_without_moderation_labels_and_a_preview_are_refused(
    project: Project, owner: User, release: Release
) -> None:
    Release.objects.update(counts={"judgements": {"train": 9}})
    with pytest.raises(actions.OrderRefused, match="no moderation labels"):
        order(project, owner, release)
    with pytest.raises(actions.OrderRefused, match="no tokens"):
        previews.request_preview(
            project=project,
            actor=owner,
            release_id=release.pk,
            stage="moderation",
            start={"preset": "ngrams"},
            config={},
            now=NOW,
        )


@pytest.mark.slow
@pytest.mark.training
@pytest.mark.django_db(transaction=True)
def test_a_filter_is_trained_on_what_people_said(project: Project, owner: User, frozen: Release) -> None:
    run = order(project, owner, frozen)
    execution.execute_run(run_id=run.pk, must_stop=threading.Event())
    run.refresh_from_db()
    assert run.state == "done", run.error
    model = ModelVersion.objects.get(run=run)
    assert (model.name, model.deployable, model.may_serve, model.may_filter) == ("moderation-1", False, False, True)
    assert "harassment" in model.metrics["test"]["categories"]
