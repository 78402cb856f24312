from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.tasks import actions
from annotation.tasks.actions import TaskNotCancellable, TaskNotOpenable
from annotation.tasks.messages import BadMessages
from annotation.tasks.models import AnswerRevision, Completion, Prompt, PromptGroup, Task, TaskState
from annotation.tasks.recording import AlreadyAnswered
from annotation.tasks.splits import split_of
from tests.factories import (
    answer_task,
    make_completion,
    make_demonstration_task,
    make_prompt,
    make_ranking_task,
    user_says,
)
from tests.people import NOW


@pytest.fixture
def elsewhere(owner: User) -> Project:
    return project_actions.create_project(actor=owner, name="Elsewhere", now=NOW)


# Prompts and completions


def test_a_prompt_is_kept_once_per_project(project: Project, elsewhere: Project) -> None:
    first = make_prompt(project)
    again, created = actions.add_prompt(project=project, messages=user_says("What is a lease?"), author=None, now=NOW)
    assert (again, created) == (first, False)
    assert make_prompt(elsewhere) != first


def test_a_new_prompt_joins_the_split_of_its_group(project: Project) -> None:
    group = make_prompt(project).group
    other = next(split for split in ("train", "validation", "test") if split != split_of(group.key))
    PromptGroup.objects.filter(pk=group.pk).update(split=other)
    longer = [*user_says("what is a LEASE?"), {"role": "assistant", "content": "A contract."}, *user_says("Of what?")]
    prompt, created = actions.add_prompt(project=project, messages=longer, author=None, now=NOW)
    assert created
    assert (prompt.group, prompt.group.split) == (group, other)


def test_a_group_that_a_file_names_wins_over_the_first_question(project: Project) -> None:
    rows = [
        actions.add_prompt(project=project, messages=user_says(text), author=None, now=NOW, group_key="tree-1")[0]
        for text in ("What is a lease?", "What is a loan?")
    ]
    assert {row.group.key for row in rows} == {"tree-1"}
    assert {row.group.split for row in rows} == {split_of("tree-1")}


def test_bad_messages_leave_nothing_behind(project: Project) -> None:
    with pytest.raises(BadMessages):
        make_prompt(project, "a\x00b")
    assert not PromptGroup.objects.exists()


def test_one_text_of_two_sources_is_two_completions(project: Project) -> None:
    prompt = make_prompt(project)
    first = make_completion(prompt, "A contract.", "model-a")
    assert make_completion(prompt, "A contract.", "model-a") == first
    assert make_completion(prompt, "A contract.", "model-b") != first
    with pytest.raises(BadMessages, match="text"):
        make_completion(prompt, "  ")


def test_a_written_prompt_comes_with_its_task_or_not_at_all(
    project: Project, demonstration_protocol: Protocol, ranking_protocol: Protocol, researcher: User, annotator: User
) -> None:
    def write(text: str, actor: User, protocol: Protocol) -> Prompt:
        fields = {"project": project, "messages": user_says(text), "now": NOW}
        return actions.write_prompt(actor=actor, protocol=protocol, **fields)[0]

    prompt = write("One?", researcher, demonstration_protocol)
    assert (prompt.author, prompt.tasks.get().protocol) == (researcher, demonstration_protocol)
    with pytest.raises(TaskNotOpenable, match="2 to 9 completions"):
        write("Two?", researcher, ranking_protocol)
    with pytest.raises(NotAllowed):
        write("Three?", annotator, demonstration_protocol)
    assert list(Prompt.objects.all()) == [prompt]


# Tasks


def test_the_same_work_is_opened_once(ranking_protocol: Protocol) -> None:
    task = make_ranking_task(ranking_protocol)
    completions = list(task.completions.order_by("-pk"))
    again, created = actions.open_task(
        protocol=ranking_protocol, prompt=task.prompt, completions=completions, now=NOW, required_answers=5
    )
    assert (again, created) == (task, False)
    assert Task.objects.get().required_answers == 1
    assert task.task_completions.count() == 3


def test_fewer_completions_or_another_protocol_is_other_work(ranking_protocol: Protocol, owner: User) -> None:
    task = make_ranking_task(ranking_protocol)
    two = list(task.completions.order_by("pk")[:2])
    second = project_actions.create_protocol(
        project=ranking_protocol.project, kind="ranking", name="Again", actor=owner, now=NOW
    )
    for protocol, completions in ((ranking_protocol, two), (second, list(task.completions.all()))):
        assert actions.open_task(protocol=protocol, prompt=task.prompt, completions=completions, now=NOW)[1]


@pytest.mark.parametrize("count", [0, 1, 10])
def test_a_ranking_shows_two_to_nine_completions(ranking_protocol: Protocol, count: int) -> None:
    with pytest.raises(TaskNotOpenable, match=f"2 to 9 completions, not {count}"):
        make_ranking_task(ranking_protocol, completions=[f"Completion {number}." for number in range(count)])
    assert not Task.objects.exists()


