"""Workbooks for tests, written part by part, so that they may be wrong in one."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def inline(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def number(value: object, style: int = 0) -> str:
    return f'<c s="{style}"><v>{value}</v></c>'


def sheet(*rows: str) -> str:
    body = "".join(f'<row r="{place}">{cells}</row>' for place, cells in enumerate(rows, start=1))
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'


def workbook(*sheets: str, **parts: str) -> bytes:
    """Return a workbook of these sheets, named s1, s2 …; `parts` replace or add whole parts: strings, styles, book."""
    names = [f"s{place}" for place in range(1, len(sheets) + 1)]
    listed = "".join(f'<sheet name="{name}" sheetId="{name[1:]}" r:id="{name}"/>' for name in names)
    related = "".join(_relation(name, "worksheet", f"worksheets/{name}.xml") for name in names)
    related += _relation("strings", "sharedStrings", "sharedStrings.xml") if "strings" in parts else ""
    related += _relation("styles", "styles", "/xl/styles.xml") if "styles" in parts else ""
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">{{}}<sheets>{listed}</sheets></workbook>'
    written = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations(_relation("book", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": book.format(parts.get("settings", "")),
        "xl/_rels/workbook.xml.rels": _relations(related),
        "xl/sharedStrings.xml": parts.get("strings", ""),
        "xl/styles.xml": parts.get("styles", ""),
    }
    written |= {f"xl/worksheets/{name}.xml": content for name, content in zip(names, sheets, strict=True)}
    return packed({name: content for name, content in written.items() if content})


def packed(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def strings(*items: str) -> str:
    return f'<sst xmlns="{_MAIN}">{"".join(f"<si>{item}</si>" for item in items)}</sst>'


def styles(formats: str, cells: str) -> str:
    return f'<styleSheet xmlns="{_MAIN}"><numFmts>{formats}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>'


def _relation(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'


def _relations(relations: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>'
