"""Each format's own sample is told from all others, whatever columns stand beside its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.intake.detect import SHAPES, detect
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import READERS
from annotation.intake.rows import Rejected, Row
from tests.annotation.intake.readers.reading import lines_of, outcomes, skips
from tests.annotation.intake.readers.samples import SAMPLES
from tests.annotation.intake.readers.test_hostile_input import read, values

ALL = [(name, sample) for name, samples in SAMPLES.items() for sample in samples]
STRICT = ("bennet",)
# Readers that leave other fields out without a word, because their files have many by design.
QUIET = ("openassistant", "label_studio", "pandalm", "tulu", "jsonl")


def named(data: bytes) -> str:
    return detect(iter([Line(1, data.strip())]), Options())[0]


@pytest.mark.parametrize(("name", "sample"), ALL)
def test_a_sample_is_told_from_all_others_and_read(name: str, sample: dict[str, Any]) -> None:
    assert named(lines_of(sample)) == name
    read = outcomes(lines_of(sample))
    assert any(isinstance(outcome, Row) for outcome in read)
    assert not [outcome for outcome in read if isinstance(outcome, Rejected)]


@pytest.mark.parametrize(("name", "sample"), [(name, sample) for name, sample in ALL if name not in STRICT])
def test_another_field_changes_nothing_and_is_counted(name: str, sample: dict[str, Any]) -> None:
    more = sample | {"extra": 1}
    assert named(lines_of(more)) == name
    kept = [outcome for outcome in outcomes(lines_of(more)) if isinstance(outcome, Row)]
    assert kept == [outcome for outcome in outcomes(lines_of(sample)) if isinstance(outcome, Row)]
    assert ("unread_field" in skips(lines_of(more))) is (name not in QUIET)


def test_every_format_has_a_sample() -> None:
    assert {*SHAPES} <= {*SAMPLES}
    assert {*READERS} - {*SAMPLES} == {"csv", "davidson", "hatecheck", "doccano_pairs"}


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in items for place in _places(inner, (*path, key)))]


def _replaced(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    copy = value.copy()
    copy[path[0]] = _replaced(value[path[0]], path[1:], other)
    return copy


@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_what_is_nearly_right_is_read_or_refused(data: st.DataObject) -> None:
    name, sample = data.draw(st.sampled_from(ALL))
    place = data.draw(st.sampled_from(_places(sample)))
    line = json.dumps(_replaced(sample, place, data.draw(values)), ensure_ascii=False)
    read(line.encode("utf-8", "surrogatepass"), name)
