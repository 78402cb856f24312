from __future__ import annotations

from typing import Any

import pytest

from annotation.intake.options import BadOption, Options, parse_option, read_options


def test_options_have_defaults() -> None:
    assert read_options({}) == Options()
    assert read_options({"open_tasks": False, "limit_rows": 5}) == Options(open_tasks=False, limit_rows=5)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([], "options"),
        ({"colour": "red"}, "options.colour"),
        ({"open_tasks": "yes"}, "options.open_tasks"),
        ({"limit_rows": True}, "options.limit_rows"),
        ({"limit_rows": -1}, "options.limit_rows"),
        ({"demonstrations": "worst"}, "options.demonstrations"),
        ({"delimiter": "|"}, "options.delimiter"),
        ({"source": "x" * 61}, "options.source"),
        ({"source": "a\nb"}, "options.source"),
        ({"prompt_column": None}, "options.prompt_column"),
    ],
)
def test_an_impossible_option_is_named(given: Any, field: str) -> None:
    with pytest.raises(BadOption) as refusal:
        read_options(given)
    assert refusal.value.field == field


def test_typed_options_get_their_type() -> None:
    assert parse_option("limit_rows=1000") == ("limit_rows", 1000)
    assert parse_option("open_tasks=false") == ("open_tasks", False)
    assert parse_option("prompt_column=a=b") == ("prompt_column", "a=b")
    with pytest.raises(BadOption):
        parse_option("limit_rows")
    with pytest.raises(BadOption):
        read_options(dict([parse_option("open_tasks=maybe")]))
