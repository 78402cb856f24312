"""What a reward model would have people compare: labels it is sure are wrong, and pairs its members dispute."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from statistics import fmean, pstdev
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from annotation import durable
from annotation.exports.models import ReleaseMember
from annotation.people.models import User
from annotation.projects.actions import protocol_of_preset
from annotation.projects.permissions import require
from annotation.projects.protocol import RANKING_KINDS
from annotation.quality.selecting import CHOSEN, select
from annotation.registry.actions import OrderRefused, check_usable
from annotation.registry.comparisons import HELD_OUT, MOST_JUDGES, PRESET
from annotation.registry.models import ModelVersion, Stage, Worklist, WorklistKind, WorklistPair
from annotation.tasks import bulk
from annotation.tasks.models import AnswerState, Completion, Prompt, Split, TaskState
from training import ranking

MOST_PAIRS = 2_000
# Scoring costs a pass of the model each: of more prompts than this so many are drawn.
MOST_PROMPTS = 2_000
POLICIES = {WorklistKind.RELABEL: "confident_against_label", WorklistKind.COLLECT: "disagreement"}

# A member's score of each completion, by the completion's id.
Scores = Mapping[int, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two completions of a prompt; where people have compared them, the first is the one they preferred."""

    prompt_id: int
    first: int
    second: int
    # Who has said so, and is not asked again.
    judges: Sequence[int] = ()
    # How likely this pair was to become a candidate.
    p: float = 1.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """By how much an ensemble prefers the first of a pair, and how far its members are apart in that."""

    candidate: Candidate
    difference: float
    spread: float


@dataclass
class _Votes:
    """Who preferred which of two completions, the one with the lower id first."""

    first: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)


def request_worklist(
    *, model: ModelVersion, actor: User, kind: str, pairs: int, judges: int, control_share: float, now: datetime
) -> Worklist:
    """Order so many pairs for people to compare. Raise NotAllowed, OrderRefused, StaleData."""
    require(actor, "write_completions", model.project)
    if model.stage != Stage.REWARD:
        raise OrderRefused([("model", f"{model} is a {model.stage} model: only a reward model has opinions on pairs")])
    check_usable(model)
    _check(kind, pairs, judges, control_share)
    if kind == WorklistKind.COLLECT and model.run.config.get("heads", 1) < 2:
        said = f"{model} has one readout, which disputes nothing: train a reward model with several (heads)"
        raise OrderRefused([("kind", said)])
    return Worklist.objects.create(
        project=model.project,
        model=model,
        kind=kind,
        protocol=protocol_of_preset(preset=PRESET, project=model.project, actor=actor, now=now),
        wanted=pairs,
        control_share=control_share if kind == WorklistKind.COLLECT else 0,
        required_answers=judges,
        created_by=actor,
        created_at=now,
    )


def cancel_worklist(*, worklist: Worklist, actor: User, now: datetime) -> None:
    """End the scoring; tasks that are open already stay so. Raise NotAllowed, JobNotEndable."""
    require(actor, "write_completions", worklist.project)
    durable.cancel(worklist, now=now)


def retry_worklist(*, worklist: Worklist, actor: User, now: datetime) -> None:
    """Have it scored again. Raise NotAllowed, JobNotRetryable."""
    require(actor, "write_completions", worklist.project)
    durable.retry(worklist, now=now)


def candidates_for(worklist: Worklist) -> list[Candidate]:
    """Return the pairs to be scored, the same ones at every attempt while nothing new comes in."""
    chance = random.Random(f"worklist {worklist.pk}")
    if worklist.kind == WorklistKind.RELABEL:
        return list(_labelled(worklist.model, chance))
    return list(_uncompared(worklist, chance))


def opinions_on(candidates: Sequence[Candidate], scores: Scores) -> list[Opinion]:
    """Say what an ensemble thinks of each pair; what it could not read is left out."""
    found = []
    for one in candidates:
        if one.first in scores and one.second in scores:
            apart = [here - there for here, there in zip(scores[one.first], scores[one.second], strict=True)]
            found.append(Opinion(one, fmean(apart), pstdev(apart)))
    return found


@transaction.atomic
def open_worklist(*, worklist: Worklist, opinions: Sequence[Opinion], now: datetime) -> None:
    """Choose the pairs, open their tasks and end the job, all or nothing. Raise JobLost for an older attempt.

    A label is doubted where the model's preference for the other side is larger than its members are apart.
    """
    durable.finish(worklist, now=now)
    bulk.take_turn(worklist.project)
    is_doubt = worklist.kind == WorklistKind.RELABEL
    worthy = [one for one in opinions if one.difference + one.spread < 0] if is_doubt else list(opinions)
    worth = [-one.difference - one.spread if is_doubt else one.spread for one in worthy]
    chance = random.Random(f"selection {worklist.pk}")
    chosen = [
        (worthy[one.place], one.arm, one.p * worthy[one.place].candidate.p)
        for one in select(worth, worklist.wanted, worklist.control_share, chance)
    ]
    opened = bulk.open_tasks([_task(worklist, *one) for one in chosen], now=now)
    WorklistPair.objects.bulk_create(
        WorklistPair(
            worklist=worklist,
            task_id=task.id,
            liked_id=opinion.candidate.first if opinion.difference > 0 else opinion.candidate.second,
            arm=arm,
            difference=abs(opinion.difference),
            spread=opinion.spread,
        )
        for task, (opinion, arm, _) in zip(opened, chosen, strict=True)
        if task.is_new
    )
    counts = {"candidates": len(opinions), "tasks": sum(task.is_new for task in opened)}
    Worklist.objects.filter(pk=worklist.pk).update(counts=counts)


