from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.projects.presets.walking import check, refused

WHOLE = {"labels": ["sensitive", "personal_data"], "rationale": "Names a patient."}


def test_several_labels_of_a_prompt_are_kept() -> None:
    assert check("label", WHOLE) == WHOLE
    assert check("label", {"labels": []}) == {"labels": [], "rationale": ""}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"labels": ["safe", "safe"]}, {"labels[1]"}),
        ({"labels": ["fine"]}, {"labels[0]"}),
        ({"labels": "safe"}, {"labels"}),
        ({"rationale": ["x"]}, {"rationale"}),
        ({"score": 1}, {"score"}),
    ],
)
def test_each_field_at_fault_is_named(changes: dict[str, Any], fields: set[str]) -> None:
    assert refused("label", {**WHOLE, **changes}) == fields
