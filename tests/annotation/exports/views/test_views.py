"""What holds of every view: it is found, says what it loses, writes no null, and reads no field that it hides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.exports import queries
from annotation.exports.choices import BadChoice
from annotation.exports.views import VIEWS, View
from tests.annotation.exports.views.records import COMPARISON, DEMONSTRATION, RANKING, demonstrations, rankings
from training.handover import dump_line, parse_line
from training.records import SPLITS

SOME = {"demonstrations": [DEMONSTRATION], "rankings": [RANKING, COMPARISON]}
ANY = {"demonstrations": demonstrations(), "rankings": rankings()}


# What needs numpy is tried where training is.
TRIED = [pytest.param(name, marks=[pytest.mark.training] * view.needs_training) for name, view in VIEWS.items()]


def stored(record: Any) -> dict[str, Any]:
    """Return the record as a release holds it."""
    return dict(parse_line(dump_line(record.to_json())))


def chosen(view: View) -> st.SearchStrategy[dict[str, Any]]:
    """Any value of each of the view's options."""
    values = {
        option.name: st.sampled_from(option.choices)
        if option.choices
        else {
            "boolean": st.booleans(),
            "integer": st.integers(int(option.minimum), int(option.maximum)),
            "number": st.floats(option.minimum, option.maximum),
            "text": st.just("a name"),
        }[option.type]
        for option in view.options
    }
    return st.fixed_dictionaries({}, optional=values)


def has_null(value: object) -> bool:
    if isinstance(value, dict):
        return any(has_null(part) for part in value.values())
    return value is None or (isinstance(value, list | tuple) and any(has_null(part) for part in value))


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_says_what_it_is_and_loses(name: str) -> None:
    view = VIEWS[name]
    assert view.id == name
    assert view.label
    assert view.source
    assert view.loses
    assert set(view.kinds) <= set(queries.RECORDS)
    assert set(view.splits) <= set(SPLITS)
    assert len({option.name for option in view.options}) == len(view.options)
    for option in view.options:
        assert option.label
        assert option.read(option.default) == option.default
        assert option.parse(str(option.default)) == option.default


@pytest.mark.parametrize("name", TRIED)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_view_writes_a_null_or_what_json_cannot_carry(name: str, data: st.DataObject) -> None:
    view = VIEWS[name]
    choices = view.choices(data.draw(chosen(view)))
    record = data.draw(st.one_of([ANY[kind] for kind in view.kinds if kind in ANY]))
    outcomes = list(view.stream([stored(record)], choices))
    columns = view.columns(choices)
    for outcome in outcomes:
        if isinstance(outcome, str):
            assert outcome.replace("_", "").isalpha()
            continue
        assert not has_null(outcome)
        assert json.loads(dump_line(outcome)) == outcome
        assert not columns or set(outcome) == set(columns)


@pytest.mark.parametrize("name", TRIED)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_view_names_every_field_that_it_reads(name: str, data: st.DataObject) -> None:
    view = VIEWS[name]
    choices = view.choices(data.draw(chosen(view)))
    whole = stored(data.draw(st.one_of([ANY[kind] for kind in view.kinds if kind in ANY])))
    narrow = {field: whole[field] for field in ("kind", *(view.fields or whole)) if field in whole}
    assert list(view.stream([narrow], choices)) == list(view.stream([whole], choices))


@pytest.mark.parametrize("name", [one for one in TRIED if one.values != ("bennet",)])
def test_no_trainer_is_told_where_a_completion_came_from(name: str) -> None:
    rows = list(VIEWS[name].stream([stored(record) for kind in VIEWS[name].kinds for record in SOME.get(kind, [])]))
    assert "secret" not in json.dumps(rows)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"pairs": "some"}, "options.pairs"),
        ({"minimum_margin": 0}, "options.minimum_margin"),
        ({"minimum_margin": True}, "options.minimum_margin"),
        ({"minimum_strength": "much"}, "options.minimum_strength"),
        ({"weights": 1}, "options.weights"),
        ({"sort": "up"}, "options.sort"),
        (["pairs"], "options"),
    ],
)
def test_a_choice_that_is_none_is_refused_by_name(given: Any, field: str) -> None:
    with pytest.raises(BadChoice) as refused:
        VIEWS["trl_preference"].choices(given)
    assert refused.value.field == field
    assert refused.value.message


def test_a_choice_may_be_typed() -> None:
    options = {option.name: option for option in VIEWS["trl_preference"].options}
    assert options["weights"].parse("true") is True
    assert options["minimum_margin"].parse("3") == 3
    assert options["minimum_strength"].parse("0.5") == 0.5
    for name, text in {"weights": "maybe", "minimum_margin": "two", "pairs": "some"}.items():
        with pytest.raises(BadChoice):
            options[name].parse(text)
