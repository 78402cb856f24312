"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from annotation.projects.models import Protocol
from annotation.tasks.models import Answer, Task


@dataclass(frozen=True)
class Rule:
    """`open_next(answer, protocol, now)` opens what follows an answer of this kind in the protocol it goes on to.

    It returns the task and whether it is new, as `open_task` does; for an answer that has been followed in this form
    before, the same task. It may raise TaskNotOpenable and BadMessages: then nothing follows.
    """

    kind: str
    open_next: Callable[[Answer, Protocol, datetime], tuple[Task, bool]]
