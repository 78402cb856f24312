"""Nothing is shown that was not checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.chat.window import FIRST_WINDOW, Flagged, Window


@dataclass
class Said:
    categories: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)


@given(st.lists(st.text(alphabet="ab \n", max_size=90), max_size=40))
def test_all_of_it_comes_out_and_each_piece_was_checked_before(pieces: list[str]) -> None:
    read: list[str] = []

    def check(text: str) -> Said:
        read.append(text)
        return Said()

    shown = ""
    for piece in Window(check).through(pieces):
        shown += piece
        assert any(piece in text for text in read)
    assert shown == "".join(pieces)


@given(st.integers(0, 600), st.integers(1, 30))
def test_a_bad_word_is_never_shown_wherever_the_stream_cuts_it(before: int, cut: int) -> None:
    text = "so it goes " * (before // 11) + "and poison follows" + " and on it goes" * 30
    window = Window(lambda read: Said(("illicit",), {"illicit": 0.9}) if "poison" in read else Said())
    pieces: list[str] = []
    with pytest.raises(Flagged) as found:
        pieces.extend(window.through(text[at : at + cut] for at in range(0, len(text), cut)))
    shown = "".join(pieces)
    assert "poiso" not in shown
    assert text.startswith(shown)
    assert found.value.said.categories == ("illicit",)
    assert "poison" in found.value.text
    assert window.scores == {"illicit": 0.9}


def test_what_reads_badly_only_in_one_piece_is_found() -> None:
    first = "kill " + "a" * FIRST_WINDOW + " "
    window = Window(lambda read: Said(("violence",)) if "kill" in read and "everybody" in read else Said())
    with pytest.raises(Flagged):
        list(window.through([first, "everybody"]))


def test_a_filter_that_is_gone_shows_nothing() -> None:
    def gone(_: str) -> Said:
        raise ConnectionError

    shown: list[str] = []
    with pytest.raises(ConnectionError):
        shown.extend(Window(gone).through(["hello " * 100]))
    assert shown == []
