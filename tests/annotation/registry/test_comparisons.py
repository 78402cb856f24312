"""Two models on the same held-out prompts: what is ordered, opened, judged, and waited for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation import durable
from annotation.exports.models import Release
from annotation.exports.queries import StaleData
from annotation.people.actions import BadField
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.projects.permissions import NotAllowed
from annotation.quality import actions as quality_actions
from annotation.registry import comparisons, deploying, serving
from annotation.registry.actions import OrderRefused
from annotation.registry.comparison_results import said_of
from annotation.registry.models import ComparedPair, ModelComparison, ModelVersion
from annotation.tasks.actions import cancel_task
from annotation.tasks.models import Completion, Task
from tests.comparing import hold_out, judge, open_all, order, refine
from tests.people import NOW
from tests.runs import finish_run, order_run
from training.records import CompletionRecord

pytestmark = pytest.mark.django_db

QUESTIONS = [f"Question {number}?" for number in range(6)]


@pytest.fixture
def prompts(release: Release, annotator: User) -> list[int]:
    """Six held-out prompts, and one that the models learned from."""
    hold_out(release, annotator, ["Learned from?"], split="train")
    return hold_out(release, annotator, QUESTIONS[:3]) + hold_out(release, annotator, QUESTIONS[3:], "validation")


@pytest.fixture
def model(project: Project, owner: User, release: Release, prompts: list[int]) -> ModelVersion:
    return refine(project, owner, release)


def record(prompt: int, text: str) -> CompletionRecord:
    return CompletionRecord(
        prompt_id=str(prompt), index=0, text=text, finish_reason="stop", seed=0, temperature=0.8, top_p=0.95
    )


def refused(call: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(OrderRefused) as caught:
        call()
    return dict(caught.value.errors)


def test_held_out_prompts_are_drawn_for_both_models_alike(
    model: ModelVersion, owner: User, prompts: list[int], project: Project
) -> None:
    comparison = order(model, owner, prompts=4, judges=3)
    assert set(comparison.prompts) < set(prompts)
    assert (len(comparison.prompts), comparison.share, comparison.progress_total) == (4, 4 / 6, 8)
    assert comparison.baseline == model.run.start_model
    assert comparison.sampling == {"n": 1, "temperature": 0.8, "top_p": 0.95, "max_new_tokens": 200, "seed": 0}
    assert (comparison.protocol.preset, comparison.required_answers) == ("blind_pair", 3)

    rest = order(model, owner, prompts=100)
    assert sorted([*comparison.prompts, *rest.prompts]) == sorted(prompts)
    assert rest.protocol == comparison.protocol
    assert "no held-out prompt that was not compared" in refused(lambda: order(model, owner))["prompts"]
    comparisons.cancel_comparison(comparison=rest, actor=owner, now=NOW)
    assert sorted(order(model, owner).prompts) == rest.prompts


def test_what_cannot_be_compared_is_refused(
    model: ModelVersion, owner: User, project: Project, release: Release, reviewer: User, researcher: User
) -> None:
    assert (
        "none to compare with" in refused(lambda: order(finish_run(order_run(project, owner, release)), owner))["model"]
    )
    assert set(refused(lambda: order(model, owner, prompts=0))) == {"prompts"}
    assert set(refused(lambda: order(model, owner, judges=10))) == {"judges"}
    for sampling, field in (({"n": 4}, "n"), ({"temperature": 99}, "temperature")):
        given = {"model": model, "actor": owner, "prompts": 1, "judges": 1, "now": NOW}
        assert set(refused(lambda: comparisons.request_comparison(sampling=sampling, **given))) == {field}  # noqa: B023
    with pytest.raises(NotAllowed):
        order(model, reviewer)
    # The blind protocol comes with the first comparison, whoever may order one.
    founded = order(model, researcher, prompts=1).protocol
    assert order(model, owner, prompts=1).protocol == founded
    ModelVersion.objects.filter(pk=model.pk).update(stale_at=NOW)
    with pytest.raises(StaleData):
        order(ModelVersion.objects.get(pk=model.pk), owner)


def test_prompts_that_both_answer_alike_or_one_not_at_all_are_counted_and_not_asked(
    model: ModelVersion, owner: User
) -> None:
    comparison = order(model, owner, prompts=4)
    first, second, third, fourth = comparison.prompts
    after = [record(first, "A."), record(second, "Same.\r\n"), record(third, "")]
    before = [record(first, "B."), record(second, "Same."), record(third, "C."), record(fourth, "D.")]
    pairs, counts = comparisons.pair_up(comparison, after, before)
    assert [(pair.prompt_id, pair.after, pair.before) for pair in pairs] == [(first, "A.", "B.")]
    assert counts == {"tasks": 0, "same": 1, "empty": 2}


def test_pairs_become_blind_tasks_with_how_likely_each_was_drawn(model: ModelVersion, owner: User) -> None:
    comparison = order(model, owner, prompts=3, judges=2)
    pairs = open_all(comparison)
    comparison.refresh_from_db()
    assert (comparison.state, comparison.counts) == ("done", {"tasks": 3, "same": 0, "empty": 0})
    for pair in pairs:
        task = pair.task
        assert (task.required_answers, task.purpose) == (2, "work")
        assert task.selection == {"policy": "held_out_sample", "p": 0.5}
        assert set(task.completions.values_list("pk", flat=True)) == {pair.after_id, pair.before_id}
        assert Completion.objects.get(pk=pair.after_id).source_label == model.name
        assert Completion.objects.get(pk=pair.before_id).model_sha256 == comparison.baseline.sha256


def test_an_older_attempt_opens_nothing(model: ModelVersion, owner: User) -> None:
    row = durable.start(ModelComparison, order(model, owner).pk, now=NOW)
    assert row is not None
    comparisons.cancel_comparison(comparison=row, actor=owner, now=NOW)
    with pytest.raises(durable.JobLost):
        comparisons.open_pairs(comparison=row, pairs=[], counts={}, now=NOW)
    assert Task.objects.filter(protocol__preset="blind_pair").count() == 0
    comparisons.retry_comparison(comparison=row, actor=owner, now=NOW)
    assert ModelComparison.objects.get(pk=row.pk).state == "queued"


def test_finished_tasks_make_the_rate_and_others_wait(
    model: ModelVersion, owner: User, annotator: User, reviewer: User
) -> None:
    pairs = open_all(order(model, owner, prompts=4, judges=2), rewards=[1.0, -1.0, 0.5, None])
    for pair, mine, theirs in ((pairs[0], 1, 1), (pairs[1], 1, 0.5)):
        judge(pair, annotator, mine)
        judge(pair, reviewer, theirs)
    judge(pairs[2], annotator, 0)
    said = said_of(model)
    assert (said.tasks, said.done) == (4, 2)
    assert said.people.overall is not None
    assert (said.people.overall.rate, said.people.overall.tasks) == (0.875, 2)
    assert said.people.overall.low < 0.5 < said.people.overall.high == 1.0
    assert (said.people.verdicts, said.people.ties, said.people.judges, said.people.agreement) == (4, 1, 2, 0.75)
    # Both were shown in the order of the task.
    seen_first = [Task.objects.get(pk=pair.task_id).task_completions.order_by("position")[0] for pair in pairs[:2]]
    firsts = sum(row.completion_id == pair.after_id for row, pair in zip(seen_first, pairs[:2], strict=True))
    sides = [side.tasks if side else 0 for side in (said.people.shown_first, said.people.shown_second)]
    assert sides == [firsts, 2 - firsts]
    assert (said.reward.pairs, said.reward.share) == (3, pytest.approx(2 / 3))
    assert said.reward.mean_difference == pytest.approx(0.5 / 3)
    assert (said.reward.agreement, said.reward.agreement_tasks) == (0.5, 2)


def test_what_was_struck_or_cancelled_counts_no_more(
    model: ModelVersion, owner: User, project: Project, annotator: User, reviewer: User
) -> None:
    pairs = open_all(order(model, owner, prompts=3))
    judge(pairs[0], annotator, 1)
    judge(pairs[1], reviewer, 0)
    cancel_task(task=pairs[2].task, actor=owner, now=NOW)
    assert (said_of(model).tasks, said_of(model).people.judges) == (2, 2)
    quality_actions.strike_work(project=project, annotator=annotator, actor=owner, now=NOW)
    said = said_of(model)
    assert said.people.judges == 1
    assert said.people.overall is not None
    assert said.people.overall.rate == 0


def test_a_refined_model_waits_until_people_find_it_better(
    model: ModelVersion,
    owner: User,
    project: Project,
    release: Release,
    annotator: User,
    join: Callable[..., User],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with pytest.raises(NotAllowed):
        deploying.set_rule(project=project, actor=join("researcher"), needed_win_rate=0.5, now=NOW)
    for wrong in (-0.1, 1.0):
        with pytest.raises(BadField):
            deploying.set_rule(project=project, actor=owner, needed_win_rate=wrong, now=NOW)
    assert model.may_serve
    deploying.set_rule(project=project, actor=owner, needed_win_rate=0.5, now=NOW)
    model.refresh_from_db()
    assert (model.waits_for_people, model.may_serve) == (True, False)
    assert model.run.start_model is not None
    assert model.run.start_model.may_serve
    assert "waits for people" in refused(lambda: serving.serve(model=model, actor=owner, now=NOW))["model"]
    younger = refine(project, owner, release)
    assert younger.waits_for_people

    hold_out(release, annotator, [f"More {number}?" for number in range(20)])
    pairs = open_all(order(model, owner, prompts=26))
    assert len(pairs) == 26
    for pair in pairs[:10]:
        judge(pair, annotator, 1)
    assert deploying.note_results() == 1
    assert deploying.note_results() == 0
    people = ModelVersion.objects.get(pk=model.pk).people
    for pair in pairs[10:]:
        judge(pair, annotator, 1)
    assert deploying.note_results() == 1
    model.refresh_from_db()
    assert people["low"] < model.people["low"]
    assert model.people["low"] > 0.5
    assert model.may_serve
    deploying.set_rule(project=project, actor=owner, needed_win_rate=0.99, now=NOW)
    assert not ModelVersion.objects.get(pk=model.pk).may_serve
    deploying.set_rule(project=project, actor=owner, needed_win_rate=None, now=NOW)
    assert ModelVersion.objects.get(pk=model.pk).may_serve
    assert ModelVersion.objects.get(pk=younger.pk).may_serve
    # While nothing is asked nobody listens; a new rule goes by what was said meanwhile.
    quality_actions.strike_work(project=project, annotator=annotator, actor=owner, now=NOW)
    with django_assert_num_queries(1):
        assert deploying.note_results() == 0
    deploying.set_rule(project=project, actor=owner, needed_win_rate=0.5, now=NOW)
    assert not ModelVersion.objects.get(pk=model.pk).may_serve
    assert ComparedPair.objects.count() == 26