@pytest.mark.parametrize("count", [2, 9])
def test_two_and_nine_completions_are_ranked(ranking_protocol: Protocol, count: int) -> None:
    texts = [f"Completion {number}." for number in range(count)]
    task = make_ranking_task(ranking_protocol, completions=texts)
    assert list(task.task_completions.order_by("position").values_list("completion__text", flat=True)) == texts


def test_more_than_nine_completions_become_several_rankings(ranking_protocol: Protocol, owner: User) -> None:
    prompt = make_prompt(ranking_protocol.project)
    for number in range(12):
        make_completion(prompt, f"Completion {number}.")
    opened = actions.open_tasks_for(protocol=ranking_protocol, prompt_ids=[prompt.pk], actor=owner, now=NOW)
    assert opened == {"opened": 2, "already_there": 0}
    assert [task.completions.count() for task in Task.objects.all()] == [6, 6]


def test_a_protocol_may_want_more_completions_than_its_kind_does(project: Project, owner: User) -> None:
    protocol = project_actions.create_protocol(project=project, preset="instructgpt_rank", actor=owner, now=NOW)
    with pytest.raises(TaskNotOpenable, match="A ranking task shows 4 to 9 completions, not 3"):
        make_ranking_task(protocol)
    assert make_ranking_task(protocol, completions=("One.", "Two.", "Three.", "Four."))


@pytest.mark.parametrize(
    ("preset", "config", "tasks"),
    [
        ("pair_strength", {}, 3),
        ("demo_score", {}, 3),
        ("rank", {}, 1),
        ("label", {}, 1),
        ("label", {"subject": "completion"}, 3),
    ],
)
def test_a_prompts_completions_become_the_tasks_that_its_protocol_shows(
    project: Project, owner: User, preset: str, config: dict[str, str], tasks: int
) -> None:
    protocol = project_actions.create_protocol(project=project, preset=preset, config=config, actor=owner, now=NOW)
    prompt = make_prompt(project)
    for number in range(3):
        make_completion(prompt, f"Completion {number}.")

    def opened() -> dict[str, int]:
        return actions.open_tasks_for(protocol=protocol, prompt_ids=[prompt.pk], actor=owner, now=NOW)

    assert opened() == {"opened": tasks, "already_there": 0}
    assert opened() == {"opened": 0, "already_there": tasks}
    shown = {task.task_completions.count() for task in protocol.tasks.all()}
    low, high = actions.bounds_of(protocol)
    assert all(low <= count <= high for count in shown)


@pytest.mark.parametrize(
    ("preset", "says"), [("pair_strength", "2 completions, not 1"), ("demo_score", "1 completion, not 0")]
)
def test_too_few_completions_for_any_task_are_told(project: Project, owner: User, preset: str, says: str) -> None:
    protocol = project_actions.create_protocol(project=project, preset=preset, actor=owner, now=NOW)
    prompt = make_prompt(project)
    if preset == "pair_strength":
        make_completion(prompt, "Alone.")
    with pytest.raises(TaskNotOpenable, match=says):
        actions.open_tasks_for(protocol=protocol, prompt_ids=[prompt.pk], actor=owner, now=NOW)


def test_a_demonstration_shows_no_completions(demonstration_protocol: Protocol) -> None:
    prompt = make_prompt(demonstration_protocol.project)
    completion = make_completion(prompt, "A contract.")
    with pytest.raises(TaskNotOpenable, match="no completions"):
        actions.open_task(protocol=demonstration_protocol, prompt=prompt, completions=[completion], now=NOW)


def test_completions_of_another_prompt_or_twice_the_same_make_no_task(ranking_protocol: Protocol) -> None:
    prompt = make_prompt(ranking_protocol.project)
    mine = make_completion(prompt, "A contract.")
    foreign = make_completion(make_prompt(ranking_protocol.project, "What is a loan?"), "Money.")
    for completions, says in (([mine, foreign], "own prompt"), ([mine, mine], "shown once")):
        with pytest.raises(TaskNotOpenable, match=says):
            actions.open_task(protocol=ranking_protocol, prompt=prompt, completions=completions, now=NOW)


def test_a_prompt_of_another_project_makes_no_task(demonstration_protocol: Protocol, elsewhere: Project) -> None:
    with pytest.raises(TaskNotOpenable, match="one project"):
        actions.open_task(protocol=demonstration_protocol, prompt=make_prompt(elsewhere), now=NOW)


def test_tasks_are_opened_for_many_prompts_or_for_none(
    ranking_protocol: Protocol, researcher: User, elsewhere: Project, reviewer: User
) -> None:
    ready, bare = (make_prompt(ranking_protocol.project, text) for text in ("One?", "Two?"))
    for text in ("A.", "B."):
        make_completion(ready, text)

    def open_for(*prompts: Prompt, actor: User = researcher) -> dict[str, int]:
        ids = [prompt.pk for prompt in prompts]
        return actions.open_tasks_for(protocol=ranking_protocol, prompt_ids=ids, actor=actor, now=NOW)

    with pytest.raises(TaskNotOpenable, match=f"prompt {bare.pk}"):
        open_for(ready, bare)
    with pytest.raises(TaskNotOpenable, match="no prompt"):
        open_for(ready, make_prompt(elsewhere))
    with pytest.raises(NotAllowed):
        open_for(ready, actor=reviewer)
    assert not Task.objects.exists()
    assert open_for(ready, ready) == {"opened": 1, "already_there": 0}
    assert open_for(ready) == {"opened": 0, "already_there": 1}


