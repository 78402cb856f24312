"""Ordering completions, and taking in what a model wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation import durable
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import NotAllowed
from annotation.registry import completions
from annotation.registry.actions import OrderRefused
from annotation.registry.models import CompletionBatch, ModelVersion, SampledCompletion
from annotation.tasks.models import Completion, Prompt, Task
from tests.factories import make_prompt
from tests.people import NOW
from training.records import CompletionRecord

pytestmark = pytest.mark.django_db
MakeModel = Callable[..., ModelVersion]


@pytest.fixture
def model(make_model: MakeModel) -> ModelVersion:
    return make_model()


@pytest.fixture
def prompts(project: Project) -> list[Prompt]:
    return [make_prompt(project, f"Question {n}?") for n in range(4)]


def order(
    model: ModelVersion, actor: User, protocol: Protocol, prompts: dict[str, object], **sampling: object
) -> CompletionBatch:
    return completions.request_completions(
        model=model, actor=actor, protocol_id=protocol.pk, prompts=prompts, sampling=sampling, now=NOW
    )


def refused(*args: object, **kwargs: object) -> dict[str, str]:
    with pytest.raises(OrderRefused) as caught:
        order(*args, **kwargs)  # type: ignore[arg-type]
    assert CompletionBatch.objects.count() == 0
    return dict(caught.value.errors)


def started(batch: CompletionBatch) -> CompletionBatch:
    row = durable.start(CompletionBatch, batch.pk, now=NOW)
    assert row is not None
    return row


def written(prompt: Prompt, texts: Sequence[str]) -> list[CompletionRecord]:
    return [
        CompletionRecord(
            prompt_id=str(prompt.pk), index=n, text=text, finish_reason="stop", seed=0, temperature=0.8, top_p=0.95
        )
        for n, text in enumerate(texts)
    ]


def test_an_order_fixes_its_prompts_and_its_whole_sampling(
    model: ModelVersion, researcher: User, ranking_protocol: Protocol, prompts: list[Prompt]
) -> None:
    ids = [prompts[2].pk, prompts[0].pk, prompts[2].pk]
    batch = order(model, researcher, ranking_protocol, {"ids": ids}, n=3, seed=5)
    assert batch.prompts == [prompts[0].pk, prompts[2].pk]
    assert batch.sampling == {"n": 3, "temperature": 0.8, "top_p": 0.95, "max_new_tokens": 200, "seed": 5}
    assert batch.state == "queued"


@pytest.mark.parametrize("role", ["reviewer", "annotator", "chat_user"])
def test_who_may_not_order_is_told(
    model: ModelVersion, ranking_protocol: Protocol, join: Callable[..., User], role: str
) -> None:
    with pytest.raises(NotAllowed):
        order(model, join(role), ranking_protocol, {"limit": 1})


@pytest.mark.parametrize(
    ("preset", "n", "tasks"), [("demo_score", 3, 3), ("pair_strength", 3, 3), ("pair_strength", 2, 1), ("rank", 3, 1)]
)
def test_what_a_model_wrote_becomes_tasks_of_any_kind_that_shows_completions(
    model: ModelVersion, owner: User, project: Project, prompts: list[Prompt], preset: str, n: int, tasks: int
) -> None:
    protocol = project_actions.create_protocol(project=project, preset=preset, actor=owner, now=NOW)
    batch = order(model, owner, protocol, {"ids": [prompts[0].pk, prompts[1].pk]}, n=n)
    texts = [f"Completion {number}." for number in range(n)]
    completions.import_completions(batch=started(batch), written=written(prompts[0], texts), now=NOW)
    batch.refresh_from_db()
    assert (batch.counts["tasks"], batch.counts["too_few"]) == (tasks, 1)
    assert protocol.tasks.count() == tasks


@pytest.mark.parametrize(
    ("preset", "n", "says"),
    [("pair_strength", 1, "a comparison task needs 2"), ("instructgpt_rank", 3, "a ranking task shows 4 to 9")],
)
def test_fewer_completions_than_a_task_shows_are_not_ordered(
    model: ModelVersion, owner: User, project: Project, prompts: list[Prompt], preset: str, n: int, says: str
) -> None:
    protocol = project_actions.create_protocol(project=project, preset=preset, actor=owner, now=NOW)
    assert says in refused(model, owner, protocol, {"limit": 1}, n=n)["n"]


def test_a_limit_takes_the_oldest_prompts_that_the_model_has_not_written_for(
    model: ModelVersion, owner: User, ranking_protocol: Protocol, prompts: list[Prompt]
) -> None:
    first = order(model, owner, ranking_protocol, {"limit": 2})
    assert first.prompts == [prompts[0].pk, prompts[1].pk]
    completions.import_completions(batch=started(first), written=written(prompts[0], ["a", "b"]), now=NOW)
    assert order(model, owner, ranking_protocol, {"limit": 9}).prompts == [prompt.pk for prompt in prompts[1:]]
    split = prompts[3].group.split
    chosen = Prompt.objects.filter(pk__in=order(model, owner, ranking_protocol, {"limit": 9, "split": split}).prompts)
    assert {prompt.group.split for prompt in chosen} == {split}


@pytest.mark.parametrize(
    ("sampling", "field"),
    [
        ({"n": 1}, "n"),
        ({"n": 10}, "n"),
        ({"n": "4"}, "n"),
        ({"temperature": -0.1}, "temperature"),
        ({"top_p": 1.5}, "top_p"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"seed": -1}, "seed"),
        ({"output": "/etc/passwd"}, "output"),
    ],
)
def test_impossible_sampling_is_refused_by_field(
    model: ModelVersion,
    owner: User,
    ranking_protocol: Protocol,
    prompts: list[Prompt],
    sampling: dict[str, object],
    field: str,
) -> None:
    assert set(refused(model, owner, ranking_protocol, {"limit": 1}, **sampling)) == {field}


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({}, "prompts.limit"),
        ({"limit": 0}, "prompts.limit"),
        ({"limit": 10_001}, "prompts.limit"),
        ({"limit": 1, "split": "holdout"}, "prompts.split"),
        ({"ids": []}, "prompts.ids"),
        ({"ids": [10**12]}, "prompts.ids"),
    ],
)
def test_impossible_prompts_are_refused_by_field(
    model: ModelVersion,
    owner: User,
    ranking_protocol: Protocol,
    prompts: list[Prompt],
    chosen: dict[str, object],
    field: str,
) -> None:
    assert set(refused(model, owner, ranking_protocol, chosen)) == {field}


def test_prompts_of_another_project_are_refused(
    model: ModelVersion, owner: User, ranking_protocol: Protocol, outsider: User
) -> None:
    foreign = make_prompt(Project.objects.get(name="Elsewhere"))
    assert str(foreign.pk) in refused(model, owner, ranking_protocol, {"ids": [foreign.pk]})["prompts.ids"]


def test_a_model_that_writes_nothing_or_has_no_files_is_refused(
    make_model: MakeModel, owner: User, ranking_protocol: Protocol, prompts: list[Prompt]
) -> None:
    reward, sft = make_model("reward"), make_model()
    assert set(refused(reward, owner, ranking_protocol, {"limit": 1})) == {"model"}
    default_storage.delete(f"{sft.stored_prefix}/card.json")
    assert set(refused(sft, owner, ranking_protocol, {"limit": 1})) == {"model"}


def test_only_a_ranking_protocol_of_the_project_takes_completions(
    model: ModelVersion, owner: User, demonstration_protocol: Protocol, prompts: list[Prompt], outsider: User
) -> None:
    elsewhere = Project.objects.get(name="Elsewhere").protocols.get(kind="ranking")
    assert set(refused(model, owner, demonstration_protocol, {"limit": 1})) == {"protocol"}
    assert set(refused(model, owner, elsewhere, {"limit": 1})) == {"protocol"}


def test_nothing_left_to_write_for_is_said(model: ModelVersion, owner: User, ranking_protocol: Protocol) -> None:
    assert set(refused(model, owner, ranking_protocol, {"limit": 5})) == {"prompts"}


def test_what_is_written_becomes_ranking_tasks(
    model: ModelVersion, owner: User, ranking_protocol: Protocol, prompts: list[Prompt]
) -> None:
    batch = started(order(model, owner, ranking_protocol, {"ids": [prompts[0].pk, prompts[1].pk]}, n=3))
    rows = written(prompts[0], ["One.", "Two.", "Three."]) + written(prompts[1], ["Four.", "Five.", "Six."])
    completions.import_completions(batch=batch, written=rows, now=NOW)
    batch.refresh_from_db()
    assert batch.state == "done"
    assert batch.counts == {"completions": 6, "tasks": 2, "duplicates": 0, "empty": 0}
    assert Task.objects.count() == 2
    task = Task.objects.get(prompt=prompts[0])
    assert (task.protocol, task.state) == (ranking_protocol, "open")
    shown = [row.completion for row in task.task_completions.order_by("position").select_related("completion")]
    assert [c.text for c in shown] == ["One.", "Two.", "Three."]
    assert {(c.source_kind, c.source_label, c.model_sha256) for c in shown} == {("model", model.name, model.sha256)}
    links = SampledCompletion.objects.filter(batch=batch, model=model)
    assert set(links.values_list("completion_id", flat=True)) == set(Completion.objects.values_list("pk", flat=True))


def test_duplicates_and_empties_are_dropped_and_counted(
    model: ModelVersion, owner: User, ranking_protocol: Protocol, prompts: list[Prompt]
) -> None:
    batch = started(order(model, owner, ranking_protocol, {"limit": 3}, n=4))
    rows = written(prompts[0], ["Same.", " Same.\n", "Other.", ""])
    rows += written(prompts[1], ["Only.", "Only.", "   ", "\n"])
    rows += written(prompts[2], ["", "", "", ""])
    completions.import_completions(batch=batch, written=rows, now=NOW)
    batch.refresh_from_db()
    assert batch.counts == {"completions": 3, "tasks": 1, "duplicates": 2, "empty": 7, "too_few": 2}
    assert [task.prompt for task in Task.objects.all()] == [prompts[0]]


def test_what_no_text_may_hold_is_replaced(
    model: ModelVersion, owner: User, ranking_protocol: Protocol, prompts: list[Prompt]
) -> None:
    batch = started(order(model, owner, ranking_protocol, {"ids": [prompts[0].pk]}, n=2))
    rows = written(prompts[0], ["a\x00b\x85\ud800\tc\r\nd\u2028e", "\x07"])
    completions.import_completions(batch=batch, written=rows, now=NOW)
    texts = Completion.objects.order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["a\ufffdb\ufffd\ufffd\tc\nd\u2028e", "\ufffd"]


def test_what_the_model_wrote_before_is_a_duplicate(
    model: ModelVersion, owner: User, ranking_protocol: Protocol, prompts: list[Prompt]
) -> None:
    for expected in ({"completions": 2, "tasks": 1, "duplicates": 0}, {"completions": 0, "tasks": 0, "duplicates": 2}):
        batch = started(order(model, owner, ranking_protocol, {"ids": [prompts[0].pk]}, n=2))
        completions.import_completions(batch=batch, written=written(prompts[0], ["a", "b"]), now=NOW)
        batch.refresh_from_db()
        assert {name: batch.counts[name] for name in expected} == expected
    assert Task.objects.count() == 1


def test_a_lost_batch_brings_nothing_in(
    model: ModelVersion, owner: User, ranking_protocol: Protocol, prompts: list[Prompt]
) -> None:
    batch = started(order(model, owner, ranking_protocol, {"ids": [prompts[0].pk]}, n=2))
    durable.cancel(batch, now=NOW)
    with pytest.raises(durable.JobLost):
        completions.import_completions(batch=batch, written=written(prompts[0], ["a", "b"]), now=NOW)
    assert Completion.objects.count() == Task.objects.count() == 0


def test_a_broken_row_brings_nothing_in(
    model: ModelVersion, owner: User, ranking_protocol: Protocol, prompts: list[Prompt]
) -> None:
    batch = started(order(model, owner, ranking_protocol, {"ids": [prompts[0].pk]}, n=2))
    rows = written(prompts[0], ["a", "b"]) + written(prompts[1], ["not asked for"])
    with pytest.raises(completions.NotOrdered):
        completions.import_completions(batch=batch, written=rows, now=NOW)
    batch.refresh_from_db()
    assert batch.state == "running"
    assert Completion.objects.count() == Task.objects.count() == SampledCompletion.objects.count() == 0


def test_the_number_of_queries_does_not_grow_with_the_batch(
    model: ModelVersion, owner: User, ranking_protocol: Protocol, prompts: list[Prompt]
) -> None:
    costs = []
    for ids, n in (([prompts[0].pk], 2), ([prompt.pk for prompt in prompts[1:]], 9)):
        batch = started(order(model, owner, ranking_protocol, {"ids": ids}, n=n))
        batch = CompletionBatch.objects.select_related("model", "protocol", "project").get(pk=batch.pk)
        chosen = Prompt.objects.filter(pk__in=ids)
        rows = [row for prompt in chosen for row in written(prompt, [f"Text {k}." for k in range(n)])]
        with CaptureQueriesContext(connection) as captured:
            completions.import_completions(batch=batch, written=rows, now=NOW)
        costs.append(len(captured))
    assert costs[0] == costs[1]
    assert costs[0] <= 20
