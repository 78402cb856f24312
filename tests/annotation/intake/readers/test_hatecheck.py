from __future__ import annotations

import csv
import io

import pytest

from annotation.intake.readers.hatecheck import COLUMNS
from annotation.intake.rows import BadFile, Row
from tests.annotation.intake.readers.reading import outcomes, refusals

HEADER = (*COLUMNS, "target_ident", "gender_male")


def table(*cells: tuple[str, ...], header: tuple[str, ...] = HEADER) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *cells])
    return written.getvalue().encode()


def case(labels: str, text: str = "Je …") -> bytes:
    return table(("french-1", "derog", text, "hateful", labels, "women", ""))


def test_each_label_is_the_answer_of_a_seat() -> None:
    *read, skipped = outcomes(case("['hateful', 'non-hateful', 'hateful']"))
    assert [(row.annotator, row.labels) for row in read if isinstance(row, Row)] == [
        ("coder-1", ["hateful"]),
        ("coder-2", ["non-hateful"]),
        ("coder-3", ["hateful"]),
    ]
    assert {(row.language, tuple(row.tags), row.source) for row in read} == {("fr", ("derog", "women"), "hatecheck")}
    assert skipped.reason == "gold_label"


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ("", "wrong_type"),
        ("[]", "wrong_type"),
        ("hateful", "wrong_type"),
        ("['hateful', 'maybe']", "unknown_label"),
        ("__import__('os')", "wrong_type"),
    ],
)
def test_what_is_no_list_of_labels_is_refused(labels: str, reason: str) -> None:
    assert refusals(case(labels)) == [(2, "label_annotated", reason)]
    assert refusals(case("['hateful']", " ")) == [(2, "test_case", "empty_text")]


def test_another_header_is_refused() -> None:
    with pytest.raises(BadFile, match="each column once"):
        outcomes(table(header=("mhc_case_id", "test_case")), "hatecheck")
