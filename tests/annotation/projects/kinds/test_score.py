from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.annotation.projects.kinds import checking

check = partial(checking.check, "score", labels=["c1"])
refused = partial(checking.refused, "score", labels=["c1"])


def test_a_score_stands_on_its_scale_with_every_flag() -> None:
    assert check({"score": 7}) == {"score": 7, "flags": {}, "rationale": ""}
    assert check({"score": 1, "flags": {"pasted": True}}, flags=["pasted", "rude"])["flags"] == {
        "pasted": True,
        "rude": False,
    }


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "score"),
        ({"score": 0}, "score"),
        ({"score": 6}, "score"),
        ({"score": 4.5}, "score"),
        ({"score": True}, "score"),
        ({"score": "5"}, "score"),
        ({"score": 5, "flags": {"rude": True}}, "flags.rude"),
        ({"score": 5, "flags": {"pasted": None}}, "flags.pasted"),
        ({"score": 5, "flags": "pasted"}, "flags"),
        ({"score": 5, "rationale": 5}, "rationale"),
        ({"score": 5, "tiers": [["c1"]]}, "tiers"),
    ],
)
def test_each_field_at_fault_is_named(payload: dict[str, Any], field: str) -> None:
    assert list(refused(payload, scale=5, flags=["pasted"])) == [field]
