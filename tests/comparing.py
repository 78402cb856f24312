"""A refined model beside the one it was made from, and people's blind verdicts on the two."""

from __future__ import annotations

from collections.abc import Sequence

from annotation import durable
from annotation.exports.models import Release, ReleaseMember
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import actions, comparisons
from annotation.registry.comparisons import Written
from annotation.registry.models import ComparedPair, ModelComparison, ModelVersion
from annotation.tasks.models import Answer
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW
from tests.runs import finish_run, order_run


def refine(project: Project, owner: User, release: Release) -> ModelVersion:
    """Make a model by DPO from one by SFT."""
    start = finish_run(order_run(project, owner, release))
    run = actions.request_run(
        project=project, actor=owner, release_id=release.pk, stage="dpo", start={"model": start.pk}, config={}, now=NOW
    )
    return finish_run(run)


def hold_out(release: Release, person: User, questions: Sequence[str], split: str = "test") -> list[int]:
    """Put prompts into a split of a release, answered by a person; return their ids."""
    protocol = release.project.protocols.get(kind="demonstration")
    ids = []
    for question in questions:
        answer = answer_task(make_demonstration_task(protocol, question), person)
        ReleaseMember.objects.create(release=release, answer_revision=answer.revisions.get(), split=split)
        assert answer.task.prompt_id is not None
        ids.append(answer.task.prompt_id)
    return ids


def order(model: ModelVersion, actor: User, prompts: int = 10, judges: int = 1) -> ModelComparison:
    return comparisons.request_comparison(
        model=model, actor=actor, prompts=prompts, judges=judges, sampling={}, now=NOW
    )


def open_all(comparison: ModelComparison, rewards: Sequence[float | None] = ()) -> list[ComparedPair]:
    """End the writing: the model after writes “After …” to every prompt, the one before “Before …”."""
    row = durable.start(ModelComparison, comparison.pk, now=NOW)
    assert row is not None
    given = [*rewards, *[None] * (len(row.prompts) - len(rewards))]
    pairs = [
        Written(prompt, f"After {prompt}.", f"Before {prompt}.", reward)
        for prompt, reward in zip(row.prompts, given, strict=True)
    ]
    comparisons.open_pairs(comparison=row, pairs=pairs, counts={"same": 0, "empty": 0}, now=NOW)
    return list(ComparedPair.objects.filter(comparison=comparison).select_related("task").order_by("pk"))


def judge(pair: ComparedPair, person: User, won: float) -> Answer:
    """Let a person prefer the model after (1), the one before (0) or neither (½)."""
    preferred = None if won == 0.5 else pair.after_id if won else pair.before_id
    payload = {"preferred": preferred, "strength": int(preferred is not None), "both_bad": False, "rationale": ""}
    return answer_task(pair.task, person, payload)
