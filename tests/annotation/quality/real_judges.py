"""Judgements that others published with the agreement they found, read from BENNET_DATA for the tests."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

DATA = Path(os.environ.get("BENNET_DATA", ""))
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def pandalm() -> list[list[int]]:
    """Return the 999 verdicts (0 tie, 1, 2) of each of three annotators."""
    rows = json.loads((DATA / "pandalm" / "testset-v1.json").read_text())
    return [[row[f"annotator{number}"] for row in rows] for number in (1, 2, 3)]


def davidson() -> list[dict[str, int]]:
    """Return each tweet's votes by class."""
    with (DATA / "davidson_hate_offensive" / "labeled_data.part.csv").open(newline="", encoding="utf-8") as file:
        names = ("hate_speech", "offensive_language", "neither")
        return [{name: int(row[name]) for name in names} for row in csv.DictReader(file)]


def tulu() -> list[list[dict[str, str]]]:
    """Return the judgements of each (prompt, pair of models), in the workbook's order."""
    items: defaultdict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in _workbook(DATA / "tulu_human_eval" / "eval_annotations_tulu_1.part.xlsx"):
        items[row["instance_id"], *sorted((row["model_a"], row["model_b"]))].append(row)
    return list(items.values())


def preferred(row: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return a judgement of Tulu's as tiers of models: the sides were shuffled for each annotator."""
    a, b, verdict = row["model_a"], row["model_b"], row["preference"]
    if verdict == "tie":
        return ((a, b),)
    return ((a,), (b,)) if verdict.startswith("a-") else ((b,), (a,))


def acceptable(items: Iterable[list[dict[str, str]]]) -> list[list[str]]:
    """Return the yes and no that each model's completion got, one list a completion."""
    verdicts: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for number, rows in enumerate(items):
        for row in rows:
            for side in "ab":
                verdicts[number, row[f"model_{side}"]].append(row[f"completion_{side}_is_acceptable"])
    return list(verdicts.values())


def _workbook(path: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as archive:
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    head, *rows = ({_column(cell): _text(cell) for cell in row} for row in sheet.iter(f"{_SHEET}row"))
    return [{head[column]: text for column, text in row.items()} for row in rows]


def _column(cell: Any) -> str:
    return str(cell.get("r")).rstrip("0123456789")


def _text(cell: Any) -> str:
    said = "".join(part.text or "" for part in cell.iter(f"{_SHEET}t"))
    value = cell.find(f"{_SHEET}v")
    return said or (value.text if value is not None else "")
