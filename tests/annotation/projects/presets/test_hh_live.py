from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.projects.presets.walking import check, refused

WHOLE = {
    "preferred": "c2",
    "strength": 4,
    "both_bad": False,
    "rationale": "",
    "edit": {"of": "c2", "text": "A lease is a contract for a time."},
}
TIE = {"preferred": None, "strength": 0, "both_bad": True, "rationale": "", "edit": None}


def test_a_choice_on_a_scale_of_eight_steps_and_its_edit_are_kept() -> None:
    for side, strength in ((side, strength) for side in ("c1", "c2") for strength in (1, 2, 3, 4)):
        assert check("hh_live", WHOLE | {"preferred": side, "strength": strength, "edit": None}, 2)["tiers"][0] == [
            side
        ]
    assert check("hh_live", WHOLE, 2) == WHOLE | {"tiers": [["c2"], ["c1"]], "all_bad": False}


def test_neither_may_be_better_and_both_bad() -> None:
    assert check("hh_live", TIE, 2) == TIE | {"tiers": [["c1", "c2"]], "all_bad": True}


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (WHOLE | {"strength": 5}, {"strength"}),
        (WHOLE | {"strength": 0}, {"strength"}),
        (WHOLE | {"preferred": "c3", "edit": None}, {"preferred"}),
        (WHOLE | {"edit": {"of": "c1", "text": "Mine."}}, {"edit.of"}),
        (TIE | {"strength": 2}, {"strength"}),
        (TIE | {"continue_with": "c1"}, {"continue_with"}),
    ],
)
def test_each_field_at_fault_is_named(payload: dict[str, Any], fields: set[str]) -> None:
    assert refused("hh_live", payload, 2) == fields
