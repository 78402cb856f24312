from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest

from annotation.intake import workbook as workbook_module
from annotation.intake.lines import Line, Meter, read_lines
from annotation.intake.rows import BadFile, BadRow
from tests.annotation.intake.workbooks import inline, number, packed, sheet, strings, styles, workbook

HEADER = inline("name") + inline("value")


def lines(data: bytes, sheet: str = "") -> list[Line]:
    return list(read_lines(Meter(io.BytesIO(data)), limit_bytes=2**24, sheet=sheet))


def values(data: bytes, sheet: str = "") -> list[dict[str, Any]]:
    return [json.loads(line.text()) for line in lines(data, sheet)]


def test_each_row_is_an_object_by_the_names_in_the_first() -> None:
    rows = sheet(HEADER, inline("a") + number(1), "", inline("b") + number("2.5"), '<c r="C5" t="b"><v>1</v></c>')
    assert [(line.number, json.loads(line.raw)) for line in lines(workbook(rows))] == [
        (2, {"name": "a", "value": 1}),
        (4, {"name": "b", "value": 2.5}),
        (5, {"column 3": True}),
    ]


def test_shared_texts_come_without_their_sound_and_with_their_runs() -> None:
    table = strings("<t>name</t>", "<r><t>two </t></r><r><t>runs_x000A_</t></r><rPh><t>sound</t></rPh>")
    shared = '<c t="s"><v>0</v></c>', '<c t="s"><v>1</v></c>'
    assert values(workbook(sheet(*shared), strings=table)) == [{"name": "two runs\n"}]


@pytest.mark.parametrize(
    ("epoch", "first"),
    [("", "2023-05-19T13:11:45"), ('<workbookPr date1904="1"/>', "2027-05-20T13:11:45")],
)
def test_dates_are_told_by_their_formats(epoch: str, first: str) -> None:
    formats = '<numFmt numFmtId="164" formatCode="yyyy\\-mm"/><numFmt numFmtId="165" formatCode="0.0&quot;days&quot;"/>'
    table = styles(formats, '<xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="164"/><xf numFmtId="165"/>')
    row = number("45065.54982638889", 1) + number(45065, 2) + number(45065, 3) + number("1e300", 1)
    (given,) = values(workbook(sheet(HEADER, row), styles=table, settings=epoch))
    moment, day, *numbers = given.values()
    assert (moment, day[10:], numbers) == (first, "T00:00:00", [45065, 1e300])


def test_the_first_sheet_is_read_unless_another_is_named() -> None:
    book = workbook(sheet(HEADER, inline("one")), sheet(HEADER, inline("two")))
    assert [values(book), values(book, "s2")] == [[{"name": "one"}], [{"name": "two"}]]
    with pytest.raises(BadFile, match="no sheet 'Results'; there are 's1', 's2'"):
        lines(book, "Results")


def test_a_cell_filled_to_the_brim_may_have_lost_its_end() -> None:
    full, astral, short = lines(
        workbook(sheet(HEADER, inline("x" * 32_767), inline("😀" * 16_383 + "x"), inline("x" * 32_766)))
    )
    for line in (full, astral):
        with pytest.raises(BadRow, match="its end may be missing") as refusal:
            line.text()
        assert (refusal.value.field, refusal.value.reason) == ("name", "cut_cell")
    assert len(json.loads(short.text())["name"]) == 32_766


def test_a_far_cell_costs_no_more_than_a_near_one() -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    rows = sheet(HEADER).replace("</sheetData>", far + "</sheetData>")
    (line,) = lines(workbook(rows))
    assert line.number == 1048576
    with pytest.raises(BadRow, match="1,000 columns"):
        line.text()


def test_a_bomb_is_refused_by_what_it_announces_before_it_is_unpacked() -> None:
    tracemalloc.start()
    bomb = workbook(sheet(HEADER, inline("0" * 60_000_000)))
    tracemalloc.reset_peak()
    assert len(bomb) < 100_000
    with pytest.raises(BadFile, match="larger than 16 MiB"):
        lines(bomb)
    assert tracemalloc.get_traced_memory()[1] < 200_000_000
    tracemalloc.stop()


def test_a_workbook_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "MAXIMUM_UNPACKED_BYTES", 2**20)
    with pytest.raises(BadFile, match="larger than 1 MiB"):
        lines(workbook(sheet(HEADER, inline("0" * 2**20))))


def test_a_part_that_is_larger_than_it_says_is_damaged() -> None:
    book = workbook(sheet(HEADER, inline("0" * 100_000)))
    size = sheet(HEADER, inline("0" * 100_000)).encode()
    lying = book.replace(len(size).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lying != book
    with pytest.raises(BadFile, match="damaged"):
        lines(lying)


@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">'],
)
def test_entities_are_refused_in_every_part(doctype: str) -> None:
    with pytest.raises(BadFile, match="document type"):
        lines(workbook(doctype + sheet(HEADER, inline("&b;"))))
    with pytest.raises(BadFile, match="document type"):
        lines(workbook(sheet(HEADER), strings=doctype + strings("<t>x</t>")))


@pytest.mark.parametrize("cut", [4, 30, 400, -40, -1])
def test_a_truncated_workbook_is_refused(cut: int) -> None:
    with pytest.raises(BadFile, match="damaged"):
        lines(workbook(sheet(HEADER, inline("a")))[:cut])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (packed({"[Content_Types].xml": "<Types/>"}), "damaged"),
        (workbook(sheet('<c t="s"><v>7</v></c>')), "damaged"),
        (workbook(sheet('<c t="s"><v>seven</v></c>')), "damaged"),
        (workbook("<worksheet>never closed"), "damaged"),
        (workbook(sheet(inline("a") + inline("a "))), "the name 'a'"),
        (workbook(), "there are none"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, sentence: str) -> None:
    with pytest.raises(BadFile, match=sentence):
        lines(data)


def test_a_number_that_json_has_not_is_left_to_its_reader() -> None:
    assert [line.raw for line in lines(workbook(sheet(HEADER, number("NaN"))))] == [b'{"name": NaN}']
