from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from annotation.projects.kinds.settings import InvalidConfig
from annotation.projects.protocol import KINDS, check_config
from tests.annotation.projects.kinds import checking

LABELS = ["c1", "c2", "c3"]
STRICT = [["c2"], ["c1"], ["c3"]]
TIED = [["c2"], ["c1", "c3"]]
ASKS_MORE = {
    "prompt_flags": ["ambiguous", "closed_domain"],
    "use_cases": ["chat", "rewrite"],
    "rating_scale": 7,
    "completion_flags": ["hallucination"],
}
WHOLE = {
    "tiers": TIED,
    "all_bad": False,
    "rationale": "c2 is right.",
    "prompt_flags": {"ambiguous": True, "closed_domain": False},
    "use_case": "chat",
    "outputs": {
        "c1": {"overall_quality": 3, "hallucination": True},
        "c2": {"overall_quality": 6, "hallucination": False},
        "c3": {"overall_quality": 3, "hallucination": False},
    },
}

check = partial(checking.check, "ranking")
refused = partial(checking.refused, "ranking")


def with_output(label: str, **fields: object) -> dict[str, Any]:
    outputs: dict[str, Any] = WHOLE["outputs"]  # type: ignore[assignment]
    return WHOLE | {"outputs": outputs | {label: outputs.get(label, {}) | fields}}


def test_a_ranking_keeps_its_tiers_and_ties_whole() -> None:
    answer = {"tiers": TIED, "all_bad": True, "rationale": "  None is good.\r\n"}
    assert check(answer, LABELS) == {"tiers": TIED, "all_bad": True, "rationale": "None is good."}
    assert check({"tiers": STRICT}, LABELS) == {"tiers": STRICT, "all_bad": False, "rationale": ""}
    assert check({"tiers": [LABELS]}, LABELS)["tiers"] == [LABELS]


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        ([["c1"], ["c2"]], "'c3' is not ranked"),
        ([["c1"], ["c2"], ["c3", "c1"]], "ranked twice"),
        ([["c1"], ["c2"], ["c3"], ["c4"]], "does not belong"),
        ([["c1"], [], ["c2", "c3"]], "is empty"),
        ([[["c1"]], ["c2"], ["c3"]], "does not belong"),
        ([[1], [2], [3]], "does not belong"),
        ([], "not ranked"),
        ("c1", "list of lists"),
        (None, "list of lists"),
        (["c1", "c2", "c3"], "list of lists"),
        ([{"c1": 1}], "list of lists"),
    ],
)
def test_tiers_that_rank_something_else_are_refused(tiers: object, says: str) -> None:
    assert says in refused({"tiers": tiers}, LABELS)["tiers"]


def test_ties_are_refused_where_the_protocol_wants_none() -> None:
    assert "no ties" in refused({"tiers": TIED}, LABELS, allow_ties=False)["tiers"]
    assert check({"tiers": STRICT}, LABELS, allow_ties=False)["tiers"] == STRICT


def test_a_rationale_is_asked_for_where_the_protocol_wants_one() -> None:
    assert refused({"tiers": STRICT, "rationale": " "}, LABELS, require_rationale=True) == {
        "rationale": "must not be empty"
    }
    assert "5,001" in refused({"tiers": STRICT, "rationale": "x" * 5001}, LABELS)["rationale"]


@pytest.mark.parametrize("value", [1, "yes", None])
def test_all_bad_is_true_or_false(value: object) -> None:
    assert "all_bad" in refused({"tiers": STRICT, "all_bad": value}, LABELS)


@pytest.mark.parametrize("count", [1, 10])
def test_two_to_nine_completions_are_ranked(count: int) -> None:
    labels = [f"c{place}" for place in range(1, count + 1)]
    assert f"not {count}" in refused({"tiers": [labels]}, labels)["tiers"]


def test_what_else_the_protocol_asks_for_is_stored_beside_the_tiers() -> None:
    assert check(WHOLE, LABELS, **ASKS_MORE) == WHOLE


