"""What a stage says while it works: one object per event, shown to a person or to a parent process."""

import json
import sys
from collections.abc import Mapping
from typing import Any, Protocol, TextIO


class Reporter(Protocol):
    """Whoever listens to a stage."""

    def __call__(self, event: str, /, **facts: Any) -> None: ...


def silent(event: str, /, **facts: Any) -> None:
    """Report to nobody."""


class JSONReporter:
    """One JSON object per line, for the process that started this one."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout

    def __call__(self, event: str, /, **facts: Any) -> None:
        line = json.dumps({"event": event, **facts}, ensure_ascii=True, allow_nan=False)
        self.stream.write(line + "\n")
        self.stream.flush()


class TextReporter:
    """One readable line per event, for a person at a shell."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout

    def __call__(self, event: str, /, **facts: Any) -> None:
        self.stream.write(_sentence(event, facts) + "\n")
        self.stream.flush()


def _sentence(event: str, facts: Mapping[str, Any]) -> str:
    if event == "start":
        counts = facts["counts"]
        return (
            f"start: {facts['parameters']:,} parameters, {facts['total_steps']} steps, "
            f"{facts['trained_tokens_per_epoch']:,} trained tokens an epoch; {counts['rows_used']} of "
            f"{counts['rows_in']} rows used, left out {counts['left_out'] or 'none'}, {counts['truncated']} truncated"
        )
    if event == "metric":
        values = "  ".join(f"{name} {_number(value)}" for name, value in facts["values"].items())
        return f"step {facts['step']:>6}  {facts['split']:<10} {values}"
    if event == "sample":
        values = "  ".join(f"{name} {_number(value)}" for name, value in facts["values"].items())
        return f"step {facts['step']:>6}  sample     {values}\n\n{facts['prompt']}{facts['text']}\n"
    if event == "progress":
        return f"{facts['done']} of {facts['total']}"
    if event == "curve":
        return f"curve: {json.dumps(facts['found']['points'])}"
    if event == "ready":
        return f"{facts['name']} ({facts['kind']}) answers at http://{facts['host']}:{facts['port']}/v1"
    if event in ("log", "refused"):
        return f"{facts.get('level', event)}: {facts['message']}"
    if event == "checkpoint":
        return f"step {facts['step']:>6}  checkpoint {facts['path']}"
    return f"{event}: {facts.get('path', '')}"


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
