"""Score: a person gives one completion a grade on a scale, with flags where the protocol has some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotation.projects.kinds.reading import Fields
from annotation.projects.kinds.settings import Names, Number
from annotation.projects.kinds.shape import INSTRUCTION, MASK_IDENTITY, REQUIRE_RATIONALE, Config, Kind, Payload


def check(payload: Payload, config: Config, labels: Sequence[Any]) -> Payload:
    fields = Fields(payload, ("score", "flags", "rationale"))
    stored = {
        "score": fields.whole("score", 1, config["scale"]),
        "flags": fields.flags("flags", config["flags"]),
        "rationale": fields.rationale(config),
    }
    fields.done()
    return stored


KIND = Kind(
    key="score",
    about="Give one completion a grade on a scale.",
    minimum_completions=1,
    maximum_completions=1,
    check=check,
    settings=(
        INSTRUCTION,
        Number(name="scale", about="The best grade; the worst is 1.", default=7, minimum=2, maximum=100),
        Names(name="flags", about="What may hold of the completion, yes or no."),
        REQUIRE_RATIONALE,
        MASK_IDENTITY,
    ),
)
