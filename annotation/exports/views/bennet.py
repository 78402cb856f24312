"""Our own JSON lines: the records of a release as they are, or in the form that an import into a project takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotation.exports.choices import Choices, Option
from annotation.exports.views.shape import EVERYTHING, Outcome, Record, View

FORM = Option(
    name="form",
    label="Records as training reads them, or demonstrations, rankings and comparisons as Bennet imports them",
    default="record",
    choices=("record", "import"),
)
# What the two forms call alike.
_SHARED = ("messages", "group", "language", "annotator", "seconds", "created_at")


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    if choices["form"] == "record":
        yield {name: value for name, value in record.items() if value is not None}
    elif record["kind"] == "judgement":
        yield "other_judgement"
    else:
        shared = {name: record[name] for name in _SHARED if record.get(name) not in (None, "")}
        yield shared | (_demonstration(record) if record["kind"] == "demonstration" else _judged(record))


def _demonstration(record: Record) -> dict[str, Any]:
    return {"kind": "demonstration", "completion": record["completion"]}


def _judged(record: Record) -> dict[str, Any]:
    completions = [
        {"id": one["completion_id"], "text": one["text"], "source": one.get("source_label", "")}
        for one in record["completions"]
    ]
    said = {"completions": completions} | ({"rationale": record["rationale"]} if record.get("rationale") else {})
    if len(completions) == 2 and record.get("strength") is not None:
        # A tie has nobody preferred, and a field without a value is left out.
        preferred = {"preferred": record["tiers"][0][0]} if len(record["tiers"]) == 2 else {}
        about = {"strength": record["strength"], "both_bad": bool(record.get("all_bad"))}
        return {"kind": "comparison", **said, **preferred, **about}
    return {"kind": "ranking", **said, "tiers": record["tiers"], "all_bad": bool(record.get("all_bad"))}


VIEW = View(
    id="bennet",
    label="Bennet's own JSON lines",
    source="training/records.py; annotation/intake/readers/bennet.py",
    kinds=("demonstrations", "rankings", "judgements"),
    fields=EVERYTHING,
    options=(FORM,),
    rows=rows,
    loses=(
        "as records: nothing, a field without a value is left out instead of null",
        "for an import: scores, labels and written prompts; which completion is an edit, and what was said of each by "
        "itself; order shown, protocol, guideline version, seconds by step and ids",
    ),
)
