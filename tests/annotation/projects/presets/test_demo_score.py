from __future__ import annotations

from typing import Any

import pytest

from annotation.projects.presets import PRESETS
from tests.annotation.projects.presets.walking import check, refused

FLAGS = PRESETS["demo_score"].config["flags"]
WHOLE = {"score": 6, "flags": dict.fromkeys(FLAGS, False) | {"factual_error": True}, "rationale": "A wrong year."}


def test_a_score_from_one_to_seven_is_kept() -> None:
    assert check("demo_score", WHOLE, 1) == WHOLE
    assert [check("demo_score", {"score": score}, 1)["score"] for score in range(1, 8)] == list(range(1, 8))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"score": 0}, {"score"}),
        ({"score": 8}, {"score"}),
        ({"score": None}, {"score"}),
        ({"flags": {"boring": True}}, {"flags.boring"}),
        ({"flags": {"harmful": "yes"}}, {"flags.harmful"}),
        ({"rationale": "x" * 5_001}, {"rationale"}),
        ({"preferred": "c1"}, {"preferred"}),
    ],
)
def test_what_is_no_score_is_refused(changes: dict[str, Any], fields: set[str]) -> None:
    assert refused("demo_score", {**WHOLE, **changes}, 1) == fields
