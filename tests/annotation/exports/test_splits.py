"""Nothing stands in two splits: what would is left out, and what does all the same stops the freeze."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotation.exports import bridging, held_out, leaks, snapshot
from annotation.exports.models import Release
from annotation.exports.pseudonyms import pseudonym_of
from annotation.exports.selection import Selection
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer, Prompt, PromptGroup
from annotation.tasks.splits import split_of
from tests.annotation.exports.test_queries import answered
from tests.annotation.exports.test_queries import put as put_group
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from training.parquet import read_demonstrations, read_rankings

Freeze = Callable[..., Release]


def put(prompt: Prompt, split: str, cluster: int | None = None) -> None:
    PromptGroup.objects.filter(pk=prompt.group_id).update(split=split)
    Prompt.objects.filter(pk=prompt.pk).update(cluster_id=cluster)


def cluster_across(protocol: Protocol, annotator: User, second: str) -> list[Answer]:
    """Two prompts of one cluster, one in train and one in the split named, and a third alone."""
    answers = [answer_task(make_demonstration_task(protocol, text), annotator) for text in ("One?", "One??", "Two?")]
    first, other, alone = (answer.task.prompt for answer in answers)
    put(first, "train", first.pk)
    put(other, second, first.pk)
    put(alone, "test")
    return answers


@pytest.mark.parametrize(("second", "left_out"), [("test", {"group_in_two_splits": 2}), ("train", {})])
def test_a_cluster_in_two_splits_is_left_out(
    demonstration_protocol: Protocol, annotator: User, freeze: Freeze, second: str, left_out: dict[str, int]
) -> None:
    cluster_across(demonstration_protocol, annotator, second)
    release = freeze()
    assert (release.state, release.left_out) == ("done", left_out)


def test_a_cluster_that_got_into_two_splits_stops_the_freeze(
    media: Path, demonstration_protocol: Protocol, annotator: User, freeze: Freeze, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = cluster_across(demonstration_protocol, annotator, "validation")
    monkeypatch.setattr(snapshot, "bridging_prompts", lambda *_: frozenset())
    release = freeze()
    assert (release.state, release.digest_sha256) == ("failed", "")
    assert f"clusters of near-duplicate prompts stand in two splits: {first.task.prompt_id}" in release.error
    assert list((media / "releases").iterdir()) == []


def test_a_group_in_two_splits_is_found_in_the_files(
    media: Path, demonstration_protocol: Protocol, annotator: User, project: Project, freeze: Freeze
) -> None:
    answers = cluster_across(demonstration_protocol, annotator, "train")
    place = media / "releases" / freeze().digest_sha256
    leaks.check(place, project, Selection())
    (place / "validation" / "demonstrations.parquet").write_bytes((place / "test/demonstrations.parquet").read_bytes())
    with pytest.raises(leaks.LeakFound, match="prompt groups") as found:
        leaks.check(place, project, Selection())
    assert found.value.ids == [answers[2].task.prompt.group.key]


def people_of_each_split(join: Callable[..., User], project: Project) -> dict[str, User]:
    """Make people until every split has one."""
    found: dict[str, User] = {}
    for number in range(200):
        person = join("annotator", f"n{number}")
        found.setdefault(split_of(pseudonym_of(person.pk, project.pseudonym_key)), person)
        if len(found) == len(held_out.ORDER):
            return found
    raise AssertionError("no hash is so uneven")


def test_annotators_part_the_answers_on_request(
    media: Path, ranking_protocol: Protocol, project: Project, join: Callable[..., User], freeze: Freeze
) -> None:
    people = people_of_each_split(join, project)

    def answered(text: str, *splits: str) -> dict[str, Answer]:
        task = make_ranking_task(ranking_protocol, text, required_answers=len(splits))
        return {split: answer_task(task, people[split]) for split in splits}

    alone = {split: answered(f"Only {split}?", split)[split] for split in held_out.ORDER}
    straddling = answered("Everybody?", *held_out.ORDER)
    cluster = [answered("Twin?", "train")["train"], answered("Twins?", "validation")["validation"]]
    for answer in cluster:
        Prompt.objects.filter(pk=answer.task.prompt_id).update(cluster_id=cluster[0].task.prompt_id)

    release = freeze("held out", {"split_by": "annotator"})
    assert release.state == "done", release.error
    assert release.left_out == {"annotator_in_other_split": 3}
    place = media / "releases" / release.digest_sha256
    stand: dict[str, set[int]] = {
        split: {int(record.record_id) for record in read_rankings(place, split)} for split in held_out.ORDER
    }
    assert stand == {
        "train": revisions(alone["train"]),
        "validation": revisions(alone["validation"], cluster[1]),
        "test": revisions(alone["test"], straddling["test"]),
    }
    annotators: defaultdict[str, set[str]] = defaultdict(set)
    for split in held_out.ORDER:
        for record in read_rankings(place, split):
            annotators[record.annotator].add(split)
    assert all(len(splits) == 1 for splits in annotators.values())
    assert freeze("plain").digest_sha256 != release.digest_sha256


def revisions(*answers: Answer) -> set[int]:
    return {answer.revisions.get().pk for answer in answers}


def test_a_written_prompt_has_no_annotators_split(judged: dict[str, Answer], freeze: Freeze) -> None:
    assert freeze("held out", {"split_by": "annotator"}).left_out["written_prompt_without_split"] == 1


def test_trees_that_begin_alike_are_left_out_whoever_answered(
    demonstration_protocol: Protocol, annotator: User, project: Project
) -> None:
    one = answered(demonstration_protocol, annotator, "Good morning!", "tree-1")
    two = answered(demonstration_protocol, annotator, "Good morning!", "tree-2", turns=2)
    put_group("tree-1", "train")
    put_group("tree-2", "train")
    assert bridging.bridging_prompts(project, Selection()) == frozenset()
    by_annotator = Selection(split_by="annotator")
    assert bridging.bridging_prompts(project, by_annotator) == {one.task.prompt_id, two.task.prompt_id}


def test_a_pseudonym_is_the_same_in_every_release_of_a_project_and_in_no_other(
    media: Path, answers: dict[str, Any], freeze: Freeze, project: Project, annotator: User
) -> None:
    places = [media / "releases" / freeze(name, chosen).digest_sha256 for name, chosen in (("a", {}), ("b", {}))]
    names = [
        {record.annotator for split in held_out.ORDER for record in read_demonstrations(place, split)}
        for place in places
    ]
    assert names[0] == names[1]
    assert pseudonym_of(annotator.pk, project.pseudonym_key) in names[0]
    other = Project.objects.exclude(pk=project.pk).first()
    assert other is None or pseudonym_of(annotator.pk, other.pseudonym_key) not in names[0]
