"""From a shell: a run is ordered and followed, and what a model wrote is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation import durable
from annotation.durable import JobState
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.registry import actions, completions
from annotation.registry.management.commands import start_run
from annotation.registry.models import CompletionBatch, ModelVersion, SampledCompletion, TrainingRun
from annotation.registry.reports import Report
from annotation.tasks.models import Completion, Prompt
from tests.factories import make_completion, make_prompt
from tests.people import NOW
from tests.runs import finish_run

pytestmark = pytest.mark.usefixtures("own_folders")


def said(*words: object) -> str:
    out = StringIO()
    call_command(*map(str, words), stdout=out)
    return out.getvalue()


def refused(*words: object) -> str:
    with pytest.raises(CommandError) as caught:
        said(*words)
    return str(caught.value)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The runs whose messages were sent."""
    ids: list[int] = []

    def send(*, run_id: int) -> None:
        ids.append(run_id)

    monkeypatch.setattr(start_run.execute_run, "delay_on_commit", send)
    return ids


def test_a_run_is_ordered_as_on_the_page(project: Project, release: Release, owner: User, sent: list[int]) -> None:
    line = said("start_run", project.name, "sft", release.name, "--preset", "tiny", "--set", "epochs=2", "--json")
    run = TrainingRun.objects.get()
    assert json.loads(line) == {"run": run.pk, "state": "queued"}
    assert sent == [run.pk]
    assert (run.release, run.start_preset, run.config["epochs"], run.created_by) == (release, "tiny", 2, owner)


def test_what_cannot_run_is_refused_with_its_reason(
    project: Project, release: Release, annotator: User, sent: list[int]
) -> None:
    order = ("start_run", project.pk, "sft", release.pk)
    assert "config.epochs: 0 is out of range" in refused(*order, "--preset", "tiny", "--set", "epochs=0")
    assert "preset must be one of" in refused(*order, "--preset", "vast")
    assert "write name=value" in refused(*order, "--preset", "tiny", "--set", "epochs")
    assert "There is no release “Second”" in refused("start_run", project.pk, "sft", "Second", "--preset", "tiny")
    assert "There is no project “Nowhere”" in refused("start_run", "Nowhere", "sft", "1", "--preset", "tiny")
    assert refused(*order, "--preset", "tiny", "--as", annotator.email)
    assert "Nobody has the e-mail address" in refused(*order, "--preset", "tiny", "--as", "nobody@example.com")
    assert (sent, TrainingRun.objects.count()) == ([], 0)


def test_a_run_is_followed_to_its_end(
    project: Project, release: Release, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter(("measure", "finish"))

    def meanwhile(seconds: float) -> None:
        run = TrainingRun.objects.get()
        if next(looks) == "measure":
            run = durable.start(TrainingRun, run.pk, now=NOW)
            report = Report(metrics={("train", 1): {"loss": 2.5}})
            actions.record_report(run=run, report=report, now=NOW)
        else:
            TrainingRun.objects.update(state=JobState.QUEUED)
            finish_run(TrainingRun.objects.get())

    monkeypatch.setattr(start_run.time, "sleep", meanwhile)
    lines = said("start_run", project.pk, "sft", release.pk, "--preset", "tiny", "--follow", "--json").splitlines()
    first, point, last = (json.loads(line) for line in lines)
    assert point == {"step": 1, "split": "train", "values": {"loss": 2.5}}
    assert last == {"run": first["run"], "state": "done", "model": ModelVersion.objects.get().pk}


def test_a_run_that_fails_while_followed_ends_in_its_error(
    project: Project, release: Release, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(seconds: float) -> None:
        TrainingRun.objects.update(state=JobState.FAILED, error="The disk is full.")

    monkeypatch.setattr(start_run.time, "sleep", meanwhile)
    assert refused("start_run", project.pk, "sft", release.pk, "--preset", "tiny", "--follow") == "The disk is full."


@pytest.fixture
def batch(
    make_model: Callable[..., ModelVersion], project: Project, ranking_protocol: Protocol, owner: User
) -> CompletionBatch:
    model, prompts = make_model(), [make_prompt(project, f"Question {number}?") for number in range(2)]
    order: dict[str, Any] = {"ids": [prompt.pk for prompt in prompts]}
    made = completions.request_completions(
        model=model, actor=owner, protocol_id=ranking_protocol.pk, prompts=order, sampling={}, now=NOW
    )
    for prompt in prompts:
        write(made, prompt, "An answer.")
    return made


def write(batch: CompletionBatch, prompt: Prompt, text: str) -> Completion:
    row = make_completion(prompt, text)
    SampledCompletion.objects.create(batch=batch, model=batch.model, completion=row, finish_reason="stop")
    return row


def test_what_a_model_wrote_is_read_line_by_line_at_the_same_cost_however_much(batch: CompletionBatch) -> None:
    with CaptureQueriesContext(connection) as few:
        lines = [json.loads(line) for line in said("completions", batch.pk).splitlines()]
    assert [line["messages"][0]["content"] for line in lines] == ["Question 0?", "Question 1?"]
    assert {line["model"] for line in lines} == {batch.model.name}
    assert {(line["text"], line["finish_reason"]) for line in lines} == {("An answer.", "stop")}
    for prompt in Prompt.objects.all():
        write(batch, prompt, "Another.")
    with CaptureQueriesContext(connection) as more:
        assert len(said("completions", batch.pk).splitlines()) == 4
    assert len(more) == len(few)


def test_a_batch_that_is_not_there_is_named(project: Project) -> None:
    assert refused("completions", 99) == "There is no batch 99."
