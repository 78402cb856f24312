from __future__ import annotations

import os
from pathlib import Path

import pytest

from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import text
from annotation.intake.rows import BadFile, Row
from tests.annotation.intake.readers.reading import lines_of, outcomes, refusals, rows, skips

DATA = Path(os.environ.get("BENNET_DATA", ""))
real_files = pytest.mark.skipif("BENNET_DATA" not in os.environ, reason="BENNET_DATA names no folder of real files")

PROSE = b"\nEMMA\n\n\nShe was rich.\nAnd  handsome.\r\n\nSixteen years.\n\n"


@pytest.mark.parametrize(
    ("unit", "texts"),
    [
        ("file", ["EMMA\n\n\nShe was rich.\nAnd  handsome.\n\nSixteen years."]),
        ("paragraph", ["EMMA", "She was rich.\nAnd  handsome.", "Sixteen years."]),
        ("line", ["EMMA", "She was rich.", "And  handsome.", "Sixteen years."]),
    ],
)
def test_a_document_is_a_file_a_paragraph_or_a_line(unit: str, texts: list[str]) -> None:
    read = rows(PROSE, text_unit=unit)
    assert [row.text for row in read] == texts
    assert {(row.kind, row.messages == []) for row in read} == {("document", True)}
    assert read[0].line == 2


def test_json_lines_are_a_document_each() -> None:
    data = lines_of({"text": "Once\r\nupon.\n", "url": "x"}, {"text": " "}, {"text": None}, {"text": "A time."})
    assert [outcome.text for outcome in outcomes(data) if isinstance(outcome, Row)] == ["Once\nupon.\n", "A time."]
    assert refusals(data) == [(2, "text", "empty_text"), (3, "text", "missing_field")]
    assert skips(data) == ["unread_field"]


def test_a_long_file_is_cut_after_a_paragraph_else_after_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAXIMUM_CHARACTERS", 12)
    assert [row.text for row in rows(b"one two\n\nthree\n\nfour\nfive\n", "text")] == ["one two", "three", "four\nfive"]
    assert [row.text for row in rows(b"aaaa\nbbbb\ncccc\ndddd\n", "text")] == ["aaaa\nbbbb", "cccc\ndddd"]
    assert refusals(b"one\n" + b"x" * 13 + b"\ntwo\n", "text") == [(2, "", "too_long")]
    assert refusals(lines_of({"text": "x" * 13})) == [(1, "text", "too_long")]


def test_what_cannot_be_stored_is_refused_line_by_line() -> None:
    data = b"One.\nbell \x07\ncaf\xe9\nTwo.\n"
    assert refusals(data) == [(2, "", "control_character"), (3, "", "not_utf8")]
    assert [outcome.text for outcome in outcomes(data) if isinstance(outcome, Row)] == ["One.\nTwo."]


def test_each_file_of_an_archive_is_a_document_of_its_own() -> None:
    lines = [Line(1, b"One.", member="a.txt"), Line(2, b"Two.", member="a.txt"), Line(1, b"Three.", member="b.txt")]
    read = [outcome for outcome in text.read(iter(lines), Options()) if isinstance(outcome, Row)]
    assert [(row.text, row.source) for row in read] == [("One.\nTwo.", "a.txt"), ("Three.", "b.txt")]


@pytest.mark.parametrize(
    "data",
    [
        b"name,colour\nkim,red\nbo,blue\n",
        b"question\nWhy?\nHow?\n",
        b"a;b\n1;2\n\n3;4\n",
        b"SOCCER SOCCER\nJAPAN\tB-LOC\nGET\tO\nA\tO\nB\tO\n\nNadim\tB-PER\n",
    ],
)
def test_a_table_is_no_text(data: bytes) -> None:
    with pytest.raises(BadFile, match="If it is plain text, choose that"):
        outcomes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n",
        b'"You must decide for yourself," said Elizabeth, and "so" it was.\nThe end.\n',
        b"Anarchism is a movement, which is old; it is wide.\nAutism is a condition.\n",
    ],
)
def test_running_text_is_told_from_a_table(data: bytes) -> None:
    assert [row.kind for row in rows(data)] == ["document"]


@real_files
@pytest.mark.parametrize(
    ("name", "characters"),
    [
        ("jane_austen/emma.txt", 883_028),
        ("jane_austen/mansfield_park.txt", 883_279),
        ("jane_austen/northanger_abbey.txt", 433_411),
        ("jane_austen/persuasion.txt", 466_854),
        ("jane_austen/pride_and_prejudice.txt", 684_768),
        ("jane_austen/sense_and_sensibility.txt", 673_688),
        ("tinyshakespeare/input.txt", 1_115_394),
    ],
)
def test_a_book_is_one_document_but_for_the_blank_lines_around_it(name: str, characters: int) -> None:
    data = (DATA / name).read_bytes()
    (row,) = rows(data)
    assert len(data.decode()) == characters
    assert row.text == data.decode().strip("\n")


@real_files
def test_shakespeares_speeches_are_paragraphs() -> None:
    read = rows((DATA / "tinyshakespeare" / "input.txt").read_bytes(), text_unit="paragraph")
    assert len(read) == 7_222


@real_files
def test_doccanos_plain_text_is_a_text_a_line() -> None:
    data = (DATA / "doccano_formats" / "import" / "example.txt").read_bytes()
    assert [row.text for row in rows(data, text_unit="line")] == ["exampleA", "exampleB", "exampleC"]
