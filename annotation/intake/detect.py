"""Tell a file's format by what its first lines hold, whatever it is called. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import (
    READERS,
    alpaca,
    autoj,
    bennet,
    chats,
    columns,
    davidson,
    doccano,
    fastchat,
    gsm8k,
    hatecheck,
    hh_rlhf,
    label_studio,
    llama_factory,
    moderation,
    nemo,
    openassistant,
    pandalm,
    text,
    trl,
    tulu,
    ultrafeedback,
)
from annotation.intake.rows import BadFile, BadRow
from annotation.intake.strict_json import loads

AUTO = "auto"
FORMATS = (AUTO, *READERS)
_LOOKED_AT = 20

# What tells a row of each format, the first that fits: what has fields of its own before what others share.
SHAPES: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "bennet": bennet.is_row,
    "hh_rlhf": hh_rlhf.is_pair,
    "openassistant": openassistant.is_message,
    "pandalm": pandalm.is_item,
    "tulu": tulu.is_judgement,
    "autoj": autoj.is_pair,
    "gsm8k_solutions": gsm8k.is_problem,
    "mt_bench": fastchat.is_line,
    "ultrafeedback": ultrafeedback.is_pair,
    "nemo_preference": nemo.is_preference,
    "openai_preference": chats.is_preference,
    "llama_factory_preference": llama_factory.is_preference,
    "trl_preference": trl.is_preference,
    "trl_unpaired": trl.is_unpaired,
    "label_studio": label_studio.is_task,
    "sharegpt": chats.has_conversations,
    "alpaca": alpaca.is_alpaca,
    "openai_chat": chats.has_messages,
    "doccano": doccano.is_labelled,
    "text": text.is_document,
    "jsonl": columns.is_judged,
    "trl_sft": trl.is_completed,
    "openai_moderation": moderation.is_row,
    "trl_prompt": trl.is_prompted,
}


class NoTable(BadFile):
    """The first line is no header of a table that can be read."""


def detect(lines: Iterator[Line], options: Options) -> tuple[str, Iterator[Line]]:
    """Return the format, and the lines as if none had been read. Raise BadFile when it is none that is known."""
    seen: list[Line] = []
    for line in lines:
        seen.append(line)
        try:
            name = _format_of(line, options)
        except NoTable:
            seen += islice(lines, _LOOKED_AT)
            if options.prompt_column or options.completion_column or not text.is_prose(seen):
                raise
            name = "text"
        if name:
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
        first = line.text()
        if first.startswith(doccano.MARK):
            return "doccano"
        value = loads(first)
    except BadRow as error:
        if start == b"{" or error.reason in ("not_utf8", "line_too_long", "cut_cell", "too_many_columns"):
            return ""
        return _format_of_table(first, options)
    if isinstance(value, dict):
        return _format_of_object(value, options)
    if isinstance(value, str) and value not in (columns.PROMPT, options.prompt_column):
        return "openassistant"
    return _format_of_table(first, options)


def _format_of_table(header: str, options: Options) -> str:
    try:
        return _format_of_header(columns.names_of(header, options), options)
    except BadFile as error:
        raise NoTable(f"{error} If it is plain text, choose that as the format.") from error


def _format_of_header(names: list[str], options: Options) -> str:
    if davidson.is_header(names):
        return "davidson"
    if hatecheck.is_header(names):
        return "hatecheck"
    if doccano.is_header(names) and not (options.prompt_column or options.completion_column):
        return "doccano"
    columns.check_header(names, options)
    return "csv"


def _format_of_object(value: dict[str, Any], options: Options) -> str:
    if isinstance(value.get("data"), dict):
        return "label_studio"
    if options.prompt_column:
        return "jsonl"
    for name, fits in SHAPES.items():
        if fits(value):
            return name
    shown = ", ".join(repr(name[:60]) for name in list(value)[:20])
    raise BadFile(
        f"The rows have the fields {shown}, which is no format that is known. If they hold prompts and completions, "
        "name their fields in prompt_column and completion_column."
    )
