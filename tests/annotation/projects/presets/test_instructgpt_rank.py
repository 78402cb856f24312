from __future__ import annotations

from typing import Any

import pytest

from annotation.projects.presets import PRESETS
from annotation.projects.presets.instructgpt_rank import COMPLETION_FLAGS, PROMPT_FLAGS
from annotation.projects.protocol import KINDS, check_config
from tests.annotation.projects.presets.walking import check, labels, refused

PRESET = PRESETS["instructgpt_rank"]


def whole(completions: int = 4) -> dict[str, Any]:
    """Return an answer that fills in every field: the last two outputs tie."""
    names = labels(completions)
    output = {"overall_quality": 4, **dict.fromkeys(COMPLETION_FLAGS, False)}
    best = output | {"overall_quality": 7, "satisfies_constraint": True}
    return {
        "tiers": [*([name] for name in names[:-2]), names[-2:]],
        "all_bad": False,
        "rationale": "c1 keeps to the limit of 50 words.",
        "prompt_flags": dict.fromkeys(PROMPT_FLAGS, False) | {"contains_other_explicit_constraints": True},
        "use_case": "summarization",
        "outputs": {name: dict(output) for name in names} | {"c1": best},
    }


def with_first_output(**fields: object) -> dict[str, Any]:
    answer = whole()
    answer["outputs"]["c1"] |= fields
    return answer


@pytest.mark.parametrize("completions", [4, 9])
def test_four_to_nine_outputs_are_described_rated_and_ranked(completions: int) -> None:
    assert check("instructgpt_rank", whole(completions), completions) == whole(completions)


def test_ties_of_all_outputs_are_welcome() -> None:
    assert check("instructgpt_rank", whole() | {"tiers": [labels(4)], "all_bad": True}, 4)["tiers"] == [labels(4)]


def test_the_names_are_those_that_were_published() -> None:
    assert len(set(COMPLETION_FLAGS)) == len(set(PROMPT_FLAGS)) == 11
    assert {"hallucination", "satisfies_constraint", "denigrates_protected_class"} <= set(COMPLETION_FLAGS)
    assert {"closed_domain", "identity_dependent", "intent_unclear"} <= set(PROMPT_FLAGS)


def test_fewer_than_four_outputs_make_no_task_of_it() -> None:
    assert KINDS["ranking"].bounds(check_config("ranking", PRESET.config)) == (4, 9)


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (whole() | {"tiers": [["c1"], ["c2"], ["c3"]]}, {"tiers"}),
        (whole() | {"tiers": [["c1"], ["c1", "c2"], ["c3", "c4"]]}, {"tiers"}),
        (whole() | {"tiers": [["c1", "c9"], ["c2", "c3", "c4"]]}, {"tiers"}),
        (whole() | {"all_bad": "yes"}, {"all_bad"}),
        (whole() | {"rationale": None}, {"rationale"}),
        (whole() | {"use_case": "dance"}, {"use_case"}),
        (whole() | {"prompt_flags": {"boring": True}}, {"prompt_flags.boring"}),
        (whole() | {"prompt_flags": {"ambiguous": 1}}, {"prompt_flags.ambiguous"}),
        (with_first_output(overall_quality=8), {"outputs.c1.overall_quality"}),
        (with_first_output(overall_quality=None), {"outputs.c1.overall_quality"}),
        (with_first_output(boring=True), {"outputs.c1.boring"}),
        (with_first_output(hallucination="no"), {"outputs.c1.hallucination"}),
        (whole() | {"outputs": {}}, {f"outputs.{name}.overall_quality" for name in labels(4)}),
        (whole() | {"strength": 3, "use_case": ""}, {"strength", "use_case"}),
    ],
)
def test_each_field_at_fault_is_named(payload: dict[str, Any], fields: set[str]) -> None:
    assert refused("instructgpt_rank", payload, 4) == fields
