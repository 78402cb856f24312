"""A model writes completions for waiting prompts, and they become tasks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from unicodedata import category

from django.db import transaction

from annotation import durable
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.projects.permissions import require
from annotation.registry import actions
from annotation.registry.actions import OrderRefused
from annotation.registry.models import CompletionBatch, ModelVersion, SampledCompletion
from annotation.registry.sampling import checked
from annotation.tasks import bulk
from annotation.tasks.actions import bounds_of
from annotation.tasks.models import Prompt, Split
from annotation.tasks.showing import shown_together
from training.records import CompletionRecord

# The files of a sampling configuration, in the folder of the attempt.
SAMPLING_FILES = {"model": "model", "prompts": "prompts.jsonl", "output": "completions.jsonl"}
MAXIMUM_PROMPTS = 10_000
_ROWS_AT_ONCE = 2_000
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Unicode's categories of control characters and lone surrogates.
_NOT_TEXT = ("Cc", "Cs")


class NotOrdered(ValueError):
    """The file holds completions for a prompt that is not in the batch."""


def request_completions(
    *,
    model: ModelVersion,
    protocol_id: int,
    actor: User,
    prompts: Mapping[str, Any],
    sampling: Mapping[str, Any],
    now: datetime,
) -> CompletionBatch:
    """Order completions for `prompts`: {ids} or {limit, split?}. Raise NotAllowed, OrderRefused, StaleData."""
    require(actor, "write_completions", model.project)
    if not model.deployable:
        raise OrderRefused([("model", f"{model} is a {model.stage} model, which writes no text")])
    actions.check_usable(model)
    protocol = Protocol.objects.filter(project=model.project_id, pk=protocol_id).first()
    if protocol is None or not bounds_of(protocol)[1]:
        raise OrderRefused([("protocol", "must be a protocol of this project whose tasks show completions")])
    return CompletionBatch.objects.create(
        project=model.project,
        model=model,
        protocol=protocol,
        prompts=_chosen_prompts(model, prompts),
        sampling=_check_sampling(protocol, sampling),
        created_by=actor,
        created_at=now,
    )


def cancel_batch(*, batch: CompletionBatch, actor: User, now: datetime) -> None:
    """Raise NotAllowed, JobNotEndable."""
    require(actor, "write_completions", batch.project)
    durable.cancel(batch, now=now)


def retry_batch(*, batch: CompletionBatch, actor: User, now: datetime) -> None:
    """Raise NotAllowed, JobNotRetryable."""
    require(actor, "write_completions", batch.project)
    durable.retry(batch, now=now)


@transaction.atomic
def import_completions(*, batch: CompletionBatch, written: Iterable[CompletionRecord], now: datetime) -> None:
    """Store what the model wrote, open tasks and end the batch, all or nothing. Raise JobLost for an older attempt.

    What is empty or there already is left out and counted, and so are prompts with too few completions for a task.
    """
    durable.finish(batch, now=now)
    bulk.take_turn(batch.project)
    counts = Counter[str](completions=0, tasks=0, duplicates=0, empty=0)
    ordered = set(batch.prompts)
    rows_left = iter(written)
    while rows := list(islice(rows_left, _ROWS_AT_ONCE)):
        if foreign := {int(row.prompt_id) for row in rows} - ordered:
            raise NotOrdered(f"The model wrote for prompts that it was not asked for: {sorted(foreign)[:10]}.")
        _store(batch, rows, counts, now)
    _open_tasks(batch, counts, now)
    CompletionBatch.objects.filter(pk=batch.pk).update(counts=dict(counts))


def readable(text: str, *, strip: bool = True) -> str:
    """Return a model's text as it can be stored: U+FFFD for control characters, as for its broken UTF-8 already."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    stored = "".join(_REPLACEMENT if category(char) in _NOT_TEXT and char not in "\t\n" else char for char in text)
    return stored.strip() if strip else stored


