from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.projects.presets.walking import check, refused

WHOLE = {"tiers": [["c2"], ["c1", "c3"]], "all_bad": False, "rationale": "c2 answers the question."}


def test_tiers_with_a_reason_are_kept() -> None:
    assert check("rank", WHOLE, 3) == WHOLE
    assert check("rank", {"tiers": [["c1", "c2"]]}, 2)["tiers"] == [["c1", "c2"]]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"tiers": [["c1"], ["c2"]]}, {"tiers"}),
        ({"tiers": [["c1"], ["c2"], ["c3", "c1"]]}, {"tiers"}),
        ({"tiers": None}, {"tiers"}),
        ({"all_bad": 0}, {"all_bad"}),
        ({"rationale": "x" * 5_001}, {"rationale"}),
        ({"use_case": "chat"}, {"use_case"}),
        ({"outputs": {"c1": {"overall_quality": 7}}}, {"outputs.c1.overall_quality"}),
    ],
)
def test_each_field_at_fault_is_named(changes: dict[str, Any], fields: set[str]) -> None:
    assert refused("rank", {**WHOLE, **changes}, 3) == fields
