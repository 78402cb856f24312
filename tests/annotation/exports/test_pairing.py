"""The rules that make pairs of rankings, by hand and by law."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.exports import pairing
from annotation.exports.choices import read_choices
from tests.annotation.exports.views.records import COMPARISON, RANKING, rankings
from training.ranking import positions


def kept(record: Any, **choices: Any) -> tuple[list[str], list[str]]:
    pairs, reasons = pairing.kept_pairs(record.to_json(), read_choices(pairing.OPTIONS, choices))
    return [f"{pair.chosen[5:]}>{pair.rejected[5:]}" for pair in pairs], reasons


@pytest.mark.parametrize(
    ("choices", "pairs", "reasons"),
    [
        ({}, ["b>a", "b>d", "b>c", "a>c", "d>c"], ["tied_pair"]),
        ({"ties": "both_ways"}, ["b>a", "b>d", "b>c", "a>c", "d>c", "a>d", "d>a"], []),
        ({"pairs": "adjacent"}, ["b>a", "b>d", "a>c", "d>c"], ["pair_not_in_rule", "tied_pair"]),
        ({"pairs": "best_rest"}, ["b>a", "b>d", "b>c"], ["pair_not_in_rule"] * 2 + ["tied_pair"]),
        ({"minimum_margin": 2}, ["b>c"], ["pair_below_margin"] * 4 + ["tied_pair"]),
        ({"minimum_strength": 0.1}, [], ["pair_without_strength"] * 5 + ["tied_pair"]),
    ],
)
def test_one_ranking_under_each_rule(choices: Any, pairs: list[str], reasons: list[str]) -> None:
    assert kept(RANKING, **choices) == (pairs, reasons)


def test_strength_is_asked_of_the_two_that_were_judged() -> None:
    assert kept(COMPARISON, minimum_strength=0.6) == (["a>b"], ["pair_without_strength"] * 2)
    assert kept(COMPARISON, minimum_strength=0.7) == ([], ["pair_without_strength"] * 2 + ["pair_below_strength"])


def test_a_ranking_of_ties_alone_makes_nothing() -> None:
    tied = replace(RANKING, tiers=(("a", "b", "c", "d"),))
    for rule in ("all", "adjacent", "best_rest"):
        assert kept(tied, pairs=rule) == ([], ["tied_pair"] * 6)


@given(record=rankings(), rule=st.sampled_from(["all", "adjacent", "best_rest"]), ties=st.booleans())
def test_every_pair_is_kept_or_counted(record: Any, rule: str, ties: bool) -> None:
    plain, number = record.to_json(), len(record.completions)
    texts = {completion.completion_id: completion.completion_id for completion in record.completions}
    plain["completions"] = [{**entry, "text": texts[entry["completion_id"]]} for entry in plain["completions"]]
    choices = read_choices(pairing.OPTIONS, {"pairs": rule, "ties": "both_ways" if ties else "drop"})
    pairs, reasons = pairing.kept_pairs(plain, choices)
    if record.all_bad:
        assert (pairs, reasons) == ([], ["all_bad_ranking"])
        return
    place = positions(record.tiers)
    tied = sum(1 for pair in pairs if place[pair.chosen] == place[pair.rejected])
    assert len(pairs) - tied // 2 + len(reasons) == number * (number - 1) // 2
    assert all(place[pair.chosen] <= place[pair.rejected] for pair in pairs)
    assert not pairs or sum(pair.weight for pair in pairs) == pytest.approx(1)
