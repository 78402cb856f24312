from __future__ import annotations

from typing import Any

import pytest

from annotation.projects.protocol import kind_of
from annotation.tasks.answers import check as check_answer
from tests.annotation.projects.presets.walking import check, refused
from training.categories import OPENAI
from training.labels import KIND

ALL = kind_of(KIND).defaults | {"severity": True, "spans": True}
SPAN = {"category": "violence", "start": 0, "end": 4}


def test_what_is_not_named_is_unknown_and_not_no() -> None:
    stored = check("moderation_label", {"verdicts": {"violence": True, "hate": False}, "unknown": ["sexual"]})
    assert stored["verdicts"] == {"hate": False, "violence": True}
    assert stored["unknown"] == [name for name in OPENAI if name not in ("hate", "violence")]
    assert (stored["severity"], stored["spans"]) == ({}, [])


def test_severity_and_spans_are_kept_where_they_are_asked_for() -> None:
    whole = {"verdicts": {"violence": True}, "severity": {"violence": 3}, "spans": [SPAN]}
    stored = check_answer(KIND, ALL, whole, [])
    assert (stored["severity"], stored["spans"]) == ({"violence": 3}, [SPAN])
    assert check_answer(KIND, ALL, stored, []) == stored


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ({"verdicts": {"hate": None}}, {"verdicts.hate"}),
        ({"verdicts": {"weather": True}}, {"verdicts.weather"}),
        ({"verdicts": {"hate": True}, "unknown": ["hate"]}, {"unknown[0]"}),
        ({"verdicts": {"hate": True}, "severity": {"hate": 2}}, {"severity.hate"}),
        ({"verdicts": {"violence": True}, "spans": [SPAN]}, {"spans"}),
    ],
)
def test_each_field_at_fault_is_named(payload: dict[str, Any], fields: set[str]) -> None:
    assert refused("moderation_label", payload) == fields
