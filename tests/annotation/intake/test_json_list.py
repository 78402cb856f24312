from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.intake import json_list
from annotation.intake.rows import BadFile

LIMIT = 2**24


def elements(text: str | bytes, limit_bytes: int = LIMIT) -> list[tuple[int, bytes]]:
    data = text.encode() if isinstance(text, str) else text
    return list(json_list.elements(io.BufferedReader(io.BytesIO(data)), limit_bytes=limit_bytes))


def test_each_element_comes_with_the_line_on_which_it_begins() -> None:
    assert elements('[\n  1,\n  {"a":\n 2},\n\n "x, ]" ]\n') == [(2, b"1"), (3, b'{"a":\n 2}'), (6, b'"x, ]"')]
    assert elements(" [ ] ") == elements("[]") == []


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(given_values=st.lists(values), chunk=st.integers(1, 12), indent=st.sampled_from([None, 1]))
def test_any_list_comes_in_whole_however_it_is_cut(given_values: list[object], chunk: int, indent: int | None) -> None:
    text = json.dumps(given_values, ensure_ascii=False, indent=indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_list, "_CHUNK", chunk)
        read = elements(text.encode("utf-8", "surrogatepass"))
    assert [json.loads(raw) for _, raw in read] == given_values
    lines = text.encode("utf-8", "surrogatepass").split(b"\n")
    assert all(raw.split(b"\n")[0] in lines[number - 1] for number, raw in read)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[1, 2", "ends too early"),
        ('[{"a": "never closed}]', "ends too early"),
        ("[1,,2]", "a comma too many near line 1"),
        ("[1,]", "a comma too many"),
        ("[,1]", "a comma too many"),
        ("[1]\n[2]", "goes on after the end"),
        ('[1] {"a": 1}', "goes on after the end"),
    ],
)
def test_what_is_no_whole_list_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadFile, match=sentence):
        elements(text)


def test_a_list_is_read_within_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadFile, match="larger than 1 MiB"):
        elements("[" + "1," * 2**20 + "1]", limit_bytes=2**20)
    monkeypatch.setattr(json_list, "MAXIMUM_LINE_BYTES", 100)
    with pytest.raises(BadFile, match="Split it"):
        elements('["' + "x" * 200 + '"]')


def test_a_broken_element_is_left_to_its_reader() -> None:
    assert elements('[{"a": 1}\n{"b": 2}, 3]') == [(1, b'{"a": 1}\n{"b": 2}'), (2, b"3")]
