"""A preview of a run: read by the real child, in the place of an older one, and forgotten."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from annotation.exports import actions as export_actions
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import previews
from annotation.registry.models import RunPreview
from annotation.registry.withdrawals import withdraw_prompt
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW

pytestmark = pytest.mark.django_db(transaction=True)

PLAIN = {"stage": "sft", "start": {"preset": "tiny"}, "config": {"max_length": 64, "batch_tokens": 64, "threads": 1}}


def order(project: Project, actor: User, release: Release) -> RunPreview:
    return previews.request_preview(project=project, actor=actor, release_id=release.pk, now=NOW, **PLAIN)  # type: ignore[arg-type]


@pytest.fixture
def written(project: Project, owner: User, own_folders: None) -> Release:
    """Freeze a release of what one person wrote."""
    for number in range(12):
        task = make_demonstration_task(
            project.protocols.get(kind="demonstration"), f"What is a fence of kind {number}?"
        )
        answer_task(task, owner, {"completion": f"Fence {number} stands around a garden."})
    release = export_actions.request_release(project=project, name="Fences", selection={}, actor=owner, now=NOW)
    export_actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    return release


@pytest.mark.training
def test_a_child_reads_what_a_run_would_learn_and_withdrawing_takes_it_along(
    project: Project, owner: User, written: Release
) -> None:
    row = order(project, owner, written)
    previews.execute_preview(preview_id=row.pk, must_stop=threading.Event())

    row.refresh_from_db()
    assert row.state == "done", row.error
    train = row.found["splits"]["train"]
    assert train["counts"]["rows_used"] == written.counts["demonstrations"]["train"]
    [part] = row.found["rows"][0]["parts"]
    learned = "".join("".join(run["tokens"]) for run in part["runs"] if run["state"] == "learned")
    assert learned.startswith("Fence ")
    assert learned.endswith(" stands around a garden.<|end|>")

    withdraw_prompt(prompt=project.prompts.order_by("pk")[0], actor=owner, reason="", now=NOW)

    assert not RunPreview.objects.exists()


def test_the_newest_of_a_persons_previews_is_the_one_that_is_made(
    project: Project, owner: User, release: Release
) -> None:
    first, second = order(project, owner, release), order(project, owner, release)

    assert RunPreview.objects.get(pk=first.pk).state == "cancelled"
    assert RunPreview.objects.get(pk=second.pk).state == "queued"


def test_a_preview_is_kept_for_a_day(project: Project, owner: User, release: Release) -> None:
    row = order(project, owner, release)

    assert previews.forget_old(now=NOW + timedelta(hours=23)) == 0
    assert previews.forget_old(now=NOW + timedelta(hours=25)) == 1
    assert not RunPreview.objects.filter(pk=row.pk).exists()
