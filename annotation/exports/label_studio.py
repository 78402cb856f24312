"""A protocol's judgements as Label Studio's JSON export, so that what came from there goes back as it came. Pure.

Equal to what was imported are each task's data, each annotation's result but for its id, who completed it, when, and
its lead time. Ids and the times of updates are this site's own. People who work here go out under the names that they
bear in this project's releases; a judge who was imported, under the name that the file gave.
Source: labelstud.io/guide/export, /tags/pairwise and /tags/ranker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from annotation.intake.readers.label_studio import ITEMS, PAIR, PROMPT, TIER, key_of

KINDS = ("comparison", "ranking")


@dataclass(frozen=True, slots=True)
class ShownCompletion:
    id: int
    text: str
    source_label: str


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer, with what its judge is called."""

    id: int
    judge: str | int | None
    payload: Mapping[str, Any]
    seconds: float | None
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class JudgedTask:
    """A task with its completions in their order, and its answers."""

    id: int
    project_id: int
    kind: str
    messages: Sequence[Mapping[str, str]]
    completions: Sequence[ShownCompletion]
    created_at: datetime
    answers: Sequence[Judged]


def task_of(task: JudgedTask) -> dict[str, Any]:
    """Return the task as Label Studio would export it."""
    names = _names(task)
    return {
        "id": task.id,
        "annotations": [_annotation(task, answer, names) for answer in task.answers],
        "drafts": [],
        "predictions": [],
        "data": _data(task, names),
        "meta": {},
        "created_at": _moment(task.created_at),
        "total_annotations": len(task.answers),
        "cancelled_annotations": 0,
        "total_predictions": 0,
        "project": task.project_id,
    }


def _names(task: JudgedTask) -> list[str]:
    """Return what the completions are called: as in the file they came from, else by place or id."""
    given = [key_of(completion.source_label) for completion in task.completions]
    others = PAIR if task.kind == "comparison" else [str(completion.id) for completion in task.completions]
    return given if all(given) and len(set(given)) == len(given) else list(others)


def _data(task: JudgedTask, names: Sequence[str]) -> dict[str, Any]:
    texts = [completion.text for completion in task.completions]
    prompt: Any = task.messages[0]["content"]
    if [message["role"] for message in task.messages] != ["user"]:
        prompt = list(task.messages)
    if task.kind == "comparison":
        return {PROMPT: prompt, **dict(zip(names, texts, strict=True))}
    return {PROMPT: prompt, ITEMS: [{"id": name, "body": text} for name, text in zip(names, texts, strict=True)]}


def _annotation(task: JudgedTask, answer: Judged, names: Sequence[str]) -> dict[str, Any]:
    given_at = _moment(answer.submitted_at)
    return {
        "id": answer.id,
        "completed_by": answer.judge,
        "result": list(_results(task, answer, names)),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": given_at,
        "updated_at": given_at,
        "lead_time": answer.seconds,
        "task": task.id,
        "project": task.project_id,
    }


def _results(task: JudgedTask, answer: Judged, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    name_of = {completion.id: name for completion, name in zip(task.completions, names, strict=True)}
    tiers = [[name_of[pk] for pk in tier] for tier in answer.payload["tiers"]]
    if task.kind == "comparison":
        side = dict(zip(names, ("left", "right"), strict=True))
        selected = side[tiers[0][0]] if len(tiers) > 1 else "tie"
        yield _result(answer, "comparison", "comparison", "pairwise", {"selected": selected})
    else:
        yield _result(answer, "rank", "results", "ranker", {"ranker": _ranker(tiers)})
    if answer.payload.get("rationale"):
        yield _result(answer, "rationale", PROMPT, "textarea", {"text": [answer.payload["rationale"]]})


def _ranker(tiers: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """Return one order; or, since that has no ties, a bucket for each tier, best first."""
    if all(len(tier) == 1 for tier in tiers):
        return {"rank": [name for (name,) in tiers]}
    return {f"{TIER}{place}": list(tier) for place, tier in enumerate(tiers, start=1)}


def _result(answer: Judged, from_name: str, to_name: str, type: str, value: dict[str, Any]) -> dict[str, Any]:
    names = {"from_name": from_name, "to_name": to_name}
    return {"value": value, "id": f"{from_name}-{answer.id}", **names, "type": type, "origin": "manual"}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
