from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.projects.presets.walking import check, refused

WHOLE = {
    "preferred": "c1",
    "strength": 3,
    "both_bad": False,
    "rationale": "c2 invents a date.",
    "edit": {"of": "c1", "text": "A lease is a contract for a time."},
}
TIE = {"preferred": None, "strength": 0, "both_bad": False, "rationale": "", "edit": None}


def test_a_choice_with_its_strength_reason_and_edit_is_kept() -> None:
    assert check("pair_strength", WHOLE, 2) == WHOLE | {"tiers": [["c1"], ["c2"]], "all_bad": False}


def test_a_tie_and_both_bad_are_kept() -> None:
    assert check("pair_strength", TIE, 2) == TIE | {"tiers": [["c1", "c2"]], "all_bad": False}
    assert check("pair_strength", TIE | {"both_bad": True}, 2)["all_bad"] is True


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (WHOLE | {"preferred": None}, {"strength"}),
        (WHOLE | {"preferred": "c3"}, {"preferred"}),
        (WHOLE | {"strength": 0}, {"strength"}),
        (WHOLE | {"strength": 4}, {"strength"}),
        (TIE | {"strength": 1}, {"strength"}),
        (WHOLE | {"both_bad": True}, {"edit"}),
        (WHOLE | {"edit": {"of": "c2", "text": "Mine."}}, {"edit.of"}),
        (WHOLE | {"edit": {"of": "c1", "text": ""}}, {"edit.text"}),
        (WHOLE | {"rationale": 5}, {"rationale"}),
        (WHOLE | {"outputs": {"c1": {"harmful": True}}}, {"outputs.c1.harmful"}),
        (WHOLE | {"score": 3}, {"score"}),
    ],
)
def test_each_field_at_fault_is_named(payload: dict[str, Any], fields: set[str]) -> None:
    assert refused("pair_strength", payload, 2) == fields
