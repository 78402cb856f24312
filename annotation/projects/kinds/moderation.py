"""Moderation labels: a person says yes, no or unknown of a text, category by category.

A category that is not named is unknown, which is not the same as no: `training/labels.py` learns nothing from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotation.projects.kinds.reading import Fields
from annotation.projects.kinds.settings import Choice, Names, Number, Switch
from annotation.projects.kinds.shape import INSTRUCTION, REQUIRE_RATIONALE, Config, Kind, Payload
from training.categories import CATEGORIES, OPENAI

# 1 is mild, 2 is clear, 3 is severe.
MOST_SEVERE = 3
MOST_SPANS = 100
_MOST_CHARACTERS = 10_000_000
# What few people can read all day, whatever they agreed to.
WARNED = ("hate", "self-harm", "sexual", "sexual/minors", "violence/graphic")


def check(payload: Payload, config: Config, labels: Sequence[Any]) -> Payload:
    fields = Fields(payload, ("verdicts", "unknown", "severity", "spans", "rationale"))
    verdicts = _verdicts(fields, config["categories"])
    stored = {
        "verdicts": verdicts,
        "unknown": [name for name in config["categories"] if name not in verdicts],
        "severity": _severity(fields, verdicts, asked=config["severity"]),
        "spans": _spans(fields, verdicts, asked=config["spans"]),
        "rationale": fields.rationale(config),
    }
    fields.done()
    return stored


def _verdicts(fields: Fields, categories: Sequence[str]) -> dict[str, bool]:
    """Return what was said yes or no to, in the protocol's order. What is called unknown must not be judged as well."""
    given = fields.inside("verdicts", fields.payload.get("verdicts", {}), categories)
    unknown = fields.items("unknown", most=len(categories))
    for place, name in enumerate(unknown):
        if name not in categories:
            fields.fault(f"unknown[{place}]", f"{str(name)[:80]!r} is not one of {', '.join(categories)}")
        elif name in given.payload:
            fields.fault(f"unknown[{place}]", f"{name!r} has a verdict as well: keep one of the two")
    return {name: given.switch(name) for name in categories if name in given.payload}


def _severity(fields: Fields, verdicts: dict[str, bool], *, asked: bool) -> dict[str, int]:
    """Return how bad it is where anybody said so: only of what holds."""
    holding = [name for name, holds in verdicts.items() if holds] if asked else []
    given = fields.inside("severity", fields.payload.get("severity", {}), holding)
    return {name: given.whole(name, 1, MOST_SEVERE) for name in holding if name in given.payload}


def _spans(fields: Fields, verdicts: dict[str, bool], *, asked: bool) -> list[Payload]:
    """Return where it stands in the text: characters from `start` up to `end`, of what holds."""
    holding = [name for name, holds in verdicts.items() if holds]
    spans = []
    for place, value in enumerate(fields.items("spans", most=MOST_SPANS if asked else 0)):
        span = fields.inside(f"spans[{place}]", value, ("category", "start", "end"))
        start = span.whole("start", 0, _MOST_CHARACTERS)
        end = span.whole("end", start + 1, _MOST_CHARACTERS)
        spans.append({"category": span.choice("category", holding), "start": start, "end": end})
    return spans


class _ModerationKind(Kind):
    """Shows one completion, or none where the prompt itself is labelled."""

    def bounds(self, config: Config) -> tuple[int, int]:
        return (1, 1) if config["subject"] == "completion" else (0, 0)

    def warnings(self, config: Config) -> frozenset[str]:
        return frozenset(config["warns_of"])

    def texts_per_day(self, config: Config) -> int | None:
        return int(config["texts_per_day"])


KIND = _ModerationKind(
    # As `training/labels.py` calls it.
    key="moderation_label",
    about="Say yes, no or unknown of a text, category by category.",
    minimum_completions=0,
    maximum_completions=1,
    check=check,
    settings=(
        INSTRUCTION,
        Names(
            name="categories",
            about="What is asked, in this order.",
            default=OPENAI,
            choices=CATEGORIES,
            minimum=1,
            maximum=len(CATEGORIES),
        ),
        Choice(name="subject", about="What is judged.", default="prompt", choices=("prompt", "completion")),
        Switch(name="severity", about="Ask how bad it is, from 1 to 3, where a category holds."),
        Switch(name="spans", about="Ask where in the text it stands."),
        Names(
            name="warns_of",
            about="What the texts may hold that a person must agree to see before they get any.",
            default=WARNED,
            choices=CATEGORIES,
            maximum=len(CATEGORIES),
        ),
        Switch(name="blur", about="Blur each text until its reader asks to see it.", default=True),
        Number(
            name="texts_per_day",
            about="The most texts that one person is handed in a day, skipped ones too.",
            default=200,
            minimum=1,
            maximum=10_000,
        ),
        REQUIRE_RATIONALE,
    ),
    is_hard_to_read=True,
)
