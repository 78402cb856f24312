"""A release of the project, runs on it and models of them, for tests that train nothing. A plugin, as people.py is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django.fixtures import Settings

from annotation import durable
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import actions
from annotation.registry.models import ModelVersion, TrainingRun
from tests.people import NOW

COUNTS = {
    "demonstrations": {"train": 8, "validation": 1, "test": 1},
    "rankings": {"train": 5, "validation": 1, "test": 1},
}


@pytest.fixture
def own_folders(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.TRAINING_ROOT = tmp_path / "training"


@pytest.fixture
def release(project: Project, owner: User, own_folders: None) -> Release:
    return Release.objects.create(
        project=project,
        name="First",
        state=durable.JobState.DONE,
        digest_sha256="d" * 64,
        counts=COUNTS,
        created_by=owner,
        created_at=NOW,
    )


@pytest.fixture
def queue_run(project: Project, owner: User, release: Release) -> Callable[..., TrainingRun]:
    """Return a function that orders a run."""

    def queued(stage: str = "sft", **config: object) -> TrainingRun:
        return order_run(project, owner, release, stage, **config)

    return queued


def order_run(project: Project, owner: User, release: Release, stage: str = "sft", **config: object) -> TrainingRun:
    return actions.request_run(
        project=project,
        actor=owner,
        release_id=release.pk,
        stage=stage,
        start={"preset": "demo" if stage == "pretrain" else "tiny"},
        config=config,
        now=NOW,
    )


@pytest.fixture
def running_run(queue_run: Callable[..., TrainingRun]) -> TrainingRun:
    run = durable.start(TrainingRun, queue_run().pk, now=NOW)
    assert run is not None
    return run


@pytest.fixture
def make_model(queue_run: Callable[..., TrainingRun]) -> Callable[..., ModelVersion]:
    """Return a function that makes a model version with a card in storage."""

    def made(stage: str = "sft") -> ModelVersion:
        return finish_run(queue_run(stage))

    return made


def finish_run(queued: TrainingRun) -> ModelVersion:
    run = durable.start(TrainingRun, queued.pk, now=NOW)
    assert run is not None
    prefix = f"models/run-{run.pk}-attempt-{run.attempt}"
    start = {"preset": run.start_preset} if run.start_preset else {"directory": "start"}
    config = {**run.config, "stage": run.stage, "start": start}
    card = {"model_sha256": f"{run.pk:064x}", "metrics": {"test": {"loss": 2.5}}, "stage": run.stage, "config": config}
    text = json.dumps(card).encode()
    default_storage.save(f"{prefix}/card.json", ContentFile(text))
    files = [{"path": "card.json", "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}]
    return actions.finish_run(run=run, stored_prefix=prefix, files=files, card=card, now=NOW)
