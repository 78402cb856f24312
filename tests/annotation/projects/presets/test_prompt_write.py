from __future__ import annotations

from typing import Any

import pytest

from tests.annotation.projects.presets.walking import check, refused

SHOT = {"query": "I loved it", "completion": "positive"}
PLAIN = {"style": "plain", "text": "What is a lease?", "shots": [], "use_case": ""}
FEW_SHOT = {"style": "few_shot", "text": "Name the mood.", "shots": [SHOT, SHOT], "use_case": "classification"}
USE_CASE = {"style": "use_case", "text": "Shorten this letter: …", "shots": [], "use_case": "summarization"}


@pytest.mark.parametrize("whole", [PLAIN, FEW_SHOT, USE_CASE])
def test_a_prompt_of_each_style_is_kept(whole: dict[str, Any]) -> None:
    assert check("prompt_write", whole) == whole


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (PLAIN | {"style": "haiku"}, {"style"}),
        (PLAIN | {"text": ""}, {"text"}),
        (PLAIN | {"shots": [SHOT]}, {"shots"}),
        (PLAIN | {"use_case": "dance"}, {"use_case"}),
        (FEW_SHOT | {"shots": []}, {"shots"}),
        (FEW_SHOT | {"shots": [SHOT, {"query": "So so"}]}, {"shots[1].completion"}),
        (USE_CASE | {"use_case": ""}, {"use_case"}),
        (USE_CASE | {"messages": []}, {"messages"}),
    ],
)
def test_what_is_no_prompt_is_refused(payload: dict[str, Any], fields: set[str]) -> None:
    assert refused("prompt_write", payload) == fields
