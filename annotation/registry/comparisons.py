"""Two models answer the same held-out prompts, and people say blind whose answer they would rather have."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from annotation import durable
from annotation.durable import JobState
from annotation.exports.models import ReleaseMember
from annotation.people.models import User
from annotation.projects.actions import protocol_of_preset
from annotation.projects.models import Project
from annotation.projects.permissions import require
from annotation.registry.actions import OrderRefused, check_usable
from annotation.registry.completions import SAMPLING_FILES, readable
from annotation.registry.models import ASSISTANTS, ComparedPair, ModelComparison, ModelVersion
from annotation.registry.sampling import checked
from annotation.tasks import bulk
from annotation.tasks.models import Prompt, Split
from training.records import CompletionRecord

PRESET = "blind_pair"
MOST_PROMPTS = 2_000
MOST_JUDGES = 9
HELD_OUT = (Split.VALIDATION, Split.TEST)


@dataclass(frozen=True, slots=True)
class Written:
    """What the two models made of a prompt, and how much more the reward model likes the one after."""

    prompt_id: int
    after: str
    before: str
    reward_difference: float | None = None


def before(model: ModelVersion) -> ModelVersion | None:
    """Return the model that answers people from which this one was made, if there is one."""
    found = model.run.start_model
    return found if found is not None and {model.stage, found.stage} <= set(ASSISTANTS) else None


def request_comparison(
    *, model: ModelVersion, actor: User, prompts: int, judges: int, sampling: Mapping[str, Any], now: datetime
) -> ModelComparison:
    """Order so many blind pairs of a refined model's answers and those of the model before it.

    The protocol is the project's first of the preset `blind_pair`, made where there is none.
    Raise NotAllowed, OrderRefused, StaleData.
    """
    require(actor, "write_completions", model.project)
    baseline = _baseline_of(model)
    if not 1 <= judges <= MOST_JUDGES:
        raise OrderRefused([("judges", f"must be a number from 1 to {MOST_JUDGES}")])
    if not 1 <= prompts <= MOST_PROMPTS:
        raise OrderRefused([("prompts", f"must be a number from 1 to {MOST_PROMPTS:,}")])
    whole = checked(sampling, {**SAMPLING_FILES, "stage": "sample", "n": 1})
    with transaction.atomic():
        # Two orders at once would draw the same prompts.
        Project.objects.select_for_update(no_key=True).get(pk=model.project_id)
        waiting = _held_out(model, baseline)
        if not waiting:
            said = f"the release of {model} has no held-out prompt that was not compared already"
            raise OrderRefused([("prompts", said)])
        drawn = sorted(random.SystemRandom().sample(waiting, min(prompts, len(waiting))))
        return ModelComparison.objects.create(
            project=model.project,
            model=model,
            baseline=baseline,
            protocol=protocol_of_preset(preset=PRESET, project=model.project, actor=actor, now=now),
            prompts=drawn,
            share=len(drawn) / len(waiting),
            sampling=whole,
            required_answers=judges,
            progress_total=2 * len(drawn),
            created_by=actor,
            created_at=now,
        )


def cancel_comparison(*, comparison: ModelComparison, actor: User, now: datetime) -> None:
    """End the writing; tasks that are open already stay so. Raise NotAllowed, JobNotEndable."""
    require(actor, "write_completions", comparison.project)
    durable.cancel(comparison, now=now)


def retry_comparison(*, comparison: ModelComparison, actor: User, now: datetime) -> None:
    """Have it written again. Raise NotAllowed, JobNotRetryable."""
    require(actor, "write_completions", comparison.project)
    durable.retry(comparison, now=now)


def pair_up(
    comparison: ModelComparison, after: Sequence[CompletionRecord], before: Sequence[CompletionRecord]
) -> tuple[list[Written], Counter[str]]:
    """Put the two models' texts side by side. Return the pairs worth asking about, and what was left out.

    Where both wrote the same there is nothing to choose: such prompts are counted, not asked and not in the rate.
    """
    mine, theirs = ({int(row.prompt_id): readable(row.text) for row in rows} for rows in (after, before))
    found, counts = [], Counter[str](tasks=0, same=0, empty=0)
    for prompt in comparison.prompts:
        here, there = mine.get(prompt, ""), theirs.get(prompt, "")
        if not here or not there:
            counts["empty"] += 1
        elif here == there:
            counts["same"] += 1
        else:
            found.append(Written(prompt, here, there))
    return found, counts


@transaction.atomic
def open_pairs(
    *, comparison: ModelComparison, pairs: Sequence[Written], counts: Mapping[str, int], now: datetime
) -> None:
    """Store what the models wrote, open the blind tasks and end the job, all or nothing.

    Raise JobLost for an older attempt.
    """
    durable.finish(comparison, now=now)
    bulk.take_turn(comparison.project)
    standing = set(
        Prompt.objects.filter(pk__in=[pair.prompt_id for pair in pairs], withdrawal=None).values_list("pk", flat=True)
    )
    pairs = [pair for pair in pairs if pair.prompt_id in standing]
    after = _store(comparison.model, [(pair.prompt_id, pair.after) for pair in pairs], now)
    before = _store(comparison.baseline, [(pair.prompt_id, pair.before) for pair in pairs], now)
    selection = {"policy": "held_out_sample", "p": comparison.share}
    opened = bulk.open_tasks(
        [
            bulk.NewTask(
                comparison.protocol_id,
                pair.prompt_id,
                comparison.required_answers,
                _shuffled(mine, theirs, f"{comparison.pk} {pair.prompt_id}"),
                selection=selection,
            )
            for pair, mine, theirs in zip(pairs, after, before, strict=True)
        ],
        now=now,
    )
    ComparedPair.objects.bulk_create(
        ComparedPair(
            comparison=comparison,
            task_id=task.id,
            after_id=mine,
            before_id=theirs,
            reward_difference=pair.reward_difference,
        )
        for pair, task, mine, theirs in zip(pairs, opened, after, before, strict=True)
    )
    counted = {**counts, "tasks": sum(task.is_new for task in opened)}
    ModelComparison.objects.filter(pk=comparison.pk).update(counts=counted)


def _store(model: ModelVersion, texts: Sequence[tuple[int, str]], now: datetime) -> list[int]:
    rows = [bulk.NewCompletion(prompt, text, "model", model.name, model.sha256) for prompt, text in texts]
    return [row.id for row in bulk.add_completions(rows, now=now)]


def _shuffled(mine: int, theirs: int, seed: str) -> list[int]:
    """Return the two in an order of which nobody can tell whose is which."""
    both = sorted([mine, theirs])
    random.Random(seed).shuffle(both)
    return both


def _baseline_of(model: ModelVersion) -> ModelVersion:
    """Return the model before. Raise OrderRefused, StaleData."""
    found = before(model)
    if found is None:
        raise OrderRefused([("model", f"{model} refines no model that answers people: there is none to compare with")])
    for one in (model, found):
        check_usable(one)
    return found


def _held_out(model: ModelVersion, baseline: ModelVersion) -> list[int]:
    """Return the prompts of the release's held-out splits that people have not compared the two on."""
    members = ReleaseMember.objects.filter(release=model.release_id, split__in=HELD_OUT)
    ids = members.values("answer_revision__answer__task__prompt")
    there = set(Prompt.objects.filter(pk__in=ids, withdrawal=None).values_list("pk", flat=True))
    ended = (JobState.FAILED, JobState.CANCELLED)
    asked = ModelComparison.objects.filter(model=model, baseline=baseline).exclude(state__in=ended)
    for prompts in asked.values_list("prompts", flat=True):
        there.difference_update(prompts)
    return sorted(there)
