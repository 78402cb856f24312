"""From documents to a foundation model that goes on from a text, with the real training in its child process."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from annotation import durable
from annotation.exports import actions as export_actions
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import actions, continuations, execution, trees
from annotation.registry.actions import OrderRefused
from annotation.registry.models import Continuation, ModelVersion, RunMetric, RunSample, TrainingRun
from annotation.tasks import bulk
from annotation.tasks.documents import NewDocument, add_documents
from tests.people import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.training]

TEXTS = [f"On day {number} it rained, and nobody went out.\n" * 6 for number in range(40)]
QUICK = {
    "rounds": 8,
    "context": 16,
    "batch_tokens": 64,
    "sample_rounds": "0 4",
    "sample_tokens": 20,
    "evaluate_every": 4,
    "checkpoint_every": 4,
    "prompt": "On day",
    "threads": 1,
}


@pytest.fixture
def texts(project: Project, owner: User) -> Release:
    with transaction.atomic():
        bulk.take_turn(project)
        add_documents(project, [NewDocument(text) for text in TEXTS], now=NOW)
    release = export_actions.request_release(
        project=project, name="Texts", selection={"documents": True}, actor=owner, now=NOW
    )
    export_actions.freeze(release_id=release.pk)
    release.refresh_from_db()
    return release


def order(project: Project, owner: User, release: Release, **config: object) -> TrainingRun:
    return actions.request_run(
        project=project,
        actor=owner,
        release_id=release.pk,
        stage="pretrain",
        start={"preset": "demo"},
        config={**QUICK, **config},
        now=NOW,
    )


def test_documents_become_a_foundation_model_whose_way_is_kept_and_which_goes_on_from_a_text(
    project: Project, owner: User, texts: Release
) -> None:
    run = order(project, owner, texts)
    execution.execute_run(run_id=run.pk, must_stop=threading.Event())
    run.refresh_from_db()
    assert run.state == "done", run.error

    samples = list(RunSample.objects.filter(run=run).order_by("step"))
    assert [sample.step for sample in samples] == [0, 4, 8]
    assert all(sample.prompt == "On day" and len(sample.text) == 20 for sample in samples)
    assert {"bits_per_character", "known_words", "copied_8_grams"} <= set(samples[0].values)
    assert RunMetric.objects.filter(run=run, split="validation", step=8).exists()
    assert run.counts["rows_used"] == 40
    assert run.counts["train"]["documents"] == texts.counts["documents"]["train"]
    model = ModelVersion.objects.get(run=run)
    assert (model.stage, model.deployable, model.name) == ("pretrain", False, "pretrain-1")
    names = trees.names_under(default_storage, model.stored_prefix)
    assert not [name for name in names if Path(name).suffix == ".bin"], "people's words do not travel with a model"

    given = {"prompt": "On day 7", "sampling": {"max_new_tokens": 40, "seed": 5}}
    rows = [
        continuations.request_continuation(model=model, actor=owner, now=NOW, **given)  # type: ignore[arg-type]
        for _ in range(2)
    ]
    for row in rows:
        continuations.execute_continuation(continuation_id=row.pk, must_stop=threading.Event())
        row.refresh_from_db()
        assert row.state == "done", row.error
    assert len(rows[0].text) == 40
    assert rows[0].text == rows[1].text
    assert (rows[0].progress_done, rows[0].progress_total) == (40, 40)

    unknown = continuations.request_continuation(model=model, actor=owner, prompt="Z\u00e9!", sampling={}, now=NOW)
    continuations.execute_continuation(continuation_id=unknown.pk, must_stop=threading.Event())
    unknown.refresh_from_db()
    assert unknown.state == "failed"
    assert "knows only the characters of its corpus" in unknown.error


def test_a_cancelled_text_is_not_written(project: Project, owner: User, texts: Release) -> None:
    run = durable.start(TrainingRun, order(project, owner, texts).pk, now=NOW)
    assert run is not None
    default_storage.save("models/x/card.json", ContentFile(b"{}"))
    model = actions.finish_run(
        run=run, stored_prefix="models/x", files=[], card={"model_sha256": "a" * 64, "metrics": {}}, now=NOW
    )
    row = continuations.request_continuation(model=model, actor=owner, prompt="On", sampling={}, now=NOW)

    continuations.cancel_continuation(continuation=row, actor=owner, now=NOW)
    continuations.execute_continuation(continuation_id=row.pk, must_stop=threading.Event())

    assert Continuation.objects.get(pk=row.pk).state == "cancelled"


def test_what_has_no_text_teaches_nothing(project: Project, owner: User, texts: Release) -> None:
    Release.objects.filter(pk=texts.pk).update(counts={"documents": {"train": 0, "validation": 1, "test": 0}})

    with pytest.raises(OrderRefused, match="holds no documents or demonstrations or rankings"):
        order(project, owner, texts)
