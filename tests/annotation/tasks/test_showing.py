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


@pytest.mark.parametrize(
    ("count", "bounds", "tasks"),
    [
        (9, (2, 9), ["abcdefghi"]),
        (10, (2, 9), ["abcde", "fghij"]),
        (11, (4, 9), ["abcdef", "fghijk"]),
        (19, (2, 9), ["abcdefg", "ghijklm", "mnopqrs"]),
        (5, (4, 4), ["abcd", "bcde"]),
    ],
)
def test_more_than_a_task_can_show_are_dealt_out(count: int, bounds: tuple[int, int], tasks: list[str]) -> None:
    letters = "abcdefghijklmnopqrs"[:count]
    assert ["".join(shown) for shown in shown_together(letters, bounds)] == tasks


@pytest.mark.parametrize("bounds", [(2, 3), (2, 9), (4, 9), (9, 9)])
def test_all_are_shown_and_no_task_is_too_small_or_too_large(bounds: tuple[int, int]) -> None:
    for count in range(bounds[0], 60):
        dealt = shown_together(range(count), bounds)
        assert {item for shown in dealt for item in shown} == set(range(count))
        assert all(bounds[0] <= len(shown) <= bounds[1] for shown in dealt)
