from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.api.ranges import Part, RangeNotSatisfiable, part_wanted


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-3", (0, 4)),
        ("bytes=4-", (4, 6)),
        ("bytes=-3", (7, 3)),
        ("bytes=-99", (0, 10)),
        ("bytes=8-99", (8, 2)),
        ("Bytes = 0 - 0", (0, 1)),
    ],
)
def test_a_range_is_a_part(header: str, part: tuple[int, int]) -> None:
    assert part_wanted(header, 10) == Part(*part, 10)


@pytest.mark.parametrize(
    "header", ["", "bytes=", "bytes=-", "bytes=5-2", "lines=0-3", "bytes=0-1,4-5", "bytes=a-b", "bytes=+1-2", "0-3"]
)
def test_what_is_no_single_range_asks_for_the_whole(header: str) -> None:
    assert part_wanted(header, 10) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=0-", 0), ("bytes=-0", 10), ("bytes=-5", 0)])
def test_what_begins_after_the_end_is_refused_with_the_size(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable) as refused:
        part_wanted(header, size)
    assert refused.value.headers == {"Content-Range": f"bytes */{size}"}


def test_a_range_of_a_file_that_has_changed_asks_for_the_whole() -> None:
    assert part_wanted("bytes=1-2", 10, if_range='"old"', etag='"new"') is None
    assert part_wanted("bytes=1-2", 10, if_range='"new"', etag='"new"') == Part(1, 2, 10)
    assert part_wanted("bytes=1-2", 10, if_range="Mon, 23 Nov 2026 12:00:00 GMT", etag='"new"') is None


@given(content=st.binary(min_size=1, max_size=40), start=st.integers(0, 60), last=st.integers(0, 60))
def test_parts_are_slices(content: bytes, start: int, last: int) -> None:
    try:
        part = part_wanted(f"bytes={start}-{last}", len(content))
    except RangeNotSatisfiable:
        assert start >= len(content)
        return
    if part is None:
        assert last < start
        return
    assert content[part.start : part.start + part.length] == content[start : last + 1]
    assert part.content_range == f"bytes {start}-{min(last, len(content) - 1)}/{len(content)}"
