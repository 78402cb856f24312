"""Davidson's hate speech and offensive language: how many coders gave a tweet each of three labels.

Nobody says who the coders were, so each vote becomes an answer of a seat, coder-1 to coder-n, which is nobody in
particular: agreement on a tweet can be told from them, the habits of a coder cannot. Tweets stay as they came.
Source: Davidson et al. 2017, arXiv:1703.04009; files at github.com/t-davidson/hate-speech-and-offensive-language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotation.intake import checks
from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import columns
from annotation.intake.rows import BadFile, BadRow, Outcome, Row

SOURCE = "davidson"
LABELS = ("hate_speech", "offensive_language", "neither")
NEEDS = {
    "labels": {"options": list(LABELS), "multiple": False, "subject": "prompt", "require_rationale": False},
}
HEADER = ("", "count", *LABELS, "class", "tweet")
MOST_CODERS = 100


def read(lines: Iterator[Line], options: Options) -> Iterator[Outcome]:
    return columns.read_table(
        lines, options, check_header=_check_header, parse=lambda line, given: _votes(line, given, options)
    )


def is_header(names: Sequence[str]) -> bool:
    """Tell the file by its columns, with or without the unnamed one of row numbers."""
    return tuple(names) in (HEADER, HEADER[1:])


def _check_header(names: Sequence[str]) -> None:
    if not is_header(names):
        raise BadFile(f"The header must be {', '.join(HEADER[1:])}, perhaps after a column without a name.")


def _votes(line: int, given: Mapping[str, Any], options: Options) -> list[Row]:
    tweet = checks.text(given["tweet"], "tweet")
    votes = [_number(given[name], name, MOST_CODERS) for name in LABELS]
    coders = _number(given["count"], "count", MOST_CODERS)
    if sum(votes) != coders or not coders:
        message = f"The votes add up to {sum(votes)}; count says {coders}. Mend whichever is wrong."
        raise BadRow("count", "votes_do_not_sum", message)
    if votes[_number(given["class"], "class", len(LABELS) - 1)] != max(votes):
        raise BadRow("class", "not_the_majority", "class must name a label that has most of the votes.")
    ballots = [label for label, number in zip(LABELS, votes, strict=True) for _ in range(number)]
    messages = checks.conversation([{"role": "user", "content": tweet}])
    return [
        Row(
            line=line,
            kind="labels",
            messages=messages,
            language=options.language,
            source=options.source or SOURCE,
            annotator=f"coder-{seat}",
            labels=[label],
        )
        for seat, label in enumerate(ballots, start=1)
    ]


def _number(value: Any, field: str, most: int) -> int:
    if not (isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 5 and int(value) <= most):
        raise BadRow(field, "not_a_count", f"{field} must be a whole number from 0 to {most}.")
    return int(value)
