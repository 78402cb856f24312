"""Rankings as a table, one completion a row with its rank, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from annotation.exports.choices import Choices
from annotation.exports.conversations import as_reading
from annotation.exports.views.shape import Outcome, Record, View
from training.ranking import positions


def rows(record: Record, choices: Choices) -> Iterator[Outcome]:
    rank_of, shown = positions(record["tiers"]), list(record.get("shown_order", ()))
    shared = {
        "record_id": record["record_id"],
        "prompt_id": record["prompt_id"],
        "prompt": as_reading(record["messages"]),
    }
    about = {
        "all_bad": bool(record.get("all_bad")),
        "strength": "" if record.get("strength") is None else record["strength"],
        "rationale": record.get("rationale", ""),
        "annotator": record.get("annotator", ""),
        "protocol": record.get("protocol", ""),
        "guideline_version": record.get("guideline_version") or "",
        "language": record.get("language", ""),
        "seconds": "" if record.get("seconds") is None else record["seconds"],
        "created_at": record.get("created_at") or "",
    }
    for completion in record["completions"]:
        name = completion["completion_id"]
        yield {
            **shared,
            "completion_id": name,
            "completion": completion["text"],
            "rank": rank_of[name] + 1,
            "place_shown": shown.index(name) + 1 if name in shown else "",
            "edit_of": completion.get("edit_of") or "",
            **about,
        }


VIEW = View(
    id="csv_rankings",
    label="Rankings as a table (CSV): one completion a row, with its rank",
    source="RFC 4180; cells that look like formulas begin with an apostrophe",
    kinds=("rankings",),
    fields=(
        "record_id",
        "prompt_id",
        "messages",
        "completions",
        "tiers",
        "shown_order",
        "all_bad",
        "strength",
        "rationale",
        "annotator",
        "protocol",
        "guideline_version",
        "language",
        "seconds",
        "created_at",
    ),
    extension="csv",
    rows=rows,
    loses=(
        "who says what in a prompt of several turns: it is one text with the speakers' names",
        "a text's own apostrophe, or sign of a formula, at its beginning: another apostrophe stands before it",
        "flags and ratings, the use case, and the completions' sources",
        "group, source, seconds by step and how the task was chosen",
    ),
)
