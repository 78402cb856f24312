"""Every kind of job there is, for the pages and sweeps that look at all of them."""

from __future__ import annotations

from dataclasses import dataclass

from annotation.durable import Job
from annotation.exports.models import Release, ReleaseView
from annotation.intake.models import DuplicateSearch, ImportFile
from annotation.registry.models import (
    CompletionBatch,
    Continuation,
    LearningCurve,
    ModelComparison,
    RunPreview,
    TrainingRun,
    Worklist,
)


@dataclass(frozen=True)
class JobKind:
    name: str
    model: type[Job]


KINDS = {
    kind.name: kind
    for kind in (
        JobKind("import", ImportFile),
        JobKind("duplicates", DuplicateSearch),
        JobKind("release", Release),
        JobKind("view", ReleaseView),
        JobKind("run", TrainingRun),
        JobKind("completions", CompletionBatch),
        JobKind("comparison", ModelComparison),
        JobKind("worklist", Worklist),
        JobKind("continuation", Continuation),
        JobKind("preview", RunPreview),
        JobKind("curve", LearningCurve),
    )
}
