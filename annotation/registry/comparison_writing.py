"""The long work of a comparison: two models write, the run's reward model reads, the pairs become blind tasks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean
from threading import Event as Flag

from django.core.files.storage import default_storage
from django.utils import timezone

from annotation import durable
from annotation.registry import actions, launch, trees
from annotation.registry.attempts import Attempt, work_on
from annotation.registry.comparisons import Written, open_pairs, pair_up
from annotation.registry.models import ModelComparison, ModelVersion
from annotation.registry.reports import Report
from annotation.registry.scoring import scored
from annotation.tasks.models import Prompt
from training.handover import read_completions, write_records
from training.records import CompletionRecord, ItemRecord, PromptRecord

_PROMPTS = "prompts.jsonl"


def execute_comparison(*, comparison_id: int, must_stop: Flag) -> None:
    """Have both models write, and open what people compare. Given back, it is written again, to the same letters."""
    work_on(ModelComparison, comparison_id, must_stop=must_stop, work=_compare)


def _compare(attempt: Attempt[ModelComparison]) -> None:
    comparison = attempt.job
    prompts = _lay_out_prompts(comparison, attempt.folder)
    after = _written_by(comparison.model, "after", attempt, done=0)
    before = _written_by(comparison.baseline, "before", attempt, done=len(prompts))
    pairs, counts = pair_up(comparison, after, before)
    judge = comparison.model.run.judge_model
    if pairs and judge is not None and actions.is_usable(judge):
        pairs = _judged_by(judge, pairs, prompts, attempt)
    open_pairs(comparison=comparison, pairs=pairs, counts=counts, now=timezone.now())


def _lay_out_prompts(comparison: ModelComparison, folder: Path) -> dict[str, PromptRecord]:
    rows = (
        Prompt.objects.filter(pk__in=comparison.prompts, withdrawal=None).order_by("pk").values_list("pk", "messages")
    )
    records = [PromptRecord.from_json({"prompt_id": str(pk), "messages": messages}) for pk, messages in rows]
    write_records(folder / _PROMPTS, (record.to_json() for record in records))
    return {record.prompt_id: record for record in records}


def _written_by(
    model: ModelVersion, name: str, attempt: Attempt[ModelComparison], *, done: int
) -> list[CompletionRecord]:
    """Let a model answer the prompts. done: how many the other one has answered already."""
    folder, output = attempt.folder, f"{name}.jsonl"
    trees.link(default_storage, model.stored_prefix, folder / name)
    settings = {"stage": "sample", "model": name, "prompts": _PROMPTS, "output": output, **attempt.job.sampling}
    config = folder / f"{name}.json"
    config.write_text(json.dumps(settings))
    attempt.run_child(launch.training_command("sample", config), partial(_record, attempt.job, done))
    return list(read_completions(folder / output))


def _judged_by(
    judge: ModelVersion, pairs: Sequence[Written], prompts: dict[str, PromptRecord], attempt: Attempt[ModelComparison]
) -> list[Written]:
    """Note how much better the reward model finds each answer of the model after."""
    items = (
        ItemRecord(
            item_id=str(pair.prompt_id),
            messages=prompts[str(pair.prompt_id)].messages,
            completions=(pair.after, pair.before),
        )
        for pair in pairs
    )
    found = scored(attempt, judge, items, lambda report: None)
    liked = {int(one.item_id): _difference(one.scores) for one in found}
    return [replace(pair, reward_difference=liked.get(pair.prompt_id)) for pair in pairs]


def _difference(scores: Sequence[Sequence[float]]) -> float:
    """Return by how much the members' mean is higher for the first completion."""
    here, there = scores
    return fmean(here) - fmean(there)


def _record(comparison: ModelComparison, done: int, report: Report) -> None:
    progress = {}
    if "progress_done" in report.columns:
        progress["progress_done"] = done + report.columns["progress_done"]
    durable.beat(comparison, now=timezone.now(), **progress)
