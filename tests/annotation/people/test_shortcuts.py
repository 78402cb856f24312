"""What a choice of keys may look like."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.people.shortcuts import COMMANDS_MOST, BadShortcut, checked


def test_keys_are_kept_as_they_are_named() -> None:
    chosen = {"tie": ["=", "Mod+Shift+k"], "raise": ["ArrowUp", "Alt+ø", "F2"], "select": ["Alt+1-9"], "skip": []}
    assert checked(chosen) == chosen


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ([], "must be an object"),
        ({f"command_{number}": [] for number in range(COMMANDS_MOST + 1)}, "at most"),
        ({"Tie!": ["="]}, "no name of a command"),
        ({"tie": "="}, "a list of at most"),
        ({"tie": ["a", "b", "c", "d", "e"]}, "a list of at most"),
        ({"tie": ["="] * 2}, "twice"),
        ({"tie": [""]}, "is no key"),
        ({"tie": [" "]}, "is no key"),
        ({"tie": ["ab"]}, "is no key"),
        ({"tie": ["Shift+Mod+a"]}, "is no key"),
        ({"tie": ["a\x00"]}, "is no key"),
        ({"tie": [1]}, "is no key"),
    ],
)
def test_anything_else_is_refused_with_the_reason(wrong: Any, why: str) -> None:
    with pytest.raises(BadShortcut, match=why):
        checked(wrong)
