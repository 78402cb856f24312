from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from annotation.exports.selection import InvalidSelection, Selection


def test_everything_is_the_default() -> None:
    assert Selection.parse({}) == Selection()
    assert Selection.parse({}).to_json() == {}
    assert Selection.parse({"protocols": None, "date_from": None}).to_json() == {}


def test_equal_selections_are_stored_alike() -> None:
    given = {"protocols": [7, 3, 7], "languages": ["nb", "en"], "date_from": "2026-01-31", "include_spares": True}
    selection = Selection.parse(given)
    assert selection.to_json() == {
        "protocols": [3, 7],
        "languages": ["en", "nb"],
        "date_from": "2026-01-31",
        "include_spares": True,
    }
    assert Selection.parse(selection.to_json()) == selection


def test_what_came_later_is_stored_where_it_is_asked() -> None:
    given = {
        "annotators": [4, 2],
        "guideline_versions": [9],
        "tags": ["law", "art"],
        "review_states": ["submitted", "accepted"],
        "agreement_from": 0,
        "split_by": "annotator",
    }
    stored = Selection.parse(given).to_json()
    assert stored == given | {
        "annotators": [2, 4],
        "tags": ["art", "law"],
        "review_states": ["accepted", "submitted"],
        "agreement_from": 0.0,
    }
    assert Selection.parse(stored) == Selection.parse(given)
    assert (
        Selection.parse({"review_states": ["accepted", "returned", "submitted"], "split_by": "prompt"}) == Selection()
    )


def test_both_days_are_included() -> None:
    selection = Selection.parse({"date_from": "2026-01-31", "date_to": "2026-01-31"})
    assert selection.date_from == date(2026, 1, 31)
    assert selection.begins_at == datetime(2026, 1, 31, tzinfo=UTC)
    assert selection.ends_before == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "field", "remedy"),
    [
        (None, "selection", "must be an object with any of protocols"),
        ([], "selection", "must be an object"),
        ({"protocol": [1]}, "protocol", "there are protocols, date_from"),
        ({"protocols": "1"}, "protocols", "must be a list of protocol ids"),
        ({"protocols": ["1"]}, "protocols", "must be a list of protocol ids"),
        ({"protocols": [True]}, "protocols", "must be a list of protocol ids"),
        ({"protocols": list(range(1001))}, "protocols", "at most 1,000"),
        ({"languages": [1]}, "languages", "must be a list of language codes"),
        ({"date_from": "31.01.2026"}, "date_from", "YYYY-MM-DD"),
        ({"date_to": 5}, "date_to", "YYYY-MM-DD"),
        ({"date_to": "9999-12-31"}, "date_to", "between the years"),
        ({"date_from": "2026-02-01", "date_to": "2026-01-31"}, "date_from", "swap the two days"),
        ({"include_spares": "yes"}, "include_spares", "must be true or false"),
        ({"annotators": ["Ada"]}, "annotators", "must be a list of people's ids"),
        ({"guideline_versions": [1.5]}, "guideline_versions", "must be a list of guideline version ids"),
        ({"tags": "law"}, "tags", "must be a list of tags"),
        ({"review_states": ["struck"]}, "review_states", "not one of accepted, returned, submitted"),
        ({"agreement_from": 1.2}, "agreement_from", "from 0 to 1"),
        ({"agreement_from": True}, "agreement_from", "from 0 to 1"),
        ({"split_by": "day"}, "split_by", "one of prompt, annotator"),
    ],
)
def test_the_impossible_is_refused(value: Any, field: str, remedy: str) -> None:
    with pytest.raises(InvalidSelection, match=remedy) as refused:
        Selection.parse(value)
    assert refused.value.field == field
