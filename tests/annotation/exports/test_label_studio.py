"""What goes in comes out equal: Label Studio's own files, through a project and back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from annotation import durable
from annotation.exports import judgements
from annotation.exports.judgements import judged_tasks
from annotation.exports.label_studio import task_of
from annotation.exports.pseudonyms import pseudonym_of
from annotation.intake import actions as intake_actions
from annotation.intake.models import ImportFile
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer, Task
from tests.factories import answer_task, make_ranking_task
from tests.people import NOW

pytestmark = pytest.mark.django_db

Importer = Callable[..., ImportFile]
DATA = Path(os.environ.get("BENNET_DATA", ""))
# What an annotation and a task keep on their way through.
KEPT = ("completed_by", "created_at", "lead_time", "was_cancelled", "ground_truth")
KEPT_OF_RESULT = ("value", "type", "from_name", "to_name", "origin")


@pytest.fixture
def bring_in(
    project: Project, owner: User, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Importer:
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr(durable, "BEAT_SECONDS", 3600.0)

    def brought(tasks: list[Any], into: Project = project, **options: Any) -> ImportFile:
        file = ContentFile(json.dumps(tasks).encode(), name="export.json")
        row = intake_actions.receive_file(
            actor=owner, project=into, file=file, file_name="export.json", options=options, now=NOW
        )
        intake_actions.run_import(import_file_id=row.pk, clock=timezone.now)
        row.refresh_from_db()
        assert (row.state, row.rejected_by_reason) == ("done", {})
        return row

    return brought


def exported(protocol: Protocol) -> list[dict[str, Any]]:
    return [json.loads(json.dumps(task_of(task))) for task in judged_tasks(protocol)]


def kept(tasks: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return what is to be equal."""
    return [
        (
            task["data"],
            [
                ({name: annotation.get(name) for name in KEPT},
                 [{name: result[name] for name in KEPT_OF_RESULT} for result in annotation["result"]])
                for annotation in task["annotations"]
            ],
        )
        for task in tasks
    ]  # fmt: skip


@pytest.mark.skipif("BENNET_DATA" not in os.environ, reason="BENNET_DATA names no folder of real files")
@pytest.mark.parametrize("source", ["", "ls-berlin"])
def test_a_real_export_goes_in_and_comes_out_equal(
    bring_in: Importer, owner: User, project: Project, source: str
) -> None:
    given = json.loads((DATA / "label_studio_rlhf" / "ls_output_data.json").read_bytes())
    bring_in(given, source=source)
    out = exported(project.protocols.get(kind="comparison"))
    assert kept(out) == kept(given)
    assert (len(out), out[0]["total_annotations"]) == (32, 1)
    assert bring_in(out, source=source).counts["duplicates"] == 32
    elsewhere = project_actions.create_project(actor=owner, name="Elsewhere", now=NOW)
    bring_in(out, elsewhere, source=source)
    assert kept(exported(elsewhere.protocols.get(kind="comparison"))) == kept(given)


@pytest.mark.skipif("BENNET_DATA" not in os.environ, reason="BENNET_DATA names no folder of real files")
def test_a_real_import_file_comes_out_as_the_data_of_its_tasks(bring_in: Importer, project: Project) -> None:
    given = json.loads((DATA / "label_studio_rlhf" / "ls_input_data.json").read_bytes())
    bring_in(given)
    out = exported(project.protocols.get(kind="comparison"))
    assert [task["data"] for task in out] == given
    assert not any(task["annotations"] for task in out)


def annotation(value: dict[str, Any], type: str, by: Any, **more: Any) -> dict[str, Any]:
    names = {"pairwise": ("comparison", "comparison"), "ranker": ("rank", "results")}[type]
    result = {"value": value, "id": "x", "from_name": names[0], "to_name": names[1], "type": type, "origin": "manual"}
    return {
        "completed_by": by,
        "result": [result],
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-05-01T12:00:00.000001Z",
        "lead_time": 4.25,
    } | more


def test_ties_keys_judges_and_missing_times_come_back(bring_in: Importer, project: Project) -> None:
    given = [
        {
            "data": {"prompt": "Why?", "a": "So.", "b": ""},
            "annotations": [
                annotation({"selected": "right"}, "pairwise", 7),
                annotation({"selected": "tie"}, "pairwise", "jo", lead_time=None),
                annotation({"selected": "left"}, "pairwise", None),
            ],
        }
    ]
    bring_in(given, completion_column="a,b")
    assert kept(exported(project.protocols.get(kind="comparison"))) == kept(given)


def test_rankings_come_back_with_their_ties(bring_in: Importer, project: Project) -> None:
    items = [{"id": name, "body": f"Text of {name}"} for name in ("m", "n", "o")]
    ties = {"ranker": {"tier 1": ["o"], "tier 2": ["m", "n"]}}
    given = [
        {
            "data": {"prompt": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Why?"}],
                     "items": items},
            "annotations": [
                annotation({"ranker": {"rank": ["n", "m", "o"]}}, "ranker", 7),
                annotation(ties, "ranker", 8),
            ],
        }
    ]  # fmt: skip
    bring_in(given)
    assert kept(exported(project.protocols.get(kind="ranking"))) == kept(given)


def test_judges_of_two_sources_are_told_apart(bring_in: Importer, project: Project) -> None:
    data = {"prompt": "Why?", "answer1": "So.", "answer2": "Not so."}
    for source in ("label-studio", "ls-berlin"):
        bring_in([{"data": data, "annotations": [annotation({"selected": "left"}, "pairwise", 2)]}], source=source)
    (task,) = exported(project.protocols.get(kind="comparison"))
    assert [given["completed_by"] for given in task["annotations"]] == [2, "ls-berlin:2"]


def test_what_was_judged_here_goes_out_under_the_names_of_releases(
    ranking_protocol: Protocol, annotator: User, reviewer: User
) -> None:
    task = make_ranking_task(ranking_protocol, completions=("A contract.", "A dog."))
    a, b = task.completions.order_by("pk").values_list("pk", flat=True)
    answer_task(task, annotator, {"tiers": [[b], [a]], "all_bad": False, "rationale": "B is fun."})
    struck = answer_task(task, reviewer)
    Answer.objects.filter(pk=struck.pk).update(state="struck")
    cancelled = make_ranking_task(ranking_protocol, "How?")
    Task.objects.filter(pk=cancelled.pk).update(state="cancelled")
    (out,) = exported(ranking_protocol)
    assert out["data"]["items"] == [{"id": str(a), "body": "A contract."}, {"id": str(b), "body": "A dog."}]
    (given,) = out["annotations"]
    assert given["completed_by"] == pseudonym_of(annotator.pk, ranking_protocol.project.pseudonym_key)
    assert [result["value"] for result in given["result"]] == [
        {"ranker": {"rank": [str(b), str(a)]}},
        {"text": ["B is fun."]},
    ]
    assert annotator.email not in json.dumps(out)


def test_a_chunk_costs_three_queries_however_large(
    ranking_protocol: Protocol,
    annotator: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(judgements, "_CHUNK", 3)
    for number in range(4):
        answer_task(make_ranking_task(ranking_protocol, f"Question {number}?"), annotator)
    # The sources of the judges; two chunks; the end.
    with django_assert_num_queries(1 + 2 * 3 + 1):
        assert len(exported(ranking_protocol)) == 4
