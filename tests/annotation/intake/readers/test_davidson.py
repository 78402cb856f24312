from __future__ import annotations

import csv
import io

import pytest

from annotation.intake.readers.davidson import HEADER
from annotation.intake.rows import BadFile
from tests.annotation.intake.readers.reading import outcomes, refusals, rows


def table(*cells: tuple[str, ...], header: tuple[str, ...] = HEADER) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *cells])
    return written.getvalue().encode()


def test_each_vote_is_the_answer_of_a_seat() -> None:
    read = rows(table(("7", "4", "1", "3", "0", "1", 'a "b"\nc, &amp;'), ("9", "3", "0", "0", "3", "2", "d")))
    assert [(row.annotator, row.labels) for row in read[:4]] == [
        ("coder-1", ["hate_speech"]),
        ("coder-2", ["offensive_language"]),
        ("coder-3", ["offensive_language"]),
        ("coder-4", ["offensive_language"]),
    ]
    assert {row.messages[0]["content"] for row in read[:4]} == {'a "b"\nc, &amp;'}
    assert [(row.line, row.labels, row.source) for row in read[4:]] == [(4, ["neither"], "davidson")] * 3
    assert {row.kind for row in read} == {"labels"}


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        (("3", "0", "0", "2", "2"), "count", "votes_do_not_sum"),
        (("2", "0", "0", "3", "2"), "count", "votes_do_not_sum"),
        (("0", "0", "0", "0", "2"), "count", "votes_do_not_sum"),
        (("3", "0", "0", "3", "1"), "class", "not_the_majority"),
        (("3", "0", "0", "3", "3"), "class", "not_a_count"),
        (("3", "0", "0", "-3", "2"), "neither", "not_a_count"),
        (("3", "0", "", "3", "2"), "offensive_language", "not_a_count"),
        (("3", "0", "0", "3.0", "2"), "neither", "not_a_count"),
        (("3", "0", "0", "NaN", "2"), "neither", "not_a_count"),
        (("101", "101", "0", "0", "0"), "hate_speech", "not_a_count"),
    ],
)
def test_votes_that_make_no_sense_are_refused_and_the_next_row_is_read(
    cells: tuple[str, ...], field: str, reason: str
) -> None:
    data = table(("1", *cells, "a"), ("2", "1", "1", "0", "0", "0", "b"))
    assert refusals(data) == [(2, field, reason)]
    assert [row.line for row in outcomes(data)] == [2, 3]


def test_a_tie_may_be_decided_either_way() -> None:
    for winner in "01":
        assert len(rows(table(("1", "4", "2", "2", "0", winner, "a")))) == 4


def test_a_row_without_text_or_with_a_cell_too_few_is_refused() -> None:
    assert refusals(table(("1", "1", "1", "0", "0", "0", " "), ("2", "1"))) == [
        (2, "tweet", "empty_text"),
        (3, "", "ragged_row"),
    ]


def test_other_columns_are_no_votes() -> None:
    with pytest.raises(BadFile, match="The header must be count, hate_speech"):
        outcomes(table(header=("", "count", "class", "tweet")), "davidson")
