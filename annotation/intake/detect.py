"""Tell a file's format by what its first lines hold, whatever it is called. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import READERS, columns, davidson, label_studio, pandalm, tulu
from annotation.intake.rows import KINDS, BadFile, BadRow
from annotation.intake.strict_json import loads

AUTO = "auto"
FORMATS = (AUTO, *READERS)
_LOOKED_AT = 20


def detect(lines: Iterator[Line], options: Options) -> tuple[str, Iterator[Line]]:
    """Return the format, and the lines as if none had been read. Raise BadFile when it is none that is known."""
    seen: list[Line] = []
    for line in lines:
        seen.append(line)
        if name := _format_of(line, options):
            return name, chain(seen, lines)
        if len(seen) == _LOOKED_AT:
            break
    if not any(line.raw.strip() for line in seen):
        raise BadFile("The file is empty. Upload one with at least one row.")
    raise BadFile("The first lines cannot be read, so the format is unknown. Choose the format, or mend the file.")


def _format_of(line: Line, options: Options) -> str:
    """Return the format, or "" when this line does not tell."""
    start = line.raw.lstrip()[:1]
    if not start:
        return ""
    try:
        text = line.text()
        value = loads(text)
    except BadRow as error:
        if start == b"{" or error.reason in ("not_utf8", "line_too_long", "cut_cell", "too_many_columns"):
            return ""
        return _format_of_table(text, options)
    if isinstance(value, dict):
        return _format_of_object(value, options)
    if isinstance(value, str) and value not in (columns.PROMPT, options.prompt_column):
        return "openassistant"
    return _format_of_table(text, options)


def _format_of_table(header: str, options: Options) -> str:
    names = columns.names_of(header, options)
    if davidson.is_header(names):
        return "davidson"
    columns.check_header(names, options)
    return "csv"


def _format_of_object(value: dict[str, Any], options: Options) -> str:
    names = set(value)
    if isinstance(value.get("data"), dict):
        return "label_studio"
    if options.prompt_column:
        return "jsonl"
    if value.get("kind") in KINDS:
        return "bennet"
    if isinstance(value.get("chosen"), str) and isinstance(value.get("rejected"), str) and "prompt" not in value:
        return "hh_rlhf"
    if {"message_tree_id", "prompt"} <= names or {"message_id", "role", "text"} <= names or "user_message_id" in names:
        return "openassistant"
    for name, keys in (("pandalm", pandalm.KEYS), ("tulu", tulu.KEYS)):
        if keys <= names:
            return name
    if label_studio.is_task(value):
        return "label_studio"
    if columns.PROMPT in value:
        return "jsonl"
    shown = ", ".join(repr(name[:60]) for name in list(value)[:20])
    raise BadFile(
        f"The rows have the fields {shown}, which is no format that is known. If they hold prompts and completions, "
        "name their fields in prompt_column and completion_column."
    )
