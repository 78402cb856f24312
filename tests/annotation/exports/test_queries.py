from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.exports import choosing, queries, rows, snapshot
from annotation.exports.bridging import bridging_prompts
from annotation.exports.previewing import preview
from annotation.exports.selection import Selection
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks import actions as task_actions
from annotation.tasks.models import Answer, Prompt, PromptGroup, Task
from annotation.tasks.splits import group_key_of
from tests.factories import answer_task, user_says
from tests.people import NOW

ALL = Selection()


def answered(protocol: Protocol, annotator: User, text: str, group_key: str = "", turns: int = 1) -> Answer:
    """Answer a prompt of the named tree that begins with the text."""
    messages = user_says(text)
    for turn in range(1, turns):
        messages += [{"role": "assistant", "content": f"reply {turn}"}, *user_says(f"turn {turn}")]
    prompt, _ = task_actions.add_prompt(
        project=protocol.project, messages=messages, author=None, now=NOW, group_key=group_key
    )
    task, _ = task_actions.open_task(protocol=protocol, prompt=prompt, now=NOW)
    return answer_task(task, annotator)


def previewed(project: Project, selection: Selection) -> tuple[Any, dict[str, int]]:
    found = preview(project, selection)
    assert found.share == 1
    return found.counts, found.left_out


def put(group_key: str, split: str) -> None:
    assert PromptGroup.objects.filter(key=group_key).update(split=split) == 1


def test_preview_counts_what_a_freeze_would(answers: dict[str, Answer], project: Project) -> None:
    Answer.objects.filter(pk=answers["lease again"].pk).update(is_spare=True)
    counts, left_out = previewed(project, ALL)

    assert {kind: sum(splits.values()) for kind, splits in counts.items()} == {
        "demonstrations": 1,
        "rankings": 3,
        "judgements": 0,
    }
    assert left_out == {"spare_answer": 1}
    assert previewed(project, Selection(include_spares=True))[1] == {}


def test_what_a_reviewer_struck_is_in_no_release(answers: dict[str, Answer], project: Project) -> None:
    Answer.objects.filter(pk=answers["lease again"].pk).update(state="struck", is_spare=True)
    assert previewed(project, ALL)[1] == {"struck_answer": 1}
    assert previewed(project, Selection(include_spares=True))[1] == {"struck_answer": 1}


def test_preview_counts_every_kind_as_a_freeze_would(judged: dict[str, Answer], project: Project, media: Path) -> None:
    (media / "work" / "release").mkdir(parents=True)
    frozen = snapshot.write(
        media / "work" / "release", project=project, name="n", selection=ALL, now=NOW, progress=lambda done, total: None
    )
    counts, left_out = previewed(project, ALL)
    assert (counts, left_out) == (frozen.manifest.counts, {})
    assert {kind: sum(splits.values()) for kind, splits in counts.items()} == {
        "demonstrations": 1,
        "rankings": 3,
        "judgements": 3,
    }


def test_a_language_chooses_written_prompts_by_their_task(judged: dict[str, Answer], project: Project) -> None:
    Task.objects.filter(prompt=None).update(language="nb")
    chosen = choosing.going_in(project, Selection(languages=("nb",)))
    assert list(chosen.values_list("answer", flat=True)) == [judged["prompt"].pk]


def test_preview_of_nothing(project: Project) -> None:
    counts, left_out = previewed(project, ALL)
    assert counts == queries.empty_counts()
    assert left_out == {}


def test_another_projects_answers_are_not_selected(answers: dict[str, Answer], outsider: User) -> None:
    elsewhere = Project.objects.get(memberships__user=outsider)
    assert not choosing.selected(elsewhere, ALL).exists()


def test_pinned_ranks_by_group(answers: dict[str, Answer], project: Project) -> None:
    Answer.objects.filter(pk=answers["strict"].pk).update(is_spare=True)
    pinned = queries.pinned(project, ALL)
    assert list(pinned.ids) == sorted(pinned.ids)
    group_of = {row.pk: row.group for batch in rows.batches(pinned.ids) for row in batch.rows}
    by_rank = [(group_of[pk], pk) for _, pk in sorted(zip(pinned.ranks, pinned.ids, strict=True))]
    assert by_rank == sorted(by_rank)
    assert (len(by_rank), pinned.left_out) == (4, {"spare_answer": 1})


def test_no_group_bridges_where_none_is_named(
    answers: dict[str, Answer], project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # Is a tree named, is a prompt in a cluster?
    with django_assert_num_queries(2):
        assert bridging_prompts(project, ALL) == frozenset()


@pytest.mark.parametrize(("first", "second", "bridges"), [("train", "test", True), ("test", "test", False)])
def test_a_tree_that_opens_like_one_in_another_split_bridges(
    demonstration_protocol: Protocol, annotator: User, first: str, second: str, bridges: bool
) -> None:
    one = answered(demonstration_protocol, annotator, "Good morning!", "tree-1")
    two = answered(demonstration_protocol, annotator, "good  MORNING!", "tree-2", turns=2)
    apart = answered(demonstration_protocol, annotator, "Good night!", "tree-3")
    put("tree-1", first)
    put("tree-2", second)

    found = bridging_prompts(demonstration_protocol.project, ALL)
    assert found == ({one.task.prompt_id, two.task.prompt_id} if bridges else frozenset())
    assert apart.task.prompt_id not in found


def test_a_tree_bridges_with_a_prompt_of_its_own_group(
    demonstration_protocol: Protocol, annotator: User, project: Project
) -> None:
    alone = answered(demonstration_protocol, annotator, "Good morning!")
    tree = answered(demonstration_protocol, annotator, "Good morning!", "tree-1", turns=2)
    put(group_key_of(user_says("Good morning!")), "train")
    put("tree-1", "validation")

    assert bridging_prompts(project, ALL) == {alone.task.prompt_id, tree.task.prompt_id}
    counts, left_out = previewed(project, ALL)
    assert left_out == {"group_in_two_splits": 2}
    assert counts == queries.empty_counts()


def test_only_what_goes_in_can_bridge(demonstration_protocol: Protocol, annotator: User, project: Project) -> None:
    answered(demonstration_protocol, annotator, "Good morning!", "tree-1")
    task_actions.add_prompt(
        project=project, messages=[*user_says("Good morning!"), {"role": "assistant", "content": "x"}, *user_says("y")],
        author=None, now=NOW, group_key="tree-2",
    )  # fmt: skip
    put("tree-1", "train")
    put("tree-2", "test")

    assert Prompt.objects.count() == 2
    assert bridging_prompts(project, ALL) == frozenset()


def test_rows_come_by_the_batch_with_their_completions(
    answers: dict[str, Answer], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BATCH", 2)
    found = list(rows.batches(queries.pinned(project, ALL).ids))
    assert [len(batch.rows) for batch in found] == [2, 2, 1]
    assert sum(len(batch.completions) for batch in found) == 7
    for batch in found:
        assert {pk for row in batch.rows for pk in row.shown_order} == set(batch.completions)
    assert list(rows.batches([])) == []
