"""The long work of a completion batch: a child writes to a file, the file becomes completions and tasks."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event as Flag

from django.core.files.storage import default_storage
from django.utils import timezone

from annotation.registry import launch, trees
from annotation.registry.attempts import Attempt, work_on
from annotation.registry.completions import SAMPLING_FILES, import_completions
from annotation.registry.models import CompletionBatch
from annotation.tasks.models import Prompt
from training.handover import read_completions, write_records
from training.records import PromptRecord


def execute_batch(*, batch_id: int, must_stop: Flag) -> None:
    """Have the model write, and take in what it wrote. Given back, an order is written again, to the same letters."""
    work_on(CompletionBatch, batch_id, must_stop=must_stop, work=_write)


def _write(attempt: Attempt[CompletionBatch]) -> None:
    config = _prepare(attempt.job, attempt.folder)
    attempt.run_child(launch.training_command("sample", config), attempt.note_progress)
    written = read_completions(attempt.folder / SAMPLING_FILES["output"])
    import_completions(batch=attempt.job, written=written, now=timezone.now())


def _prepare(batch: CompletionBatch, folder: Path) -> Path:
    trees.link(default_storage, batch.model.stored_prefix, folder / SAMPLING_FILES["model"])
    rows = Prompt.objects.filter(pk__in=batch.prompts, withdrawal=None).order_by("pk").values_list("pk", "messages")
    records = (PromptRecord.from_json({"prompt_id": str(pk), "messages": messages}) for pk, messages in rows)
    write_records(folder / SAMPLING_FILES["prompts"], (record.to_json() for record in records))
    path = folder / "sample.json"
    path.write_text(json.dumps({"stage": "sample", **SAMPLING_FILES, **batch.sampling}))
    return path
