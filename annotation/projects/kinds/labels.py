"""Labels: a person names what holds of a prompt or of one completion, from a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotation.projects.kinds.reading import Fields
from annotation.projects.kinds.settings import Choice, Names, Switch
from annotation.projects.kinds.shape import INSTRUCTION, REQUIRE_RATIONALE, Config, Kind, Payload


def check(payload: Payload, config: Config, labels: Sequence[Any]) -> Payload:
    fields = Fields(payload, ("labels", "rationale"))
    stored = {"labels": _chosen(fields, config), "rationale": fields.rationale(config)}
    fields.done()
    return stored


def _chosen(fields: Fields, config: Config) -> list[str]:
    options: list[str] = config["options"]
    chosen = fields.items("labels", most=len(options))
    for place, name in enumerate(chosen):
        if name not in options:
            fields.fault(f"labels[{place}]", f"{str(name)[:80]!r} is not one of {', '.join(options)}")
        elif name in chosen[:place]:
            fields.fault(f"labels[{place}]", f"{name!r} is named twice: keep one")
    if not config["multiple"] and len(chosen) != 1:
        fields.fault("labels", "must name exactly one label")
    return [name for name in options if name in chosen]


class _LabelsKind(Kind):
    """Shows one completion, or none where the prompt itself is labelled."""

    def bounds(self, config: Config) -> tuple[int, int]:
        return (1, 1) if config["subject"] == "completion" else (0, 0)


KIND = _LabelsKind(
    key="labels",
    about="Say what holds of a prompt or a completion, from a list.",
    minimum_completions=0,
    maximum_completions=1,
    check=check,
    settings=(
        INSTRUCTION,
        Names(name="options", about="The labels there are.", minimum=1, maximum=200),
        Switch(name="multiple", about="Several labels may hold at once, or none."),
        Choice(name="subject", about="What is labelled.", default="prompt", choices=("prompt", "completion")),
        REQUIRE_RATIONALE,
    ),
)
