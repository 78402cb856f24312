"""Read line by line: what one line breaks, the next does not notice. Blank lines are passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from annotation.intake.lines import Line
from annotation.intake.rows import BadRow, Outcome, rejected


def each(lines: Iterable[Line], parse: Callable[[Line], Iterable[Outcome]]) -> Iterator[Outcome]:
    for line in lines:
        if not line.raw.strip():
            continue
        try:
            yield from parse(line)
        except BadRow as error:
            yield rejected(line.number, error, line.raw)
