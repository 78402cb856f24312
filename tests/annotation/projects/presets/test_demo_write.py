from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.projects.presets.walking import check, refused

WHOLE = {
    "completion": "Then a lease of a year suits you.",
    "turns": [{"role": "assistant", "content": "For how long?"}, {"role": "user", "content": "A year."}],
}


def test_the_ideal_answer_is_kept_in_one_turn_or_several() -> None:
    assert check("demo_write", WHOLE) == WHOLE
    assert check("demo_write", {"completion": "A lease is a contract."})["turns"] == []


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"completion": " "}, {"completion"}),
        ({"completion": "x" * 20_001}, {"completion"}),
        ({"turns": WHOLE["turns"][:1]}, {"turns"}),
        ({"turns": WHOLE["turns"][::-1]}, {"turns[0].role", "turns[1].role"}),
        ({"turns": [{"role": "user", "content": ""}]}, {"turns", "turns[0].role", "turns[0].content"}),
        ({"score": 7}, {"score"}),
    ],
)
def test_what_is_no_demonstration_is_refused(changes: dict[str, Any], fields: set[str]) -> None:
    assert refused("demo_write", {**WHOLE, **changes}) == fields
