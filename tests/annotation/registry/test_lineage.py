from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.exports import actions as export_actions
from annotation.exports import makeup
from annotation.exports.jobs import freeze_release
from annotation.exports.models import Release
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.registry import actions, lineage, withdrawals
from annotation.registry.models import ModelVersion
from annotation.tasks.models import Answer
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.people import NOW
from tests.runs import finish_run, order_run

pytestmark = pytest.mark.usefixtures("own_folders")


@pytest.fixture
def answers(
    ranking_protocol: Protocol, demonstration_protocol: Protocol, annotator: User, reviewer: User, owner: User
) -> list[Answer]:
    project_actions.publish_guideline(protocol=ranking_protocol, markdown="# Rank", actor=owner, now=NOW)
    guideline = ranking_protocol.guidelines.get()
    ranked = [answer_task(make_ranking_task(ranking_protocol, f"Name tree {i}."), annotator) for i in range(3)]
    for answer in ranked:
        Answer.objects.filter(pk=answer.pk).update(guideline_version=guideline)
        answer.revisions.update(guideline_version=guideline)
        answer.refresh_from_db()
    return [*ranked, answer_task(make_demonstration_task(demonstration_protocol), reviewer)]


@pytest.fixture
def frozen(answers: list[Answer], project: Project, owner: User) -> Release:
    row = export_actions.request_release(project=project, name="Spring", selection={}, actor=owner, now=NOW)
    freeze_release(release_id=row.pk)
    counts = {kind: {"train": 3, "validation": 0, "test": 0} for kind in ("rankings", "demonstrations")}
    Release.objects.filter(pk=row.pk).update(counts=counts)
    row.refresh_from_db()
    return row


@pytest.fixture
def model(frozen: Release, project: Project, owner: User) -> ModelVersion:
    return finish_run(order_run(project, owner, frozen))


def shape(graph: lineage.Graph) -> dict[str, list[tuple[str, int | None, bool]]]:
    """Return {kind: [(label, count, whether stale), …]}."""
    found: dict[str, list[tuple[str, int | None, bool]]] = {}
    for node in graph.nodes.values():
        found.setdefault(node.kind, []).append((node.label, node.count, node.is_stale))
    return found


def paths(graph: lineage.Graph) -> set[tuple[str, str]]:
    return {(graph.nodes[origin].kind, graph.nodes[made].kind) for origin, made in graph.edges}


def test_a_model_is_followed_to_people_protocols_and_guidelines(
    model: ModelVersion, owner: User, ranking_protocol: Protocol, demonstration_protocol: Protocol
) -> None:
    graph = lineage.of_model(model, owner)
    found = shape(graph)
    assert found["model"] == [("sft-1", None, False)]
    assert found["run"] == [(f"sft {model.run_id}", None, False)]
    assert found["release"] == [("Spring", None, False)]
    assert found["answers"] == [("", 4, False)]
    assert found["people"] == [("", 2, False)]
    assert sorted(found["protocol"]) == sorted(
        [(f"{ranking_protocol} · 1", 3, False), (f"{demonstration_protocol} · 1", 1, False)]
    )
    assert found["guideline"] == [(f"{ranking_protocol} · 1", 3, False)]
    assert paths(graph) == {
        ("run", "model"), ("release", "run"), ("answers", "release"),
        ("people", "answers"), ("protocol", "answers"), ("guideline", "answers"),
    }  # fmt: skip
    assert not graph.is_cut


def test_models_that_began_with_another_are_followed_both_ways(
    model: ModelVersion, project: Project, owner: User
) -> None:
    run = actions.request_run(
        project=project,
        actor=owner,
        release_id=model.release_id,
        stage="sft",
        start={"model": model.pk},
        config={},
        now=NOW,
    )
    second = finish_run(run)
    for asked in (model, second):
        graph = lineage.of_model(asked, owner)
        assert [label for label, *_ in sorted(shape(graph)["model"])] == ["sft-1", "sft-2"]
        assert (f"model:{model.pk}", f"run:{second.run_id}") in graph.edges
        assert (f"run:{second.run_id}", f"model:{second.pk}") in graph.edges


def test_an_answer_is_followed_to_its_models(
    model: ModelVersion, answers: list[Answer], owner: User, reviewer: User
) -> None:
    graph = lineage.of_answer(answers[0], owner)
    assert paths(graph) == {
        ("person", "answers"), ("protocol", "answers"), ("guideline", "answers"), ("answers", "release"),
        ("release", "run"), ("run", "model"),
    }  # fmt: skip
    # Reviewers see releases, and neither runs nor models.
    assert set(shape(lineage.of_answer(answers[0], reviewer))) == {
        "person",
        "answers",
        "protocol",
        "guideline",
        "release",
    }
    assert lineage.reach_of(Answer.objects.filter(pk=answers[0].pk)) == {"releases": 1, "models": 1}


def test_people_and_prompts_are_followed_too(
    model: ModelVersion, answers: list[Answer], annotator: User, owner: User, project: Project
) -> None:
    of_person = lineage.of_person(annotator, project, owner)
    assert shape(of_person)["answers"] == [("", 3, False)]
    prompt = answers[0].task.prompt
    assert prompt is not None
    for graph in (of_person, lineage.of_prompt(prompt, owner)):
        assert shape(graph)["model"] == [("sft-1", None, False)]


def test_what_holds_withdrawn_words_is_marked(
    model: ModelVersion, project: Project, annotator: User, owner: User
) -> None:
    withdrawals.withdraw_work(project=project, person=annotator, actor=annotator, now=NOW.replace(year=2027))
    model.refresh_from_db()
    model.release.refresh_from_db()
    found = shape(lineage.of_model(model, owner))
    assert found["model"] == [("sft-1", None, True)]
    assert found["release"] == [("Spring", None, True)]


def test_nothing_counts_members_once_they_are_summed_up(
    model: ModelVersion, frozen: Release, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert frozen.makeup is not None
    assert frozen.makeup == makeup.makeup_of(Release(pk=frozen.pk))
    fresh = ModelVersion.objects.select_related("run__release", "release", "run__start_model").get(pk=model.pk)
    with django_assert_num_queries(3):
        lineage.of_model(fresh, owner)


def test_what_is_not_summed_up_yet_is_counted_and_caught_up_with(frozen: Release) -> None:
    stored = frozen.makeup
    Release.objects.update(makeup=None)
    frozen.refresh_from_db()
    assert makeup.makeup_of(frozen) == stored
    assert makeup.fill() == 1
    frozen.refresh_from_db()
    assert frozen.makeup == stored


def test_a_graph_is_cut_where_there_is_too_much(
    frozen: Release, project: Project, owner: User, monkeypatch: pytest.MonkeyPatch, answers: list[Answer]
) -> None:
    monkeypatch.setattr(lineage, "MOST", 2)
    for _ in range(3):
        order_run(project, owner, frozen)
    graph = lineage.of_answer(answers[0], owner)
    assert graph.is_cut
    assert len(shape(graph)["run"]) == 2
