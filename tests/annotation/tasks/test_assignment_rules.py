from __future__ import annotations

import pytest

from annotation.tasks.assignment_rules import EVERYBODY_MAY, Meant, fits

RULES = [
    {"languages": ["nb", "nn"], "tags": ["law"], "people": [9, 4]},
    {"languages": ["nb", "nn"], "team": "oslo"},
    {"tags": ["law", "tax"], "team": "jurists", "people": []},
]


@pytest.mark.parametrize(
    ("language", "tags", "meant"),
    [
        ("nb", ["law", "long"], Meant("", [4, 9])),
        ("nn", [], Meant("oslo", None)),
        ("en", ["tax"], Meant("jurists", None)),
        ("", ["law"], Meant("jurists", None)),
        ("en", ["long"], EVERYBODY_MAY),
        ("", [], EVERYBODY_MAY),
    ],
)
def test_the_first_rule_that_fits_holds(language: str, tags: list[str], meant: Meant) -> None:
    assert fits(RULES, language, tags) == meant


def test_without_rules_a_task_is_for_everybody() -> None:
    assert fits([], "en", ["law"]) == EVERYBODY_MAY == ("", None)


def test_a_rule_that_names_nothing_fits_every_prompt() -> None:
    assert fits([{"team": "night"}], "de", []) == Meant("night", None)
