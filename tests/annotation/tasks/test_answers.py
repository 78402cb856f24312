from __future__ import annotations

import pytest

from annotation.projects.kinds.settings import InvalidConfig
from annotation.projects.kinds.shape import InvalidAnswer
from annotation.tasks.answers import check, from_labels, labels_for, to_labels

SHOWN = [31, 7, 19]
SAID = {"tiers": [["c3"], ["c1", "c2"]], "all_bad": False, "rationale": ""}
STORED = {"tiers": [[19], [31, 7]], "all_bad": False, "rationale": ""}


def test_labels_count_from_one_in_the_order_shown() -> None:
    assert labels_for(SHOWN) == ["c1", "c2", "c3"]


def test_what_is_said_of_labels_is_stored_of_completions_and_comes_back() -> None:
    assert from_labels("ranking", {}, SAID, SHOWN) == STORED
    assert to_labels("ranking", STORED, SHOWN) == SAID
    assert check("ranking", {}, STORED, SHOWN) == STORED


def test_a_demonstration_speaks_of_no_completions() -> None:
    said = {"completion": "A contract."}
    assert from_labels("demonstration", {}, said, []) == to_labels("demonstration", said, []) == said


@pytest.mark.parametrize("payload", [None, [], "c1", 5])
def test_a_payload_is_an_object(payload: object) -> None:
    with pytest.raises(InvalidAnswer, match="must be an object"):
        from_labels("ranking", {}, payload, SHOWN)


def test_a_persons_answer_cannot_name_completions_by_their_ids() -> None:
    with pytest.raises(InvalidAnswer, match="does not belong"):
        from_labels("ranking", {}, STORED, SHOWN)


def test_a_kind_that_does_not_exist_has_no_answers() -> None:
    with pytest.raises(InvalidConfig, match="'dance'"):
        check("dance", {}, {}, [])
