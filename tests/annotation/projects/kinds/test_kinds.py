"""What holds of every kind of work. Nothing here knows a database."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.projects.kinds.settings import SETTING_TYPES
from annotation.projects.kinds.shape import InvalidAnswer, character_fault
from annotation.projects.protocol import KINDS, check_config
from tests.annotation.projects.kinds.checking import refused

LABELS = {"ranking": ["c1", "c2"], "comparison": ["c1", "c2"], "score": ["c1"]}
# What a kind cannot do without.
NEEDED: dict[str, dict[str, object]] = {
    "labels": {"options": ["yes", "no"]},
    "moderation_label": {"categories": ["hate", "violence"], "severity": True, "spans": True},
}


@pytest.mark.parametrize("key", KINDS)
def test_a_kind_says_of_each_setting_what_it_takes(key: str) -> None:
    kind = KINDS[key]
    assert all(type(setting) in SETTING_TYPES and setting.about.endswith(".") for setting in kind.settings)
    whole = check_config(key, NEEDED.get(key, {}))
    assert list(whole) == [setting.name for setting in kind.settings]
    assert json.loads(json.dumps(whole)) == whole
    assert kind.minimum_completions <= kind.bounds(whole)[0] <= kind.bounds(whole)[1] <= kind.maximum_completions


@pytest.mark.parametrize("key", KINDS)
def test_a_field_of_no_protocol_is_refused_by_its_name(key: str) -> None:
    said = refused(key, {"colour": "red", "shape": 1}, LABELS.get(key, []), **NEEDED.get(key, {}))
    assert (said["colour"], said["shape"]) == ("is not a field of this protocol",) * 2


FIELDS = {
    "demonstration": ["completion", "turns"],
    "prompt": ["style", "text", "shots", "use_case"],
    "ranking": ["tiers", "all_bad", "rationale", "prompt_flags", "use_case", "outputs"],
    "comparison": ["preferred", "strength", "both_bad", "rationale", "edit", "outputs", "tiers", "all_bad"],
    "score": ["score", "flags", "rationale"],
    "labels": ["labels", "rationale"],
    "moderation_label": ["verdicts", "unknown", "severity", "spans", "rationale"],
}
# Everything that JSON can hold, two levels deep, with the words that kinds look for strewn in.
WORDS = ["c1", "c2", "plain", "few_shot", "yes", "assistant", "user", "role", "content", "of", "text", "query", "hate"]
LEAVES = st.sampled_from([None, True, False, -1, 0, 1, 2, 7, 1.5, "", " ", "Ærlig", "\x00", "\ud800", *WORDS])
LISTS = st.lists(LEAVES, max_size=3)
OBJECTS = st.dictionaries(st.sampled_from(WORDS), LEAVES | LISTS, max_size=3)
VALUES = LEAVES | LISTS | OBJECTS | st.lists(LISTS | OBJECTS, max_size=3)


@settings(deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("key", KINDS)
def test_whatever_is_sent_is_stored_whole_or_refused(key: str, data: st.DataObject) -> None:
    """No payload is an error of ours, and what was stored is taken again unchanged."""
    payload: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(FIELDS[key]), VALUES))
    labels, config = LABELS.get(key, []), check_config(key, NEEDED.get(key, {}))
    try:
        stored = KINDS[key].check(payload, config, labels)
    except InvalidAnswer:
        return
    assert KINDS[key].check(stored, config, labels) == stored


@pytest.mark.parametrize("key", KINDS)
def test_what_goes_on_goes_on_to_kinds_that_exist(key: str) -> None:
    assert set(KINDS[key].follow_ups) <= set(KINDS)


@pytest.mark.parametrize("character", ["\t", "\n", "\x85", "\u2028", "\u2029", "\ufeff", "\U0001f600", "\u202e"])
def test_characters_that_only_look_odd_are_kept(character: str) -> None:
    assert character_fault(f"a{character}b") == ""


def test_of_all_characters_controls_and_lone_surrogates_are_refused() -> None:
    unwanted = {*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0), *range(0xD800, 0xE000)}
    assert {code for code in range(0x110000) if character_fault(chr(code))} == unwanted
