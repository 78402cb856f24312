"""One file per format. Each reader turns lines into checked rows, rows turned away and what it skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import bennet, columns, hh_rlhf, openassistant
from annotation.intake.rows import Outcome

Reader = Callable[[Iterator[Line], Options], Iterator[Outcome]]

READERS: dict[str, Reader] = {
    "bennet": bennet.read,
    "csv": columns.read_csv,
    "jsonl": columns.read_json_lines,
    "hh_rlhf": hh_rlhf.read,
    "openassistant": openassistant.read,
}