def test_only_an_open_task_is_cancelled(demonstration_protocol: Protocol, researcher: User, reviewer: User) -> None:
    task = make_demonstration_task(demonstration_protocol)
    with pytest.raises(NotAllowed):
        actions.cancel_task(task=task, actor=reviewer, now=NOW)
    actions.cancel_task(task=task, actor=researcher, now=NOW)
    task.refresh_from_db()
    assert (task.state, task.closed_at) == (TaskState.CANCELLED, NOW)
    with pytest.raises(TaskNotCancellable):
        actions.cancel_task(task=task, actor=researcher, now=NOW)


def test_more_required_answers_open_a_closed_task_again(demonstration_protocol: Protocol, annotator: User) -> None:
    task = make_demonstration_task(demonstration_protocol)
    answer_task(task, annotator)
    actions.steer_task(task=task, required_answers=2, priority=7, queue_key=3, now=NOW)
    task.refresh_from_db()
    assert (task.state, task.closed_at, task.priority, task.queue_key) == (TaskState.OPEN, None, 7, 3)
    actions.steer_task(task=task, required_answers=1, now=NOW)
    task.refresh_from_db()
    assert (task.state, task.closed_at, task.priority) == (TaskState.CLOSED, NOW, 7)


def test_a_cancelled_task_stays_cancelled(demonstration_protocol: Protocol, owner: User) -> None:
    task = make_demonstration_task(demonstration_protocol)
    actions.cancel_task(task=task, actor=owner, now=NOW)
    actions.steer_task(task=task, required_answers=9, now=NOW)
    task.refresh_from_db()
    assert task.state == TaskState.CANCELLED


# Answers


def test_an_answer_is_stored_whole_with_what_it_was_given_under(
    ranking_protocol: Protocol, annotator: User, owner: User
) -> None:
    guideline = project_actions.publish_guideline(protocol=ranking_protocol, markdown="# How", actor=owner, now=NOW)
    task = make_ranking_task(ranking_protocol)
    first, second, third = task.task_completions.order_by("position").values_list("completion_id", flat=True)
    answer = answer_task(task, annotator, {"tiers": [[second], [third, first]], "rationale": "Clear."})
    answer.refresh_from_db()
    assert answer.payload == {"tiers": [[second], [third, first]], "all_bad": False, "rationale": "Clear."}
    assert answer.shown_order == [first, second, third]
    assert (answer.guideline_version, answer.protocol_version.number, answer.seconds) == (guideline, 1, 12.5)
    revision = AnswerRevision.objects.get(answer=answer)
    assert (revision.number, revision.payload, revision.shown_order) == (1, answer.payload, answer.shown_order)


def test_the_last_answer_closes_the_task_and_one_more_is_a_spare(
    demonstration_protocol: Protocol, annotator: User, reviewer: User, manager: User
) -> None:
    task = make_demonstration_task(demonstration_protocol, required_answers=2)
    answer_task(task, annotator)
    task.refresh_from_db()
    assert (task.state, task.answers_count) == (TaskState.OPEN, 1)
    answer_task(task, reviewer)
    task.refresh_from_db()
    assert (task.state, task.answers_count, task.closed_at) == (TaskState.CLOSED, 2, NOW)
    assert answer_task(task, manager).is_spare
    task.refresh_from_db()
    assert task.answers_count == 2


def test_an_answer_to_a_cancelled_task_is_a_spare(
    demonstration_protocol: Protocol, annotator: User, owner: User
) -> None:
    task = make_demonstration_task(demonstration_protocol)
    actions.cancel_task(task=task, actor=owner, now=NOW)
    assert answer_task(task, annotator).is_spare


def test_nobody_answers_a_task_twice(demonstration_protocol: Protocol, annotator: User) -> None:
    task = make_demonstration_task(demonstration_protocol, required_answers=3)
    answer = answer_task(task, annotator)
    with pytest.raises(AlreadyAnswered):
        answer_task(task, annotator)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(answer).objects.filter(pk=answer.pk).get().revisions.create(
            number=1, payload={}, protocol_version_id=1, created_at=NOW
        )


def test_a_completion_in_a_task_cannot_be_deleted(ranking_protocol: Protocol) -> None:
    task = make_ranking_task(ranking_protocol)
    with pytest.raises(IntegrityError):
        Completion.objects.filter(pk=task.completions.all()[0].pk).delete()


@pytest.mark.django_db(transaction=True)
def test_prompts_and_tasks_added_at_once_are_one(project: Project, demonstration_protocol: Protocol) -> None:
    gate = threading.Barrier(6)

    def add(_: int) -> int:
        try:
            gate.wait()
            return make_demonstration_task(demonstration_protocol).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(add, range(6)))) == 1
    assert Prompt.objects.count() == PromptGroup.objects.count() == 1