def _task(worklist: Worklist, opinion: Opinion, arm: str, p: float) -> bulk.NewTask:
    pair = opinion.candidate
    policy = POLICIES[WorklistKind(worklist.kind)] if arm == CHOSEN else arm
    return bulk.NewTask(
        worklist.protocol_id,
        pair.prompt_id,
        worklist.required_answers,
        # By id, so that the order says nothing of the label.
        sorted([pair.first, pair.second]),
        selection={"policy": policy, "p": p, "worklist": worklist.pk},
        not_for=sorted(set(pair.judges)),
    )


def _labelled(model: ModelVersion, chance: random.Random) -> Iterator[Candidate]:
    """Yield the pairs of the release's held-out rankings that more people decided one way than the other."""
    rows = ReleaseMember.objects.filter(
        release=model.release_id,
        split__in=HELD_OUT,
        answer_revision__answer__task__protocol__kind__in=RANKING_KINDS,
        answer_revision__answer__task__prompt__withdrawal=None,
        answer_revision__answer__withdrawal=None,
    ).exclude(answer_revision__answer__state=AnswerState.STRUCK)
    by_prompt: defaultdict[int, defaultdict[tuple[int, int], _Votes]] = defaultdict(lambda: defaultdict(_Votes))
    at = "answer_revision__answer__"
    for prompt, judge, payload in rows.order_by("pk").values_list(
        f"{at}task__prompt", f"{at}annotator", "answer_revision__payload"
    ):
        if payload.get("all_bad"):
            continue
        for pair in ranking.pairs([[str(completion) for completion in tier] for tier in payload["tiers"]]):
            better, worse = int(pair.better), int(pair.worse)
            votes = by_prompt[prompt][min(better, worse), max(better, worse)]
            (votes.first if better < worse else votes.second).append(judge)
    prompts = sorted(by_prompt)
    for prompt in sorted(chance.sample(prompts, min(MOST_PROMPTS, len(prompts)))):
        for (low, high), votes in by_prompt[prompt].items():
            judges = [*votes.first, *votes.second]
            if len(votes.first) > len(votes.second):
                yield Candidate(prompt, low, high, judges)
            elif len(votes.second) > len(votes.first):
                yield Candidate(prompt, high, low, judges)


def _uncompared(worklist: Worklist, chance: random.Random) -> Iterator[Candidate]:
    """Yield a pair, drawn by lot, of each training prompt with completions that nobody was asked to compare.

    One of each, so that a prompt with many completions is not asked about again and again.
    """
    asked = Q(tasks__protocol__kind__in=RANKING_KINDS) & ~Q(tasks__state=TaskState.CANCELLED)
    rows = Prompt.objects.filter(project=worklist.project_id, withdrawal=None, group__split=Split.TRAIN)
    rows = rows.exclude(pk__in=rows.filter(asked).values("pk"))
    rows = rows.annotate(written=Count("completions", filter=Q(completions__withdrawal=None))).filter(written__gt=1)
    prompts = list(rows.order_by("pk").values_list("pk", flat=True))
    drawn = sorted(chance.sample(prompts, min(MOST_PROMPTS, len(prompts))))
    texts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    completions = Completion.objects.filter(prompt__in=drawn, withdrawal=None).order_by("pk")
    for prompt, pk, digest in completions.values_list("prompt", "pk", "text_sha256"):
        # Of equal texts there is nothing to choose.
        texts[prompt].setdefault(digest, pk)
    for prompt in drawn:
        pairs = list(combinations(texts[prompt].values(), 2))
        if pairs:
            first, second = chance.choice(pairs)
            yield Candidate(prompt, first, second, p=len(drawn) / len(prompts) / len(pairs))


def _check(kind: str, pairs: int, judges: int, control_share: float) -> None:
    errors = [
        (name, said)
        for name, is_wrong, said in (
            ("kind", kind not in WorklistKind.values, f"must be one of {', '.join(WorklistKind.values)}"),
            ("pairs", not 1 <= pairs <= MOST_PAIRS, f"must be a number from 1 to {MOST_PAIRS:,}"),
            ("judges", not 1 <= judges <= MOST_JUDGES, f"must be a number from 1 to {MOST_JUDGES}"),
            ("control_share", not 0.05 <= control_share <= 1, "must be a share from 0.05 to 1"),
        )
        if is_wrong
    ]
    if errors:
        raise OrderRefused(errors)


def texts_of(candidates: Sequence[Candidate]) -> dict[int, tuple[Any, dict[int, str]]]:
    """Return {prompt: (messages, {completion: text})} of all pairs, in two queries."""
    wanted = {pk for one in candidates for pk in (one.first, one.second)}
    found: dict[int, tuple[Any, dict[int, str]]] = {
        pk: (messages, {})
        for pk, messages in Prompt.objects.filter(pk__in={one.prompt_id for one in candidates})
        .order_by("pk")
        .values_list("pk", "messages")
    }
    rows = Completion.objects.filter(pk__in=wanted, withdrawal=None).order_by("pk")
    for prompt, pk, text in rows.values_list("prompt", "pk", "text"):
        found[prompt][1][pk] = text
    return found