def test_a_flag_that_is_not_mentioned_does_not_hold() -> None:
    left_out = WHOLE | {"prompt_flags": {}, "outputs": {label: {"overall_quality": 1} for label in LABELS}}
    stored = check(left_out, LABELS, **ASKS_MORE)
    assert stored["prompt_flags"] == {"ambiguous": False, "closed_domain": False}
    assert stored["outputs"]["c3"] == {"overall_quality": 1, "hallucination": False}


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (WHOLE | {"prompt_flags": {"rude": True}}, "prompt_flags.rude"),
        (WHOLE | {"prompt_flags": {"ambiguous": 1}}, "prompt_flags.ambiguous"),
        (WHOLE | {"prompt_flags": ["ambiguous"]}, "prompt_flags"),
        (WHOLE | {"use_case": "dance"}, "use_case"),
        (WHOLE | {"use_case": ""}, "use_case"),
        (WHOLE | {"use_case": ["chat"]}, "use_case"),
        (with_output("c1", overall_quality=0), "outputs.c1.overall_quality"),
        (with_output("c1", overall_quality=8), "outputs.c1.overall_quality"),
        (with_output("c1", overall_quality=True), "outputs.c1.overall_quality"),
        (with_output("c1", overall_quality=3.5), "outputs.c1.overall_quality"),
        (with_output("c2", violent=True), "outputs.c2.violent"),
        (with_output("c2", hallucination="no"), "outputs.c2.hallucination"),
        (with_output("c4", overall_quality=1), "outputs.c4"),
        (WHOLE | {"outputs": {"c1": 3}}, "outputs.c1"),
        (WHOLE | {"outputs": None}, "outputs"),
    ],
)
def test_each_field_at_fault_is_named(payload: dict[str, Any], field: str) -> None:
    assert field in refused(payload, LABELS, **ASKS_MORE)


def test_all_faults_are_told_at_once() -> None:
    payload = WHOLE | {"tiers": STRICT[:2], "all_bad": "no", "use_case": "dance", "winner": "c1"}
    assert set(refused(payload, LABELS, **ASKS_MORE)) == {"tiers", "all_bad", "use_case", "winner"}


def test_every_completion_needs_its_rating() -> None:
    missing = refused({"tiers": STRICT}, LABELS, rating_scale=7)
    assert set(missing) == {f"outputs.{label}.overall_quality" for label in LABELS}


@pytest.mark.parametrize(
    "extra", [{"prompt_flags": {"ambiguous": True}}, {"use_case": "chat"}, {"outputs": {"c1": {"overall_quality": 3}}}]
)
def test_what_the_protocol_does_not_ask_for_is_refused(extra: dict[str, Any]) -> None:
    assert refused({"tiers": STRICT, **extra}, LABELS)


def test_what_is_empty_may_be_sent_though_nobody_asked() -> None:
    empty = {"prompt_flags": {}, "use_case": "", "outputs": {"c1": {}}}
    assert set(check({"tiers": STRICT, **empty}, LABELS)) == {"tiers", "all_bad", "rationale"}


def test_outputs_are_stored_under_the_completions_ids_and_come_back_under_their_labels() -> None:
    ids = {"c1": 31, "c2": 7, "c3": 19}
    stored = KINDS["ranking"].relabel(WHOLE, ids)
    assert stored["tiers"] == [[7], [31, 19]]
    assert {name: output["overall_quality"] for name, output in stored["outputs"].items()} == {"31": 3, "7": 6, "19": 3}
    assert check(stored, [31, 7, 19], **ASKS_MORE) == stored
    assert KINDS["ranking"].relabel(stored, {pk: label for label, pk in ids.items()}) == WHOLE


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"minimum_completions": 5, "maximum_completions": 4}, "minimum_completions"),
        ({"minimum_completions": 1}, "minimum_completions"),
        ({"maximum_completions": 10}, "maximum_completions"),
        ({"rating_scale": 1}, "rating_scale"),
        ({"rating_scale": 7, "completion_flags": ["overall_quality"]}, "completion_flags"),
    ],
)
def test_an_impossible_configuration_is_refused(config: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidConfig) as error:
        check_config("ranking", config)
    assert error.value.field == field


def test_a_protocol_narrows_how_many_completions_its_tasks_show() -> None:
    kind = KINDS["ranking"]
    assert kind.bounds(kind.defaults) == (2, 9)
    assert kind.bounds(check_config("ranking", {"minimum_completions": 4})) == (4, 9)
