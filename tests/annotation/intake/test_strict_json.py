from __future__ import annotations

import pytest

from annotation.intake.rows import BadRow
from annotation.intake.strict_json import load_object, loads


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": NaN}', "json_constant"),
        ('{"a": -Infinity}', "json_constant"),
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('{"a": {"b": 1, "b": 1}}', "duplicate_key"),
        ('{"a": "tab\there"}', "control_character"),
        ("{'a': 1}", "bad_json"),
        ('{"a": 1', "bad_json"),
        ('{"a": 1} {}', "bad_json"),
        ("[" * 100_000, "too_deep"),
        ("9" * 5000, "bad_json"),
    ],
)
def test_what_is_not_json_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(BadRow) as refusal:
        loads(text)
    assert refusal.value.reason == reason
    assert refusal.value.message.endswith(".")


def test_only_objects_are_rows() -> None:
    assert load_object('{"a": 1}') == {"a": 1}
    with pytest.raises(BadRow, match="one JSON object"):
        load_object("[1]")
