"""Demonstration: a person writes the ideal answer to a prompt."""

from __future__ import annotations

from collections.abc import Sequence

from annotation.projects.kinds.shape import Config, Kind, Payload, only_fields, text_field


def check(payload: Payload, config: Config, labels: Sequence[str]) -> Payload:
    only_fields(payload, "completion")
    return {"completion": text_field(payload, "completion", limit=config["maximum_characters"], required=True)}


KIND = Kind(
    key="demonstration",
    minimum_completions=0,
    maximum_completions=0,
    check=check,
    defaults={"instruction": "", "maximum_characters": 20_000},
)
