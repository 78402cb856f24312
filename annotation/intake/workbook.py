"""A sheet of a workbook (.xlsx) as lines: each row one JSON object, keyed by the names in the sheet's first row.

Read with the standard library, as a stream: a library would bring three packages for what is two pages here, and hold
a sheet as large as its farthest cell claims. A document type, in which XML declares entities, is refused, and so is
what unpacks to more than MAXIMUM_UNPACKED_BYTES.
"""

from __future__ import annotations

import json
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, Any
from xml.parsers import expat

from annotation.intake import sheet_xml
from annotation.intake.limits import check_unpacked
from annotation.intake.rows import BadFile, BadRow
from annotation.intake.sheet_xml import Cell

MAGIC = b"PK\x03\x04"
# Shared strings are held in memory, so less than other files may unpack to.
MAXIMUM_UNPACKED_BYTES = 128 * 2**20
MAXIMUM_COLUMNS = 1_000
# What a cell of a spreadsheet program holds at most, in units of UTF-16; longer texts are cut without a word.
CELL_UNITS = 32_767
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_WHOLE_NUMBER = re.compile(r"-?\d{1,15}")


class _Book:
    """An open workbook: its parts by what they are, and how its cells are to be read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.path = next(iter(self._related("", "officeDocument").values()), "xl/workbook.xml")
        parts = self._elements(self.path, "sheet", "workbookPr")
        self.sheets = {e.attributes.get("name", ""): e.attributes.get("id", "") for e in parts if e.name == "sheet"}
        settings = next((e.attributes for e in parts if e.name == "workbookPr"), {})
        self.epoch = _EPOCH_1904 if settings.get("date1904") in ("1", "true") else _EPOCH
        self.strings = [text for path in self._own("sharedStrings") for text in sheet_xml.strings(self._open(path))]
        self.date_styles = {style for path in self._own("styles") for style in self._date_styles(path)}

    def rows(self, sheet: str) -> Iterator[tuple[int, dict[int, Any]]]:
        """Yield number and values of each row of the sheet of this name; of the first when it is "". Raise BadFile."""
        names = list(self.sheets)
        if not names or (sheet and sheet not in names):
            shown = ", ".join(repr(name[:60]) for name in names[:20])
            raise BadFile(f"The workbook has no sheet {sheet!r}; there are {shown or 'none'}. Name one in sheet.")
        path = self._related(self.path, "worksheet").get(self.sheets[sheet or names[0]])
        if path is None:
            raise BadFile(f"The sheet {sheet or names[0]!r} holds no cells. Name another in sheet.")
        for number, cells in sheet_xml.rows(self._open(path)):
            yield number, {column: self._value(cell) for column, cell in cells.items()}

    def _value(self, cell: Cell) -> Any:
        if cell.type == "s":
            return self.strings[int(cell.text)]
        if cell.type == "b":
            return cell.text.strip() == "1"
        if cell.type != "n":
            return cell.text
        return self._moment(float(cell.text)) if cell.style in self.date_styles else _number(cell.text)

    def _moment(self, days: float) -> str | float:
        """Return a date as ISO text, without an offset: a workbook knows none."""
        try:
            return (self.epoch + timedelta(milliseconds=round(days * 86_400_000))).isoformat()
        except (OverflowError, ValueError):
            return days

    def _date_styles(self, path: str) -> Iterator[int]:
        parts = self._elements(path, "numFmt", "xf")
        given = {e.attributes.get("numFmtId"): e.attributes.get("formatCode", "") for e in parts if e.name == "numFmt"}
        dates = {number for number, code in given.items() if re.search("[ymdhs]", _NOT_FORMAT.sub("", code.lower()))}
        dates |= {str(number) for number in _BUILT_IN_DATES}
        styles = [e.attributes.get("numFmtId") for e in parts if e.name == "xf" and e.parent == "cellXfs"]
        return (place for place, number in enumerate(styles) if number in dates)

    def _own(self, kind: str) -> list[str]:
        return list(self._related(self.path, kind).values())

    def _related(self, path: str, kind: str) -> dict[str, str]:
        """Return the paths of the parts of one kind that belong to the part at this path, by relation id."""
        folder, name = posixpath.split(path)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if listed not in self.archive.namelist():
            return {}
        relations = [e.attributes for e in self._elements(listed, "Relationship")]
        given = [a for a in relations if a["Type"].endswith(f"/{kind}")]
        return {a["Id"]: posixpath.normpath(posixpath.join("/", folder, a["Target"])).lstrip("/") for a in given}

    def _elements(self, path: str, *names: str) -> list[sheet_xml.Element]:
        return sheet_xml.elements(self._open(path), *names)

    def _open(self, path: str) -> IO[bytes]:
        return self.archive.open(path)


def is_workbook(file: Any) -> bool:
    """Tell a workbook from another zip archive. Raise BadFile when it is no whole archive."""
    with _refusing_what_is_damaged(), zipfile.ZipFile(file) as archive:
        return "[Content_Types].xml" in archive.namelist()


def rows(file: Any, *, sheet: str, limit_bytes: int) -> Iterator[tuple[int, bytes, BadRow | None]]:
    """Yield number, JSON and fault of each row that has a cell. Raise BadFile."""
    with _refusing_what_is_damaged(), zipfile.ZipFile(file) as archive:
        _check(archive, limit_bytes)
        names: dict[int, str] = {}
        for number, cells in _Book(archive).rows(sheet):
            if cells and not names:
                names = _names(cells)
            elif cells:
                yield _row(number, cells, names)


@contextmanager
def _refusing_what_is_damaged() -> Iterator[None]:
    damage = (
        zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, KeyError, IndexError, ValueError, OverflowError,
        NotImplementedError, RuntimeError,
    )  # fmt: skip
    try:
        yield
    except damage as error:
        message = "The workbook is damaged, protected or ends too early. Save it anew as .xlsx, or the sheet as CSV."
        raise BadFile(message) from error


def _check(archive: zipfile.ZipFile, limit_bytes: int) -> None:
    """Refuse by the sizes announced: zipfile reads no part any further than that."""
    unpacked = sum(part.file_size for part in archive.infolist())
    check_unpacked(unpacked, min(limit_bytes, MAXIMUM_UNPACKED_BYTES))


def _names(cells: Mapping[int, Any]) -> dict[int, str]:
    names = {column: str(value).strip() for column, value in cells.items()}
    twice = next((name for name in names.values() if list(names.values()).count(name) > 1), None)
    if twice is not None:
        raise BadFile(f"Two columns of the sheet have the name {twice[:60]!r}. Rename one.")
    return names


def _row(number: int, cells: Mapping[int, Any], names: Mapping[int, str]) -> tuple[int, bytes, BadRow | None]:
    given, fault = {}, None
    for column, value in cells.items():
        name = names.get(column, f"column {column}")
        given[name] = value
        fault = fault or _fault(name, column, value)
    return number, json.dumps(given, ensure_ascii=False).encode("utf-8", "surrogatepass"), fault


def _fault(name: str, column: int, value: Any) -> BadRow | None:
    if column > MAXIMUM_COLUMNS:
        return BadRow(name[:120], "too_many_columns", f"At most {MAXIMUM_COLUMNS:,} columns are read.")
    if isinstance(value, str) and len(value) <= CELL_UNITS <= 2 * len(value) and _units(value) == CELL_UNITS:
        message = f"{name[:60]} has {CELL_UNITS:,} characters, as many as a cell holds, so its end may be missing."
        return BadRow(name[:120], "cut_cell", f"{message} Import it from CSV or JSON Lines.")
    return None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _number(text: str) -> int | float:
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else float(text)
