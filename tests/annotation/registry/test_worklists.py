"""What a reward model would have people compare, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from annotation import durable
from annotation.exports.models import Release, ReleaseMember
from annotation.exports.queries import StaleData
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.registry import worklists
from annotation.registry.actions import OrderRefused
from annotation.registry.models import ModelVersion, Worklist, WorklistPair
from annotation.registry.worklist_results import arms_of
from annotation.registry.worklists import Candidate, Opinion, candidates_for, opinions_on, texts_of
from annotation.tasks.models import Completion, Prompt, PromptGroup, Task
from tests.factories import answer_task, make_completion, make_prompt, make_ranking_task
from tests.people import NOW
from tests.runs import finish_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(queue_run: Callable[..., object]) -> ModelVersion:
    """A reward model of two readouts."""
    return finish_run(queue_run("reward", heads=2))  # type: ignore[arg-type]


def order(model: ModelVersion, actor: User, kind: str = "collect", **given: float) -> Worklist:
    wanted = {"pairs": 10, "judges": 1, "control_share": 0.2, **given}
    return worklists.request_worklist(model=model, actor=actor, kind=kind, now=NOW, **wanted)  # type: ignore[arg-type]


def opened(worklist: Worklist, opinions: list[Opinion]) -> list[WorklistPair]:
    row = durable.start(Worklist, worklist.pk, now=NOW)
    assert row is not None
    worklists.open_worklist(worklist=row, opinions=opinions, now=NOW)
    return list(WorklistPair.objects.filter(worklist=worklist).select_related("task").order_by("pk"))


def hold_out(task: Task, person: User, release: Release, tiers: list[list[int]], split: str = "test") -> None:
    answer = answer_task(task, person, {"tiers": tiers})
    ReleaseMember.objects.create(release=release, answer_revision=answer.revisions.get(), split=split)


def refused(call: Callable[[], object]) -> set[str]:
    with pytest.raises(OrderRefused) as caught:
        call()
    return {field for field, _ in caught.value.errors}


def test_an_order_says_what_it_wants_and_what_is_wrong_with_it(
    model: ModelVersion, owner: User, reviewer: User, make_model: Callable[..., ModelVersion]
) -> None:
    row = order(model, owner, pairs=30, judges=3)
    assert (row.wanted, row.required_answers, row.control_share, row.protocol.preset) == (30, 3, 0.2, "blind_pair")
    assert order(model, owner, "relabel").control_share == 0
    for given, field in (
        ({"kind": "guess"}, "kind"),
        ({"pairs": 0}, "pairs"),
        ({"judges": 10}, "judges"),
        ({"control_share": 0}, "control_share"),
    ):
        assert refused(lambda: order(model, owner, **given)) == {field}  # type: ignore[arg-type]  # noqa: B023
    assert refused(lambda: order(make_model("sft"), owner)) == {"model"}
    assert refused(lambda: order(make_model("reward"), owner)) == {"kind"}
    assert order(make_model("reward"), owner, "relabel").state == "queued"
    with pytest.raises(NotAllowed):
        order(model, reviewer)
    ModelVersion.objects.filter(pk=model.pk).update(stale_at=NOW)
    with pytest.raises(StaleData):
        order(ModelVersion.objects.get(pk=model.pk), owner)


def test_held_out_labels_are_candidates_by_the_majority_of_their_judges(
    model: ModelVersion,
    owner: User,
    release: Release,
    ranking_protocol: Protocol,
    annotator: User,
    reviewer: User,
    join: Callable[..., User],
) -> None:
    task = make_ranking_task(ranking_protocol, completions=("A.", "B.", "C."), required_answers=3)
    a, b, c = task.task_completions.order_by("position").values_list("completion_id", flat=True)
    hold_out(task, annotator, release, [[a], [b], [c]])
    hold_out(task, reviewer, release, [[b], [a], [c]])
    hold_out(task, join("annotator", "third"), release, [[c, a], [b]])
    learned = make_ranking_task(ranking_protocol, "Learned?")
    x, y, z = learned.task_completions.order_by("position").values_list("completion_id", flat=True)
    hold_out(learned, annotator, release, [[x], [y], [z]], split="train")

    found = candidates_for(order(model, owner, "relabel"))

    # a before b 2 : 1; a before c 2 : 0; b before c 2 : 1.
    assert {(one.first, one.second) for one in found} == {(a, b), (a, c), (b, c)}
    assert {one.prompt_id for one in found} == {task.prompt_id}
    assert {len(one.judges) for one in found} == {2, 3}
    messages, texts = texts_of(found)[found[0].prompt_id]
    assert (messages[0]["role"], texts) == ("user", {a: "A.", b: "B.", c: "C."})


def test_a_label_is_doubted_where_members_agree_that_it_is_wrong_and_its_judges_are_not_asked_again(
    model: ModelVersion, owner: User, project: Project, annotator: User, reviewer: User
) -> None:
    worklist = order(model, owner, "relabel")
    opinions = []
    for number, (difference, spread) in enumerate(((-2.0, 0.5), (-1.0, 1.5), (1.0, 0.1), (-3.0, 0.1))):
        prompt = make_prompt(project, f"Question {number}?")
        first, second = make_completion(prompt, "Yes."), make_completion(prompt, "No.")
        opinions.append(Opinion(Candidate(prompt.pk, first.pk, second.pk, [annotator.pk]), difference, spread))
    pairs = opened(worklist, opinions)
    assert [(pair.difference, pair.arm) for pair in pairs] == [(2.0, "chosen"), (3.0, "chosen")]
    worklist.refresh_from_db()
    assert (worklist.state, worklist.counts) == ("done", {"candidates": 4, "tasks": 2})
    for pair, opinion in zip(pairs, (opinions[0], opinions[3]), strict=True):
        assert pair.liked_id == opinion.candidate.second
        assert pair.task.authors == [annotator.pk]
        assert pair.task.purpose == "work"
        assert pair.task.selection == {"policy": "confident_against_label", "p": 1.0, "worklist": worklist.pk}
    choice = {"preferred": pairs[0].liked_id, "strength": 1}
    answer_task(pairs[0].task, reviewer, choice)
    answer_task(pairs[1].task, reviewer, {"preferred": None, "strength": 0})
    (arm,) = arms_of(worklist)
    assert (arm.name, arm.tasks, arm.done) == ("chosen", 2, 2)
    assert arm.sided is not None
    assert arm.sided.rate == 0.75


def test_a_pair_of_every_uncompared_training_prompt_is_a_candidate(
    model: ModelVersion, owner: User, project: Project, ranking_protocol: Protocol
) -> None:
    make_ranking_task(ranking_protocol, "Asked already?")
    prompts = [make_prompt(project, f"Question {number}?") for number in range(4)]
    PromptGroup.objects.filter(project=project).update(split="train")
    PromptGroup.objects.filter(pk=prompts[3].group_id).update(split="test")
    for prompt in prompts[1:]:
        for text in ("A.", "B.", "C."):
            make_completion(prompt, text)
    make_completion(prompts[0], "Alone.")
    # The same words by another model are no choice.
    make_completion(prompts[1], "A.", source_label="model-b")
    worklist = order(model, owner)
    found = candidates_for(worklist)
    assert [one.prompt_id for one in found] == [prompts[1].pk, prompts[2].pk]
    assert {one.p for one in found} == {1 / 3}
    assert candidates_for(worklist) == found
    texts = Completion.objects.in_bulk([pk for one in found for pk in (one.first, one.second)])
    assert all(texts[one.first].text != texts[one.second].text for one in found)


def test_what_members_dispute_is_asked_beside_a_control_arm_with_propensities(
    model: ModelVersion, owner: User, project: Project, annotator: User
) -> None:
    worklist = order(model, owner, pairs=10, control_share=0.3)
    candidates, scores = [], {}
    for number in range(30):
        prompt = make_prompt(project, f"Question {number}?")
        first, second = (make_completion(prompt, text).pk for text in ("Yes.", "No."))
        candidates.append(Candidate(prompt.pk, first, second, p=0.5))
        scores |= {first: (1.0 + number, 1.0 - number), second: (0.0, 0.0)}
    unread = Candidate(Prompt.objects.order_by("pk")[0].pk, 10**9, 10**9 + 1)
    opinions = opinions_on([*candidates, unread], scores)
    assert len(opinions) == 30
    assert (opinions[7].difference, opinions[7].spread) == (1.0, 7.0)
    pairs = opened(worklist, opinions)
    assert Counter(pair.arm for pair in pairs) == {"chosen": 7, "control": 3}
    assert {pair.task.selection["policy"] for pair in pairs} == {"disagreement", "control"}
    for pair in pairs:
        # Three in thirty by lot, and each was a candidate half of the time.
        assert 0.05 <= round(pair.task.selection["p"], 9) <= 0.5
    assert min(pair.spread for pair in pairs if pair.arm == "chosen") > 18
    for pair in pairs:
        answer_task(pair.task, annotator, {"preferred": pair.liked_id, "strength": 1})
    chosen, control = arms_of(worklist)
    assert (chosen.done, control.done) == (7, 3)
    assert chosen.sided is not None
    assert (chosen.sided.rate, chosen.sided.high) == (1.0, 1.0)


def test_an_older_attempt_opens_nothing(model: ModelVersion, owner: User) -> None:
    row = durable.start(Worklist, order(model, owner).pk, now=NOW)
    assert row is not None
    worklists.cancel_worklist(worklist=row, actor=owner, now=NOW)
    with pytest.raises(durable.JobLost):
        worklists.open_worklist(worklist=row, opinions=[], now=NOW)
    worklists.retry_worklist(worklist=row, actor=owner, now=NOW)
    assert Worklist.objects.get(pk=row.pk).state == "queued"
