"""One file per format. Each reader turns lines into checked rows, rows turned away and what it skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from annotation.intake.lines import Line
from annotation.intake.options import Options
from annotation.intake.readers import (
    bennet,
    columns,
    davidson,
    hh_rlhf,
    label_studio,
    openassistant,
    pandalm,
    tulu,
)
from annotation.intake.rows import Outcome

Reader = Callable[[Iterator[Line], Options], Iterator[Outcome]]

READERS: dict[str, Reader] = {
    "bennet": bennet.read,
    "csv": columns.read_csv,
    "jsonl": columns.read_json_lines,
    "hh_rlhf": hh_rlhf.read,
    "openassistant": openassistant.read,
    "label_studio": label_studio.read,
    "pandalm": pandalm.read,
    "tulu": tulu.read,
    "davidson": davidson.read,
}

# What a protocol that an import has to make is called after.
TITLES = {
    "hh_rlhf": "HH-RLHF",
    "openassistant": "Open-Assistant",
    "label_studio": "Label Studio",
    "pandalm": "PandaLM",
    "tulu": "Tulu",
    "davidson": "Davidson",
}

# What a protocol's configuration must say for the judgements of a format to fit it, by kind.
NEEDS: dict[str, Mapping[str, Mapping[str, Any]]] = {
    "label_studio": label_studio.NEEDS,
    "pandalm": pandalm.NEEDS,
    "tulu": tulu.NEEDS,
    "davidson": davidson.NEEDS,
}
