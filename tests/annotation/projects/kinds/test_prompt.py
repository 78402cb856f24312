from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from annotation.projects.kinds.settings import InvalidConfig
from annotation.projects.protocol import check_config
from tests.annotation.projects.kinds import checking

SHOT = {"query": "2 + 2", "completion": "4"}

check = partial(checking.check, "prompt")
refused = partial(checking.refused, "prompt")


def test_a_prompt_of_each_style_is_kept() -> None:
    assert check({"style": "plain", "text": " What is a lease?\r\n"}) == {
        "style": "plain",
        "text": "What is a lease?",
        "shots": [],
        "use_case": "",
    }
    assert check({"style": "few_shot", "text": "Add up.", "shots": [SHOT]})["shots"] == [SHOT]
    assert check({"style": "use_case", "text": "Shorten this.", "use_case": "rewrite"})["use_case"] == "rewrite"


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"text": "Hi?"}, "style"),
        ({"style": "long", "text": "Hi?"}, "style"),
        ({"style": ["plain"], "text": "Hi?"}, "style"),
        ({"style": "plain"}, "text"),
        ({"style": "plain", "text": "\x07"}, "text"),
        ({"style": "plain", "text": "Hi?", "shots": [SHOT]}, "shots"),
        ({"style": "few_shot", "text": "Add up.", "shots": []}, "shots"),
        ({"style": "few_shot", "text": "Add up.", "shots": [SHOT] * 4}, "shots"),
        ({"style": "few_shot", "text": "Add up.", "shots": [SHOT, {"query": "1 + 1"}]}, "shots[1].completion"),
        ({"style": "few_shot", "text": "Add up.", "shots": [SHOT, {"query": "", "completion": "2"}]}, "shots[1].query"),
        ({"style": "few_shot", "text": "Add up.", "shots": [SHOT, SHOT | {"note": "x"}]}, "shots[1].note"),
        ({"style": "few_shot", "text": "Add up.", "shots": [SHOT, "2 + 2"]}, "shots[1]"),
        ({"style": "use_case", "text": "Shorten this."}, "use_case"),
        ({"style": "plain", "text": "Hi?", "use_case": "x" * 501}, "use_case"),
        ({"style": "plain", "text": "Hi?", "completion": "Hello."}, "completion"),
    ],
)
def test_each_field_at_fault_is_named(payload: dict[str, Any], field: str) -> None:
    assert field in refused(payload, minimum_shots=2, maximum_shots=3)


def test_a_use_case_is_one_of_those_that_the_protocol_names() -> None:
    said = {"style": "use_case", "text": "Shorten this.", "use_case": "rewrite"}
    assert check(said, use_cases=["rewrite"])["use_case"] == "rewrite"
    assert check({"style": "plain", "text": "Hi?"}, use_cases=["rewrite"])["use_case"] == ""
    assert refused(said, use_cases=["chat"]) == {"use_case": "must be one of chat"}


def test_only_the_styles_of_the_protocol_are_taken() -> None:
    assert refused({"style": "plain", "text": "Hi?"}, styles=["use_case"]) == {
        "style": "must be one of use_case",
    }


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"styles": []}, "styles"),
        ({"styles": ["long"]}, "styles"),
        ({"minimum_shots": 5, "maximum_shots": 4}, "minimum_shots"),
    ],
)
def test_an_impossible_configuration_is_refused(config: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidConfig) as error:
        check_config("prompt", config)
    assert error.value.field == field
