"""Multilingual HateCheck: made-up cases that three people, whom nobody names, called hateful or not.

Each label is the answer of a seat, coder-1 to coder-3, which is nobody in particular. The label that a case was
written to have is left out: no one gave it as an answer.
Source: Röttger et al. 2022, arXiv:2206.09917; files at github.com/rewire-online/multilingual-hatecheck.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import columns
from annotation.intake.rows import BadFile, BadRow, Outcome, Row, Skipped

SOURCE = "hatecheck"
LABELS = ("hateful", "non-hateful")
NEEDS = {
    "labels": {"options": list(LABELS), "multiple": False, "subject": "prompt", "require_rationale": False},
}
COLUMNS = ("mhc_case_id", "functionality", "test_case", "label_gold", "label_annotated")
LANGUAGES = {
    "arabic": "ar", "dutch": "nl", "french": "fr", "german": "de", "hindi": "hi", "italian": "it", "mandarin": "zh",
    "polish": "pl", "portuguese": "pt", "spanish": "es",
}  # fmt: skip
_LIST = re.compile(r"\[\s*(?:'[^']*'\s*,\s*)*'[^']*'\s*\]")
_MOST = 20


def read(lines: Iterator[Line], options: Options) -> Iterator[Outcome]:
    return columns.read_table(
        lines, options, check_header=_check_header, parse=lambda line, given: _outcomes(line, given, options)
    )


def is_header(names: Sequence[str]) -> bool:
    return {*COLUMNS} <= {*names}


def _check_header(names: Sequence[str]) -> None:
    if not is_header(names) or len({*names}) < len(names):
        raise BadFile(f"The header must have {', '.join(COLUMNS)}, each column once.")


def _outcomes(line: int, given: Mapping[str, Any], options: Options) -> Iterator[Outcome]:
    messages = checks.conversation([{"role": "user", "content": checks.text(given["test_case"], "test_case")}])
    tags = [checks.label(given.get(name), name, limit=60) for name in ("functionality", "target_ident")]
    for seat, label in enumerate(_labels(given["label_annotated"]), start=1):
        yield Row(
            line=line,
            kind="labels",
            messages=messages,
            language=options.language or _language(given["mhc_case_id"]),
            tags=[tag for tag in tags if tag],
            source=options.source or SOURCE,
            annotator=f"coder-{seat}",
            labels=[label],
        )
    yield Skipped(line, "gold_label")


def _labels(value: Any) -> list[str]:
    """Return the labels from a list as Python writes it."""
    if not isinstance(value, str) or not _LIST.fullmatch(value):
        raise BadRow("label_annotated", "wrong_type", "label_annotated must be a list such as ['hateful', 'hateful'].")
    labels = re.findall("'([^']*)'", value)
    if len(labels) > _MOST or not {*labels} <= {*LABELS}:
        raise BadRow("label_annotated", "unknown_label", f"label_annotated may name {' and '.join(LABELS)} only.")
    return labels


def _language(case: Any) -> str:
    return LANGUAGES.get(str(case).partition("-")[0], "")
