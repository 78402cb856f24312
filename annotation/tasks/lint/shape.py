"""What a rule finds: a passage of a text, and what its author may want to know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shown:
    """A text that the author has before them: a turn of the prompt, or a completion under its label."""

    label: str
    text: str


@dataclass(frozen=True)
class Context:
    """What a text is written for: what is shown beside it, and its language where the task names one."""

    shown: Sequence[Shown] = ()
    language: str = ""


@dataclass(frozen=True)
class Advice:
    """Something to look at, from `start` to before `end`. `values` are what a message in any language needs to say."""

    rule: str
    message: str
    start: int
    end: int
    values: Mapping[str, str] = field(default_factory=dict)
