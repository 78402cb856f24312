"""The fast writer and the reference library write the same bytes, and digests stay what they were."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from annotation.exports.canonical import canonical
from annotation.exports.digest import ReleaseDigest

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(record=st.dictionaries(TEXT, VALUES, max_size=6))
@example({"a": 1e16, "b": 1e-7, "c": -0.0, "d": 1e21, "e": 123456789012345680.0, "f": 0.0001, "g": 5e-324})
@example({"\ue000": 1, "\U0001f426": 2, "a\x7f": '\x00\x1f\u2028\\"/'})
def test_it_is_the_reference_form(record: dict[str, Any]) -> None:
    assert canonical(record) == rfc8785.dumps(record)


@settings(max_examples=150, deadline=None)
@given(number=st.floats(-1e22, 1e22) | st.floats(-1, 1) | st.decimals(0, 10**6, places=3).map(float))
def test_numbers_are_written_as_the_standard_wants_them(number: float) -> None:
    assert canonical({"n": number}) == rfc8785.dumps({"n": number})


def test_other_mappings_and_tuples_are_written_too() -> None:
    assert canonical({"b": ({"c": 1.0},), "a": (1e-9,)}) == b'{"a":[1e-9],"b":[{"c":1}]}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, "\ud800"])
def test_what_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical({"value": value})


def test_a_digest_is_what_it_was_when_releases_were_lines() -> None:
    """Computed by the code of the first schema: whoever froze these records then finds the same release now."""
    shared = {"prompt_id": "8", "group": "g", "split": "train", "messages": [{"role": "user", "content": "Hé\u2028?"}]}
    digest = ReleaseDigest()
    for number in range(3):
        digest.add({"kind": "demonstration", "record_id": str(number), **shared, "seconds": number * 1.5})
    assert digest.hexdigest() == "c9947f5bcceee30fe4b55c1ada126482175908b2091ebb6961c5b3d677817427"
