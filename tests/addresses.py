"""Every address of the API, from its own description, with what the names in it stand for.

A new address is walked as it comes; where it names something new, say in IDS what that stands for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from annotation.assignment.models import Claim
from annotation.chat.models import Appeal, Conversation, Turn
from annotation.exports.models import Release, ReleaseTag, ReleaseView
from annotation.intake.models import ImportFile
from annotation.people.models import ApiToken, User, Withdrawal
from annotation.projects.models import Invitation, Membership, Project, Protocol
from annotation.registry.models import (
    CompletionBatch,
    Continuation,
    LearningCurve,
    ModelComparison,
    ModelVersion,
    RunPreview,
    Served,
    TrainingRun,
    Worklist,
)
from annotation.road.models import Walk
from annotation.road.stations import Station
from annotation.tasks.models import Answer, Prompt, Task


def rows_of(model: Any, column: str = "pk") -> Callable[[], Iterable[object]]:
    return lambda: model._default_manager.order_by("pk").values_list(column, flat=True)


# What a name in an address stands for: by the part of the address before it, or by the name itself.
IDS: dict[str, Callable[[], Iterable[object]]] = {
    "answers": rows_of(Answer),
    "appeals": rows_of(Appeal),
    "claims": rows_of(Claim),
    "completion-batches": rows_of(CompletionBatch),
    "comparisons": rows_of(ModelComparison),
    "continuations": rows_of(Continuation),
    "conversations": rows_of(Conversation),
    "imports": rows_of(ImportFile),
    "invitations": rows_of(Invitation),
    "learning-curves": rows_of(LearningCurve),
    "members": rows_of(Membership),
    "models": rows_of(ModelVersion),
    "people": rows_of(User),
    "prompts": rows_of(Prompt),
    "protocols": rows_of(Protocol),
    "release-tags": rows_of(ReleaseTag, "name"),
    "releases": rows_of(Release),
    "run-previews": rows_of(RunPreview),
    "runs": rows_of(TrainingRun),
    "served": rows_of(Served),
    "strikes": rows_of(Withdrawal),
    "tasks": rows_of(Task),
    "turns": rows_of(Turn),
    "views": rows_of(ReleaseView),
    "walks": rows_of(Walk),
    "worklists": rows_of(Worklist),
    "tokens": rows_of(ApiToken, "public_id"),
    "{other}": rows_of(Release),
    "{project}": rows_of(Project),
    "{station}": lambda: [*Station],
    "{protocol}": rows_of(Protocol),
    "{file_path}": lambda: ["manifest.json", "demonstrations/train.jsonl", "rankings/train.jsonl", "../../secret_key"],
    "{token}": lambda: ["guessed"],
    "jobs": lambda: [f"{kind}-{number}" for kind in ("import", "release", "view", "run") for number in (1, 10**9)],
}
# What a question in an address's query is answered with, by its type; a choice is asked for each of its words.
QUERY = {
    "integer": lambda: [*User.objects.values_list("pk", flat=True), *Protocol.objects.values_list("pk", flat=True)],
    "string": lambda: ["mark"],
    "boolean": lambda: ["true", "false"],
}
# Paging shows nothing that the pages do not.
PAGING = {"cursor", "page_size"}
DAY = "2026-11-23"


@cache
def description() -> dict[str, Any]:
    """Return the API's description; making it takes seconds."""
    made = SchemaGenerator().get_schema(request=None, public=True)
    return dict(json.loads(OpenApiJsonRenderer().render(made, renderer_context={})))


def described() -> dict[str, Any]:
    """Return {path: {method: operation}}."""
    return dict(description()["paths"])


def addresses(path: str) -> Iterator[str]:
    """Yield the address for every row that its names can stand for, each row under each project."""
    names = re.findall(r"\{(\w+)\}", path)
    values = [ids_for(path, name) for name in names]
    for chosen in product(*values):
        yield path.format(**dict(zip(names, chosen, strict=True)))


def ids_for(path: str, name: str) -> list[object]:
    noun = path.split(f"/{{{name}}}")[0].rpartition("/")[2]
    source = IDS.get(f"{{{name}}}") or IDS.get(noun)
    if source is None:
        pytest.fail(f"Say in IDS what {{{name}}} after {noun!r} stands for in {path}")
    found = list(source())
    if not found:
        pytest.fail(f"Give the site in tests/marked.py a row for {{{name}}} in {path}: what is not there cannot leak")
    return found


def questions(operation: dict[str, Any]) -> Iterator[dict[str, object]]:
    """Yield queries that ask each question of the operation once with each answer, and first none at all."""
    yield {}
    for parameter in operation.get("parameters", []):
        if parameter.get("in") == "query" and parameter["name"] not in PAGING:
            shape = parameter["schema"]
            dated = [DAY] if shape.get("format") == "date" else []
            for value in shape.get("enum") or dated or QUERY[shape["type"]]():
                yield {parameter["name"]: value}