def _store(batch: CompletionBatch, rows: Sequence[CompletionRecord], counts: Counter[str], now: datetime) -> None:
    """Write the completions that are new, and which model wrote them."""
    model = batch.model
    texts = [(row, text) for row in rows if (text := readable(row.text))]
    stored = bulk.add_completions(
        [bulk.NewCompletion(int(row.prompt_id), text, "model", model.name, model.sha256) for row, text in texts],
        now=now,
    )
    links = [
        SampledCompletion(batch=batch, model=model, completion_id=there.id, finish_reason=row.finish_reason)
        for (row, _), there in zip(texts, stored, strict=True)
        if there.is_new
    ]
    SampledCompletion.objects.bulk_create(links)
    counts["completions"] += len(links)
    counts["duplicates"] += len(texts) - len(links)
    counts["empty"] += len(rows) - len(texts)


def _open_tasks(batch: CompletionBatch, counts: Counter[str], now: datetime) -> None:
    by_prompt: dict[int, list[int]] = defaultdict(list)
    links = SampledCompletion.objects.filter(batch=batch, completion__prompt__withdrawal=None).order_by("pk")
    for prompt, completion in links.values_list("completion__prompt", "completion").iterator():
        by_prompt[prompt].append(completion)
    protocol, bounds = batch.protocol, bounds_of(batch.protocol)
    enough = {prompt: completions for prompt, completions in by_prompt.items() if len(completions) >= bounds[0]}
    tasks = [
        bulk.NewTask(protocol.pk, prompt, protocol.required_answers, shown)
        for prompt, completions in enough.items()
        for shown in shown_together(completions, bounds)
    ]
    for start in range(0, len(tasks), _ROWS_AT_ONCE):
        opened = bulk.open_tasks(tasks[start : start + _ROWS_AT_ONCE], now=now)
        counts["tasks"] += sum(task.is_new for task in opened)
    if too_few := len(batch.prompts) - len(enough):
        counts["too_few"] = too_few


def _check_sampling(protocol: Protocol, sampling: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sampling configuration, defaults filled in. Raise OrderRefused."""
    whole = checked(sampling, {**SAMPLING_FILES, "stage": "sample"})
    low, high = bounds_of(protocol)
    # Of more than a task shows, several tasks are made: one for each completion, or for every two.
    if whole["n"] < low or (low < high < whole["n"]):
        said = f"shows {low} to {high} completions: choose a number in between" if low < high else f"needs {low}"
        raise OrderRefused([("n", f"a {protocol.kind} task {said}")])
    return whole


def _chosen_prompts(model: ModelVersion, prompts: Mapping[str, Any]) -> list[int]:
    if "ids" in prompts:
        return _named_prompts(model.project, prompts["ids"])
    limit, split = prompts.get("limit"), prompts.get("split")
    if not isinstance(limit, int) or not 1 <= limit <= MAXIMUM_PROMPTS:
        raise OrderRefused([("prompts.limit", f"must be a number from 1 to {MAXIMUM_PROMPTS:,}")])
    waiting = Prompt.objects.filter(project=model.project, withdrawal=None).order_by("pk")
    waiting = waiting.exclude(completions__model_sha256=model.sha256)
    if split is not None:
        if split not in Split.values:
            raise OrderRefused([("prompts.split", f"must be one of {', '.join(Split.values)}")])
        waiting = waiting.filter(group__split=split)
    chosen = list(waiting.values_list("pk", flat=True)[:limit])
    if not chosen:
        raise OrderRefused([("prompts", f"none is left that {model} has not written for")])
    return chosen


def _named_prompts(project: Project, ids: Sequence[int]) -> list[int]:
    wanted = sorted(set(ids))
    if not 1 <= len(wanted) <= MAXIMUM_PROMPTS:
        raise OrderRefused([("prompts.ids", f"must name 1 to {MAXIMUM_PROMPTS:,} prompts")])
    known = set(Prompt.objects.filter(project=project, pk__in=wanted, withdrawal=None).values_list("pk", flat=True))
    unknown = [str(pk) for pk in wanted if pk not in known]
    if unknown:
        raise OrderRefused([("prompts.ids", f"not prompts of this project: {', '.join(unknown[:10])}")])
    return wanted
