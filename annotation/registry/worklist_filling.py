"""The long work of a worklist: a child scores the candidates, the best of them become tasks."""

from __future__ import annotations

import json
from functools import partial
from threading import Event as Flag

from django.core.files.storage import default_storage
from django.utils import timezone

from annotation import durable
from annotation.registry import launch, trees
from annotation.registry.attempts import Attempt, work_on
from annotation.registry.models import Worklist
from annotation.registry.reports import Report
from annotation.registry.worklists import Candidate, Scores, candidates_for, open_worklist, opinions_on, texts_of
from training.records import ItemRecord, read_scores, write_records

_ITEMS, _SCORES = "items.jsonl", "scores.jsonl"


def execute_worklist(*, worklist_id: int, must_stop: Flag) -> None:
    """Have the model score, and open what people compare. Given back, it is scored again, to the same figures."""
    work_on(Worklist, worklist_id, must_stop=must_stop, work=_fill)


def _fill(attempt: Attempt[Worklist]) -> None:
    candidates = candidates_for(attempt.job)
    opinions = opinions_on(candidates, _scored(attempt, candidates)) if candidates else []
    open_worklist(worklist=attempt.job, opinions=opinions, now=timezone.now())


def _scored(attempt: Attempt[Worklist], candidates: list[Candidate]) -> Scores:
    """Return each completion's scores; every one is read once, however many pairs it is in."""
    folder, texts = attempt.folder, texts_of(candidates)
    items = (
        ItemRecord.from_json({"item_id": str(prompt), "messages": messages, "completions": list(written.values())})
        for prompt, (messages, written) in texts.items()
        if written
    )
    write_records(folder / _ITEMS, (item.to_json() for item in items))
    (folder / "model").symlink_to(trees.readable(default_storage, attempt.job.model.stored_prefix, folder / "fetched"))
    config = folder / "score.json"
    config.write_text(json.dumps({"stage": "score", "models": ["model"], "items": _ITEMS, "output": _SCORES}))
    attempt.run_child(launch.training_command("score", config), partial(_record, attempt.job))
    return {
        completion: members
        for item in read_scores(folder / _SCORES)
        for completion, members in zip(texts[int(item.item_id)][1], item.scores, strict=True)
    }


def _record(worklist: Worklist, report: Report) -> None:
    progress = {name: value for name, value in report.columns.items() if name.startswith("progress_")}
    durable.beat(worklist, now=timezone.now(), **progress)
