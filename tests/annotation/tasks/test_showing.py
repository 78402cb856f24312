from __future__ import annotations

import pytest

from annotation.tasks.showing import shown_together


@pytest.mark.parametrize(
    ("bounds", "tasks"),
    [
        ((0, 0), [""]),
        ((1, 1), ["a", "b", "c"]),
        ((2, 2), ["ab", "ac", "bc"]),
        ((2, 9), ["abc"]),
        ((4, 9), ["abc"]),
        ((9, 9), ["abc"]),
    ],
)
def test_completions_stand_together_as_the_protocol_shows_them(bounds: tuple[int, int], tasks: list[str]) -> None:
    assert ["".join(shown) for shown in shown_together("abc", bounds)] == tasks


def test_too_few_make_no_task() -> None:
    assert shown_together("", (1, 1)) == shown_together("a", (2, 2)) == []
