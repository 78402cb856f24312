"""A child lets a reward model score items: one line in, one line out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from django.core.files.storage import default_storage

from annotation.durable import JobT
from annotation.registry import launch, trees
from annotation.registry.attempts import Attempt
from annotation.registry.models import ModelVersion
from annotation.registry.reports import Report
from training.handover import read_scores, write_records
from training.records import ItemRecord, ScoresRecord

_FILES = {"items": "items.jsonl", "output": "scores.jsonl"}


def scored(
    attempt: Attempt[JobT], judge: ModelVersion, items: Iterable[ItemRecord], heard: Callable[[Report], None]
) -> Iterator[ScoresRecord]:
    """Have every item scored in the attempt's folder, then yield what the model could read. Raises as `run_child`."""
    folder = attempt.folder
    write_records(folder / _FILES["items"], (item.to_json() for item in items))
    trees.link(default_storage, judge.stored_prefix, folder / "judge")
    config = folder / "score.json"
    config.write_text(json.dumps({"stage": "score", "models": ["judge"], **_FILES}))
    attempt.run_child(launch.training_command("score", config), heard)
    return read_scores(folder / _FILES["output"])
