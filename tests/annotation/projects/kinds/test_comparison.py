from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from annotation.projects.protocol import KINDS
from tests.annotation.projects.kinds import checking

LABELS = ["c1", "c2"]
SAID = {"preferred": "c2", "strength": 2, "both_bad": False, "rationale": "It is right.", "edit": None}
EDITED = SAID | {"edit": {"of": "c2", "text": "Better still."}}
TIE = {"preferred": None, "strength": 0}

check = partial(checking.check, "comparison", labels=LABELS)
refused = partial(checking.refused, "comparison", labels=LABELS)


def test_what_follows_is_stored_beside_what_was_said() -> None:
    assert check(SAID) == SAID | {"tiers": [["c2"], ["c1"]], "all_bad": False}
    assert check(TIE | {"both_bad": True}) == {
        "preferred": None,
        "strength": 0,
        "both_bad": True,
        "rationale": "",
        "edit": None,
        "tiers": [["c1", "c2"]],
        "all_bad": True,
    }


def test_what_is_sent_along_as_following_is_worked_out_anew() -> None:
    assert check(SAID | {"tiers": [["c1"], ["c2"]], "all_bad": True}) == check(SAID)


def test_the_better_completion_may_be_edited_where_the_protocol_allows_it() -> None:
    assert check(EDITED, allow_edit=True)["edit"] == {"of": "c2", "text": "Better still."}
    assert check(TIE | {"edit": {"of": "c1", "text": "Mine."}}, allow_edit=True)["edit"]["of"] == "c1"
    assert "is not asked for" in refused(EDITED)["edit"]


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ({"strength": 0} | {"preferred": "c3"}, {"preferred"}),
        (SAID | {"preferred": 1}, {"preferred"}),
        (SAID | {"preferred": ["c1"]}, {"preferred"}),
        ({"preferred": None, "strength": 1}, {"strength"}),
        (SAID | {"strength": 0}, {"strength"}),
        (SAID | {"strength": 4}, {"strength"}),
        (SAID | {"strength": -1}, {"strength"}),
        (SAID | {"strength": "much"}, {"strength"}),
        ({"preferred": "c1"}, {"strength"}),
        (SAID | {"both_bad": None}, {"both_bad"}),
        (EDITED | {"both_bad": True}, {"edit"}),
        (EDITED | {"edit": {"of": "c1", "text": "Mine."}}, {"edit.of"}),
        (EDITED | {"edit": {"of": "c3", "text": "Mine."}}, {"edit.of"}),
        (EDITED | {"edit": {"text": "Mine."}}, {"edit.of"}),
        (EDITED | {"edit": {"of": "c2", "text": " "}}, {"edit.text"}),
        (EDITED | {"edit": {"of": "c2", "text": "Mine.", "by": "me"}}, {"edit.by"}),
        (EDITED | {"edit": "Mine."}, {"edit", "edit.of", "edit.text"}),
        (SAID | {"outputs": {"c1": {"harmful": "yes"}}}, {"outputs.c1.harmful"}),
        (SAID | {"outputs": {"c1": {"rude": True}}}, {"outputs.c1.rude"}),
        (SAID | {"outputs": {"c3": {}}}, {"outputs.c3"}),
        (SAID | {"winner": "c1", "strength": 9}, {"winner", "strength"}),
    ],
)
def test_each_field_at_fault_is_named(payload: dict[str, Any], fields: set[str]) -> None:
    assert set(refused(payload, allow_edit=True, completion_flags=["harmful"])) == fields


def test_a_decision_is_asked_for_where_the_protocol_wants_no_ties() -> None:
    assert "wants a decision" in refused(TIE, allow_ties=False)["preferred"]
    assert check(SAID, allow_ties=False)


@pytest.mark.parametrize("labels", [["c1"], ["c1", "c2", "c3"]])
def test_two_completions_are_compared(labels: list[str]) -> None:
    assert "two completions" in checking.refused("comparison", TIE, labels)["preferred"]


def test_ids_take_the_place_of_labels_and_back() -> None:
    said = EDITED | {"outputs": {"c1": {"harmful": True}, "c2": {"harmful": False}}}
    checked = check(said, allow_edit=True, completion_flags=["harmful"])
    stored = KINDS["comparison"].relabel(checked, {"c1": 31, "c2": 7})
    assert (stored["preferred"], stored["edit"]["of"], stored["tiers"]) == (7, 7, [[7], [31]])
    assert stored["outputs"] == {"31": {"harmful": True}, "7": {"harmful": False}}
    again = checking.check("comparison", stored, [31, 7], allow_edit=True, completion_flags=["harmful"])
    assert again == stored
    assert KINDS["comparison"].relabel(stored, {31: "c1", 7: "c2"}) == checked


def test_an_edit_does_not_keep_what_hides_a_name() -> None:
    edit = {"of": "c2", "text": "I am ▇▇▇ and I help."}
    assert "hides a name" in refused(SAID | {"edit": edit}, allow_edit=True)["edit.text"]
