"""A foundation model goes on from a text that somebody typed: ordered, written by a child, kept as a row.

It completes and does not answer; nobody's queue gets what it writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from threading import Event as Flag
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from annotation import durable
from annotation.people.models import User
from annotation.projects.permissions import require
from annotation.registry import actions, launch, trees
from annotation.registry.actions import OrderRefused
from annotation.registry.attempts import Attempt, work_on
from annotation.registry.completions import readable
from annotation.registry.models import Continuation, ModelVersion, Stage
from annotation.registry.sampling import checked

LONGEST_PROMPT = 10_000
_MODEL = "model"


def request_continuation(
    *, model: ModelVersion, actor: User, prompt: str, sampling: Mapping[str, Any], now: datetime
) -> Continuation:
    """Queue a text to go on from. Raise NotAllowed, OrderRefused, StaleData."""
    require(actor, "write_completions", model.project)
    if model.stage != Stage.PRETRAIN:
        said = f"{model} is a {model.stage} model: only a foundation model goes on from a text"
        raise OrderRefused([("model", said)])
    actions.check_usable(model)
    if not prompt.strip() or len(prompt) > LONGEST_PROMPT:
        raise OrderRefused([("prompt", f"must be a text of at most {LONGEST_PROMPT:,} characters")])
    return Continuation.objects.create(
        project=model.project,
        model=model,
        prompt=prompt,
        sampling=checked(sampling, {"stage": "continue", "model": _MODEL, "prompt": prompt}),
        created_by=actor,
        created_at=now,
    )


def cancel_continuation(*, continuation: Continuation, actor: User, now: datetime) -> None:
    """Raise NotAllowed, JobNotEndable."""
    require(actor, "write_completions", continuation.project)
    durable.cancel(continuation, now=now)


def execute_continuation(*, continuation_id: int, must_stop: Flag) -> None:
    """Have the model write, and keep it. Given back, it is written again, to the same letters."""
    work_on(Continuation, continuation_id, must_stop=must_stop, work=_write)


def _write(attempt: Attempt[Continuation]) -> None:
    job, folder = attempt.job, attempt.folder
    trees.link(default_storage, job.model.stored_prefix, folder / _MODEL)
    config = folder / "continue.json"
    config.write_text(json.dumps({"stage": "continue", "model": _MODEL, "prompt": job.prompt, **job.sampling}))
    ending = attempt.run_child(launch.training_command("continue", config), attempt.note_progress)
    text = str((ending.card or {}).get("text", ""))
    durable.finish(job, now=timezone.now(), text=readable(text, strip=False))
