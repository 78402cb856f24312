from __future__ import annotations

from functools import partial

import pytest

from annotation.projects.kinds.settings import InvalidConfig
from annotation.projects.protocol import KINDS, check_config
from tests.annotation.projects.kinds import checking

OPTIONS = ["safe", "unsafe", "unclear"]

check = partial(checking.check, "labels", options=OPTIONS)
refused = partial(checking.refused, "labels", options=OPTIONS)


def test_labels_are_kept_in_the_order_of_the_options() -> None:
    assert check({"labels": ["unsafe"]}) == {"labels": ["unsafe"], "rationale": ""}
    assert check({"labels": ["unclear", "safe"]}, multiple=True)["labels"] == ["safe", "unclear"]
    assert check({"labels": []}, multiple=True)["labels"] == []


@pytest.mark.parametrize(
    ("labels", "field", "says"),
    [
        (["unsafe", "unsafe"], "labels[1]", "twice"),
        (["rude"], "labels[0]", "not one of safe, unsafe, unclear"),
        ([["safe"]], "labels[0]", "not one of"),
        ([5], "labels[0]", "not one of"),
        ("safe", "labels", "must be a list"),
        (OPTIONS * 2, "labels", "at most 3"),
    ],
)
def test_a_repeated_a_foreign_and_an_odd_label_are_refused(labels: object, field: str, says: str) -> None:
    assert says in refused({"labels": labels}, multiple=True)[field]


@pytest.mark.parametrize("labels", [[], ["safe", "unsafe"]])
def test_one_label_is_chosen_where_not_several_may_hold(labels: list[str]) -> None:
    assert refused({"labels": labels}) == {"labels": "must name exactly one label"}


def test_a_protocol_says_which_labels_there_are() -> None:
    with pytest.raises(InvalidConfig, match="options: must have at least 1"):
        check_config("labels", {})


@pytest.mark.parametrize(("subject", "bounds"), [("prompt", (0, 0)), ("completion", (1, 1))])
def test_a_protocol_says_what_is_labelled(subject: str, bounds: tuple[int, int]) -> None:
    assert KINDS["labels"].bounds(check_config("labels", {"options": OPTIONS, "subject": subject})) == bounds
