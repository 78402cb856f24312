from __future__ import annotations

import pytest

from tests.annotation.projects.presets.walking import check, refused

CHOICE = {"preferred": "c2", "strength": 1, "both_bad": False, "rationale": ""}
TIE = CHOICE | {"preferred": None, "strength": 0}


def test_a_choice_and_a_tie_are_kept() -> None:
    assert check("blind_pair", CHOICE, 2) == CHOICE | {"edit": None, "tiers": [["c2"], ["c1"]], "all_bad": False}
    assert check("blind_pair", TIE, 2)["tiers"] == [["c1", "c2"]]


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (CHOICE | {"strength": 2}, {"strength"}),
        (CHOICE | {"edit": {"of": "c2", "text": "Mine."}}, {"edit"}),
    ],
)
def test_degrees_and_edits_are_not_asked_for(payload: dict[str, object], fields: set[str]) -> None:
    assert refused("blind_pair", payload, 2) == fields
