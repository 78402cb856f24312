"""What a preset is: everything that a new protocol is made of, to be used as it is or changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Preset:
    key: str
    kind: str
    name: str
    description: str
    # Markdown: the first guideline of a protocol made from this preset.
    guideline: str
    # What differs from the kind's defaults, and from the defaults of the columns that steer the queue.
    config: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    # The preset whose protocol takes what is finished here; it is made as well where the project has none.
    follow_up: str = ""
